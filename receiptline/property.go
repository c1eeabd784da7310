package receiptline

import (
	"strings"
	"unicode/utf8"
)

// longKey gives the long form of a key.
func longKey(key string) string {
	if len(key) > 1 {
		return key
	}
	switch key {
	case "a":
		return "align"
	case "b":
		return "border"
	case "c":
		return "code"
	case "i":
		return "image"
	case "o":
		return "option"
	case "t":
		return "text"
	case "w":
		return "width"
	case "x":
		return "command"
	case "_":
		return "comment"
	}
	return key
}

// knownKey says whether a key, in its long form, means something.
func knownKey(key string) bool {
	switch key {
	case "align", "border", "code", "image", "option", "text", "width", "command", "comment", "logo", "font":
		return true
	}
	return false
}

// members parses a property block, braces included. Of a key given twice the later counts.
func (p *parser) members(s string, base int) []Property {
	first := len(p.properties)
	s = s[1 : len(s)-1]
	base++
	for from := 0; from <= len(s); {
		to := memberEnd(s, from)
		member, off := trim(s[from:to])
		if member != "" {
			p.member(member, base+from+off)
		}
		from = to + 1
	}
	return p.properties[first:len(p.properties):len(p.properties)]
}

// memberEnd returns the offset of the semicolon that ends the member starting at from, or len(s).
func memberEnd(s string, from int) int {
	for i := from; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i+1 < len(s) && strings.IndexByte(`\{|};`, s[i+1]) >= 0 {
				i++
			}
		case ';':
			return i
		}
	}
	return len(s)
}

// member parses one trimmed, non-empty member and adds it to the properties.
func (p *parser) member(s string, off int) {
	n := keyLength(s)
	value, _ := trim(s[n:])
	if n == 0 || value == "" || value[0] != ':' {
		p.report(Error, "malformed_member", off, s)
		return
	}
	value, _ = trim(value[1:])
	if value == "" {
		p.report(Error, "malformed_member", off, s)
		return
	}
	key := longKey(s[:n])
	at := off + len(s) - len(value)
	switch {
	case key == "command" && !p.o.Commands && !p.o.Lax:
		p.report(Error, "command_refused", off)
		return
	case key == "logo" && !p.o.Logos && !p.o.Lax:
		p.report(Warning, "logo_refused", off)
		return
	case !knownKey(key):
		p.report(Warning, "unknown_key", off, key)
	}
	p.properties = append(p.properties, Property{Key: key, Value: p.value(value, at), off: int32(at)})
}

// keyLength returns the length of the key at the start of s: a letter or underscore, then letters, digits, underscores.
func keyLength(s string) int {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return i
		}
	}
	return len(s)
}

// value takes the escapes out of a property value. Unlike in text, control characters may be written in hexadecimal.
func (p *parser) value(s string, off int) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := p.buf[:0]
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			b = append(b, s[i])
			i++
			continue
		}
		with, n := p.valueEscape(s[i:], off+i)
		b = append(b, with...)
		i += n
	}
	p.buf = b
	return string(b)
}

// valueEscape reads the escape at the start of s in a property value.
func (p *parser) valueEscape(s string, off int) (with string, n int) {
	if len(s) == 1 {
		p.report(Error, "unknown_escape", off, s)
		return "", 1
	}
	switch c := s[1]; c {
	case '\\', '|', '{', '}', ';':
		return s[1:2], 2
	case 'n':
		return "\n", 2
	case 'x':
		if v, ok := hex2(s[2:]); ok {
			return latin1(v), 4
		}
		n = malformedHex(s, `\`)
		p.report(Error, "unknown_escape", off, s[:n])
		return "", n
	default:
		_, size := utf8.DecodeRuneInString(s[1:])
		p.report(Error, "unknown_escape", off, s[:1+size])
		return "", 1 + size
	}
}
