package templates

import (
	"fmt"
	"reflect"
	"strings"
	"text/template/parse"

	"github.com/receiptd/receiptd/receiptline"
)

// The functions that the compiler appends to every printing action. Their names cannot be mistaken for an author's.
const (
	textEscaper  = "_text"
	valueEscaper = "_value"
)

// place is where in the ReceiptLine grammar the scanner stands between two characters of a template.
type place struct {
	inProp  bool   // within { }
	inValue bool   // behind the colon of a member
	key     string // the member's key as far as read, without blanks
	escape  escapeState
}

// escapeState says which character of an escape sequence comes next.
type escapeState uint8

const (
	noEscape escapeState = iota
	afterBackslash
	hexFirst // the two digits of \xnn
	hexSecond
)

var textPlace place

// step moves p over one character of literal text.
func (p *place) step(c byte) {
	switch {
	case c == '\n' || c == '\r':
		*p = place{} // no construct of the language crosses a line
	case p.escape == afterBackslash && c == 'x':
		p.escape = hexFirst
	case p.escape != noEscape:
		p.takeEscaped()
	case c == '\\':
		p.escape = afterBackslash
	case !p.inProp:
		if c == '{' {
			*p = place{inProp: true}
		}
	case c == '}':
		*p = place{}
	case c == ';':
		*p = place{inProp: true}
	case c == ':' && !p.inValue:
		p.inValue = true
	case !p.inValue && c != ' ' && c != '\t':
		p.key += string(c)
	}
}

func (p *place) takeEscaped() {
	if p.escape == hexFirst {
		p.escape = hexSecond
		return
	}
	p.escape = noEscape
}

// escaper names the function that makes data harmless at p, or says why none does.
func (p *place) escaper() (string, *fault) {
	switch {
	case p.escape != noEscape:
		return "", &fault{"转义序列里不能有动作；要打印反斜杠请写 \\\\", "an action inside an escape sequence: write \\\\ for a backslash"}
	case !p.inProp:
		return textEscaper, nil
	case !p.inValue:
		return "", &fault{"属性名里不能有动作", "an action in the name of a property"}
	}
	switch p.key {
	case "code", "c", "comment", "_":
		return valueEscaper, nil
	}
	return "", &fault{
		"属性 " + p.key + " 的值里不能有动作：数据只能放在文字和 code 里；固定的值请用 [[if]] 选",
		fmt.Sprintf("an action in the value of %q: data may stand in text and in code only; choose between fixed values with [[if]]", p.key),
	}
}

// A contextError is an action in a place where its output could become markup.
type contextError struct {
	Template string // name of the template or partial
	Pos      parse.Pos
	Zh, Text string
}

func (e *contextError) Error() string { return e.Template + ": " + e.Text }

// escapeTree appends an escaper to every printing action of the tree, and checks that the tree begins and ends in text
// and calls only templates that exist.
func escapeTree(t *parse.Tree, exists func(name string) bool) error {
	if t.Root == nil {
		return nil
	}
	w := walker{t.Name, exists}
	end, err := w.list(t.Root, textPlace)
	if err != nil {
		return err
	}
	if end != textPlace {
		return &contextError{t.Name, t.Root.Pos, "模板在属性块或转义序列中间结束", "the template ends inside a property block or an escape sequence"}
	}
	return nil
}

type walker struct {
	name   string
	exists func(name string) bool
}

func (w walker) fail(pos parse.Pos, zh, text string) error {
	return &contextError{w.name, pos, zh, text}
}

func (w walker) list(l *parse.ListNode, p place) (place, error) {
	if l == nil {
		return p, nil
	}
	var err error
	for _, n := range l.Nodes {
		if p, err = w.node(n, p); err != nil {
			return p, err
		}
	}
	return p, nil
}

func (w walker) node(n parse.Node, p place) (place, error) {
	switch n := n.(type) {
	case *parse.TextNode:
		for _, c := range n.Text {
			p.step(c)
		}
	case *parse.ActionNode:
		return p, w.action(n, p)
	case *parse.IfNode:
		return w.branch(&n.BranchNode, p)
	case *parse.WithNode:
		return w.branch(&n.BranchNode, p)
	case *parse.RangeNode:
		return w.branch(&n.BranchNode, p)
	case *parse.TemplateNode:
		if !w.exists(n.Name) {
			return p, w.fail(n.Pos, "没有段落 "+n.Name, fmt.Sprintf("there is no section %q", n.Name))
		}
		if p != textPlace {
			return p, w.fail(n.Pos, "属性块或转义序列里不能调用段落", "a template called inside a property block or an escape sequence")
		}
	case *parse.BreakNode, *parse.ContinueNode:
		if p != textPlace {
			return p, w.fail(n.Position(), "属性块或转义序列里不能有 break 或 continue", "break or continue inside a property block or an escape sequence")
		}
	case *parse.CommentNode:
	default:
		return p, w.fail(n.Position(), "不认识的动作 "+n.String(), "unknown action "+n.String())
	}
	return p, nil
}

func (w walker) action(n *parse.ActionNode, p place) error {
	if len(n.Pipe.Decl) > 0 {
		return nil // a variable is set, nothing is printed
	}
	name, bad := p.escaper()
	if bad != nil {
		return w.fail(n.Pos, bad.zh, bad.en)
	}
	n.Pipe.Cmds = append(n.Pipe.Cmds, &parse.CommandNode{
		NodeType: parse.NodeCommand,
		Pos:      n.Pos,
		Args:     []parse.Node{parse.NewIdentifier(name).SetPos(n.Pos)},
	})
	return nil
}

// branch asks that every way through an if, with or range ends in the same place. A range may run no time at all, so
// its body must end where it began.
func (w walker) branch(n *parse.BranchNode, p place) (place, error) {
	a, err := w.list(n.List, p)
	if err != nil {
		return p, err
	}
	b, err := w.list(n.ElseList, p)
	if err != nil {
		return p, err
	}
	if a != b || (n.NodeType == parse.NodeRange && a != p) {
		return p, w.fail(n.Pos, "各分支结束的位置不同：{ } 和转义要在每个分支里写完", "the branches end in different places: close { } and escapes within each branch")
	}
	return a, nil
}

// printed is what an escaper gives to be printed after it has written: nothing.
type printed struct{}

func (*printed) String() string { return "" }

// text is the escaper of text columns in a template that runs: it writes straight to the slip. It takes and gives what
// package reflect passes on without copying: a slip prints some thirty values.
func (e *env) text(v reflect.Value) *printed {
	e.out.Write(receiptline.AppendEscape(e.out.AvailableBuffer(), plainText(v)))
	return nil
}

// plainText is toText of the value in v.
func plainText(v reflect.Value) string {
	switch {
	case !v.IsValid():
		return ""
	case v.Kind() == reflect.String && v.NumMethod() == 0:
		return v.String()
	}
	return toText(v.Interface())
}

// escapeText is the escaper of text columns.
func escapeText(v any) string {
	return receiptline.Escape(toText(v))
}

// escapeValue is the escaper of property values.
func escapeValue(v any) string {
	return receiptline.EscapeValue(toText(v))
}

// toText is the plain text of a value: what it prints as before it is escaped.
func toText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case nil:
		return ""
	case fmt.Stringer:
		return v.String()
	case []string:
		return strings.Join(v, " ")
	}
	return fmt.Sprint(v)
}
