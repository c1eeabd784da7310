package raster

import (
	_ "embed" // the glyphs
	"sort"
)

// unifont holds glyphs of GNU Unifont (unifont/OFL.txt) that the built-in bitmap font lacks: the rest of GBK, Big5 and
// the ideographs of extension A, Thai, Lao, symbols. Sorted records of unifontRecord bytes: the code, high byte first,
// the width in cells, 16 rows of 16 dots.
//
//go:generate go run unifont/generate.go
//go:embed unifont/glyphs.bin
var unifont string

const unifontRecord = 2 + 1 + 16*2

// fromUnifont draws r in the middle of a slot of that many cells; false if Unifont has nothing for it here. A
// character wider than its slot is squeezed to half its width.
func fromUnifont(r rune, cells int) (glyph, bool) {
	code := func(i int) rune { return rune(unifont[i*unifontRecord])<<8 | rune(unifont[i*unifontRecord+1]) }
	n := len(unifont) / unifontRecord
	i := sort.Search(n, func(i int) bool { return code(i) >= r })
	if i == n || code(i) != r {
		return glyph{}, false
	}
	rec := unifont[i*unifontRecord+2 : (i+1)*unifontRecord]
	var g glyph
	for y := range cellHeight {
		// Three dots for two, a dot where either is one: strokes become two dots thick, and gaps stay open.
		from, to := y/3*2+[]int{0, 0, 1}[y%3], y/3*2+[]int{0, 1, 1}[y%3]
		row := uint32(rec[1+2*from]|rec[1+2*to])<<24 | uint32(rec[2+2*from]|rec[2+2*to])<<16
		g[y] = threeForTwo(row)
		switch own := int(rec[0]); {
		case own > cells:
			g[y] = squeeze(g[y])
		case own < cells:
			g[y] >>= cellWidth * (cells - own) / 2
		}
	}
	return g, true
}

// threeForTwo widens the 16 dots in the high bits to 24.
func threeForTwo(row uint32) uint32 {
	var out uint32
	for x := range 8 {
		pair := row >> (30 - 2*x) & 3
		out |= [4]uint32{0, 0b011, 0b110, 0b111}[pair] << (29 - 3*x)
	}
	return out
}

// squeeze makes one dot of two.
func squeeze(row uint32) uint32 {
	var out uint32
	for x := range cellWidth {
		if row>>(30-2*x)&3 != 0 {
			out |= 1 << (31 - x)
		}
	}
	return out
}
