package job

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"sync"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A pattern is one of the schema's. Most say "so many of these characters": ^[0-9A-Za-z]{1,40}$. The regexp package unrolls that into a
// copy of the class for each repetition, which for classes of letters of all scripts takes megabytes; a pattern counts instead.
//
// It is a jsonschema.Regexp.
type pattern struct {
	expr  string
	re    *regexp.Regexp
	least int // characters, where they are counted
	most  int // -1: they are not
}

// patterns holds each expression once, whoever uses it: the schema, the guard's shape and the quick check.
var patterns sync.Map // of *pattern, by expression

// toPattern compiles an expression, or gives what was compiled before.
func toPattern(expr string) (*pattern, error) {
	if p, ok := patterns.Load(expr); ok {
		return p.(*pattern), nil
	}
	p, err := newPattern(expr)
	if err != nil {
		return nil, err
	}
	kept, _ := patterns.LoadOrStore(expr, p)
	return kept.(*pattern), nil
}

// mustPattern is toPattern for an expression that was compiled before.
func mustPattern(expr string) *pattern {
	p, err := toPattern(expr)
	if err != nil {
		panic(err)
	}
	return p
}

func newPattern(expr string) (*pattern, error) {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("pattern %s: %w", expr, err)
	}
	p := &pattern{expr: expr, most: -1}
	compiled := expr
	if class, least, most, ok := counted(tree); ok {
		p.least, p.most = least, most
		compiled = "^(?:" + class.String() + ")*$"
	}
	if p.re, err = regexp.Compile(compiled); err != nil {
		return nil, fmt.Errorf("pattern %s: %w", expr, err)
	}
	return p, nil
}

// counted takes ^CLASS{least,most}$ apart.
func counted(tree *syntax.Regexp) (class *syntax.Regexp, least, most int, ok bool) {
	if tree.Op != syntax.OpConcat || len(tree.Sub) != 3 || tree.Sub[0].Op != syntax.OpBeginText || tree.Sub[2].Op != syntax.OpEndText {
		return nil, 0, 0, false
	}
	r := tree.Sub[1]
	if r.Op != syntax.OpRepeat || r.Max < 0 || r.Sub[0].Op != syntax.OpCharClass {
		return nil, 0, 0, false
	}
	return r.Sub[0], r.Min, r.Max, true
}

// String is the expression.
func (p *pattern) String() string { return p.expr }

// MatchString reports whether a text is of this pattern.
func (p *pattern) MatchString(s string) bool {
	if p.most >= 0 {
		if n := utf8.RuneCountInString(s); n < p.least || n > p.most {
			return false
		}
	}
	return p.re.MatchString(s)
}

// engine is how the library for schemas comes by patterns.
func engine(expr string) (jsonschema.Regexp, error) { return toPattern(expr) }
