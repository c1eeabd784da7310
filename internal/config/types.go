package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// types compares a decoded document with what t wants, and says in a shop's words where they differ, and which keys nobody knows: names
// are taken as they are written, in small letters.
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
			v.add(key, "要写 true 或 false，不加引号", "wants true or false, without quotes")
		}
	case reflect.String:
		text, ok := value.(string)
		if !ok {
			v.add(key, "要写成带引号的文字", "wants a text in quotes")
		} else if isPlace(key) && strings.ContainsFunc(text, unicode.IsControl) {
			v.control(key, text)
		}
	}
}

// isPlace tells whether a key names a file, a folder or a device.
func isPlace(key string) bool {
	name := key[strings.LastIndexByte(key, '.')+1:]
	return slices.Contains([]string{"dir", "file", "font", "logo", "device"}, name) || strings.HasSuffix(name, "_file")
}

// control tells of characters that cannot be seen: a tab that was typed, or a path of Windows in double quotes, where \t and \n are such.
func (v *validator) control(key, text string) {
	at, ok := v.place(key)
	if ok && at.line <= len(v.source) && !at.setup {
		if line := string(v.source[at.line-1]); strings.Contains(line, `\`) {
			name, inner, _ := strings.Cut(line, "=")
			inner, _, _ = strings.Cut(strings.TrimPrefix(strings.TrimSpace(inner), `"`), `"`)
			must := strings.TrimSpace(name) + " = '" + inner + "'"
			v.add(key, `双引号里的 \ 是转义符；Windows 的路径写在单引号里。应写成：`+must, `a \ in double quotes begins an escape; a path of Windows stands in single quotes. It must read: `+must)
			return
		}
	}
	clean := strings.Join(strings.FieldsFunc(text, unicode.IsControl), " ")
	v.add(key, "里面有看不见的字符（例如制表符）；写成 "+quote(clean), "has characters that cannot be seen (such as a tab); write "+quote(clean))
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
	known := map[string]reflect.Type{}
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("toml"); name != "-" {
			known[name] = t.Field(i).Type
		}
	}
	for _, name := range sortedKeys(m) {
		if of, ok := known[name]; ok {
			v.types(key+name, of, m[name])
		} else if key != "" || !v.part {
			v.unknown(key, name, sortedKeys(known))
		}
	}
}

// unknown tells of a key or a section that there is not, and of the one that was probably meant.
func (v *validator) unknown(prefix, name string, known []string) {
	section := prefix == ""
	what := wording{"不认识的配置项", "unknown key"}
	if _, table := v.lines[name]; section && (!table || v.lines[name].section) {
		what = wording{"没有这一段", "unknown section"}
	}
	if small := strings.ToLower(name); small != name && slices.Contains(known, small) {
		v.add(prefix+name, "名称都用小写字母；写成 "+small, "names are in small letters; write "+small)
		return
	}
	zh, en := meant(name, known)
	if en = " (" + strings.TrimPrefix(en, "; ") + ")"; zh == "" {
		zh, en = home(name)
	}
	full := prefix + name
	if i := strings.IndexByte(full, '['); i >= 0 { // printer[0].devic
		full = full[:i] + full[strings.IndexByte(full, ']')+1:]
	}
	v.add(prefix+name, "", "")
	p := &v.problems[len(v.problems)-1]
	p.Zh, p.En = what.zh+" "+full+zh+"；请改正或删除这一行", what.en+" "+full+en+"; correct or remove this line"
}

// home says where a key belongs that stands in the wrong section: in each that has it. One written with dots, "archive.on", has a section
// of its own.
func home(name string) (zh, en string) {
	var heads []string
	for _, full := range Keys() {
		head, rest, _ := strings.Cut(full, ".")
		if head == name && rest != "" && !isList(head) {
			return "（它自成一段：[" + head + "]）", " (it is a section of its own: [" + head + "])"
		}
		at := strings.LastIndexByte(full, '.')
		if at < 0 || full[at+1:] != name {
			continue
		}
		if head = "[" + full[:at] + "]"; isList(full[:at]) {
			head = "[" + head + "]"
		}
		heads = append(heads, head)
	}
	switch n := len(heads); n {
	case 0:
		return "", ""
	case 1:
		return "（它属于 " + heads[0] + "）", " (it belongs to " + heads[0] + ")"
	default:
		return "（它属于 " + strings.Join(heads, "、") + "）", " (it belongs to " + strings.Join(heads[:n-1], ", ") + " or " + heads[n-1] + ")"
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
		zh, en := "这", "this"
		switch value.(type) {
		case string, int64, float64, bool:
			zh = strconv.Quote(fmt.Sprint(value))
			en = zh
		}
		v.add(key, zh+" 不是时间；"+wantDuration.zh, en+" is not a time span; "+wantDuration.en)
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
