package receiptline

import "unicode/utf8"

// piece is a run and the row of its column that it belongs to.
type piece struct {
	row int
	run Run
}

// wrapAll wraps every column and returns how many rows the line takes, at least one.
func (s *setter) wrapAll(left int, inBox bool) int {
	s.pieces = s.pieces[:0]
	gap := s.format.border
	x := left
	if inBox {
		gap = 1
		x++
	}
	rows := 1
	for i := range s.cells {
		c := &s.cells[i]
		c.next = len(s.pieces)
		if c.column != nil {
			n := s.wrap(c, x)
			if n > 1 && !s.format.wrap {
				s.report(Warning, "nowrap_cut", c.column.off, c.number)
			}
			rows = max(rows, n)
		}
		c.end = len(s.pieces)
		x += c.width + gap
	}
	return rows
}

// wrapper wraps one column: it breaks between any two characters, when the next one does not fit. For Options.Words see words.
type wrapper struct {
	s     *setter
	c     *cell
	x     int // first cell of the column
	row   int
	first int // first piece of the row
	space int // free cells in the row
	rtl   bool
	marks int  // cells that characters without width in the row are drawn over
	full  bool // more rows than the paper has
}

// wrap appends the pieces of a column that begins at cell x and returns its number of rows.
func (s *setter) wrap(c *cell, x int) int {
	w := wrapper{s: s, c: c, x: x, first: len(s.pieces), space: c.width, rtl: c.column.rightToLeft()}
	for i := range c.column.Spans {
		span := &c.column.Spans[i]
		switch {
		case span.Break:
			w.endRow()
		case s.o.Words && s.format.wrap && w.cells(span.Text, span.Style.Width) > w.space:
			w.words(span)
		default:
			w.text(span)
		}
		if w.full {
			return w.row
		}
	}
	if len(s.pieces) > w.first {
		w.endRow()
	}
	return w.row
}

// text places one span.
func (w *wrapper) text(span *Span) {
	t := span.Text
	start, dropped := 0, false
	space := w.space // at start
	flush := func(end int) {
		if end > start {
			w.s.pieces = append(w.s.pieces, piece{w.row, Run{
				X: 2 * (w.x + w.c.width - space), Cells: space - w.space, Text: t[start:end], Style: span.Style, RightToLeft: w.rtl,
			}})
		}
	}
	for i := 0; i < len(t) && !w.full; {
		cells, size := 1, 1
		if c := t[i]; c >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRuneInString(t[i:])
			cells = w.s.o.Measure(r)
		}
		cells *= span.Style.Width
		dropped = false
		if cells == 0 && w.tooManyMarks(span) {
			return
		}
		switch {
		case cells <= w.space:
			w.space -= cells
			i += size
		case cells > w.c.width:
			flush(i)
			r, _ := utf8.DecodeRuneInString(t[i:])
			w.s.report(Error, "character_too_wide", span.off, r, w.c.width)
			i += size
			start, space, dropped = i, w.space, true
		default:
			flush(i)
			w.endRow()
			start, space = i, w.space
		}
	}
	flush(len(t))
	// A full row ends at once, so that a break after it gives a blank row, as in the reference; a character too wide to
	// print leaves it open there.
	if w.space == 0 && !dropped {
		w.endRow()
	}
}

// endRow aligns the pieces of the row by the free cells left and begins the next row.
func (w *wrapper) endRow() {
	margin := w.space * w.c.column.Align.halves()
	for i := w.first; i < len(w.s.pieces); i++ {
		w.s.pieces[i].run.X += margin
	}
	w.row++
	w.first = len(w.s.pieces)
	w.space, w.marks = w.c.width, 0
	w.full = w.row > w.s.o.MaxDots/smallDots
}

// tooManyMarks counts one more character without width and says whether the row has too many: they are drawn over each other,
// and cost much more than the paper that they take.
func (w *wrapper) tooManyMarks(span *Span) bool {
	w.marks += span.Style.Width
	if w.marks <= marksEach*(w.c.width+2) || w.s.o.Lax {
		return false
	}
	w.s.report(Error, "too_many_marks", span.off, marksEach)
	return true
}
