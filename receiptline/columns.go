package receiptline

// halves returns how many half cells of every free cell lie to the left of the object.
func (a Align) halves() int {
	switch a {
	case AlignCenter:
		return 1
	case AlignRight:
		return 2
	}
	return 0
}

// A cell is one visible column of the line at hand.
type cell struct {
	column    *Column // nil: the widths ask for more columns than the line has
	number    int     // counted from 1 in the source
	width     int     // cells; while planning, star for a share of what is free
	next, end int     // its pieces
}

// star is the width of a column that takes a share of the free cells.
const star = -1

// plan decides which columns of the line at hand are visible and how wide, and returns the left margin in cells.
func (s *setter) plan() (left int) {
	f := &s.format
	s.cells = s.cells[:0]
	columns := s.line.Columns
	room := (s.across + f.border) / (f.border + 1)
	if f.lines {
		room = (s.across - 1) / 2
	}
	if f.widths == nil {
		for i := range columns {
			s.cells = append(s.cells, cell{column: &columns[i], number: i + 1, width: star})
		}
	} else {
		s.show(columns)
	}
	if len(s.cells) > room {
		for _, c := range s.cells[room:] {
			if c.column != nil && !c.column.blank() {
				s.report(Error, "too_many_columns", c.column.off, s.across, c.number)
			}
		}
		s.cells = s.cells[:room]
	}
	free := s.across
	if f.lines && len(s.cells) > 0 {
		free -= len(s.cells) + 1
	} else if len(s.cells) > 0 {
		free -= (len(s.cells) - 1) * f.border
	}
	free = s.share(free)
	return free * f.align.halves() / 2
}

// show takes the columns that a width list shows.
func (s *setter) show(columns []Column) {
	shown := s.format.widths
	for _, w := range shown {
		c := cell{number: w.index + 1, width: w.cells}
		if w.index < len(columns) {
			c.column = &columns[w.index]
		}
		s.cells = append(s.cells, c)
	}
	for i, next := 0, 0; i < len(columns); i++ {
		if next < len(shown) && shown[next].index == i {
			next++
		} else if !columns[i].blank() {
			s.report(Error, "column_hidden", columns[i].off, i+1)
		}
	}
}

// share gives the stars their cells out of what the fixed widths leave of free, shrinking fixed columns until every star
// gets one. It returns what is left over.
func (s *setter) share(free int) int {
	stars := 0
	for i := range s.cells {
		if s.cells[i].width == star {
			stars++
		} else {
			free -= s.cells[i].width
		}
	}
	if stars > free {
		s.shrink(stars - free)
		free = stars
	}
	if stars == 0 {
		return free
	}
	n := 0
	for i := range s.cells {
		if s.cells[i].width == star {
			s.cells[i].width = (free + n) / stars
			n++
		}
	}
	return 0
}

// shrink takes n cells from the fixed columns, one by one from the widest, the later of equals.
func (s *setter) shrink(n int) {
	for level := maxWidth; n > 0; level-- {
		for i := len(s.cells) - 1; i >= 0 && n > 0; i-- {
			if s.cells[i].width == level {
				s.cells[i].width--
				n--
			}
		}
	}
}
