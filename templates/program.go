package templates

import (
	"reflect"
	"sync"
	"text/template"
	"text/template/parse"

	"github.com/receiptd/receiptd/receiptline"
)

// A program is a template in the form in which slips are made: its sections written out, the fields of the view found
// beforehand, its functions called without package reflect. It does what text/template does at a tenth of the cost. What
// only few templates need (variables, sections that call themselves, some functions) it does not know: such a
// template is left to text/template, and so is a run that goes wrong, so that there is one wording of errors.
type program struct {
	body []step
	dots int // the most that stand at once
}

// A step prints text, then does the rest.
type step struct {
	text string
	do   func(*run) // nil: nothing
}

// run is one execution of a program.
type run struct {
	measure func(rune) int
	out     []byte
	dots    []reflect.Value // what each with, range and section has for its dot
}

var runs = sync.Pool{New: func() any { return new(run) }}

// execute gives the text of a slip without its last line break. It reports false when text/template must say what is wrong.
func (p *program) execute(v *View, measure func(rune) int) (text string, ok bool) {
	r := runs.Get().(*run)
	defer func() {
		if recover() != nil { // a nil pointer in the view, or a measure that panics
			text, ok = "", false
		}
		clear(r.dots)
		runs.Put(r)
	}()
	if len(r.dots) < p.dots {
		r.dots = make([]reflect.Value, p.dots)
	}
	r.measure, r.out, r.dots[0] = measure, r.out[:0], reflect.ValueOf(v)
	r.steps(p.body)
	return withoutBreak(r.out), true
}

func (r *run) steps(list []step) {
	for i := range list {
		s := &list[i]
		r.out = append(r.out, s.text...)
		if s.do != nil {
			s.do(r)
		}
	}
}

// maxSections bounds how deep sections call sections; one that calls itself reaches it.
const maxSections = 16

// programmer makes a program of a template.
type programmer struct {
	t     *template.Template
	dots  int
	depth int
	bad   bool // something was met that a program does not know
}

// A dot is a place in run.dots and the type of what is there.
type dot struct {
	at  int
	typ reflect.Type
}

// A scope is what . and $ mean.
type scope struct{ dot, root dot }

// programOf gives nil for a template that is left to text/template.
func programOf(t *template.Template) *program {
	c := programmer{t: t}
	view := c.dot(reflect.TypeFor[*View]())
	body := c.list(nil, t.Root, scope{view, view})
	if c.bad {
		return nil
	}
	return &program{body, c.dots}
}

func (c *programmer) dot(t reflect.Type) dot {
	c.dots++
	return dot{c.dots - 1, t}
}

// list appends the steps of l to out.
func (c *programmer) list(out []step, l *parse.ListNode, s scope) []step {
	if l == nil {
		return out
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			out = printing(out, string(n.Text))
		case *parse.ActionNode:
			out = append(out, step{do: c.action(n, s)})
		case *parse.IfNode:
			out = append(out, step{do: c.choice(n, s)})
		case *parse.WithNode:
			out = append(out, step{do: c.with(n, s)})
		case *parse.RangeNode:
			out = append(out, step{do: c.each(n, s)})
		case *parse.TemplateNode:
			out = c.section(out, n, s)
		case *parse.CommentNode:
		default:
			c.bad = true
		}
		if c.bad {
			return nil
		}
	}
	return out
}

// printing appends a step that prints text, or adds it to the last one.
func printing(out []step, text string) []step {
	if n := len(out); n > 0 && out[n-1].do == nil {
		out[n-1].text += text
		return out
	}
	return append(out, step{text: text})
}

// action prints a value through the escaper that the compiler has put at its end.
func (c *programmer) action(n *parse.ActionNode, s scope) func(*run) {
	last := len(n.Pipe.Cmds) - 1
	v := c.pipe(n.Pipe, last, s)
	escaper, ok := n.Pipe.Cmds[last].Args[0].(*parse.IdentifierNode)
	if text := v.text; ok && text != nil {
		switch escaper.Ident {
		case textEscaper:
			return func(r *run) { r.out = receiptline.AppendEscape(r.out, text(r)) }
		case valueEscaper:
			return func(r *run) { r.out = append(r.out, receiptline.EscapeValue(text(r))...) }
		}
	}
	c.bad = true
	return nil
}

func (c *programmer) choice(n *parse.IfNode, s scope) func(*run) {
	yes := c.pipe(n.Pipe, len(n.Pipe.Cmds), s).yes
	then, other := c.list(nil, n.List, s), c.list(nil, n.ElseList, s)
	return func(r *run) {
		if yes(r) {
			r.steps(then)
		} else {
			r.steps(other)
		}
	}
}

func (c *programmer) with(n *parse.WithNode, s scope) func(*run) {
	v := c.pipe(n.Pipe, len(n.Pipe.Cmds), s)
	if v.at == nil {
		c.bad = true
		return nil
	}
	d, truth := c.dot(v.typ), truthOf(v.typ)
	then, other := c.list(nil, n.List, scope{d, s.root}), c.list(nil, n.ElseList, s)
	return func(r *run) {
		x := v.at(r)
		if !truth(x) {
			r.steps(other)
			return
		}
		r.dots[d.at] = x
		r.steps(then)
	}
}

func (c *programmer) each(n *parse.RangeNode, s scope) func(*run) {
	v := c.pipe(n.Pipe, len(n.Pipe.Cmds), s)
	if v.at == nil || v.typ.Kind() != reflect.Slice {
		c.bad = true
		return nil
	}
	d := c.dot(v.typ.Elem())
	body, other := c.list(nil, n.List, scope{d, s.root}), c.list(nil, n.ElseList, s)
	return func(r *run) {
		x := v.at(r)
		n := x.Len()
		for i := range n {
			r.dots[d.at] = x.Index(i)
			r.steps(body)
		}
		if n == 0 {
			r.steps(other)
		}
	}
}

// section writes a section out in place of its call.
func (c *programmer) section(out []step, n *parse.TemplateNode, s scope) []step {
	t := c.t.Lookup(n.Name)
	if t == nil || t.Tree == nil || n.Pipe == nil || c.depth >= maxSections {
		c.bad = true
		return nil
	}
	c.depth++
	defer func() { c.depth-- }()
	if isDot(n.Pipe) {
		return c.list(out, t.Root, scope{s.dot, s.dot})
	}
	v := c.pipe(n.Pipe, len(n.Pipe.Cmds), s)
	if v.at == nil {
		c.bad = true
		return nil
	}
	d := c.dot(v.typ)
	body := c.list(nil, t.Root, scope{d, d})
	return append(out, step{do: func(r *run) {
		r.dots[d.at] = v.at(r)
		r.steps(body)
	}})
}

func isDot(p *parse.PipeNode) bool {
	if len(p.Decl) > 0 || len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 {
		return false
	}
	_, dot := p.Cmds[0].Args[0].(*parse.DotNode)
	return dot
}
