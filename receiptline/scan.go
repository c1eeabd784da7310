package receiptline

import (
	"strings"
	"unicode/utf8"
)

func isBlank(b byte) bool { return b == ' ' || b == '\t' }

// trim cuts spaces and tabs off both ends and returns how many bytes it cut at the start.
func trim(s string) (string, int) {
	i, j := 0, len(s)
	for i < j && isBlank(s[i]) {
		i++
	}
	for j > i && isBlank(s[j-1]) {
		j--
	}
	return s[i:j], i
}

// isRun says whether s, trimmed, is one or more of c and nothing else.
func isRun(s string, c byte) bool {
	s, _ = trim(s)
	for i := 0; i < len(s); i++ {
		if s[i] != c {
			return false
		}
	}
	return len(s) > 0
}

// firstBrace returns the offset of the first unescaped brace, or -1.
func firstBrace(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i+1 < len(s) && strings.IndexByte(`\{|}`, s[i+1]) >= 0 {
				i++
			}
		case '{', '}':
			return i
		}
	}
	return -1
}

// isProperties says whether s, trimmed, is one property block: braces at its ends and none between.
func isProperties(s string) bool {
	s, _ = trim(s)
	if len(s) < 2 || s[0] != '{' {
		return false
	}
	i := firstBrace(s[1:])
	return i >= 0 && s[1+i] == '}' && i+2 == len(s)
}

// special marks the bytes at which plain text may end. The last four begin the encodings of characters that are never
// printed: C1 controls, U+061C, U+200E and its like, U+FEFF.
var special = [256]bool{
	'\\': true, '~': true, '_': true, '"': true, '`': true, '^': true, 0x7f: true,
	0: true, 1: true, 2: true, 3: true, 4: true, 5: true, 6: true, 7: true, 8: true, 9: true, 10: true, 11: true, 12: true,
	13: true, 14: true, 15: true, 16: true, 17: true, 18: true, 19: true, 20: true, 21: true, 22: true, 23: true, 24: true,
	25: true, 26: true, 27: true, 28: true, 29: true, 30: true, 31: true,
	0xc2: true, 0xd8: true, 0xe2: true, 0xef: true,
}

// A scanner reads the text of one column. What lies between two marks becomes a span: a slice of the source as long as
// nothing in it has changed.
type scanner struct {
	p     *parser
	s     string
	base  int // offset of s in the line
	style Style
	start int  // of the span at hand
	dirty bool // its text is in p.buf, because it differs from the source
}

// text parses the text of one column into spans.
func (p *parser) text(s string, base int) []Span {
	from := len(p.spans)
	sc := scanner{p: p, s: s, base: base, style: normal}
	for i := 0; i < len(s); {
		if c := s[i]; special[c] {
			i += sc.mark(i)
		} else {
			if sc.dirty {
				p.buf = append(p.buf, c)
			}
			i++
		}
	}
	sc.flush(len(s), len(s))
	return p.spans[from:len(p.spans):len(p.spans)]
}

// flush ends the span at hand at end and begins another at next.
func (sc *scanner) flush(end, next int) {
	t := sc.s[sc.start:end]
	if sc.dirty {
		t = string(sc.p.buf)
	}
	if t != "" {
		sc.p.spans = append(sc.p.spans, Span{Text: t, Style: sc.style, off: int32(sc.base + sc.start)})
	}
	sc.start, sc.dirty = next, false
}

// replace puts with in place of what begins at i.
func (sc *scanner) replace(i int, with string) {
	if !sc.dirty {
		sc.p.buf = append(sc.p.buf[:0], sc.s[sc.start:i]...)
		sc.dirty = true
	}
	sc.p.buf = append(sc.p.buf, with...)
}

// mark reads the special byte at i and what belongs to it, and returns how many bytes that is.
func (sc *scanner) mark(i int) (n int) {
	switch c := sc.s[i]; c {
	case '_':
		sc.flush(i, i+1)
		sc.style.Underline = !sc.style.Underline
		return 1
	case '"':
		sc.flush(i, i+1)
		sc.style.Bold = !sc.style.Bold
		return 1
	case '`':
		sc.flush(i, i+1)
		sc.style.Invert = !sc.style.Invert
		return 1
	case '^':
		n = len(sc.s) - i - len(strings.TrimLeft(sc.s[i:], "^"))
		sc.flush(i, i+n)
		size := sizes[min(n, 7)]
		if size == [2]int{sc.style.Width, sc.style.Height} {
			size = sizes[0]
		}
		sc.style.Width, sc.style.Height = size[0], size[1]
		return n
	case '~':
		sc.replace(i, " ")
		return 1
	case '\\':
		with, n := sc.p.escape(sc.s[i:], sc.base+i)
		if with == "\n" {
			sc.flush(i, i+n)
			sc.p.spans = append(sc.p.spans, Span{Break: true, Style: normal, off: int32(sc.base + i)})
		} else {
			sc.replace(i, with)
		}
		return n
	}
	r, n := utf8.DecodeRuneInString(sc.s[i:])
	if sc.p.dropped(r, sc.base+i) {
		sc.replace(i, "")
	} else if sc.dirty {
		sc.p.buf = append(sc.p.buf, sc.s[i:i+n]...)
	}
	return n
}

// dropped says whether a character is left out of printed text.
func (p *parser) dropped(r rune, off int) bool {
	if r < 0x20 || r == 0x7f {
		p.report(Warning, "control_character", off, r)
		return true
	}
	if !p.o.Lax && invisible(r) {
		p.report(Warning, "control_character", off, r)
		return true
	}
	return false
}

// escape reads the escape at the start of s in text: what it stands for ("\n" for a break) and its length in bytes.
func (p *parser) escape(s string, off int) (with string, n int) {
	if len(s) == 1 {
		p.report(Error, "unknown_escape", off, s)
		return "", 1
	}
	switch c := s[1]; c {
	case '\\', '|', '{', '}', '-', '=', '~', '_', '"', '`', '^':
		return s[1:2], 2
	case 'n':
		return "\n", 2
	case 'x':
		if v, ok := hex2(s[2:]); ok {
			// \x00 is how Escape writes "nothing, but something stands here", so it is no surprise.
			if v != 0 && (v < 0x20 || v == 0x7f || v >= 0x80 && !p.o.Lax && invisible(rune(v))) {
				p.report(Warning, "control_character", off, rune(v))
			}
			if v < 0x20 || v == 0x7f || !p.o.Lax && invisible(rune(v)) {
				return "", 4
			}
			return latin1(v), 4
		}
		n = malformedHex(s, "_\"`^\\")
		p.report(Error, "unknown_escape", off, s[:n])
		return "", n
	default:
		_, size := utf8.DecodeRuneInString(s[1:])
		p.report(Error, "unknown_escape", off, s[:1+size])
		return "", 1 + size
	}
}

// hex2 reads two hexadecimal digits.
func hex2(s string) (byte, bool) {
	if len(s) < 2 {
		return 0, false
	}
	hi, lo := hexDigit(s[0]), hexDigit(s[1])
	return hi<<4 | lo, hi < 16 && lo < 16
}

// hexDigit returns the value of a digit, 255 for any other byte.
func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

// malformedHex returns the length of a \x without two digits: it takes the two characters after it with it, but stops
// at any of stop.
func malformedHex(s, stop string) int {
	n := 2
	for range 2 {
		if n >= len(s) || strings.IndexByte(stop, s[n]) >= 0 {
			break
		}
		_, size := utf8.DecodeRuneInString(s[n:])
		n += size
	}
	return n
}

// latin1 returns the character U+00nn.
func latin1(v byte) string {
	if v < 0x80 {
		return string([]byte{v})
	}
	return string(rune(v))
}
