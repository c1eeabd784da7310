package raster

import (
	"slices"

	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/receiptline"
)

// Drawn reports a row that cannot be printed with the printer's own characters but can be drawn: it is sent as dots.
func Drawn(r *receiptline.Row, p *profile.Profile) bool {
	if p.RasterRows == 0 {
		return false
	}
	chars := p.Chars()
	for i := range r.Runs {
		run := &r.Runs[i]
		if run.Style.Width > p.Magnify || run.Style.Height > p.Magnify {
			return true
		}
		if !chars.Common(run.Text) && needsDots(run, chars) || run.RightToLeft && turned(run) {
			return true
		}
	}
	return false
}

// turned reports a run of a paragraph from right to left that a printer, which knows only the other way, would print in another
// order: words of Latin letters with a full stop, say.
func turned(run *receiptline.Run) bool {
	s := order([]rune(run.Text), true)
	return len(s) > 1 || len(s) == 1 && s[0].rtl
}

func needsDots(run *receiptline.Run, chars *profile.Chars) bool {
	slots := chars.SlotsOf(run.Text, run.Cells/max(run.Style.Width, 1))
	for _, c := range run.Text {
		if c >= 0x80 && chars.Find(chars.Substitute(c), chars.Slot(slots, c)) == profile.Dots {
			return true
		}
	}
	return false
}

// Text draws one text row or rule as a bitmap of the row's height, without the white to its right and below it: what is sent
// instead of characters when a printer lacks one of them. No two of its bytes read as a real-time request.
func Text(r *receiptline.Row, p *profile.Profile, f Fonts) *Bitmap {
	b := New(p.WidthDots, RowHeight(r))
	b.ownRow(r, 0, p, f)
	stride := 1
	for y := range b.Height {
		row := b.Bits[y*b.Stride : (y+1)*b.Stride]
		for x := len(row); x > stride; x-- {
			if row[x-1] != 0 {
				stride = x
			}
		}
	}
	b = b.Crop(stride)
	b.BreakRealTime()
	return b
}

// textRow draws a text row or rule as the paper shows it.
func (b *Bitmap) textRow(r *receiptline.Row, y int, p *profile.Profile, f Fonts) {
	if Drawn(r, p) {
		b.blit(Text(r, p, f), 0, y)
		return
	}
	b.ownRow(r, y, p, f)
}

// ownRow draws a text row or rule as it is meant.
func (b *Bitmap) ownRow(r *receiptline.Row, y int, p *profile.Profile, f Fonts) {
	if r.Kind == receiptline.RuleRow {
		b.ruleRow(r, y, p, f)
		return
	}
	bottom := y + RowHeight(r)
	for _, x := range r.Bars {
		h := max(r.Height, 1)
		b.char('│', 1, Dots(x, p), y, receiptline.Style{Width: 1, Height: h}, f)
	}
	for i := 0; i < len(r.Runs); {
		if r.Small {
			b.smallRun(r, &r.Runs[i], bottom, p)
			i++
			continue
		}
		end := joined(r.Runs, i)
		b.runs(r.Runs[i:end], bottom, p, f)
		i = end
	}
}

// joined gives the end of the runs that make one text with run i: a word in bold, say, stands in the middle of a sentence, and
// from right to left the sentence's beginning stands to its right.
func joined(runs []receiptline.Run, i int) int {
	end := i + 1
	for end < len(runs) && runs[end].X == runs[end-1].X+2*runs[end-1].Cells && runs[end].RightToLeft == runs[i].RightToLeft {
		end++
	}
	return end
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

// A letter is one character of a line and how it is drawn.
type letter struct {
	style  receiptline.Style
	cells  int  // of its slot, before it is magnified
	joined bool // in a line with right-to-left letters: the outline font has it
}

// A line is text that is drawn together, and what it is drawn on and with.
type line struct {
	*Bitmap
	p       *profile.Profile
	f       Fonts
	text    []rune
	letters []letter // one for each of text
	bottom  int      // dots: where it stands
	rtl     bool     // its paragraph runs from right to left
}

// runs draws runs that make one text; it stands on bottom.
func (b *Bitmap) runs(runs []receiptline.Run, bottom int, p *profile.Profile, f Fonts) {
	c := p.Chars()
	l := line{Bitmap: b, p: p, f: f, bottom: bottom, rtl: runs[0].RightToLeft}
	for i := range runs {
		run := &runs[i]
		s := run.Style
		s.Width, s.Height = max(s.Width, 1), max(s.Height, 1)
		slots := c.SlotsOf(run.Text, run.Cells/s.Width)
		for _, r := range run.Text {
			l.text = append(l.text, r)
			l.letters = append(l.letters, letter{style: s, cells: c.Slot(slots, r)})
		}
	}
	x := Dots(runs[0].X, p)
	if p.RasterRows == 0 { // the printer prints it as it is written
		l.segment(segment{0, len(l.text), false}, x)
		return
	}
	f.markJoined(l.text, l.letters)
	for _, s := range order(l.text, l.rtl) {
		x = l.segment(s, x)
	}
}

// segment draws the characters of one direction and gives where the next ones begin. What is drawn alike is
// drawn together.
func (l *line) segment(s segment, x int) int {
	for s.from < s.to {
		part := s
		if s.rtl { // the last ones stand leftmost
			part.from = s.to - 1
			for part.from > s.from && alike(l.letters[part.from-1], l.letters[s.to-1]) {
				part.from--
			}
			s.to = part.from
		} else {
			part.to = s.from + 1
			for part.to < s.to && alike(l.letters[part.to], l.letters[s.from]) {
				part.to++
			}
			s.from = part.to
		}
		x = l.part(part, x)
	}
	return x
}

func alike(a, b letter) bool { return a.style == b.style && a.joined == b.joined }

// part draws characters of one direction that are drawn alike: joined by the outline font where they want that, else one by one.
func (l *line) part(s segment, x int) int {
	style := l.letters[s.from].style
	if l.letters[s.from].joined && slices.ContainsFunc(l.text[s.from:s.to], profile.RightToLeft) {
		cells := 0
		for _, c := range l.letters[s.from:s.to] {
			cells += c.cells
		}
		width := cells * l.p.CellDots
		for i, strip := range l.f.join(l.text, s, width, l.rtl) {
			l.paint(&strip, x+i*stripWidth*style.Width, l.top(style), size{min(stripWidth, width-i*stripWidth), cellHeight}, style)
		}
		return x + width*style.Width
	}
	for i, r := range s.shown(l.text) {
		x = l.slot(r, l.letters[i], x)
	}
	return x
}

// top is where characters of a style begin, in dots.
func (l *line) top(s receiptline.Style) int { return l.bottom - cellHeight*s.Height }

// slot draws one character in its slot and gives where the next one begins.
func (l *line) slot(r rune, c letter, x int) int {
	chars, style, y := l.p.Chars(), c.style, l.top(c.style)
	r = chars.Substitute(r)
	drawn := c.cells
	switch chars.Find(r, c.cells) {
	case profile.ASCII, profile.Page:
		drawn = 1
	case profile.Blank:
		r = ' '
	}
	if c.cells == 0 { // a combining mark goes over the character before it
		l.char(r, 1, x-l.p.CellDots*style.Width, y, receiptline.Style{Width: style.Width, Height: style.Height}, l.f)
		return x
	}
	l.char(r, drawn, x, y, style, l.f)
	if drawn < c.cells { // the printer's own narrow character, then a space to fill the slot
		l.char(' ', c.cells-drawn, x+drawn*l.p.CellDots*style.Width, y, style, l.f)
	}
	return x + c.cells*l.p.CellDots*style.Width
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
