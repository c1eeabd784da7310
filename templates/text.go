package templates

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/receiptd/receiptd/receiptline"
)

// clean makes a job's string fit for one line of a slip: NFC, one line, no control and no direction characters, no
// blanks at the ends. A string of nothing else comes back empty, so that [[if]] sees what the paper will show.
func clean(s string) string {
	if isPlain(s) {
		return strings.TrimSpace(s)
	}
	return strings.ReplaceAll(cleanLines(s), "\n", " ")
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\u0085", "\n")

// cleanLines is clean for texts that may have several lines. Empty lines are left out.
func cleanLines(s string) string {
	if isPlain(s) {
		return strings.TrimSpace(s)
	}
	s = norm.NFC.String(strings.Map(cleanRune, lineEnds.Replace(strings.ToValidUTF8(s, "\ufffd"))))
	if !strings.Contains(s, "\n") {
		return strings.TrimSpace(s)
	}
	var kept []string
	for l := range strings.SplitSeq(s, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n")
}

func cleanAll(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		if s = cleanLines(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// isPlain reports whether s holds printable ASCII and ordinary Chinese only, which clean leaves alone.
func isPlain(s string) bool {
	for _, r := range s {
		if (r < 0x20 || r > 0x7e) && (r < 0x4e00 || r > 0x9fff) && (r < 0xff01 || r > 0xff5e) && (r < 0x3001 || r > 0x3011) {
			return false
		}
	}
	return true
}

func cleanRune(r rune) rune {
	switch {
	case r == '\n':
		return r
	case r == '\t':
		return ' '
	case r == 0x2007, r == 0x202f: // the blanks of numbers, at which no line breaks
		return 0xa0
	case r >= 0x2000 && r <= 0x200a, r == 0x205f:
		return ' '
	case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Bidi_Control, r), r == 0xfeff, r == 0x200b, r == 0x2060, r == 0xad:
		return -1
	}
	return r
}

// wrap breaks s into lines for a column of n cells, between words where there are words, and between any two Chinese
// characters except before a closing mark. A word longer than a line is broken. Line breaks in s stay. A row that is
// exactly full gets a blank behind it instead of a line break: the column breaks there by itself, and a second break would print an
// empty row.
func wrap(measure func(rune) int, n int, s string) string {
	if n < 2 {
		n = 2
	}
	if len(s) > 0 && s[0] != ' ' && s[len(s)-1] != ' ' && !strings.Contains(s, "\n") && cellsOf(measure, s) <= n {
		return s
	}
	var b strings.Builder
	used := 0
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			breakRow(&b, n, used)
		}
		used = wrapLine(&b, measure, n, line)
	}
	return b.String()
}

// breakRow ends a row of which used cells are filled. Behind a full one stands a blank, at which the column breaks by itself.
func breakRow(b *strings.Builder, n, used int) {
	if used < n {
		b.WriteByte('\n')
	} else {
		b.WriteByte(' ')
	}
}

// wrapLine writes one line and gives the cells used in its last row.
func wrapLine(b *strings.Builder, measure func(rune) int, n int, line string) (used int) {
	pending := 0 // blanks before the next piece
	for len(line) > 0 {
		piece := receiptline.NextPiece(line)
		line = line[len(piece):]
		if strings.TrimLeft(piece, " ") == "" {
			if used > 0 {
				pending = len(piece)
			}
			continue
		}
		w := cellsOf(measure, piece)
		switch {
		case used == 0:
		case used+pending+w <= n:
			b.WriteString(strings.Repeat(" ", pending))
			used += pending
		case pending > 0:
			breakRow(b, n, used)
			used = 0
		default: // between Chinese characters a full row ends without help
			if used < n {
				b.WriteByte('\n')
			}
			used = 0
		}
		pending = 0
		used = writeBroken(b, measure, n, used, piece, w)
	}
	return used
}

// writeBroken writes a piece of w cells, breaking it where a row of n cells is full, and gives the cells used.
func writeBroken(b *strings.Builder, measure func(rune) int, n, used int, piece string, w int) int {
	if used+w <= n {
		b.WriteString(piece)
		return used + w
	}
	for _, r := range piece {
		if c := measure(r); used+c > n {
			if used < n {
				b.WriteByte('\n')
			}
			used = c
		} else {
			used += c
		}
		b.WriteRune(r)
	}
	return used
}

// flow sets the items one after the other into lines for a column of n cells; an item is broken only when it is longer than
// a line.
func flow(measure func(rune) int, n int, items []string) string {
	size := 0
	for _, it := range items {
		size += len(it) + 1
	}
	var b strings.Builder
	b.Grow(size)
	used := 0
	for _, it := range items {
		w := cellsOf(measure, it)
		switch {
		case used == 0:
		case used+1+w <= n:
			b.WriteByte(' ')
			used++
		default:
			breakRow(&b, n, used)
			used = 0
		}
		used = writeBroken(&b, measure, n, used, it, w)
	}
	return b.String()
}

// cellsOf counts the cells of s. As in package receiptline, ASCII takes one whatever the measure.
func cellsOf(measure func(rune) int, s string) int {
	n := 0
	for _, r := range s {
		if r < utf8.RuneSelf {
			n++
		} else {
			n += measure(r)
		}
	}
	return n
}

// pad fills s with blanks to n cells, on the right (left-set text) or on the left.
func pad(measure func(rune) int, n int, s string, left bool) string {
	fill := n - cellsOf(measure, s)
	if fill <= 0 {
		return s
	}
	if left {
		return strings.Repeat(" ", fill) + s
	}
	return s + strings.Repeat(" ", fill)
}
