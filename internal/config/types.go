package config

import (
	"fmt"
	"reflect"
	"strings"
)

// types compares a decoded document with what t wants, and says in a shop's words where they differ. What nobody knows is passed
// over: the strict decoder tells of it.
func (v *validator) types(key string, t reflect.Type, value any) {
	switch t {
	case reflect.TypeFor[Duration]():
		v.duration(key, value)
		return
	case reflect.TypeFor[Key]():
		if _, ok := value.(string); !ok {
			v.add(key, "要写成带引号的文字", "wants a text in quotes")
		}
		return
	case reflect.TypeFor[Strings]():
		if _, one := value.(string); !one && !isListOfText(value) {
			v.add(key, "要写成带引号的文字，或方括号里的几个", "wants a text in quotes, or several in brackets")
		}
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		v.table(key, t, value)
	case reflect.Slice:
		v.list(key, t, value)
	case reflect.Map:
		m, ok := value.(map[string]any)
		if !ok {
			v.add(key, "这是一段，写成 ["+key+"]", "is a section: write ["+key+"]")
		}
		for _, name := range sortedKeys(m) {
			v.types(key+"."+name, t.Elem(), m[name])
		}
	case reflect.Int:
		if _, ok := value.(int64); !ok {
			v.add(key, "要写整数，不加引号", "wants a whole number, without quotes")
		}
	case reflect.Bool:
		if _, ok := value.(bool); !ok {
			v.add(key, "要写 true 或 false,不加引号", "wants true or false, without quotes")
		}
	case reflect.String:
		if _, ok := value.(string); !ok {
			v.add(key, "要写成带引号的文字", "wants a text in quotes")
		}
	}
}

func (v *validator) table(key string, t reflect.Type, value any) {
	m, ok := value.(map[string]any)
	if !ok {
		v.add(key, "这是一段，写成 ["+key+"]", "is a section: write ["+key+"]")
		return
	}
	if key != "" {
		key += "."
	}
	for i := range t.NumField() {
		name := t.Field(i).Tag.Get("toml")
		if inside, ok := m[name]; ok && name != "-" {
			v.types(key+name, t.Field(i).Type, inside)
		}
	}
}

func (v *validator) list(key string, t reflect.Type, value any) {
	if t.Elem().Kind() == reflect.String {
		if !isListOfText(value) {
			v.add(key, `要写成方括号里的列表，例如 ["a", "b"]`, `wants a list in brackets: ["a", "b"]`)
		}
		return
	}
	list, ok := value.([]any)
	if !ok {
		v.add(key, "写成 [["+key+"]]，两层方括号", "is written [["+key+"]], with two brackets")
	}
	for i, one := range list {
		v.types(fmt.Sprintf("%s[%d]", key, i), t.Elem(), one)
	}
}

func (v *validator) duration(key string, value any) {
	text, ok := value.(string)
	if ok {
		_, err := parseDuration(text)
		ok = err == nil
	}
	if !ok {
		shown := strings.Trim(fmt.Sprintf("%#v", value), `"`)
		v.add(key, fmt.Sprintf("%s 不是时间；%s", shown, wantDuration.zh), fmt.Sprintf("%s is not a time span; %s", shown, wantDuration.en))
	}
}

func isListOfText(value any) bool {
	list, ok := value.([]any)
	for _, one := range list {
		if _, text := one.(string); !text {
			return false
		}
	}
	return ok
}
