package job

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	inwords "github.com/receiptd/receiptd/internal/plain"
)

// validate checks the tree against the schema and gives every violation with its place. It is asked when something is wrong:
// it takes as long as all the rest of Parse.
func validate(sch *jsonschema.Schema, root *node) []found {
	err := sch.Validate(plainValue(root))
	if err == nil {
		return nil
	}
	var ve *jsonschema.ValidationError
	if !errors.As(err, &ve) {
		return []found{{problem("invalid", "", "", ""), root.off}}
	}
	var out []found
	leaves(ve, func(leaf *jsonschema.ValidationError) {
		out = append(out, violations(leaf, root)...)
	})
	return out
}

// maxItems is the longest array that the schema allows anywhere; the validator need not see more than one over it.
const maxItems = 3000

// plainValue gives the tree as the validator wants it, without null and unknown members.
func plainValue(n *node) any {
	switch n.kind {
	case 'o':
		m := make(map[string]any, len(n.mem))
		for i := range n.mem {
			if x := &n.mem[i]; x.there() {
				m[x.key] = plainValue(&x.val)
			}
		}
		return m
	case 'a':
		a := make([]any, min(len(n.arr), maxItems+1))
		for i := range a {
			a[i] = plainValue(&n.arr[i])
		}
		return a
	case 's':
		return n.text
	case 'b':
		return n.text == "true"
	case 'n':
		if v, whole := plainNumber(n.text); whole {
			return v
		}
		return fraction
	}
	return nil
}

// fraction stands for every number that is not written as a whole one: no field takes any.
const fraction = 0.5

// plainNumber reads a number that is written as a whole one; what is too long counts as the longest.
func plainNumber(text string) (v int64, whole bool) {
	if strings.ContainsAny(text, ".eE") {
		return 0, false
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil && text[0] == '-' {
		v = math.MinInt64
	} else if err != nil {
		v = math.MaxInt64
	}
	return v, true
}

func leaves(e *jsonschema.ValidationError, yield func(*jsonschema.ValidationError)) {
	if len(e.Causes) == 0 {
		yield(e)
		return
	}
	for _, c := range e.Causes {
		leaves(c, yield)
	}
}

// violations words one finding of the validator.
func violations(e *jsonschema.ValidationError, root *node) []found {
	n, pointer := locate(root, e.InstanceLocation)
	one := func(code, zh, en string) []found {
		return []found{{problem(code, pointer, zh, en), n.off}}
	}
	count := func(code string, want any) []found {
		s := fmt.Sprint(want)
		return one(code, s, s)
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		var out []found
		for _, name := range k.Missing {
			out = append(out, found{problem("missing_field", pointer+"/"+pointerToken(name), "", ""), n.off})
		}
		return out
	case *kind.Type:
		want := slices.DeleteFunc(slices.Clone(k.Want), func(t string) bool { return t == "null" })
		if slices.Contains(want, "integer") && isMoney(root, e.InstanceLocation) {
			return one("bad_amount", "", "")
		}
		names := typeNames[want[0]]
		return one("wrong_type", names[0], names[1])
	case *kind.Enum:
		names := enumNames(k.Want)
		zh, en := "", ""
		if n.kind == 's' && plain(n.text) {
			zh, en = inwords.Meant(n.text, strings.Split(names, ", "))
		}
		if len(e.InstanceLocation) == 1 && e.InstanceLocation[0] == "kind" {
			return one("unknown_kind", names+zh, names+en)
		}
		return one("unknown_value", names+zh, names+en)
	case *kind.Pattern:
		names, ok := patternNames[k.Want]
		if !ok {
			names = [2]string{k.Want, k.Want}
		}
		return one("bad_format", names[0], names[1])
	case *kind.Format:
		codes := map[string]string{"date-time": "bad_time", "date": "bad_date", "currency": "bad_currency", "masked-pan": "bad_masked_pan"}
		return one(codes[k.Want], "", "")
	case *kind.Minimum:
		return count("too_small", k.Want.RatString())
	case *kind.Maximum:
		return count("too_big", k.Want.RatString())
	case *kind.MinLength:
		return count("too_short", k.Want)
	case *kind.MaxLength:
		return count("too_long", k.Want)
	case *kind.MinItems:
		return count("too_few", k.Want)
	case *kind.MaxItems:
		return count("too_many", k.Want)
	case *kind.UniqueItems:
		return one("not_unique", "", "")
	}
	return one("invalid", "", "")
}

func enumNames(want []any) string {
	var names []string
	for _, w := range want {
		if s, ok := w.(string); ok {
			names = append(names, s)
		}
	}
	return strings.Join(names, ", ")
}

// locate gives the node that a path of names and indexes leads to, and its pointer.
func locate(root *node, path []string) (*node, string) {
	n, pointer := root, ""
	for _, p := range path {
		pointer += "/" + pointerToken(p)
		switch n.kind {
		case 'o':
			if m := n.get(p); m != nil {
				n = m
			}
		case 'a':
			if i, err := strconv.Atoi(p); err == nil && i < len(n.arr) {
				n = &n.arr[i]
			}
		}
	}
	return n, pointer
}

// isMoney reports whether the schema wants an amount at a path.
func isMoney(root *node, path []string) bool {
	sh := shapeOf(root)
	for _, p := range path {
		if sh == nil {
			return false
		}
		if sh.items != nil {
			sh = sh.items
		} else {
			sh = sh.prop(p)
		}
	}
	return sh != nil && sh.money
}

// shapeOf gives the shape of a job by its kind.
func shapeOf(root *node) *shape {
	c := load()
	if sh := c.shapes[Kind(root.str("kind"))]; sh != nil {
		return sh
	}
	return c.any
}
