package templates

import (
	"reflect"
	"strconv"
	"text/template/parse"
)

// A value is an expression of a template with what may be asked of it. Functions that are nil may not be asked.
type value struct {
	typ  reflect.Type             // nil: an and or or, which only conditions use
	at   func(*run) reflect.Value // the value itself; nil when typ is
	text func(*run) string        // what it prints as, as toText has it
	yes  func(*run) bool          // whether it is true for text/template
	num  func(*run) int           // of an int
}

var (
	stringType = reflect.TypeFor[string]()
	intType    = reflect.TypeFor[int]()
	moneyType  = reflect.TypeFor[*Money]()
	listType   = reflect.TypeFor[[]string]()
)

// truthOf gives template.IsTrue for one type, nil for types that views do not have.
func truthOf(t reflect.Type) func(reflect.Value) bool {
	switch t.Kind() {
	case reflect.Bool:
		return reflect.Value.Bool
	case reflect.String, reflect.Slice:
		return func(v reflect.Value) bool { return v.Len() > 0 }
	case reflect.Int:
		return func(v reflect.Value) bool { return v.Int() != 0 }
	case reflect.Pointer:
		return func(v reflect.Value) bool { return !v.IsNil() }
	case reflect.Struct:
		return func(reflect.Value) bool { return true }
	}
	return nil
}

// placed is a value that lies in the view.
func placed(t reflect.Type, at func(*run) reflect.Value) value {
	truth := truthOf(t)
	if truth == nil {
		return value{}
	}
	v := value{typ: t, at: at, yes: func(r *run) bool { return truth(at(r)) }}
	switch t {
	case stringType:
		v.text = func(r *run) string { return at(r).String() }
	case moneyType:
		v.text = func(r *run) string { return at(r).Interface().(*Money).String() }
	case intType:
		v.num = func(r *run) int { return int(at(r).Int()) }
		v.text = func(r *run) string { return strconv.Itoa(v.num(r)) }
	default:
		v.text = func(r *run) string { return toText(at(r).Interface()) }
	}
	return v
}

func textValue(text func(*run) string) value {
	return value{
		typ: stringType, text: text,
		at:  func(r *run) reflect.Value { return reflect.ValueOf(text(r)) },
		yes: func(r *run) bool { return text(r) != "" },
	}
}

func numberValue(num func(*run) int) value {
	return value{
		typ: intType, num: num,
		at:   func(r *run) reflect.Value { return reflect.ValueOf(num(r)) },
		text: func(r *run) string { return strconv.Itoa(num(r)) },
		yes:  func(r *run) bool { return num(r) != 0 },
	}
}

func truthValue(yes func(*run) bool) value {
	return value{
		typ: reflect.TypeFor[bool](), yes: yes,
		at:   func(r *run) reflect.Value { return reflect.ValueOf(yes(r)) },
		text: func(r *run) string { return strconv.FormatBool(yes(r)) },
	}
}

// pipe gives the value of the first n commands of a pipeline.
func (c *programmer) pipe(p *parse.PipeNode, n int, s scope) value {
	var v value
	c.bad = c.bad || len(p.Decl) > 0 || n == 0
	for i := 0; i < n && !c.bad; i++ {
		args := p.Cmds[i].Args
		list := c.operands(args[1:], s)
		if i > 0 {
			list = append(list, v)
		}
		v = c.command(args[0], list, s)
		c.bad = c.bad || v.yes == nil
	}
	return v
}

// command gives the value of a function, a field or method, or something else that takes no arguments.
func (c *programmer) command(n parse.Node, args []value, s scope) value {
	switch n := n.(type) {
	case *parse.IdentifierNode:
		if f := calls[n.Ident]; f != nil && !c.bad {
			return f(args)
		}
		return value{}
	case *parse.FieldNode:
		return c.chain(s.dot, n.Ident, args)
	case *parse.VariableNode:
		if n.Ident[0] == "$" {
			return c.chain(s.root, n.Ident[1:], args)
		}
		return value{}
	}
	if len(args) > 0 {
		return value{}
	}
	return c.operand(n, s)
}

func (c *programmer) operands(nodes []parse.Node, s scope) []value {
	list := make([]value, len(nodes), len(nodes)+1)
	for i, n := range nodes {
		list[i] = c.operand(n, s)
	}
	return list
}

func (c *programmer) operand(n parse.Node, s scope) (v value) {
	switch n := n.(type) {
	case *parse.DotNode:
		v = c.chain(s.dot, nil, nil)
	case *parse.FieldNode, *parse.VariableNode:
		v = c.command(n, nil, s)
	case *parse.StringNode:
		v = textValue(func(*run) string { return n.Text })
	case *parse.NumberNode:
		if i, err := strconv.Atoi(n.Text); err == nil && n.IsInt && int64(i) == n.Int64 { // 010 is 8
			v = numberValue(func(*run) int { return i })
		}
	case *parse.BoolNode:
		v = truthValue(func(*run) bool { return n.True })
	case *parse.PipeNode:
		v = c.pipe(n, len(n.Cmds), s)
	}
	c.bad = c.bad || v.yes == nil
	return v
}

// chain gives what lies at the end of a chain of fields that begins at d; the last of them may be a method.
func (c *programmer) chain(d dot, names []string, args []value) value {
	at, typ := func(r *run) reflect.Value { return r.dots[d.at] }, d.typ
	for i, name := range names {
		step, ok := fieldOf(typ, name)
		if !ok {
			if i < len(names)-1 || c.bad {
				return value{}
			}
			return method(placed(typ, at), name, args)
		}
		at, typ = within(at, typ, step.Index[0]), step.Type
	}
	if len(args) > 0 {
		return value{}
	}
	return placed(typ, at)
}

// fieldOf finds a field of a struct, or of the struct that is pointed to.
func fieldOf(t reflect.Type, name string) (reflect.StructField, bool) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return reflect.StructField{}, false
	}
	f, ok := t.FieldByName(name)
	return f, ok && f.IsExported() && len(f.Index) == 1
}

// within goes to field i of the struct, or of the struct that is pointed to. A nil pointer panics.
func within(at func(*run) reflect.Value, t reflect.Type, i int) func(*run) reflect.Value {
	if t.Kind() == reflect.Pointer {
		return func(r *run) reflect.Value { return at(r).Elem().Field(i) }
	}
	return func(r *run) reflect.Value { return at(r).Field(i) }
}
