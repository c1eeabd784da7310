package receiptline

import (
	"math"
	"slices"
	"sync"
)

// Set parses a document and sets it into rows. The diagnostics are those of both steps, in that order. A layout comes back
// even if one of them is an Error; see [HasError].
func Set(src string, o Options) (*Layout, []Diagnostic) {
	w := workspaces.Get().(*workspace)
	defer workspaces.Put(w)
	doc, diags := w.parse(src, o)
	l, more := w.layout(doc, o)
	if w.full { // which says more than that it has many lines
		diags = slices.DeleteFunc(diags, func(d Diagnostic) bool { return d.Code == "too_many_lines" })
	}
	if len(doc.Lines) >= slab {
		*w = workspace{} // do not hold on to the memory of a giant
	}
	return l, append(diags, more...)
}

// A workspace is what Set needs besides its results. It is used again: between two slips nothing in it matters.
type workspace struct {
	parser
	setter
}

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// Layout sets the document into rows of o.Width cells (24-96; 0 means 48, other values are brought into the range). Nothing
// is added that the document does not ask for: no cut at its end. The layout does not share memory that the document may
// change, except its text.
func (d *Document) Layout(o Options) (*Layout, []Diagnostic) {
	return new(setter).layout(d, o)
}

func (s *setter) layout(d *Document, o Options) (*Layout, []Diagnostic) {
	if o.Width == 0 {
		o.Width = 48
	}
	o.Width = min(max(o.Width, 24), 96)
	o.Small = min(max(o.Small, 0), 160)
	if o.Measure == nil {
		o.Measure = GB18030Width
	}
	if o.MaxDots == 0 {
		o.MaxDots = MaxDots
	}
	if o.Lax {
		o.MaxDots = math.MaxInt
	}
	rows, runs := d.size()
	*s = setter{
		o:      o,
		out:    &Layout{Width: o.Width, measure: o.Measure, Rows: make([]Row, 0, min(rows, slab))},
		format: initialFormat(),
		runs:   make([]Run, 0, min(runs, slab)),
		cells:  room(s.cells, 8),
		pieces: room(s.pieces, 16),
		bars:   s.bars[:0], spare: s.spare[:0], listed: room(s.listed, 8), items: room(s.items, 8),
	}
	for i := range d.Lines {
		s.line = &d.Lines[i]
		if s.set(); s.full {
			break
		}
	}
	if s.box == boxRunning || s.box == boxJoint {
		s.closeBox()
	}
	return s.out, s.diags
}

// size gives how many rows and runs the document takes where no text wraps, and a few more.
func (d *Document) size() (rows, runs int) {
	rows, runs = 4, 4
	for i := range d.Lines {
		l := &d.Lines[i]
		if l.Kind != PropertyLine && l.Kind != InvalidLine {
			rows++
		}
		for k := range l.Columns {
			n := len(l.Columns[k].Spans)
			runs += n
			rows += n / 2 // breaks
		}
	}
	return rows, runs
}

// setter sets one document. What lasts from line to line is here.
type setter struct {
	o   Options
	out *Layout
	reports
	line   *Line
	format format
	across int // cells in a row of the text line at hand

	dots     int  // of paper so far
	pictures int  // dots of pictures so far
	full     bool // it was too long, and nothing is added any more

	box  boxState
	bars []int // of the last text line: the cells of its vertical rules, from the left edge of the paper

	runs   []Run // slab from which rows take theirs
	spare  []int // the other buffer for bars
	cells  []cell
	pieces []piece
	listed []width  // room for format.widths
	items  []string // of the list property at hand
}

// report notes a diagnostic at a byte offset of the line at hand, unless the profile is lax.
func (s *setter) report(sev Severity, code string, off int32, args ...any) {
	if !s.o.Lax {
		s.add(sev, code, s.line.Number, s.line.src, int(off), args...)
	}
}

// row appends a row that came from the line at hand, until the document is too long.
func (s *setter) row(r Row) {
	if s.full {
		return
	}
	if s.dots += r.Dots(); s.dots > s.o.MaxDots {
		s.full = true
		s.report(Error, "too_long", 0, s.o.MaxDots/DotsPerMetre)
		return
	}
	r.Line = s.line.Number
	s.out.Rows = append(s.out.Rows, r)
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
	inBox := s.box != boxNone
	small := s.format.small && s.o.Small > 0 && !inBox && s.line.plain()
	s.across = s.o.Width
	if small {
		s.across = s.o.Small
	}
	left := s.plan()
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
		if s.full {
			return
		}
		s.runs = fresh(s.runs)
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
		s.row(Row{Kind: TextRow, Small: small && from < len(s.runs), Height: height, Runs: s.runs[from:len(s.runs):len(s.runs)], Bars: bars})
	}
}

// plain reports a line of printable ASCII: what every small font has.
func (l *Line) plain() bool {
	for i := range l.Columns {
		for _, span := range l.Columns[i].Spans {
			for k := range len(span.Text) {
				if c := span.Text[k]; c < ' ' || c > '~' {
					return false
				}
			}
		}
	}
	return true
}
