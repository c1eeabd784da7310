package raster

import (
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/receiptline"
)

// Text draws one text row or rule as a bitmap of the paper's width and the row's height, without the white below it:
// what is sent instead of characters when a printer lacks one of them.
func Text(r *receiptline.Row, p *profile.Profile, f Fonts) *Bitmap {
	b := New(p.WidthDots, RowHeight(r))
	b.textRow(r, 0, p, f)
	return b
}

func (b *Bitmap) textRow(r *receiptline.Row, y int, p *profile.Profile, f Fonts) {
	if r.Kind == receiptline.RuleRow {
		b.ruleRow(r, y, p, f)
		return
	}
	bottom := y + RowHeight(r)
	for _, x := range r.Bars {
		h := max(r.Height, 1)
		b.char('│', 1, Dots(x, p), y, receiptline.Style{Width: 1, Height: h}, f)
	}
	for i := range r.Runs {
		if r.Small {
			b.smallRun(r, &r.Runs[i], bottom, p)
			continue
		}
		b.run(&r.Runs[i], bottom, p, f)
	}
}

// smallRun draws a run of font B that stands on bottom.
func (b *Bitmap) smallRun(r *receiptline.Row, run *receiptline.Run, bottom int, p *profile.Profile) {
	mw, mh := max(run.Style.Width, 1), max(run.Style.Height, 1)
	cell := size{CellDots(r, p), smallHeight}
	x := RunDots(r, run, p)
	for i := range len(run.Text) {
		b.paint(smallGlyph(run.Text[i]), x, bottom-smallHeight*mh, cell, run.Style)
		x += cell.w * mw
	}
}

// run draws a run that stands on bottom.
func (b *Bitmap) run(run *receiptline.Run, bottom int, p *profile.Profile, f Fonts) {
	c := p.Chars()
	mw, mh := max(run.Style.Width, 1), max(run.Style.Height, 1)
	slots := c.SlotsOf(run.Text, run.Cells/mw)
	x, y := Dots(run.X, p), bottom-cellHeight*mh
	for _, r := range visual([]rune(run.Text)) {
		cells := c.Slot(slots, r)
		r = c.Substitute(r)
		drawn := cells
		switch c.Find(r, cells) {
		case profile.ASCII, profile.Page:
			drawn = 1
		case profile.Blank:
			r = ' '
		}
		if cells == 0 { // a combining mark goes over the character before it
			b.char(r, 1, x-p.CellDots*mw, y, receiptline.Style{Width: mw, Height: mh}, f)
			continue
		}
		b.char(r, drawn, x, y, run.Style, f)
		if drawn < cells { // the printer's own narrow character, then a space to fill the slot
			b.char(' ', cells-drawn, x+drawn*p.CellDots*mw, y, run.Style, f)
		}
		x += cells * p.CellDots * mw
	}
}

// char draws one character with its cell's corner at x, y.
func (b *Bitmap) char(r rune, cells, x, y int, s receiptline.Style, f Fonts) {
	var g glyph
	if r > ' ' && r != 0x7F && r != 0x3000 { // controls are no text
		g, _ = f.glyph(r, cells)
	}
	b.paint(&g, x, y, size{cellWidth * cells, cellHeight}, s)
}

// ruleRow draws a horizontal rule: a line two dots thick, with crossings where vertical rules meet it.
func (b *Bitmap) ruleRow(r *receiptline.Row, y int, p *profile.Profile, f Fonts) {
	plain := receiptline.Style{Width: 1, Height: 1}
	left := Dots(r.Left, p)
	if len(r.Joints) == 0 {
		b.fill(left, y+ruleTop, r.Cells*p.CellDots, 2)
		return
	}
	for k := range r.Cells {
		b.char(BoxChar(r, k), 1, left+k*p.CellDots, y, plain, f)
	}
}

// ruleTop is where the box line of the fonts lies in the cell, counted from its top.
const ruleTop = 10

// BoxChar is the box-drawing character in cell k of a rule with joints.
func BoxChar(r *receiptline.Row, k int) rune {
	for _, j := range r.Joints {
		if (j.X-r.Left)/2 != k {
			continue
		}
		return boxChars[[4]bool{k > 0, k < r.Cells-1, j.Up, j.Down}]
	}
	return '─'
}

// by whether the line goes on to the left, right, up, down
var boxChars = map[[4]bool]rune{
	{true, true, false, false}: '─', {true, true, true, true}: '┼', {true, true, true, false}: '┴',
	{true, true, false, true}: '┬', {true, false, true, true}: '┤', {true, false, true, false}: '┘',
	{true, false, false, true}: '┐', {false, true, true, true}: '├', {false, true, true, false}: '└',
	{false, true, false, true}: '┌', {false, false, true, true}: '│', {false, true, false, false}: '─',
	{true, false, false, false}: '─', {false, false, false, false}: '─', {false, false, true, false}: '│',
	{false, false, false, true}: '│',
}
