package raster

import (
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/receiptline"
)

// A Sheet says where the rows of a document lie on the picture that PNG draws, for who puts something else there. Lengths are
// dots.
type Sheet struct {
	Width, Height int
	Tops          []int            // where each row of the document begins; those behind the last cut are left out
	Profile       *profile.Profile // what it was drawn for: the printer, or one with as many cells of our glyphs
}

// NewSheet places the rows of a document.
func NewSheet(l *receiptline.Layout, p *profile.Profile, f Fonts) *Sheet {
	g := newPage(l, p, f)
	s := &Sheet{Width: g.p.WidthDots, Height: max(g.height, g.p.LineDots), Tops: make([]int, len(g.rows)), Profile: g.p}
	for i := range g.rows {
		s.Tops[i] = g.rows[i].y
	}
	return s
}

// CharHeight is how high a character of text row r is before it is magnified, in dots.
func CharHeight(r *receiptline.Row) int { return rowCell(r) }
