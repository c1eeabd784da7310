package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// position is where a key stands in the file, counted from 1.
type position struct {
	line, column, width int
	section             bool // the head of a section: it sets nothing
	setup               bool // it stands in the set-up, not in the file
}

// keyLines maps each dotted key of a document (with [n] for array tables) to its place. The document has been decoded
// before, so it parses.
func keyLines(data []byte) map[string]position {
	out := make(map[string]position)
	counts := make(map[string]int)
	var p unstable.Parser
	p.Reset(data)
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		var parts []string
		var first unstable.Range
		for it := e.Key(); it.Next(); {
			if len(parts) == 0 {
				first = it.Node().Raw
			}
			parts = append(parts, string(it.Node().Data))
		}
		name := strings.Join(parts, ".")
		switch e.Kind {
		case unstable.Table:
			table = name + "."
		case unstable.ArrayTable:
			n := counts[name]
			counts[name]++
			name = fmt.Sprintf("%s[%d]", name, n)
			table = name + "."
		case unstable.KeyValue:
			name = table + name
		}
		s := p.Shape(first)
		out[name] = position{s.Start.Line, s.Start.Column, int(first.Length), e.Kind == unstable.Table, false}
	}
	return out
}

// origins says for each key written in the file where it came from.
func origins(lines map[string]position) map[string]string {
	out := make(map[string]string, len(lines))
	for k, p := range lines {
		switch {
		case p.section:
		case p.setup:
			out[k] = "setup:" + strconv.Itoa(p.line)
		default:
			out[k] = "file:" + strconv.Itoa(p.line)
		}
	}
	return out
}

// Keys lists all keys of the configuration, dotted, without indices.
func Keys() []string {
	var out []string
	walk(reflect.TypeFor[Config](), "", func(key string, _ reflect.StructField, _ []int) { out = append(out, key) })
	return out
}

// walk calls f for every leaf below t.
func walk(t reflect.Type, prefix string, f func(key string, field reflect.StructField, index []int)) {
	for i := range t.NumField() {
		field := t.Field(i)
		name := field.Tag.Get("toml")
		if name == "-" || name == "" {
			continue
		}
		ft := field.Type
		if ft.Kind() == reflect.Slice && ft.Elem().Kind() == reflect.Struct {
			walk(ft.Elem(), prefix+name+".", f)
			continue
		}
		if ft.Kind() == reflect.Struct && ft != reflect.TypeFor[Key]() {
			walk(ft, prefix+name+".", func(key string, sub reflect.StructField, index []int) {
				f(key, sub, append([]int{i}, index...))
			})
			continue
		}
		f(prefix+name, field, []int{i})
	}
}

// setText sets one value from its text.
func setText(v reflect.Value, text string) error {
	switch p := v.Addr().Interface().(type) {
	case *Duration:
		return p.UnmarshalText([]byte(text))
	case *string:
		*p = text
	case *int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return wording{fmt.Sprintf("%q 不是整数", text), fmt.Sprintf("%q is not a whole number", text)}
		}
		*p = n
	case *bool:
		if text != "true" && text != "false" {
			return wording{fmt.Sprintf("%q 不是 true 或 false", text), fmt.Sprintf("%q is neither true nor false", text)}
		}
		*p = text == "true"
	case *Strings:
		*p = splitList(text)
	case *[]string:
		*p = splitList(text)
	default:
		return wording{"只能写在文件里", "can only be set in the file"}
	}
	return nil
}

func splitList(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
