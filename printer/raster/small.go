package raster

import (
	"sync"

	"golang.org/x/image/font/inconsolata"
	"golang.org/x/image/math/fixed"
)

// Font B of the printers (ESC M 1) is 9 by 17 dots. Its glyphs here are those of Inconsolata, 8 by 16, as package
// golang.org/x/image/font/inconsolata has them; letters stand on row smallBaseline.
const (
	smallHeight   = 17
	smallBaseline = 13
)

var smallGlyphs = sync.OnceValue(func() *[128]glyph {
	var all [128]glyph
	for c := byte('!'); c <= '~'; c++ {
		dr, mask, at, _, ok := inconsolata.Bold8x16.Glyph(fixed.P(0, smallBaseline), rune(c))
		if !ok {
			continue
		}
		for y := max(dr.Min.Y, 0); y < min(dr.Max.Y, smallHeight); y++ {
			for x := max(dr.Min.X, 0); x < dr.Max.X; x++ {
				if dark(mask, at.X+x-dr.Min.X, at.Y+y-dr.Min.Y) {
					all[c][y] |= 1 << 31 >> x
				}
			}
		}
	}
	return &all
})

// smallGlyph is a printable ASCII character of font B; a blank for anything else.
func smallGlyph(c byte) *glyph { return &smallGlyphs()[c&0x7F] }
