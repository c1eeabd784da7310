package raster

import (
	"sync"

	"golang.org/x/text/width"

	"github.com/receiptd/receiptd/printer/font12"
	"github.com/receiptd/receiptd/receiptline"
)

// The printer's cell: 12 by 24 dots, an ideograph 24 by 24. The built-in font's 12 rows, doubled, fill it.
const (
	cellWidth  = 12
	cellHeight = 2 * font12.Height
)

// A glyph is one character in a cell: 24 rows, the leftmost dot in the high bit.
type glyph [cellHeight]uint32

func (g *glyph) empty() bool { return *g == glyph{} }

// glyphs keeps the built-in glyphs drawn last: a slip shows the same few hundred again and again.
var glyphs struct {
	sync.RWMutex
	drawn map[glyphKey]drawnGlyph
}

type glyphKey struct {
	r     rune
	cells int
}

type drawnGlyph struct {
	glyph
	ok bool
}

const maxGlyphs = 4096 // half a megabyte

// builtIn draws r from the bitmap font, or from Unifont what that lacks, into a slot of that many cells; false if
// neither has it.
func builtIn(r rune, cells int) (glyph, bool) {
	key := glyphKey{r, cells}
	glyphs.RLock()
	g, known := glyphs.drawn[key]
	glyphs.RUnlock()
	if known {
		return g.glyph, g.ok
	}
	g.glyph, g.ok = drawBuiltIn(r, cells)
	glyphs.Lock()
	defer glyphs.Unlock()
	if glyphs.drawn == nil || len(glyphs.drawn) >= maxGlyphs {
		glyphs.drawn = make(map[glyphKey]drawnGlyph)
	}
	glyphs.drawn[key] = g
	return g.glyph, g.ok
}

func drawBuiltIn(r rune, cells int) (glyph, bool) {
	if cells == 2 && width.LookupRune(r).Kind() == width.EastAsianAmbiguous { // else both faces draw the same
		if g, ok := doubled(font12.ChineseWide, r, 24); ok {
			return g, true
		}
	}
	if g, ok := doubled(font12.Chinese, r, 12*cells); ok {
		return g, true
	}
	return fromUnifont(r, cells)
}

// doubled draws r from face at twice its size, in the middle of a slot of so many dots; a character that is too wide is doubled in
// height only. False if it is empty or still too wide.
func doubled(face font12.Face, r rune, slot int) (glyph, bool) {
	small, ok := face.Glyph(r)
	if !ok || small.Width > slot {
		return glyph{}, false
	}
	var g glyph
	for y := range cellHeight {
		row := twice(small.Rows[y/2])
		if 2*small.Width > slot {
			g[y] = squeeze(row) >> ((slot - small.Width) / 2)
		} else {
			g[y] = row >> ((slot - 2*small.Width) / 2)
		}
	}
	return g, !g.empty()
}

// twice makes two dots of one.
func twice(row uint16) uint32 {
	var out uint32
	for x := range cellWidth {
		if row<<x&0x8000 != 0 {
			out |= 0xC0000000 >> (2 * x)
		}
	}
	return out
}

// missing is what stands for a character that no font has: a box as wide as its slot.
func missing(cells int) glyph {
	var g glyph
	w := 12 * max(cells, 1)
	lid := ^uint32(0) >> (32 - (w - 2)) << (31 - (w - 2)) // dots 1 to w-2
	wall := uint32(3)<<29 | uint32(3)<<(32-w+1)
	for y := 2; y < 22; y++ {
		g[y] = wall
		if y < 4 || y >= 20 {
			g[y] = lid
		}
	}
	return g
}

// A size of a cell, in dots.
type size struct{ w, h int }

// paint draws the glyph of a cell at x, y in style s; each dot becomes s.Width by s.Height dots. Bold is the glyph over
// itself one dot to the right, underline the two lowest dot rows, invert the complement of the cell.
func (b *Bitmap) paint(g *glyph, x, y int, cell size, s receiptline.Style) {
	mw, mh := max(s.Width, 1), max(s.Height, 1)
	if y >= b.Height || y+cell.h*mh <= 0 {
		return
	}
	if s.Invert {
		b.fill(x, y, cell.w*mw, cell.h*mh)
	}
	for j := range cell.h {
		row := g[j]
		for i := 0; row != 0 && i < cell.w; {
			if row&(1<<31>>i) == 0 {
				i++
				continue
			}
			from := i
			for i < cell.w && row&(1<<31>>i) != 0 {
				i++
			}
			dots := (i - from) * mw
			if s.Bold && i < cell.w {
				dots++
			}
			b.ink(x+from*mw, y+j*mh, dots, mh, !s.Invert)
		}
	}
	if s.Underline {
		b.ink(x, y+cell.h*mh-2, cell.w*mw, 2, !s.Invert)
	}
}
