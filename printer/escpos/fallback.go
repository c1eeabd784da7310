package escpos

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

// dotsRow draws the whole row and sends it as a raster.
func (e *encoder) dotsRow(i int) {
	r := &e.job.l.Rows[i]
	e.warnGlyphs(r)
	e.report.drawn = append(e.report.drawn, r.Line)
	b := raster.Text(r, e.job.p, e.job.o.Fonts)
	e.paper.settle()
	e.modes.setAlign(0) // the white to the left is in the picture
	e.bands(b, b.Stride)
	e.paper.dots += b.Height
	e.paper.feed += raster.Advance(e.job.l, i, e.job.p) - b.Height
	e.out.flush()
}

// warnGlyphs names the characters of a drawn row that come out as a box, and the words whose letters are not joined.
func (e *encoder) warnGlyphs(r *receiptline.Row) {
	for i := range r.Runs {
		run := &r.Runs[i]
		for word := range strings.FieldsSeq(run.Text) {
			if at := strings.IndexFunc(word, arabic); at >= 0 && !e.job.o.Fonts.Joins(word) {
				c, _ := utf8.DecodeRuneInString(word[at:])
				e.report.warn(r, "unshaped", c, fmt.Sprintf("第%d行的“%s”是阿拉伯文，字母没有连写；请在打印机配置的 font 里指定含阿拉伯字母的 OpenType 字体。", r.Line, word),
					fmt.Sprintf("Line %d: %q is Arabic and its letters are not joined; name an OpenType font with Arabic as the printer's font in the configuration.", r.Line, word))
			}
		}
		slots := e.job.chars.SlotsOf(run.Text, run.Cells/max(run.Style.Width, 1))
		for _, c := range run.Text {
			slot := e.job.chars.Slot(slots, c)
			c = e.job.chars.Substitute(c)
			if e.job.chars.Find(c, slot) != profile.Dots {
				continue
			}
			if !e.job.o.Fonts.Has(c, slot) {
				e.report.warnRune(r, "missing_glyph", c, "没有字形，打印为方框；请在配置里指定含此字的字体。",
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
	e.report.warnRune(r, "missing_glyph", c, "这台打印机没有，也不能打印图形；已用方框代替。", "is not in this printer, which prints no graphics; a box stands for it.")
	if slot == 0 {
		return
	}
	if code, ok := e.job.chars.Set.Code('□'); ok && slot == 2 {
		e.pen.twoByteChar(x, s, code)
		return
	}
	e.pen.moveTo(x, s, false)
	e.out.row = append(e.out.row, '?')
	e.pen.x = x + e.job.p.CellDots*s.Width
}
