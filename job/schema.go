package job

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed schema.json
var schemaJSON []byte

// schemaID is the $id of schema.json.
const schemaID = "urn:receiptd:schema:job:1"

// SchemaJSON gives the JSON Schema of a job (2020-12), as people and other programs may read it.
func SchemaJSON() []byte {
	return bytes.Clone(schemaJSON)
}

// How the guard treats a text (x-guard in the schema).
const (
	guardMask   = "mask"
	guardReject = "reject"
	guardExempt = "exempt"
	guardCard   = "card"
	guardCode   = "code"
	guardMarkup = "markup"
	guardRow    = "row"
)

// maxMoney is the largest amount: twelve digits, as in DE4 of ISO 8583.
const maxMoney = 999_999_999_999

// A shape is what the guard needs of the schema: the names that are known, and how to treat each text.
type shape struct {
	guard   string
	pad     bool
	money   bool // an integer of minor units
	time    bool // a time with its offset
	words   bool // any text: no value, pattern or format is prescribed
	pattern *pattern
	props   map[string]*shape
	items   *shape
}

// prop gives a member's shape, nil when the schema has no such member.
func (s *shape) prop(key string) *shape {
	if s == nil {
		return nil
	}
	return s.props[key]
}

func (s *shape) item() *shape {
	if s == nil {
		return nil
	}
	return s.items
}

type compiled struct {
	demand demand // the same as schema, in yes and no
	schema *jsonschema.Schema
	shapes map[Kind]*shape // of the whole job, by its kind
	any    *shape          // of a job of no known kind
}

// load compiles the schema at the first use. It panics on a broken schema: that is an error of this package, which its
// tests cannot miss.
var load = sync.OnceValue(func() *compiled {
	c, err := compile(schemaJSON)
	if err != nil {
		panic(err)
	}
	return c
})

func compile(data []byte) (*compiled, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read job schema: %w", err)
	}
	comp := jsonschema.NewCompiler()
	comp.UseRegexpEngine(engine)
	comp.AssertFormat()
	for name, check := range formats {
		comp.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(v any) error {
			if s, ok := v.(string); ok {
				return check(s)
			}
			return nil
		}})
	}
	if err := comp.AddResource(schemaID, doc); err != nil {
		return nil, fmt.Errorf("add job schema: %w", err)
	}
	sch, err := comp.Compile(schemaID)
	if err != nil {
		return nil, fmt.Errorf("compile job schema: %w", err)
	}
	var root rawShape
	if err := json.Unmarshal(data, &root); err != nil {
		return nil, fmt.Errorf("read job schema: %w", err)
	}
	whole, err := newDemand(data)
	if err != nil {
		return nil, fmt.Errorf("read job schema: %w", err)
	}
	return &compiled{whole, sch, root.kinds(), root.shape(root.Defs)}, nil
}

// rawShape is a schema as JSON, as far as shapes need it.
type rawShape struct {
	Ref     string              `json:"$ref"`
	Money   bool                `json:"x-money"`
	Guard   string              `json:"x-guard"`
	Pad     bool                `json:"x-pad"`
	Pattern string              `json:"pattern"`
	Format  string              `json:"format"`
	Enum    []any               `json:"enum"`
	Props   map[string]rawShape `json:"properties"`
	Items   *rawShape           `json:"items"`
	Const   string              `json:"const"`
	AllOf   []struct {
		If   rawShape `json:"if"`
		Then rawShape `json:"then"`
	} `json:"allOf"`
	Defs map[string]rawShape `json:"$defs"`
}

func (r rawShape) shape(defs map[string]rawShape) *shape {
	if name, ok := strings.CutPrefix(r.Ref, "#/$defs/"); ok {
		return defs[name].shape(defs)
	}
	s := &shape{guard: r.Guard, pad: r.Pad, money: r.Money, time: r.Format == "date-time"}
	s.words = r.Pattern == "" && r.Format == "" && r.Enum == nil
	if s.guard == "" {
		s.guard = guardMask
	}
	if r.Pattern != "" {
		s.pattern = mustPattern(r.Pattern)
	}
	if r.Props != nil {
		s.props = make(map[string]*shape, len(r.Props))
		for k, p := range r.Props {
			s.props[k] = p.shape(defs)
		}
	}
	if r.Items != nil {
		s.items = r.Items.shape(defs)
	}
	return s
}

// kinds gives the shape of a job of each kind, from the conditions at the top of the schema.
func (r rawShape) kinds() map[Kind]*shape {
	m := map[Kind]*shape{}
	for _, c := range r.AllOf {
		s := r.shape(r.Defs)
		s.props["payload"] = c.Then.Props["payload"].shape(r.Defs)
		m[Kind(c.If.Props["kind"].Const)] = s
	}
	return m
}

var (
	errFormat     = errors.New("not of this format")
	maskedPattern = regexp.MustCompile(`^[0-9]{0,8}[*xX]{3,}[0-9]{0,5}$`)
)

// formats are the formats that the schema names; all are checked.
var formats = map[string]func(string) error{
	"date-time": func(s string) error { return new(time.Time).UnmarshalText([]byte(s)) },
	"date":      func(s string) error { _, err := time.Parse(time.DateOnly, s); return err },
	"currency": func(s string) error {
		if _, ok := CurrencyExponent(s); !ok {
			return errFormat
		}
		return nil
	},
	"masked-pan": func(s string) error {
		if s != "" && !isMasked(s) {
			return errFormat
		}
		return nil
	},
}

// isMasked reports whether s is a card number with its middle hidden: at most eight digits before and five after, and
// ten in all, twelve with an eight-digit issuer number (PCI SSC FAQ 1091).
func isMasked(s string) bool {
	if len(s) > maxPAN || !maskedPattern.MatchString(s) {
		return false
	}
	head := strings.IndexAny(s, "*xX")
	tail := len(s) - 1 - strings.LastIndexAny(s, "*xX")
	return head+tail <= 10 || head == 8 && tail <= 4
}
