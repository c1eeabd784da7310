// Package raster draws documents as dots: previews of slips, rows with characters that a printer's fonts lack, and
// pictures, bar codes and QR codes.
//
// It owns nothing on disk, keeps the last scaled pictures (4 MB at most) and glyphs in memory, and starts no goroutine.
// A preview is what a printer of the given profile draws from the bytes that package escpos sends for the same layout.
package raster

import (
	"cmp"
	"io"
	"slices"
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

// A page is a document with the place of each of its rows, ready to be drawn band by band.
type page struct {
	l      *receiptline.Layout
	p      *profile.Profile
	f      Fonts
	rows   []placedRow
	height int // dots
}

// A placedRow is a row of the document: where it begins, and its object if it is one that can be drawn.
type placedRow struct {
	y    int
	body *Object
}

// newPage finds the place of every row.
func newPage(l *receiptline.Layout, p *profile.Profile, f Fonts) *page {
	p = drawable(p)
	end, _ := End(l)
	g := &page{l: l, p: p, f: f, rows: make([]placedRow, end)}
	for i := range end {
		g.rows[i].y = g.height
		switch l.Rows[i].Kind {
		case receiptline.TextRow, receiptline.RuleRow:
			g.height += Advance(l, i, p)
		case receiptline.ImageRow, receiptline.CodeRow, receiptline.LogoRow:
			if obj, err := NewObject(&l.Rows[i], l, p, f); err == nil {
				g.rows[i].body = obj
				g.height += obj.Place.Height
			}
		case receiptline.CutRow:
			g.height += CutGap
		}
	}
	return g
}

// band draws the dots of the page from y on, as many rows as b has.
func (g *page) band(b *Bitmap, y int) {
	clear(b.Bits)
	first, _ := slices.BinarySearchFunc(g.rows, y, func(r placedRow, y int) int { return cmp.Compare(r.y, y) })
	// The row before the first that begins in the band may reach into it.
	for i := max(first-1, 0); i < len(g.rows) && g.rows[i].y < y+b.Height; i++ {
		at := g.rows[i].y - y
		switch r := &g.l.Rows[i]; r.Kind {
		case receiptline.TextRow, receiptline.RuleRow:
			b.textRow(r, at, g.p, g.f)
		case receiptline.ImageRow, receiptline.CodeRow, receiptline.LogoRow:
			if obj := g.rows[i].body; obj != nil {
				obj.draw(b, at)
			}
		case receiptline.CutRow:
			for x := 0; x < b.Width; x += 16 {
				b.fill(x, at+CutGap/2, 8, 1)
			}
		}
	}
}

// Draw draws the whole document as the paper shows it, from its first dot to the end of the last row. Cuts inside the
// document are shown as a dashed line; the last cut is the end of the picture.
func Draw(l *receiptline.Layout, p *profile.Profile, f Fonts) *Bitmap {
	g := newPage(l, p, f)
	b := New(g.p.WidthDots, g.height)
	g.band(b, 0)
	return b
}

// PNG writes what Draw draws as a PNG file of one bit per dot, in bands: a long document takes little memory. One that takes
// no paper shows a blank line.
func PNG(w io.Writer, l *receiptline.Layout, p *profile.Profile, f Fonts) error {
	g := newPage(l, p, f)
	return g.png(w, max(g.height, g.p.LineDots))
}

// bandDots is how high a band is.
const bandDots = 256
