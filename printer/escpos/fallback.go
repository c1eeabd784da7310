package escpos

import (
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

// needsDots reports a row that cannot be printed with the printer's own characters but can be drawn.
func (e *encoder) needsDots(r *receiptline.Row) bool {
	if e.p.RasterRows == 0 {
		return false
	}
	for i := range r.Runs {
		run := &r.Runs[i]
		if run.Style.Width > e.p.Magnify || run.Style.Height > e.p.Magnify {
			return true
		}
		if !e.chars.Common(run.Text) && e.needsDotsRun(run) {
			return true
		}
	}
	return false
}

func (e *encoder) needsDotsRun(run *receiptline.Run) bool {
	slots := e.chars.SlotsOf(run.Text, run.Cells/max(run.Style.Width, 1))
	for _, c := range run.Text {
		if c < 0x80 {
			continue
		}
		if e.chars.Find(e.chars.Substitute(c), e.chars.Slot(slots, c)) == profile.Dots {
			return true
		}
	}
	return false
}

// dotsRow draws the whole row and sends it as a raster, without the white to its right.
func (e *encoder) dotsRow(i int) {
	r := &e.l.Rows[i]
	e.warnGlyphs(r)
	e.drawn = append(e.drawn, r.Line)
	b := raster.Text(r, e.p, e.o.Fonts)
	stride := 0
	for y := range b.Height {
		row := b.Bits[y*b.Stride : (y+1)*b.Stride]
		for x := len(row); x > stride; x-- {
			if row[x-1] != 0 {
				stride = x
			}
		}
	}
	b = b.Crop(max(stride, 1))
	b.BreakRealTime()
	e.settle()
	e.setAlign(0) // the white to the left is in the picture
	e.bands(b, b.Stride)
	e.dots += b.Height
	e.feed += raster.Advance(e.l, i, e.p) - b.Height
	e.flush()
}

// warnGlyphs names the characters of a drawn row that come out as a box or unshaped.
func (e *encoder) warnGlyphs(r *receiptline.Row) {
	for i := range r.Runs {
		run := &r.Runs[i]
		slots := e.chars.SlotsOf(run.Text, run.Cells/max(run.Style.Width, 1))
		for _, c := range run.Text {
			slot := e.chars.Slot(slots, c)
			c = e.chars.Substitute(c)
			if e.chars.Find(c, slot) != profile.Dots {
				continue
			}
			if arabic(c) {
				e.warnRune(r, "unshaped", c, "是阿拉伯字母，只能按单个字母打印，不连写。", "is Arabic: letters are printed unjoined.")
			}
			if !e.o.Fonts.Has(c, slot) {
				e.warnRune(r, "missing_glyph", c, "没有字形，打印为方框；请在配置里指定含此字的字体。",
					"has no glyph and is printed as a box; name a font that has it in the configuration.")
			}
		}
	}
}

func arabic(r rune) bool {
	return r >= 0x0600 && r <= 0x08FF || r >= 0xFB50 && r <= 0xFDFF || r >= 0xFE70 && r <= 0xFEFC
}

// stopgap stands in for a character on a printer without graphics: a box of its own font, or '?', and a warning.
func (e *encoder) stopgap(r *receiptline.Row, x int, s receiptline.Style, c rune, slot int) {
	e.warnRune(r, "missing_glyph", c, "这台打印机没有，也不能打印图形；已用方框代替。", "is not in this printer, which prints no graphics; a box stands for it.")
	if slot == 0 {
		return
	}
	if code, ok := e.chars.Set.Code('□'); ok && slot == 2 {
		e.twoByteChar(x, s, code)
		return
	}
	e.moveTo(x, s, false)
	e.row = append(e.row, '?')
	e.x = x + e.p.CellDots*s.Width
}
