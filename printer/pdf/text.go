package pdf

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"codeberg.org/go-pdf/fpdf"

	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

// invisible is the text rendering mode that neither fills nor strokes (ISO 32000-1, table 106).
const invisible = 3

// A textLayer is the text of a page, set where its dots are.
type textLayer struct {
	pdf   *fpdf.Fpdf
	sheet *raster.Sheet
	scale float64 // points for each dot
}

// write sets the text of each row.
func (t *textLayer) write(l *receiptline.Layout) {
	tops := t.sheet.Tops
	font := emptyFont(characters(l, tops), t.sheet.Profile.Measure)
	t.pdf.AddUTF8FontFromBytes("text", "", font)
	t.pdf.SetFont("text", "", 1)
	t.pdf.SetTextRenderingMode(invisible)
	for i, top := range tops {
		r := &l.Rows[i]
		switch r.Kind {
		case receiptline.TextRow:
			bottom := top + raster.RowHeight(r)
			for k := range r.Runs {
				t.run(r, &r.Runs[k], bottom)
			}
		case receiptline.CodeRow:
			t.codeText(r, top)
		}
	}
}

// characters is the text that the first rows hold.
func characters(l *receiptline.Layout, tops []int) string {
	var b strings.Builder
	for i := range tops {
		for k := range l.Rows[i].Runs {
			b.WriteString(l.Rows[i].Runs[k].Text)
		}
		if c := l.Rows[i].Code; c != nil && c.HRI {
			b.WriteString(c.HRIText())
		}
	}
	return b.String()
}

// run sets a run of text that stands on bottom, as wide as it is on the paper.
func (t *textLayer) run(r *receiptline.Row, run *receiptline.Run, bottom int) {
	p := t.sheet.Profile
	cell := raster.CellDots(r, p)
	high := raster.CharHeight(r) * max(run.Style.Height, 1)
	t.text(run.Text, raster.RunDots(r, run, p), bottom, high, run.Cells*cell, run.RightToLeft)
}

// codeText sets the line that a printer prints below a bar code.
func (t *textLayer) codeText(r *receiptline.Row, top int) {
	if r.Code == nil || !r.Code.HRI {
		return
	}
	p, text := t.sheet.Profile, r.Code.HRIText()
	t.text(text, raster.Dots(r.Left, p), top+r.Code.Height+p.LineDots, p.LineDots, len(text)*p.CellDots, false)
}

// text sets a text with its left lower corner at x, bottom, high dots high and wide dots wide.
func (t *textLayer) text(s string, x, bottom, high, wide int, rightToLeft bool) {
	s = strings.TrimRight(s, " ")
	cells := 0
	for _, c := range s {
		cells += t.sheet.Profile.Measure(c)
	}
	if cells == 0 {
		return
	}
	size := float64(high) * t.scale
	t.pdf.SetFontUnitSize(size)
	// A cell of the font is half as wide as it is high; Tz is in hundredths of that (ISO 32000-1, 9.3.4).
	t.pdf.RawWriteStr(fmt.Sprintf("%.2f Tz", 100*float64(wide)*t.scale/(float64(cells)*size/2)))
	codes, actual := twoByte(s, rightToLeft)
	if actual != "" {
		t.pdf.RawWriteStr("/Span <</ActualText <" + actual + ">>> BDC")
	}
	t.pdf.Text(float64(x)*t.scale, float64(bottom)*t.scale-size*descent/em, codes)
	if actual != "" {
		t.pdf.RawWriteStr("EMC")
	}
}

// twoByte is a text as the codes of the font, two bytes each, from left to right as it is seen, which is the order that readers expect.
// A character that UTF-16 writes in two has no code; what the text says is then told beside it, as ActualText in hexadecimal UTF-16
// (ISO 32000-1, 14.9.4).
func twoByte(s string, rightToLeft bool) (codes, actual string) {
	codes = raster.LeftToRight(s, rightToLeft)
	if !strings.ContainsFunc(s, func(c rune) bool { return c > 0xFFFF }) {
		return codes, ""
	}
	said := []byte("FEFF")
	for _, c := range utf16.Encode([]rune(s)) {
		said = fmt.Appendf(said, "%04X", c)
	}
	return strings.Map(func(c rune) rune { return min(c, utf8.RuneError) }, codes), string(said)
}
