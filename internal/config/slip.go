package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"github.com/receiptd/receiptd/internal/plain"
)

// A slip is a line of a configuration that is no TOML: one of the usual slips of the pen, perhaps.
type slip struct {
	line    string
	section string // in which it stands
}

// The parts of a line.
var (
	plainSign = regexp.MustCompile(`^\s*["']?[A-Za-z0-9_.-]+["']?\s*=[^=>]`)
	onlyKey   = regexp.MustCompile(`^\s*([A-Za-z0-9_.-]+)\s*=?\s*(#.*)?$`)
	plainKey  = regexp.MustCompile(`^["']?[A-Za-z0-9_.-]+["']?$`)
	noKey     = regexp.MustCompile(`[^A-Za-z0-9_.]+`)
	endOfText = regexp.MustCompile(`^("[^"]*"|'[^']*')\s*[,;]+\s*(#.*)?$`)
	nextKey   = regexp.MustCompile(`^([A-Za-z_]+\s*=.*)$`)
	listPart  = regexp.MustCompile(`"[^"]*"|'[^']*'|[^,;\s"']+`)
	digits    = regexp.MustCompile(`[0-9]+`)
)

// explain tells what is wrong with the line and how it must read; ok is false when it is none of the usual slips. What it says that the
// line must be is TOML.
func (s slip) explain() (text wording, ok bool) {
	line := strings.TrimRight(s.line, "\r")
	for range 4 { // a line may have more than one
		why, next, found := s.mend(line)
		if !found || next == line {
			return wording{}, false
		}
		if text.zh == "" {
			text = why
		}
		line = strings.TrimSpace(next)
		var any map[string]any
		if toml.Unmarshal([]byte(line), &any) == nil {
			return wording{text.zh + "。应写成：" + line, text.en + ". It must read: " + line}, true
		}
	}
	return wording{}, false
}

// mend takes one slip out of a line.
func (s slip) mend(line string) (why wording, mended string, ok bool) {
	for _, try := range []func(line string) (wording, string, bool){s.foreign, s.remark, s.head, s.sign, s.name, s.value} {
		if why, mended, ok = try(line); ok {
			return why, mended, true
		}
	}
	return wording{}, "", false
}

// foreignMarks are characters that an input method or a word processor puts where TOML wants another one.
var foreignMarks = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "＂", `"`, "‘", "'", "’", "'", "＇", "'", "＝", "=", "［", "[", "］", "]", "【", "[", "】", "]", "＃", "#",
	"，", ",", "．", ".", "：", ":", "／", "/", "\u3000", " ", "\u00a0", " ", "\u200b", "", "\ufeff", "", "\u2028", "", "\u2060", "")

func (s slip) foreign(line string) (wording, string, bool) {
	outside, _, _ := strings.Cut(line, "#")
	mended := foreignMarks.Replace(line)
	if mended == line || foreignMarks.Replace(outside) == outside && !strings.HasPrefix(strings.TrimSpace(line), "＃") {
		return wording{}, "", false
	}
	return wording{"这一行有中文（全角）、弯的或看不见的标点，要用英文标点", "this line has full-width, curly or invisible marks where plain ones belong"}, mended, true
}

var foreignRemark = regexp.MustCompile(`^\s*(//|;|--|/\*|<!--|(?i:rem )|%|!)\s*(.*)$`)

// remark is a comment as other kinds of files begin it.
func (s slip) remark(line string) (wording, string, bool) {
	m := foreignRemark.FindStringSubmatch(line)
	if m == nil {
		return wording{}, "", false
	}
	return wording{"说明文字以 # 开头", "a comment begins with #"}, "# " + m[2], true
}

var (
	headOnly = regexp.MustCompile(`^\s*[\[(<{]*\s*["']?([A-Za-z_]+)["']?\s*[\])>}]+\s*(#.*)?$|^\s*[\[(<{]+\s*["']?([A-Za-z_]+)["']?\s*[\])>}]*\s*(#.*)?$`)
	headMore = regexp.MustCompile(`^\s*(\[+[A-Za-z_]+\]+)\s*([A-Za-z_"].*=.*)$`)
)

// head is the head of a section.
func (s slip) head(line string) (wording, string, bool) {
	if m := headMore.FindStringSubmatch(line); m != nil {
		return wording{"段名要自己占一行", "the name of a section has a line of its own"}, m[1] + "\n" + m[2], true
	}
	m := headOnly.FindStringSubmatch(line)
	if m == nil {
		return wording{}, "", false
	}
	name := m[1] + m[3]
	must := "[" + name + "]"
	if isList(strings.ToLower(name)) {
		must = "[[" + name + "]]"
	}
	return wording{"段名的方括号不成对", "the brackets of a section's name do not match"}, strings.TrimSpace(must + " " + m[2] + m[4]), true
}

var foreignSign = regexp.MustCompile(`^\s*(["']?[A-Za-z0-9_.-]+["']?)(\s*(?:[:=]=|=>|->|:|==)\s*|\s+)([^=\s].*)$`)

// sign is a line whose equals sign is missing, or another one.
func (s slip) sign(line string) (wording, string, bool) {
	if plainSign.MatchString(line) {
		return wording{}, "", false
	}
	if m := onlyKey.FindStringSubmatch(line); m != nil {
		return wording{"这一项没有值", "this key has no value"}, strings.TrimSpace(m[1] + " = " + s.sample(m[1]) + " " + m[2]), true
	}
	m := foreignSign.FindStringSubmatch(line)
	if m == nil || strings.Contains(m[3], " = ") {
		return wording{}, "", false
	}
	if key := strings.Trim(m[1], `"'`); s.field(key) == nil {
		if _, known := home(key); known == "" { // that it stands in the wrong section is told once it can be read
			return wording{}, "", false
		}
	}
	return wording{"名称和值之间要写一个等号", "an equals sign stands between a key and its value"}, m[1] + " = " + m[3], true
}

// name is a key with characters that a key cannot have.
func (s slip) name(line string) (wording, string, bool) {
	key, value, ok := strings.Cut(line, "=")
	key = strings.TrimSpace(key)
	if !ok || plainKey.MatchString(key) {
		return wording{}, "", false
	}
	must := strings.Trim(noKey.ReplaceAllString(strings.Trim(key, `"'`), "_"), "_")
	if must == "" || s.field(must) == nil {
		return wording{}, "", false
	}
	return wording{"配置项的名称里没有空格和别的符号", "the name of a key has no blanks and no other marks"}, must + " =" + value, true
}

var (
	keyAndValue = regexp.MustCompile(`^\s*(["']?[A-Za-z0-9_.-]+["']?)\s*=\s*(.*?)\s*$`)
	endMarks    = regexp.MustCompile(`[,;]+\s*(#.*)?$`)
	closedText  = regexp.MustCompile(`^("[^"\\]*"|'[^']*')`)
)

// value is a value that is not written as TOML wants it.
func (s slip) value(line string) (wording, string, bool) {
	m := keyAndValue.FindStringSubmatch(line)
	if m == nil {
		return wording{}, "", false
	}
	key, value := m[1], m[2]
	with := func(value string) string { return key + " = " + value }
	wantsList := s.field(key) != nil && (s.field(key).Kind() == reflect.Slice)
	switch {
	case strings.HasPrefix(value, `"""`), strings.HasPrefix(value, `'''`):
		return wording{"文字要写在一行里，前后各一个引号", "a text stands in one line, with a quote before and behind"}, with(quote(strings.Trim(value, `"'`))), true
	case strings.HasPrefix(value, "["):
		return s.listValue(key, value)
	case endMarks.MatchString(value) && !strings.ContainsAny(value[:1], `"'`) || endOfText.MatchString(value):
		return wording{"行末不要逗号和分号", "a line does not end with a comma or semicolon"}, with(endMarks.ReplaceAllString(value, " $1")), true
	case strings.HasPrefix(value, `"`) && strings.Contains(value, `\`) && len(value) > 1:
		inner, rest := value[1:], ""
		if end := strings.LastIndexByte(inner, '"'); end >= 0 {
			inner, rest = inner[:end], inner[end+1:]
		}
		return wording{`双引号里的 \ 是转义符；Windows 的路径写在单引号里`, `a \ in double quotes begins an escape; a path of Windows stands in single quotes`}, strings.TrimSpace(with("'"+strings.TrimRight(inner, `"`)+"'") + rest), true
	case value != "" && strings.ContainsAny(value[:1], `"'`):
		return s.quotedValue(key, value, wantsList)
	}
	return s.bareValue(key, value)
}

// quotedValue is a text whose quotes do not match, or behind which more follows.
func (s slip) quotedValue(key, value string, wantsList bool) (wording, string, bool) {
	with := func(value string) string { return key + " = " + value }
	if closed := closedText.FindString(value); closed != "" && len(closed) < len(value) {
		rest := strings.TrimSpace(value[len(closed):])
		if wantsList && strings.HasPrefix(rest, ",") {
			return wording{"几个值要写在方括号里", "several values stand in brackets"}, with("[" + value + "]"), true
		}
		if m := nextKey.FindString(rest); m != "" {
			return wording{"一行只写一项", "a line holds one key"}, with(closed) + "\n" + m, true
		}
		return wording{"引号后面多了东西", "something follows behind the quote"}, with(quote(strings.Trim(value, `"'`))), true
	}
	text, remark := strings.TrimLeft(value, `"'`), ""
	if i := strings.Index(text, " #"); i >= 0 {
		text, remark = text[:i], text[i:]
	}
	return wording{"引号不成对", "the quotes do not match"}, with(quote(strings.TrimRight(strings.TrimSpace(text), `"'`))) + remark, true
}

// listValue is a list that is not closed, or whose parts are not written as texts.
func (s slip) listValue(key, value string) (wording, string, bool) {
	body, remark := strings.TrimPrefix(value, "["), ""
	if i := strings.Index(body, " #"); i >= 0 {
		body, remark = body[:i], body[i:]
	}
	why := wording{"列表写成方括号里用逗号隔开的、带引号的文字", "a list is quoted texts in brackets, with commas between"}
	if !strings.Contains(body, "]") {
		why = wording{"方括号没有关上", "the bracket is not closed"}
	}
	body = strings.TrimSpace(body)
	body = strings.TrimRight(body, "]")
	var parts []string
	for _, part := range listPart.FindAllString(body, -1) {
		parts = append(parts, quote(strings.Trim(part, `"'`)))
	}
	return why, key + " = [" + strings.Join(parts, ", ") + "]" + remark, true
}

// bareValue is a value without quotes, or one of another kind than the key wants.
func (s slip) bareValue(key, value string) (wording, string, bool) {
	remark := ""
	if i := strings.Index(value, " #"); i >= 0 {
		value, remark = strings.TrimSpace(value[:i]), value[i:]
	}
	with := func(value string) string { return key + " = " + value + remark }
	of := s.field(key)
	switch {
	case value == "":
		return wording{"这一项没有值", "this key has no value"}, with(s.sample(key)), true
	case of != nil && of.Kind() == reflect.Bool:
		on := slices.Contains([]string{"true", "yes", "on", "1", "y", "是", "开"}, strings.ToLower(value))
		return wording{"要写 true 或 false，不加引号", "wants true or false, without quotes"}, with(fmt.Sprint(on)), true
	case of != nil && of.Kind() == reflect.Int && of != reflect.TypeFor[Duration]():
		number := strings.TrimLeft(strings.Join(digits.FindAllString(strings.SplitN(value, ".", 2)[0], -1), ""), "0")
		if number == "" {
			number = s.sample(key)
		}
		return wording{"要写整数：只有数字，不加引号和单位", "wants a whole number: digits only, without quotes and units"}, with(number), true
	case of != nil && of.Kind() == reflect.Slice && of != reflect.TypeFor[Strings]():
		why, mended, _ := s.listValue(key, "["+value+"]")
		return why, mended + remark, true
	}
	return wording{"文字要加引号", "text needs quotes"}, with(quote(strings.Trim(value, `"'`))), true
}

// quote writes a text as TOML: a path of Windows in single quotes.
func quote(text string) string {
	if strings.ContainsAny(text, `\"`) && !strings.Contains(text, "'") {
		return "'" + text + "'"
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// field is the kind of value that a key of this line wants, nil when it is not known.
func (s slip) field(key string) reflect.Type {
	key = strings.Trim(key, `"'`)
	if s.section != "" {
		key = s.section + "." + key
	}
	return fieldTypes()[strings.ToLower(key)]
}

// sample is a value that a key may have, as TOML.
func (s slip) sample(key string) string {
	of := s.field(key)
	switch {
	case of == nil || of == reflect.TypeFor[Key]():
		return `""`
	case of == reflect.TypeFor[Duration]():
		return `"30s"`
	case of.Kind() == reflect.Bool:
		return "true"
	case of.Kind() == reflect.Int:
		return "0"
	case of.Kind() == reflect.Slice && of != reflect.TypeFor[Strings]():
		return "[]"
	}
	return `""`
}

// fieldTypes are the kinds of values of all keys, dotted. Nobody changes the map.
var fieldTypes = sync.OnceValue(func() map[string]reflect.Type {
	out := map[string]reflect.Type{}
	walk(reflect.TypeFor[Config](), "", func(key string, f reflect.StructField, _ []int) { out[key] = f.Type })
	return out
})

// isList tells whether a section may stand there several times.
func isList(section string) bool {
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		if f := t.Field(i); f.Tag.Get("toml") == section {
			return f.Type.Kind() == reflect.Slice
		}
	}
	return false
}

// meant asks whether another word was meant.
func meant(word string, known []string) (zh, en string) { return plain.Meant(word, known) }
