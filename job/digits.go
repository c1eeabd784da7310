package job

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A digit is one decimal digit of a text, in whatever way it is written there.
type digit struct {
	v        byte // 0-9
	first    bool // begins a group: something visible stands between it and the digit before
	from, to int  // the bytes that write it
}

// A reading says what may stand between the digits of one number.
type reading struct {
	lines bool     // line breaks too
	any   bool     // also what separates the fields of a magnetic track
	plain bool     // escapes are not read: \x36 is text, as it is in a remark
	loose bool     // all that is no letter, digit or asterisk, and any amount of it: cells of one line, say
	known []string // numbers that are no card numbers, for this job
}

// What a walker meets.
const (
	isDigit   = iota
	isNothing // cannot be seen: zero-width characters, controls, combining marks
	isGap     // a separator
	isBreak   // the number ends here
)

// maxGap is how many separators may stand between two digits of one number, as in "4 - 1", unless it is read loosely.
const maxGap = 4

// minPAN and maxPAN bound the length of a card number (ISO/IEC 7812-1 in practice).
const (
	minPAN = 13
	maxPAN = 19
)

// runs calls yield with each run of at least minPAN digits in s. The slice is used again.
func runs(s string, rd reading, yield func([]digit)) {
	if !mayHold(s) {
		return
	}
	var run []digit
	gap, dots := 0, 0
	flush := func() {
		if len(run) >= minPAN {
			yield(run)
		}
		run, gap, dots = run[:0], 0, 0
	}
	for i := 0; i < len(s); {
		if len(run) > 0 && gap == 0 && s[i]|0x20 == 'e' {
			if n, zeros := exponent(s[i:], run, dots); n > 0 {
				for range zeros {
					run = append(run, digit{0, false, i, i + n})
				}
				i += n
				flush()
				continue
			}
		}
		what, value, n := classify(s[i:], rd)
		switch what {
		case isDigit:
			for k := range len(value) {
				run = append(run, digit{value[k] - '0', len(run) == 0 || (gap > 0 && k == 0), i, i + n})
			}
			gap = 0
		case isGap:
			if s[i] == '.' && len(run) > 0 && dots == 0 {
				dots = len(run)
			}
			if gap++; gap > maxGap && !rd.loose {
				flush()
			}
		case isBreak:
			flush()
		}
		i += n
	}
	flush()
}

// mayHold reports whether s could hold minPAN digits at all; it costs little.
func mayHold(s string) bool {
	n := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case '0' <= c && c <= '9', c >= utf8.RuneSelf:
			n++
		case c|0x20 == 'e' && n > 0:
			n += maxPAN
		}
	}
	return n >= minPAN
}

// exponent reads the e of a number like 4.111e15. It gives its length and the zeros it adds.
func exponent(s string, run []digit, dots int) (n, zeros int) {
	n = 1
	if n < len(s) && s[n] == '+' {
		n++
	}
	from, e := n, 0
	for n < len(s) && n < from+3 && '0' <= s[n] && s[n] <= '9' {
		e = e*10 + int(s[n]-'0')
		n++
	}
	if n == from {
		return 0, 0
	}
	frac := 0
	if dots > 0 {
		frac = len(run) - dots
	}
	if e < frac {
		return 0, 0
	}
	return n, min(e-frac, maxPAN)
}

// classify says what stands at the head of s, for a digit its value (a circled number may have two), and its length.
func classify(s string, rd reading) (what int, value string, n int) {
	c := s[0]
	if c >= utf8.RuneSelf {
		r, n := utf8.DecodeRuneInString(s)
		what, value = classifyRune(r, n, rd)
		return what, value, n
	}
	switch {
	case '0' <= c && c <= '9':
		return isDigit, s[:1], 1
	case c == '\\' && rd.plain:
		return isNothing, "", 1
	case c == '\\' || c == '%' && !rd.plain:
		return classifyEscape(s, rd)
	}
	return classifyASCII(c, rd), "", 1
}

func classifyASCII(c byte, rd reading) int {
	switch {
	case c == '\n' || c == '\r':
		if rd.lines {
			return isGap
		}
		return isBreak
	case c == '\t':
		return isGap
	case c < 0x20 || c == 0x7f:
		return isNothing
	case strings.IndexByte(" .,-_/'\"~^`+", c) >= 0:
		return isGap
	case rd.any && strings.IndexByte("=?;D", c) >= 0:
		return isGap
	case rd.loose && c != '*' && (c|0x20 < 'a' || c|0x20 > 'z'):
		return isGap
	}
	return isBreak
}

// classifyEscape reads \xHH, \uHHHH and %HH; another backslash cannot be seen.
func classifyEscape(s string, rd reading) (what int, value string, n int) {
	at, width := 1, 2
	if s[0] == '\\' {
		for at < len(s) && s[at] == '\\' {
			at++
		}
		if at == len(s) || (s[at] != 'x' && s[at] != 'u') {
			return isNothing, "", at
		}
		if s[at] == 'u' {
			width = 4
		}
		at++
	}
	r := rune(0)
	for i := at; i < at+width; i++ {
		if i >= len(s) {
			return isBreak, "", 1
		}
		h := strings.IndexByte("0123456789abcdef", s[i]|0x20)
		if '0' <= s[i] && s[i] <= '9' {
			h = int(s[i] - '0')
		}
		if h < 0 {
			return isBreak, "", 1
		}
		r = r<<4 | rune(h)
	}
	n = at + width
	if r >= utf8.RuneSelf {
		what, value = classifyRune(r, 2, rd)
		return what, value, n
	}
	switch {
	case '0' <= r && r <= '9':
		return isDigit, string(r), n
	case r < 0x20: // an escaped line break breaks no line in ReceiptLine: it is dropped
		return isNothing, "", n
	}
	return classifyASCII(byte(r), rd), "", n
}

// blanks are letters and symbols that print nothing.
var blanks = []rune{0x034F, 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0}

// classifyRune is for characters outside ASCII; n is their length, 1 for a byte that is not UTF-8.
func classifyRune(r rune, n int, rd reading) (what int, value string) {
	switch {
	case r == utf8.RuneError && n <= 1:
		return isNothing, ""
	case 0x3400 <= r && r <= 0x9FFF:
		return isBreak, ""
	case unicode.In(r, unicode.M, unicode.C) || slices.Contains(blanks, r):
		return isNothing, ""
	}
	for _, k := range norm.NFKC.String(string(r)) {
		if v, ok := decimal(k); ok {
			value += string(v)
		}
	}
	switch {
	case value != "":
		return isDigit, value
	case unicode.In(r, unicode.Z, unicode.Pd, unicode.Pc, unicode.Po, unicode.Lm, unicode.Sk):
		return isGap, ""
	case rd.loose && unicode.In(r, unicode.P, unicode.S):
		return isGap, ""
	}
	if k := norm.NFKC.String(string(r)); len(k) == 1 && classifyASCII(k[0], reading{}) == isGap {
		return isGap, ""
	}
	return isBreak, ""
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
