package config

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// foreignMarks are characters that an input method or a word processor puts where TOML wants another one.
var foreignMarks = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "＂", `"`, "‘", "'", "’", "'", "＇", "'", "＝", "=", "［", "[", "］", "]", "【", "[", "】", "]", "＃", "#",
	"，", ",", "．", ".", "：", ":", "／", "/", "\u3000", " ", "\u00a0", " ")

// bareValue is a line whose value is text without quotes.
var bareValue = regexp.MustCompile(`^\s*([A-Za-z0-9_.-]+)\s*=\s*([^"'\[{#\s][^#]*?)\s*(#.*)?$`)

// fineValue is a value that needs no quotes.
var fineValue = regexp.MustCompile(`^(true|false|[+-]?[0-9][0-9_.eE+-]*|inf|nan)$`)

// mistake tells the usual mistakes in a line that is no TOML, and how the line must read; ok is false when it is none of them.
func mistake(line string) (text wording, ok bool) {
	line = strings.TrimRight(line, "\r")
	outside, _, _ := strings.Cut(line, "#")
	if mended := foreignMarks.Replace(line); mended != line && (foreignMarks.Replace(outside) != outside || strings.HasPrefix(strings.TrimSpace(line), "＃")) {
		return wording{"这一行有中文（全角）或弯的标点，要用英文标点。应写成：" + strings.TrimSpace(mended),
			"this line has full-width or curly marks where plain ones belong. It must read: " + strings.TrimSpace(mended)}, true
	}
	if m := bareValue.FindStringSubmatch(line); m != nil && !fineValue.MatchString(m[2]) {
		value := strings.Trim(m[2], `"'`)
		must := fmt.Sprintf("%s = %q", m[1], value)
		if strings.Contains(value, `\`) {
			must = fmt.Sprintf("%s = '%s'", m[1], value)
		}
		return wording{"文字要加引号。应写成：" + must, "text needs quotes. It must read: " + must}, true
	}
	return wording{}, false
}

// utf16 tells a file that was saved as "Unicode" (UTF-16), as Notepad does on request.
func utf16(data []byte) bool {
	return bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) || bytes.IndexByte(data[:min(len(data), 64)], 0) >= 0
}

// explain words what is wrong with the lines that problems name, where it is a usual mistake.
func (v *validator) explain(problems []Problem) []Problem {
	secret := secretLines(bytes.Join(v.source, []byte("\n")))
	for i := range problems {
		p := &problems[i]
		if secret[p.Line] { // what is repeated there may be a key
			continue
		}
		if p.Line < 1 || p.Line > len(v.source) {
			continue
		}
		if text, ok := mistake(string(v.source[p.Line-1])); ok {
			p.Zh, p.En = words(text)
		}
	}
	return problems
}
