package receiptline

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Escape makes any string into text that prints as itself inside one column, wherever text may stand: the tree that is
// parsed has the same lines, columns and properties whatever the string is. Line ends become breaks (\n), a tab becomes a
// space, spaces at the ends are kept, control characters (C0, DEL, C1, bidirectional ones) are left out, bytes that are not
// UTF-8 become U+FFFD. An empty string becomes an escape that prints nothing, so that its column stays.
//
// It is not for property values; see [EscapeValue].
func Escape(s string) string {
	if ordinary(s) {
		return s
	}
	return string(AppendEscape(make([]byte, 0, len(s)+len(s)/4+8), s))
}

// ordinary says whether s stands for itself.
func ordinary(s string) bool {
	common, marks := survey(s)
	return common && !marks
}

// survey says whether s is common text, which clean leaves alone and no normal form changes: ASCII with line feeds, common
// Chinese and its full-width forms; and whether something in it must be escaped.
func survey(s string) (common, marks bool) {
	marks = s == "" || s[0] == ' ' || s[len(s)-1] == ' '
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c < utf8.RuneSelf:
			if special[c] || c == '|' || c == '{' || c == '}' || c == '-' || c == '=' {
				if c != '\n' && (c < ' ' || c == 0x7f) {
					return false, true
				}
				marks = true
			}
			i++
		case i+2 < len(s) && isHan(s[i], s[i+1], s[i+2]):
			i += 3
		default:
			return false, true
		}
	}
	return true, marks
}

// isHan says whether three bytes are a character from U+4000 to U+9FFF or from U+FF00 to U+FF7F.
func isHan(a, b, c byte) bool {
	return (a >= 0xe4 && a <= 0xe9 && b&0xc0 == 0x80 || a == 0xef && (b == 0xbc || b == 0xbd)) && c&0xc0 == 0x80
}

// AppendEscape appends Escape(s) to b.
func AppendEscape(b []byte, s string) []byte {
	common, marks := survey(s)
	if common && !marks {
		return append(b, s...)
	}
	if !common {
		s = clean(s, false)
	}
	if s == "" {
		return append(b, nothing...)
	}
	if joins(s) {
		b = append(b, nothing...)
	}
	for i := 0; i < len(s); {
		switch c := s[i]; c {
		case '\\', '|', '{', '}', '-', '=', '~', '_', '"', '`', '^':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
			if joins(s[i+1:]) {
				b = append(b, nothing...)
			}
		case ' ':
			if i == 0 || i == len(s)-1 {
				c = '~'
			}
			b = append(b, c)
		default:
			b = append(b, c)
		}
		i++
	}
	return b
}

// EscapeValue makes any string into a property value that stands for itself: line ends, carriage returns and tabs are
// kept, other control characters (C0, DEL, C1) are left out. A combining mark right after a line end may get an invisible
// joiner (U+034F) before it, since the language has no other way to write that. An empty value is not possible in the language: it stays empty,
// and the member that holds it is reported as malformed.
func EscapeValue(s string) string {
	if s = clean(s, true); s == "" {
		return ""
	}
	return string(appendValue(make([]byte, 0, len(s)+8), s, "\u034f"))
}

// clean takes out what may never be printed and composes what is left, so that nothing turns into mark-up later: U+1FEF
// is a back quote and U+037E a semicolon in normal form C.
func clean(s string, value bool) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	var b strings.Builder
	b.Grow(len(s))
	for i, r := range s {
		switch {
		case value && (r == '\n' || r == '\r' || r == '\t'):
			b.WriteRune(r)
		case r == '\n', r == 0x2028, r == 0x2029:
			if value {
				b.WriteRune(r)
			} else {
				b.WriteByte('\n')
			}
		case r == '\r':
			if i+1 >= len(s) || s[i+1] != '\n' {
				b.WriteByte('\n')
			}
		case r == '\t':
			b.WriteByte(' ')
		case r < 0x20, r == 0x7f, r >= 0x80 && r < 0xa0, !value && invisible(r):
		default:
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String())
}
