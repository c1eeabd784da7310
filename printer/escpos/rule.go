package escpos

import (
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

// ruleRow prints a horizontal rule, or a line of a box.
func (e *encoder) ruleRow(i int) {
	r := &e.job.l.Rows[i]
	e.paper.settle()
	e.modes.setAlign(e.planner.lineAlign[i])
	e.pen.x, e.pen.high = 0, 1
	if len(r.Joints) == 0 {
		e.pen.rule(raster.Dots(r.Left, e.job.p), r.Cells)
	} else {
		e.boxLine(r)
	}
	e.paper.lineFeed(i)
}

// rule draws a line of that many cells with the fewest bytes: the two-byte or code page box line, which joins without
// a gap, magnified in width. A hyphen is used only where a printer has neither.
func (w *pen) rule(x, cells int) {
	glyph, unit := []byte{'-'}, 1
	code, two := w.job.chars.Set.Code('─')
	if two {
		glyph, unit = []byte{byte(code >> 8), byte(code)}, 2
	} else if b, ok := w.page0('─'); ok {
		glyph = []byte{b}
	}
	odd := cells % unit
	wide := w.widest((cells-odd)/unit, len(glyph))
	put := func(x, width, n int) {
		w.moveTo(x, receiptline.Style{Width: width, Height: 1}, two)
		switch {
		case two && !w.modes.twoByte:
			w.out.row = append(w.out.row, 0x1C, '&')
			w.modes.twoByte = true
		case !two && glyph[0] >= 0x80:
			w.modes.usePage(0)
		}
		for range n {
			w.out.row = append(w.out.row, glyph...)
		}
		w.x += n * unit * width * w.job.p.CellDots
	}
	put(x, wide, (cells-odd)/unit/wide)
	if odd > 0 { // the last cell: one more wide character that overlaps
		put(x+(cells-unit)*w.job.p.CellDots, 1, 1)
	}
}

// widest is the magnification at which n characters of that many bytes cost least, the changes of size to it and
// back counted.
func (w *pen) widest(n, bytes int) int {
	const change = 3
	best, least := 1, 1<<30
	for m := 1; m <= w.job.p.Magnify; m++ {
		if n%m != 0 {
			continue
		}
		cost := n / m * bytes
		if w.modes.size != byte(m-1)<<4 {
			cost += change
		}
		if m > 1 {
			cost += change
		}
		if cost < least {
			best, least = m, cost
		}
	}
	return best
}

// page0 returns r's byte in code page 0, the one that printers have after ESC @.
func (w *pen) page0(r rune) (byte, bool) {
	if len(w.job.chars.Pages) == 0 || w.job.chars.Pages[0].Number != 0 {
		return 0, false
	}
	return w.job.chars.Pages[0].Byte(r)
}

// box prints one box-drawing character, one cell wide, at x half cells.
func (w *pen) box(r rune, x, height int) {
	b, ok := w.page0(r)
	if !ok {
		b = '|'
	}
	w.moveTo(raster.Dots(x, w.job.p), receiptline.Style{Width: 1, Height: height}, false)
	if ok {
		w.modes.usePage(0)
	}
	w.out.row = append(w.out.row, b)
	w.x += w.job.p.CellDots
}

// boxLine prints the top, a joint or the bottom of a box.
func (e *encoder) boxLine(r *receiptline.Row) {
	line, ok := e.pen.page0('─')
	if !ok {
		line = '-'
	}
	e.pen.moveTo(raster.Dots(r.Left, e.job.p), plain, false)
	if ok {
		e.modes.usePage(0)
	}
	for k := 0; k < r.Cells; {
		n := 0
		for k+n < r.Cells && raster.BoxChar(r, k+n) == '─' {
			n++
		}
		e.pen.segment(line, n)
		if k += n; k < r.Cells {
			e.modes.setStyle(e.pen.font, plain, false)
			b, ok := e.pen.page0(raster.BoxChar(r, k))
			if !ok {
				b = '+'
			}
			e.out.row = append(e.out.row, b)
			k++
		}
	}
	e.pen.x += r.Cells * e.job.p.CellDots
}

// segment prints n cells of line, magnified where that saves bytes.
func (w *pen) segment(line byte, n int) {
	m := 1
	for k := 2; k <= w.job.p.Magnify && w.job.p.GSBangCJK; k++ {
		if n/k+n%k+6 < n/m+n%m+min(m-1, 1)*6 {
			m = k
		}
	}
	for _, part := range [2][2]int{{m, n / m}, {1, n - n/m*m}} {
		if part[1] == 0 {
			continue
		}
		w.modes.setStyle(w.font, receiptline.Style{Width: part[0], Height: 1}, false)
		for range part[1] {
			w.out.row = append(w.out.row, line)
		}
	}
}
