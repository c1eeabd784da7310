package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// syntax words what keeps a file from being TOML: the line, what is wrong with it, and how it must read.
func (s source) syntax(err error) []Problem {
	var de *toml.DecodeError
	if !errors.As(err, &de) {
		return []Problem{{Zh: "文件读不懂；对照示例改正：receiptd config example", En: "the file cannot be read; compare it with the example: receiptd config example"}}
	}
	row, col := de.Position()
	p := Problem{Key: strings.Join(de.Key(), "."), Line: row, Column: col}
	if row < 1 || row > len(s) {
		row = max(1, min(row, len(s)))
		p.Line, p.Column = row, 1
	}
	text, at := s.said(de, row)
	if at != row {
		p.Line, p.Column = at, 1
	}
	line := string(bytes.TrimRight(s[p.Line-1], "\r"))
	p.Column = max(1, min(p.Column, len(line)+1))
	p.Excerpt = excerpt(p.Line, p.Column, max(1, min(len(p.Key), len(line)-p.Column+1)), line)
	p.Zh, p.En = words(text)
	return []Problem{p}
}

// said words one complaint of the decoder about a line, and gives the line that is to be changed.
func (s source) said(de *toml.DecodeError, row int) (wording, int) {
	if says := de.Error(); strings.Contains(says, "already") {
		return s.twice(strings.Join(de.Key(), "."), row), row
	}
	if strings.Contains(de.Error(), "too large") {
		return wording{"这个数太大了", "this number is too large"}, row
	}
	if s.hidden()[row] { // what is repeated here may be a secret
		return wording{"这一行读不懂；看看引号、等号和方括号", "this line cannot be read; look at quotes, equals sign and brackets"}, row
	}
	for _, at := range []int{row, s.openList(row)} {
		if at < 1 || s.hidden()[at] {
			continue
		}
		l := slip{line: string(s[at-1]), section: s.sectionAt(at)}
		if text, ok := l.explain(); ok {
			return text, at
		}
	}
	return wording{"这一行读不懂；看看引号、等号和方括号，对照示例改正：receiptd config example", "this line cannot be read; look at quotes, equals sign and brackets, and compare with the example: receiptd config example"}, row
}

// hidden numbers the lines that may hold a secret.
func (s source) hidden() map[int]bool { return secretLines(bytes.Join(s, []byte("\n"))) }

// openList is the line above row that begins a list or a section in braces which is not closed before row, 0 for none.
func (s source) openList(row int) int {
	for at := row - 1; at >= 1; at-- {
		line := strings.TrimSpace(string(s[at-1]))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		_, value, ok := strings.Cut(line, "=")
		value = strings.TrimSpace(value)
		if !ok && !strings.HasPrefix(line, "[") { // one of the list's own lines
			continue
		}
		if ok && strings.HasPrefix(value, "[") && !strings.Contains(value, "]") {
			return at
		}
		return 0
	}
	return 0
}

// sectionAt is the section in which a line stands, "" for none.
func (s source) sectionAt(row int) string {
	for at := row - 1; at >= 1; at-- {
		if m := sectionHead.FindSubmatch(s[at-1]); m != nil && !bytes.Contains(s[at-1], []byte("=")) {
			return string(m[1])
		}
	}
	return ""
}

// twice words a key or a section that stands there twice.
func (s source) twice(key string, row int) wording {
	last := key[strings.LastIndexByte(key, '.')+1:]
	if isList(key) && sectionHead.Match(s[row-1]) {
		must := "[[" + key + "]]"
		return wording{"可以有几段的，每一段都写成 " + must, "of these there may be several: write each as " + must}
	}
	first := 0
	for at := row - 1; at >= 1 && first == 0; at-- {
		line := s[at-1]
		switch m := sectionHead.FindSubmatch(line); {
		case sectionHead.Match(s[row-1]):
			if m != nil && string(m[1]) == key || bytes.HasPrefix(bytes.TrimSpace(line), []byte(key+".")) {
				first = at
			}
		case keyOfLine.Match(line) && string(keyOfLine.FindSubmatch(line)[1]) == last:
			first = at
		case m != nil: // another section may have the same key
			at = 0
		}
	}
	if sectionHead.Match(s[row-1]) {
		key = "[" + key + "]"
	}
	if first == 0 {
		return wording{key + " 写了两次；删掉一个", key + " stands here twice; remove one"}
	}
	return wording{fmt.Sprintf("%s 写了两次，第 %d 行已经有；合到一起，删掉一个", key, first), fmt.Sprintf("%s stands here twice: line %d has it already; put them together and remove one", key, first)}
}

// utf16 tells a file that was saved as "Unicode" (UTF-16), as Notepad does on request.
func utf16(data []byte) bool {
	return bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) || bytes.IndexByte(data[:min(len(data), 64)], 0) >= 0
}
