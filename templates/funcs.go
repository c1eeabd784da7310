package templates

import (
	"strings"
	"text/template"
	"time"
)

// functions are what a template may call besides those of text/template. Widths are in cells, as the printer of this
// slip counts them.
func functions(measure func(rune) int) template.FuncMap {
	return template.FuncMap{
		textEscaper:  escapeText,
		valueEscaper: escapeValue,

		"money":    (*Money).String,
		"number":   (*Money).Number,
		"price":    (*Money).Sign,
		"upper":    upper,
		"yuan":     yuan,
		"date":     func(layout string, t time.Time) string { return t.Format(layout) },
		"cells":    func(v any) int { return cellsOf(measure, toText(v)) },
		"fits":     func(n int, v any) bool { return cellsOf(measure, toText(v)) <= n },
		"wrap":     func(n int, v any) string { return wrap(measure, n, toText(v)) },
		"flow":     func(n int, items []string) string { return flow(measure, n, items) },
		"padleft":  func(n int, v any) string { return pad(measure, n, toText(v), true) },
		"padright": func(n int, v any) string { return pad(measure, n, toText(v), false) },
		"join":     func(sep string, items []string) string { return strings.Join(items, sep) },
		"sub":      func(a, b int) int { return a - b },
	}
}
