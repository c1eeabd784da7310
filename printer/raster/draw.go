// Package raster draws documents as dots: previews of slips, rows with characters that a printer's fonts lack, and
// pictures, bar codes and QR codes.
//
// It owns nothing on disk, keeps the last scaled pictures (4 MB at most) and glyphs in memory, and starts no goroutine.
// A preview is what a printer of the given profile draws from the bytes that package escpos sends for the same layout.
package raster

import (
	"sync"

	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/receiptline"
)

// CutGap is how many dots of white a preview shows for a cut in the middle of a document, with a dashed line in it.
const CutGap = 24

var drawables sync.Map // *profile.Profile -> *profile.Profile

// drawable is p itself, or, for an impact printer whose cells are not those of our glyphs, a printer as many cells wide
// with cells that are: its preview shows the text and its place, not its dots.
func drawable(p *profile.Profile) *profile.Profile {
	if p.CellDots == cellWidth {
		return p
	}
	q := *p
	q.CellDots, q.WidthDots = cellWidth, p.Columns*cellWidth
	got, _ := drawables.LoadOrStore(p, &q)
	return got.(*profile.Profile)
}

// Draw draws the whole document as the paper shows it, from its first dot to the end of the last row. Cuts inside the
// document are shown as a dashed line; the last cut is the end of the picture.
func Draw(l *receiptline.Layout, p *profile.Profile, f Fonts) *Bitmap {
	type placed struct {
		y    int
		body *Object
	}
	p = drawable(p)
	end, _ := End(l)
	rows := make([]placed, end)
	y := 0
	for i := range end {
		rows[i].y = y
		switch l.Rows[i].Kind {
		case receiptline.TextRow, receiptline.RuleRow:
			y += Advance(l, i, p)
		case receiptline.ImageRow, receiptline.CodeRow, receiptline.LogoRow:
			if obj, err := NewObject(&l.Rows[i], l, p, f); err == nil {
				rows[i].body = obj
				y += obj.Place.Height
			}
		case receiptline.CutRow:
			y += CutGap
		}
	}
	b := New(p.WidthDots, y)
	for i := range end {
		switch r := &l.Rows[i]; r.Kind {
		case receiptline.TextRow, receiptline.RuleRow:
			b.textRow(r, rows[i].y, p, f)
		case receiptline.ImageRow, receiptline.CodeRow, receiptline.LogoRow:
			if obj := rows[i].body; obj != nil {
				obj.draw(b, rows[i].y)
			}
		case receiptline.CutRow:
			for x := 0; x < b.Width; x += 16 {
				b.fill(x, rows[i].y+CutGap/2, 8, 1)
			}
		}
	}
	return b
}
