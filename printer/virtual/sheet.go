package virtual

import (
	"cmp"
	"slices"
)

// A sheet is page mode: everything is set into an area of memory, in one of four directions, and printed at once (T88III-spec
// 3.12; PG, page mode commands). Positions in it are turned with the direction: x runs along the text, y from line to line,
// and y is the row on which characters and pictures stand, the base line.
type sheet struct {
	on   bool
	area rect // ESC W, in dots of the paper
	dir  int  // ESC T: 0 to the right, 1 upwards, 2 to the left, 3 downwards
	x, y int
	ink  *bitmap
	runs []sheetRun
	wait bool // something is set that was not printed
	low  int  // rows of paper that printing takes: down to the lower end of the lowest area that got something
	away spacing
}

// A rect is a rectangle of the paper, dots.
type rect struct{ x, y, w, h int }

// A sheetRun is text in a sheet: where it begins on the paper, and its width along the text.
type sheetRun struct {
	dir, x, y, w int
	s            string
}

// spacing is what page mode and standard mode each have for themselves (EREF, ESC L).
type spacing struct {
	pitch, space int // of lines, dots; of characters, ESC SP
	kspace       [2]int
}

const (
	// sheetRows is the longest area, dots: dyL 126, dyH 6 is the default of ESC W.
	sheetRows = 1662
	// baseRow is the row of a character of normal size that lies on the base line: 24 rows less the lowest 3, counted from 0
	// (T88III-spec figure 3.12.2).
	baseRow = 20
	// mostRuns bounds the text that is remembered of one sheet.
	mostRuns = 1 << 15
)

func (p *page) wholeSheet() rect { return rect{0, 0, p.model.Dots, sheetRows} }

// swapSpacing changes between the spacings of the two modes.
func (p *page) swapSpacing() {
	p.set.spacing, p.sheet.away = p.sheet.away, p.set.spacing
}

// openSheet is ESC L. It works at the beginning of a line only.
func (p *page) openSheet() {
	if p.sheet.on {
		return
	}
	if !p.line.empty() {
		p.census.miss("ESC L within a line")
		p.line.garbage = true
		return
	}
	p.sheet.on = true
	p.swapSpacing()
	p.sheet.ink = newBitmap(p.model.Dots, sheetRows)
	p.home()
}

// closeSheet is ESC S, and the end of FF: what is set and not printed is gone, the area is the whole again, the direction stays.
func (p *page) closeSheet() {
	if !p.sheet.on {
		return
	}
	p.swapSpacing()
	p.sheet = sheet{area: p.wholeSheet(), dir: p.sheet.dir, away: p.sheet.away}
	p.line.clear()
}

// setArea is ESC W x0 y0 dx dy. What is wider or longer than the sheet ends with it; in standard mode it is kept for later.
func (p *page) setArea(c []byte) {
	b := rect{word(c[0], c[1]), word(c[2], c[3]), word(c[4], c[5]), word(c[6], c[7])}
	if b.w == 0 || b.h == 0 || b.x >= p.model.Dots || b.y >= sheetRows {
		p.census.miss("ESC W outside the sheet")
		return
	}
	b.w, b.h = min(b.w, p.model.Dots-b.x), min(b.h, sheetRows-b.y)
	p.sheet.area = b
	p.home()
}

// setDirection is ESC T n.
func (p *page) setDirection(n byte) {
	if d := digit(n); d >= 0 && d <= 3 {
		p.sheet.dir = d
		p.home()
	}
}

// home is the beginning of the area: the first line stands with its upper edge on the area's.
func (p *page) home() { p.sheet.x, p.sheet.y = 0, baseRow }

// size is the area as the text sees it.
func (s *sheet) size() (w, h int) {
	if s.dir%2 == 1 {
		return s.area.h, s.area.w
	}
	return s.area.w, s.area.h
}

// paper turns a position in the area into one on the paper.
func (s *sheet) paper(x, y int) (px, py int) {
	a := s.area
	switch s.dir {
	case 1:
		return a.x + y, a.y + a.h - 1 - x
	case 2:
		return a.x + a.w - 1 - x, a.y + a.h - 1 - y
	case 3:
		return a.x + a.w - 1 - y, a.y + x
	}
	return a.x + x, a.y + y
}

// stamp sets the dots of m with its upper left corner at x, y; what lies outside the area is not printed, and whole is false.
func (s *sheet) stamp(m *bitmap, x, y int) (whole bool) {
	w, h := s.size()
	whole = true
	for j := range m.h {
		for i := range m.w {
			switch {
			case !m.get(i, j):
			case x+i < 0 || x+i >= w || y+j < 0 || y+j >= h:
				whole = false
			default:
				px, py := s.paper(x+i, y+j)
				s.ink.set(px, py)
			}
		}
	}
	s.low, s.wait = max(s.low, s.area.y+s.area.h), true
	return whole
}

// stampOn puts m into the sheet and counts what its area cuts off.
func (p *page) stampOn(m *bitmap, x, y int) {
	if !p.sheet.stamp(m, x, y) {
		p.census.miss("ink outside the area")
	}
}

// say remembers what a person reads at x on the base line.
func (s *sheet) say(x, y, w int, text string) {
	if len(s.runs) < mostRuns {
		px, py := s.paper(x, y)
		s.runs = append(s.runs, sheetRun{s.dir, px, py, w, text})
	}
}

// moveTo is ESC $, ESC \, GS $ and GS \ in page mode: a place outside the area changes nothing, and is false.
func (s *sheet) moveTo(x, y int) bool {
	if w, h := s.size(); x < 0 || x > w || y < 0 || y >= h {
		return false
	}
	s.x, s.y = x, y
	return true
}

// feed goes to the beginning of a line that lies so many dots further; nothing is printed.
func (s *sheet) feed(dots int) { s.x, s.y = 0, s.y+dots }

// sheetCell sets one character on the base line; at the end of the area the line wraps.
func (p *page) sheetCell(c cell, before, after int) {
	s := &p.sheet
	c.turn = false // ESC V is not executed in page mode
	cw, ch := c.size()
	w := before + cw + after
	if long, _ := s.size(); s.x+w > long && s.x > 0 {
		s.feed(p.set.pitch)
	}
	m := newBitmap(cw, ch)
	m.character(c, 0, 0)
	under := 3 * int(c.st.h)
	if c.st.fontB && !c.wide {
		under = 2 * int(c.st.h)
	}
	p.stampOn(m, s.x+before, s.y+1+under-ch)
	s.say(s.x+before, s.y, cw, string(c.r))
	s.x += w
}

// sheetTab is HT.
func (p *page) sheetTab() {
	s := &p.sheet
	w, _ := s.size()
	s.moveTo(min(p.nextStop(s.x), w), s.y)
}

// sheetBlock sets a picture or a code: its left lower corner lies on the base line, readable lines hang under it.
func (p *page) sheetBlock(it item, w, under int) {
	s := &p.sheet
	m := newBitmap(w, it.h)
	it.x = 0
	it.draw(m, 0)
	p.stampOn(m, s.x, s.y+1+under-it.h)
	label := it.label
	if label == "" {
		label = pictureLabel(w, it.h)
	}
	s.say(s.x, s.y, w, label)
	s.x += w
	p.line.garbage = p.line.garbage || it.garbage
}

// erase is CAN: what lies in the area is gone.
func (p *page) erase() {
	s := &p.sheet
	a := s.area
	for y := a.y; y < a.y+a.h; y++ {
		for x := a.x; x < a.x+a.w; x++ {
			s.ink.clear(x, y)
		}
	}
	s.runs = slices.DeleteFunc(s.runs, func(r sheetRun) bool {
		return r.x >= a.x && r.x < a.x+a.w && r.y >= a.y && r.y < a.y+a.h
	})
	p.home()
}

// printSheet gives the sheet to the print buffer, some rows at a time so that a stop falls within it. Upright text
// goes with its rows, turned text comes after it.
func (p *page) printSheet() {
	s := &p.sheet
	rows := s.rows()
	for y := 0; y < s.low; y += bandRows {
		h := min(bandRows, s.low-y)
		it := item{h: h, sheet: true, garbage: p.line.garbage}
		bits := s.ink.bits[y*s.ink.stride:][:h*s.ink.stride]
		it.images = []raster{{w: s.ink.w, h: h, sx: 1, sy: 1, bits: slices.Clone(bits)}}
		for len(rows) > 0 && (rows[0].top < y+h || y+h == s.low) {
			it.lines = append(it.lines, rows[0].text())
			rows = rows[1:]
		}
		p.buffer.push(op{kind: opLine, ink: it, dots: h})
	}
	p.line.garbage, s.wait = false, false
}

// formFeed is FF in page mode.
func (p *page) formFeed() {
	p.printSheet()
	p.closeSheet()
}

// rows are the lines of text, turned to be read: those of one direction after those of another, in the order of ESC T.
func (s *sheet) rows() []textRow {
	type placed struct {
		dir, y int
		run
	}
	all := make([]placed, 0, len(s.runs))
	for _, r := range s.runs {
		q := placed{dir: r.dir, y: r.y, run: run{r.x, r.w, r.s}}
		switch r.dir {
		case 1:
			q.x, q.y = s.low-1-r.y, r.x
		case 2:
			q.x, q.y = s.ink.w-1-r.x, s.low-1-r.y
		case 3:
			q.x, q.y = r.y, s.ink.w-1-r.x
		}
		all = append(all, q)
	}
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Or(cmp.Compare(a.dir, b.dir), cmp.Compare(a.y, b.y)) })
	var rows []textRow
	dir := -1
	for _, q := range all {
		if n := len(rows); n == 0 || q.dir != dir || q.y-rows[n-1].bottom >= 12 {
			rows = append(rows, textRow{bottom: q.y})
		}
		dir = q.dir
		last := &rows[len(rows)-1]
		last.runs = append(last.runs, q.run)
		if q.dir == 0 {
			last.top = max(last.bottom-baseRow, 0) // turned text goes with the first rows
		}
	}
	return rows
}
