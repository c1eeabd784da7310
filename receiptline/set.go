package receiptline

import "unicode/utf8"

// Set parses a document and sets it into rows. The diagnostics are those of both steps, in that order. A layout comes back
// even if one of them is an Error; see [HasError].
func Set(src string, o Options) (*Layout, []Diagnostic) {
	doc, diags := Parse(src, o)
	l, more := doc.Layout(o)
	return l, append(diags, more...)
}

// Layout sets the document into rows of o.Width cells (24-96; 0 means 48, other values are brought into the range). Nothing
// is added that the document does not ask for: no cut at its end. The layout does not share memory that the document may
// change, except its text.
func (d *Document) Layout(o Options) (*Layout, []Diagnostic) {
	if o.Width == 0 {
		o.Width = 48
	}
	o.Width = min(max(o.Width, 24), 96)
	if o.Measure == nil {
		o.Measure = GB18030Width
	}
	s := setter{
		o:      o,
		layout: &Layout{Width: o.Width, measure: o.Measure, Rows: make([]Row, 0, len(d.Lines)+8)},
		format: initialFormat(),
		runs:   make([]Run, 0, 2*len(d.Lines)+8),
	}
	for i := range d.Lines {
		s.line = &d.Lines[i]
		s.set()
	}
	if s.box == boxRunning || s.box == boxJoint {
		s.closeBox()
	}
	return s.layout, s.diags
}

// boxState says how far a box has come.
type boxState uint8

const (
	boxNone    boxState = iota
	boxArmed            // border:line was seen: the top is drawn at the next text
	boxRunning          // text lines get bars
	boxJoint            // a rule was seen: it is drawn at the next text
)

// setter sets one document. What lasts from line to line is here.
type setter struct {
	o      Options
	layout *Layout
	reports
	line   *Line
	format format

	box  boxState
	left int   // of the last text line, in cells: where an open box is drawn
	bars []int // of the last text line: the cells of its vertical rules, from the left edge of the paper

	runs   []Run // slab from which rows take theirs
	spare  []int // the other buffer for bars
	cells  []cell
	pieces []piece
}

// report notes a diagnostic at a byte offset of the line at hand, unless the profile is lax.
func (s *setter) report(sev Severity, code string, off int32, args ...any) {
	if !s.o.Lax {
		s.add(sev, code, s.line.Number, s.line.src, int(off), args...)
	}
}

// row appends a row that came from the line at hand.
func (s *setter) row(r Row) {
	r.Line = s.line.Number
	s.layout.Rows = append(s.layout.Rows, r)
}

// set sets the line at hand.
func (s *setter) set() {
	switch s.line.Kind {
	case TextLine:
		s.text()
	case RuleLine:
		s.rule()
	case CutLine:
		if s.box == boxRunning || s.box == boxJoint {
			s.closeBox()
			s.box = boxArmed
		}
		s.row(Row{Kind: CutRow, Height: 1})
	case PropertyLine:
		s.properties()
	}
}

// rule sets a horizontal rule; inside a box it waits for the next text, whose widths decide its joints.
func (s *setter) rule() {
	switch s.box {
	case boxNone:
		left, cells := s.format.area(s.o.Width)
		s.row(Row{Kind: RuleRow, Height: 1, Left: 2 * left, Cells: cells})
	case boxRunning:
		s.box = boxJoint
	}
}

// text sets a line of columns: the rule above it that a box owes, then as many rows as its tallest column needs.
func (s *setter) text() {
	left := s.plan()
	inBox := s.box != boxNone
	if inBox {
		bars := s.spare[:0]
		x := left
		bars = append(bars, x)
		for i := range s.cells {
			x += s.cells[i].width + 1
			bars = append(bars, x)
		}
		switch s.box {
		case boxArmed:
			s.row(boxRule(nil, bars))
		case boxJoint:
			s.row(boxRule(s.bars, bars))
		}
		s.box = boxRunning
		s.spare, s.bars = s.bars, bars
	}
	rows := s.wrapAll(left, inBox)
	if !s.format.wrap {
		rows = 1
	}
	var bars []int
	if inBox {
		bars = make([]int, len(s.bars))
		for i, x := range s.bars {
			bars[i] = 2 * x
		}
	}
	for j := range rows {
		from := len(s.runs)
		height := 1
		for i := range s.cells {
			c := &s.cells[i]
			for c.next < c.end && s.pieces[c.next].row == j {
				run := s.pieces[c.next].run
				height = max(height, run.Style.Height)
				s.runs = append(s.runs, run)
				c.next++
			}
		}
		s.row(Row{Kind: TextRow, Height: height, Runs: s.runs[from:len(s.runs):len(s.runs)], Bars: bars})
	}
}

// closeBox draws the bottom of the open box.
func (s *setter) closeBox() {
	s.row(boxRule(s.bars, nil))
	s.box = boxNone
}

// boxRule makes the rule between two rows of a box: above and below hold the cells of their vertical rules in rising
// order. Nil above makes a top, nil below a bottom.
func boxRule(above, below []int) Row {
	var joints []Joint
	for len(above) > 0 || len(below) > 0 {
		var j Joint
		switch {
		case len(below) == 0 || len(above) > 0 && above[0] < below[0]:
			j = Joint{X: above[0], Up: true}
			above = above[1:]
		case len(above) == 0 || below[0] < above[0]:
			j = Joint{X: below[0], Down: true}
			below = below[1:]
		default:
			j = Joint{X: above[0], Up: true, Down: true}
			above, below = above[1:], below[1:]
		}
		if joints == nil {
			joints = make([]Joint, 0, 1+max(len(above), len(below)))
		}
		joints = append(joints, j)
	}
	first, last := joints[0].X, joints[len(joints)-1].X
	for i := range joints {
		joints[i].X *= 2
	}
	return Row{Kind: RuleRow, Height: 1, Left: 2 * first, Cells: last - first + 1, Joints: joints}
}

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

// wrapper wraps one column: it breaks between any two characters, when the next one does not fit.
type wrapper struct {
	s     *setter
	c     *cell
	x     int // first cell of the column
	row   int
	first int // first piece of the row
	space int // free cells in the row
}

// wrap appends the pieces of a column that begins at cell x and returns its number of rows.
func (s *setter) wrap(c *cell, x int) int {
	w := wrapper{s: s, c: c, x: x, first: len(s.pieces), space: c.width}
	for i := range c.column.Spans {
		span := &c.column.Spans[i]
		if span.Break {
			w.endRow()
		} else {
			w.text(span)
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
				X: 2 * (w.x + w.c.width - space), Cells: space - w.space, Text: t[start:end], Style: span.Style,
			}})
		}
	}
	for i := 0; i < len(t); {
		cells, size := 1, 1
		if c := t[i]; c >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRuneInString(t[i:])
			cells = w.s.o.Measure(r)
		}
		cells *= span.Style.Width
		dropped = false
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
	margin := w.space * int(w.c.column.Align.halves())
	for i := w.first; i < len(w.s.pieces); i++ {
		w.s.pieces[i].run.X += margin
	}
	w.row++
	w.first = len(w.s.pieces)
	w.space = w.c.width
}
