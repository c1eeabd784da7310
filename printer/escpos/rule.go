package escpos

import (
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

// ruleRow prints a horizontal rule, or a line of a box.
func (e *encoder) ruleRow(i int) {
	r := &e.l.Rows[i]
	e.settle()
	e.setAlign(e.lineAlign[i])
	e.x, e.high = 0, 1
	if len(r.Joints) == 0 {
		e.rule(raster.Dots(r.Left, e.p), r.Cells)
	} else {
		e.boxLine(r)
	}
	e.lineFeed(i)
}

// rule draws a line of that many cells with the fewest bytes: the two-byte or code page box line, which joins without
// a gap, magnified in width. A hyphen is used only where a printer has neither.
func (e *encoder) rule(x, cells int) {
	glyph, unit := []byte{'-'}, 1
	code, two := e.chars.Set.Code('─')
	if two {
		glyph, unit = []byte{byte(code >> 8), byte(code)}, 2
	} else if b, ok := e.page0('─'); ok {
		glyph = []byte{b}
	}
	odd := cells % unit
	wide := e.widest((cells-odd)/unit, len(glyph))
	put := func(x, width, n int) {
		e.moveTo(x, receiptline.Style{Width: width, Height: 1}, two)
		switch {
		case two && !e.twoByte:
			e.row = append(e.row, 0x1C, '&')
			e.twoByte = true
		case !two && glyph[0] >= 0x80:
			e.usePage(0)
		}
		for range n {
			e.row = append(e.row, glyph...)
		}
		e.x += n * unit * width * e.p.CellDots
	}
	put(x, wide, (cells-odd)/unit/wide)
	if odd > 0 { // the last cell: one more wide character that overlaps
		put(x+(cells-unit)*e.p.CellDots, 1, 1)
	}
}

// widest is the magnification at which n characters of that many bytes cost least, the changes of size to it and
// back counted.
func (e *encoder) widest(n, bytes int) int {
	const change = 3
	best, least := 1, 1<<30
	for m := 1; m <= e.p.Magnify; m++ {
		if n%m != 0 {
			continue
		}
		cost := n / m * bytes
		if e.size != byte(m-1)<<4 {
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
func (e *encoder) page0(r rune) (byte, bool) {
	if len(e.chars.Pages) == 0 || e.chars.Pages[0].Number != 0 {
		return 0, false
	}
	return e.chars.Pages[0].Byte(r)
}

// box prints one box-drawing character, one cell wide, at x half cells.
func (e *encoder) box(r rune, x, height int) {
	b, ok := e.page0(r)
	if !ok {
		b = '|'
	}
	e.moveTo(raster.Dots(x, e.p), receiptline.Style{Width: 1, Height: height}, false)
	if ok {
		e.usePage(0)
	}
	e.row = append(e.row, b)
	e.x += e.p.CellDots
}

// boxLine prints the top, a joint or the bottom of a box.
func (e *encoder) boxLine(r *receiptline.Row) {
	line, ok := e.page0('─')
	if !ok {
		line = '-'
	}
	e.moveTo(raster.Dots(r.Left, e.p), plain, false)
	if ok {
		e.usePage(0)
	}
	for k := 0; k < r.Cells; {
		n := 0
		for k+n < r.Cells && raster.BoxChar(r, k+n) == '─' {
			n++
		}
		e.segment(line, n)
		if k += n; k < r.Cells {
			e.setStyle(plain, false)
			b, ok := e.page0(raster.BoxChar(r, k))
			if !ok {
				b = '+'
			}
			e.row = append(e.row, b)
			k++
		}
	}
	e.x += r.Cells * e.p.CellDots
}

// segment prints n cells of line, magnified where that saves bytes.
func (e *encoder) segment(line byte, n int) {
	m := 1
	for k := 2; k <= e.p.Magnify && e.p.GSBangCJK; k++ {
		if n/k+n%k+6 < n/m+n%m+min(m-1, 1)*6 {
			m = k
		}
	}
	for _, part := range [2][2]int{{m, n / m}, {1, n - n/m*m}} {
		if part[1] == 0 {
			continue
		}
		e.setStyle(receiptline.Style{Width: part[0], Height: 1}, false)
		for range part[1] {
			e.row = append(e.row, line)
		}
	}
}
