package receiptline

import (
	"strings"
	"unicode/utf8"
)

// NextPiece cuts what must stay together in a row from the front of s: blanks, a word, or one wide character with the opening
// mark before it and the closing marks behind it. Chinese breaks between any two characters, but no row begins with a comma.
func NextPiece(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if r == ' ' {
		return s[:len(s)-len(strings.TrimLeft(s, " "))]
	}
	end := size
	for opens(r) && end < len(s) { // an opening mark stays with what it opens
		r, size = utf8.DecodeRuneInString(s[end:])
		end += size
	}
	word := r < wide
	for end < len(s) {
		r, size = utf8.DecodeRuneInString(s[end:])
		if r == ' ' || (!closes(r) && (!word || r >= wide || opens(r))) {
			break
		}
		end += size
	}
	return s[:end]
}

// wide is from where on characters are words of their own: Hangul, kana, ideographs.
const wide = 0x1100

func opens(r rune) bool { return strings.ContainsRune("（《〈「『【〔“‘", r) }
func closes(r rune) bool {
	return strings.ContainsRune("，。、；：？！）》〉」』】〕”’…,.;:?!)%", r)
}

// words places one span that does not fit the row: a word goes to the next row whole, the blanks before it stay behind, and only
// a word longer than the column is broken.
func (w *wrapper) words(span *Span) {
	t, m := span.Text, span.Style.Width
	start, space := 0, w.space
	next := func(end, from int) { // ends the row before end; the next one begins at from
		w.put(span, t[start:end], space)
		w.endRow()
		start, space = from, w.space
	}
	for i := 0; i < len(t); {
		end := i + len(NextPiece(t[i:]))
		n := w.cells(t[i:end], m)
		begun := w.space < w.c.width
		switch {
		case t[i] == ' ' && begun && end < len(t) && n+w.cells(NextPiece(t[end:]), m) > w.space:
			next(i, end)
			i = end
			continue
		case t[i] != ' ' && begun && n > w.space:
			next(i, i)
		}
		for i < end {
			r, size := utf8.DecodeRuneInString(t[i:])
			c := w.cells(t[i:i+size], m)
			switch {
			case c > w.c.width:
				w.put(span, t[start:i], space)
				w.s.report(Error, "character_too_wide", span.off, r, w.c.width)
				start, space = i+size, w.space
			case c > w.space:
				next(i, i)
				w.space -= c
			default:
				w.space -= c
			}
			i += size
		}
	}
	w.put(span, t[start:], space)
	if w.space == 0 {
		w.endRow()
	}
}

// put appends a piece of a span that began when the row had space free cells.
func (w *wrapper) put(span *Span, text string, space int) {
	if text != "" {
		w.s.pieces = append(w.s.pieces, piece{w.row, Run{X: 2 * (w.x + w.c.width - space), Cells: space - w.space, Text: text, Style: span.Style}})
	}
}

// cells counts the cells of a text at a magnification.
func (w *wrapper) cells(s string, m int) int {
	n := 0
	for _, r := range s {
		if r < utf8.RuneSelf {
			n++
		} else {
			n += w.s.o.Measure(r)
		}
	}
	return n * m
}
