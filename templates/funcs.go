package templates

import (
	"bytes"
	"reflect"
	"strings"
	"text/template"
	"time"
)

// env is what the functions of one execution share: the printer's way of counting cells, and the slip's text so far.
type env struct {
	measure func(rune) int
	out     *bytes.Buffer
}

// functions are what a template may call besides those of text/template. Widths are in cells.
func functions(e *env) template.FuncMap {
	return template.FuncMap{
		textEscaper:  e.text,
		valueEscaper: escapeValue,

		"money":    (*Money).String,
		"number":   (*Money).Number,
		"price":    (*Money).Sign,
		"upper":    upper,
		"yuan":     yuan,
		"date":     func(layout string, t time.Time) string { return t.Format(layout) },
		"cells":    func(v any) int { return cellsOf(e.measure, toText(v)) },
		"fits":     func(n int, v reflect.Value) bool { return cellsOf(e.measure, plainText(v)) <= n },
		"wrap":     func(n int, v reflect.Value) string { return wrap(e.measure, n, plainText(v)) },
		"flow":     func(n int, items []string) string { return flow(e.measure, n, items) },
		"padleft":  func(n int, v any) string { return pad(e.measure, n, toText(v), true) },
		"padright": func(n int, v any) string { return pad(e.measure, n, toText(v), false) },
		"join":     func(sep string, items []string) string { return strings.Join(items, sep) },
		"line":     func(name string, amount *Money) Line { return Line{name, amount} },
		"sub":      func(a, b int) int { return a - b },
	}
}
