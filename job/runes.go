package job

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// What a character is to somebody who looks for digits.
const (
	isDigit   = iota
	isNothing // cannot be seen: zero-width characters, controls, combining marks
	isBlank   // one blank of any width
	isMark    // anything else that can be seen
)

// A glyph is one character of a text as the guard sees it.
type glyph struct {
	what  int
	value string // isDigit: its digits, two for a circled 12
	r     rune   // isMark: the character, its wide and narrow forms brought to one
	n     int    // how many bytes write it
}

// A reading says how a text is looked at.
type reading struct {
	plain  bool // escapes are not read: \x36 is text, as it is in a remark
	markup bool // ReceiptLine: marks of decoration cannot be seen, \n is a line break
	lined  bool // of these the underscore too, which may also be meant as one
	han    bool // 四 and 肆 are digits too
}

// glyphAt tells what stands at the head of s.
func glyphAt(s string, rd reading) glyph {
	c := s[0]
	if c >= utf8.RuneSelf {
		r, n := utf8.DecodeRuneInString(s)
		return glyphOf(r, n, rd)
	}
	switch {
	case '0' <= c && c <= '9':
		return glyph{what: isDigit, value: s[:1], n: 1}
	case c == '\\' && rd.plain:
		return glyph{what: isNothing, n: 1}
	case c == '\\' || c == '%' && !rd.plain:
		return escaped(s, rd)
	case rd.markup && (c == '"' || c == '^' || c == '`'):
		return glyph{what: isNothing, n: 1}
	case rd.lined && c == '_':
		return glyph{what: isNothing, n: 1}
	case rd.markup && c == '~':
		return glyph{what: isBlank, n: 1}
	}
	return ascii(c)
}

func ascii(c byte) glyph {
	switch {
	case c == ' ':
		return glyph{what: isBlank, n: 1}
	case c == '\r': // of \r\n; alone it moves no paper
		return glyph{what: isNothing, n: 1}
	case c == '\n' || c == '\t' || c == entryEnd || c == 0x1d: // 1D divides the elements of a GS1 code
		return glyph{what: isMark, r: rune(c), n: 1}
	case c < 0x20 || c == 0x7f:
		return glyph{what: isNothing, n: 1}
	}
	return glyph{what: isMark, r: rune(c), n: 1}
}

// escaped reads \xHH, \uHHHH and %HH; another backslash cannot be seen.
func escaped(s string, rd reading) glyph {
	at, width := 1, 2
	if s[0] == '\\' {
		for at < len(s) && s[at] == '\\' {
			at++
		}
		if rd.markup && at < len(s) && s[at] == 'n' && at%2 == 1 {
			return glyph{what: isMark, r: '\n', n: at + 1}
		}
		if at == len(s) || (s[at] != 'x' && s[at] != 'u') {
			return glyph{what: isNothing, n: at}
		}
		if s[at] == 'u' {
			width = 4
		}
		at++
	}
	r := rune(0)
	for i := at; i < at+width; i++ {
		h := -1
		if i < len(s) {
			h = strings.IndexByte("0123456789abcdef", s[i]|0x20)
			if '0' <= s[i] && s[i] <= '9' {
				h = int(s[i] - '0')
			}
		}
		if h < 0 {
			return glyph{what: isMark, r: rune(s[0]), n: 1}
		}
		r = r<<4 | rune(h)
	}
	n := at + width
	switch {
	case r >= utf8.RuneSelf:
		return glyphOf(r, n, rd)
	case '0' <= r && r <= '9':
		return glyph{what: isDigit, value: string(r), n: n}
	case r < 0x20: // an escaped line break breaks no line in ReceiptLine: it is dropped
		return glyph{what: isNothing, n: n}
	}
	g := ascii(byte(r))
	g.n = n
	return g
}

// fillers are letters and symbols that print nothing.
var fillers = []rune{0x034F, 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0}

// glyphOf is for characters outside ASCII; n is their length.
func glyphOf(r rune, n int, rd reading) glyph {
	switch {
	case 0x4E00 <= r && r <= 0x9FFF && !rd.han: // Han, by far the most frequent
		return glyph{what: isMark, r: r, n: n}
	case r == utf8.RuneError && n <= 1:
		return glyph{what: isNothing, n: n}
	case r == 0x2028 || r == 0x2029:
		return glyph{what: isMark, r: '\n', n: n}
	case unicode.In(r, unicode.M, unicode.C) || slices.Contains(fillers, r):
		return glyph{what: isNothing, n: n}
	}
	if v := enclosed(r); v != "" {
		return glyph{what: isDigit, value: v, n: n}
	}
	if v := hanDigit(r); rd.han && v != "" {
		return glyph{what: isDigit, value: v, n: n}
	}
	form := norm.NFKC.String(string(r))
	if v := digitsOfForm(form); v != "" {
		return glyph{what: isDigit, value: v, n: n}
	}
	switch {
	case unicode.Is(unicode.Z, r):
		return glyph{what: isBlank, n: n}
	case unicode.Is(unicode.Pd, r) || r == 0x2212:
		return glyph{what: isMark, r: '-', n: n}
	}
	if k, size := utf8.DecodeRuneInString(form); size == len(form) {
		r = k
	}
	return glyph{what: isMark, r: r, n: n}
}

// enclosed gives the digits of circled, bracketed and dotted numbers that have no compatibility form or one with more
// than digits in it (Unicode blocks Enclosed Alphanumerics, Dingbats, Enclosed Alphanumeric Supplement).
func enclosed(r rune) string {
	for _, b := range []struct {
		first, last rune
		value       int
	}{
		{0x2474, 0x2487, 1}, {0x2488, 0x249B, 1}, // (1) 1.
		{0x24EB, 0x24F4, 11}, {0x24F5, 0x24FE, 1}, {0x24FF, 0x24FF, 0},
		{0x2776, 0x277F, 1}, {0x2780, 0x2789, 1}, {0x278A, 0x2793, 1},
		{0x1F101, 0x1F10A, 0}, {0x1F100, 0x1F100, 0}, {0x1F10B, 0x1F10C, 0},
	} {
		if b.first <= r && r <= b.last {
			v := b.value + int(r-b.first)
			if b.first == 0x1F10B {
				v = 0
			}
			if v < 10 {
				return string(rune('0' + v))
			}
			return string([]rune{rune('0' + v/10), rune('0' + v%10)})
		}
	}
	return ""
}

// hanDigits are the digits that Chinese texts write in words, as they are spoken, and as they stand on cheques.
var hanDigits = []string{"〇零○", "一壹", "二贰貳", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖"}

func hanDigit(r rune) string {
	for v, words := range hanDigits {
		if strings.ContainsRune(words, r) {
			return string(rune('0' + v))
		}
	}
	return ""
}

// hanRow reports whether minPAN digits or more, one of them in words, stand in a row with at most maxHanGap other characters between two of
// them. A digit in words is met in every address; a row of them is a number.
func hanRow(s string) bool {
	const maxHanGap = 3
	n, gap, han := 0, 0, false
	for _, r := range s {
		word := r >= 0x25CB && hanDigit(r) != ""
		switch {
		case word || '0' <= r && r <= '9' || '０' <= r && r <= '９':
			n, gap, han = n+1, 0, han || word
			if n >= minPAN && han {
				return true
			}
		case n == 0 || r >= utf8.RuneSelf && unicode.In(r, unicode.M, unicode.C):
		default:
			if gap++; gap > maxHanGap {
				n, gap, han = 0, 0, false
			}
		}
	}
	return false
}

// digitsOfForm gives the digits of a compatibility form that is nothing but digits.
func digitsOfForm(form string) string {
	var b strings.Builder
	for _, k := range form {
		v, ok := decimal(k)
		if !ok {
			return ""
		}
		b.WriteByte(v)
	}
	return b.String()
}

// decimal gives the digit a character of category Nd stands for, as ASCII.
func decimal(r rune) (byte, bool) {
	if r < utf8.RuneSelf {
		return byte(r), '0' <= r && r <= '9'
	}
	for _, g := range unicode.Nd.R16 {
		if rune(g.Lo) <= r && r <= rune(g.Hi) {
			return '0' + byte((r-rune(g.Lo))%10), true
		}
	}
	for _, g := range unicode.Nd.R32 {
		if rune(g.Lo) <= r && r <= rune(g.Hi) {
			return '0' + byte((r-rune(g.Lo))%10), true
		}
	}
	return 0, false
}

// fold brings the ways to write a character to one (NFKC) and drops what cannot be seen.
func fold(s string) string {
	clean := true
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	return strings.Map(func(r rune) rune {
		if v, ok := decimal(r); ok {
			return rune(v)
		}
		if unicode.In(r, unicode.M, unicode.C) {
			return -1
		}
		return r
	}, norm.NFKC.String(s))
}

// mayHold reports whether s could hold minPAN digits at all; it costs little. Bytes that can only be of Han characters
// are none but in a row of digits in words, and a letter e may stand for the zeros of an exponent.
func mayHold(s string) bool {
	n, han := 0, 0
	for i := range len(s) {
		c := s[i]
		if 0xE3 <= c && c <= 0xE9 {
			han++
		}
		switch {
		case '0' <= c && c <= '9', c >= 0xEA, 0xC2 <= c && c <= 0xE3:
			n++
		case c|0x20 == 'e' && n > 0 && i+1 < len(s) && (s[i+1] == '+' || '0' <= s[i+1] && s[i+1] <= '9'):
			n += maxPAN
		}
	}
	return n >= minPAN || han > 0 && n+han >= minPAN && hanRow(s)
}
