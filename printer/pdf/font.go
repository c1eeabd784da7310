package pdf

import (
	"encoding/binary"
	"slices"
)

// The font of the text layer draws nothing: its glyphs are empty and differ in width alone. A real font with the Chinese
// characters of a slip would be larger than the slip. Lengths are in its units, em of them to the height.
const (
	em      = 1000
	ascent  = 860
	descent = 140
)

// The font's glyphs: one for each number of cells, a cell being half as wide as high. The first one stands for half of a
// character that UTF-16 writes in two.
var glyphWidths = [...]uint16{em / 2, 0, em / 2, em}

// emptyFont is a TrueType font for the characters of a text (Apple TrueType Reference Manual; OpenType 1.9, "Font Tables").
func emptyFont(text string, measure func(rune) int) []byte {
	seen := map[rune]bool{}
	for _, c := range text {
		if c < 0xFFFF {
			seen[c] = true
		}
	}
	chars := make([]rune, 0, len(seen))
	for c := range seen {
		chars = append(chars, c)
	}
	slices.Sort(chars)

	glyphs := len(glyphWidths)
	var widths []byte
	for _, w := range glyphWidths {
		widths = be(widths, w, 0) // advance, left side bearing
	}
	return assemble(map[string][]byte{
		"cmap": characterMap(chars, func(c rune) int { return 1 + min(max(measure(c), 0), 2) }),
		"glyf": {0, 0, 0, 0},
		"head": be(nil, 1, 0, 1, 0, 0, 0, 0x5F0F, 0x3CF5, 0, em, 0, 0, 0, 0, 0, 0, 0, 0, 0, neg(descent), em, ascent, 0, 8, 2, 0, 0),
		"hhea": be(nil, 1, 0, ascent, neg(descent), 0, em, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, glyphs),
		"hmtx": widths,
		"loca": make([]byte, 2*(glyphs+1)),
		"maxp": be(nil, 0, 0x5000, glyphs),
		"name": be(nil, 0, 0, 6),
		"post": be(nil, 3, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
	})
}

// characterMap is a table of format 4 with a segment for each character, so that many may share a glyph.
func characterMap(chars []rune, glyph func(rune) int) []byte {
	n := len(chars) + 1 // the last segment is 0xFFFF and maps to no glyph
	ends, starts, deltas := make([]byte, 0, 2*n), make([]byte, 0, 2*n), make([]byte, 0, 2*n)
	for _, c := range chars {
		ends, starts, deltas = be(ends, int(c)), be(starts, int(c)), be(deltas, (glyph(c)-int(c))&0xFFFF)
	}
	ends, starts, deltas = be(ends, 0xFFFF), be(starts, 0xFFFF), be(deltas, 1)
	exp := 0
	for 2<<exp <= n {
		exp++
	}
	table := be(nil, 4, 16+8*n, 0, 2*n, 2<<exp, exp, 2*n-2<<exp)
	table = append(append(table, ends...), 0, 0)
	table = append(append(table, starts...), deltas...)
	table = append(table, make([]byte, 2*n)...) // no glyph arrays
	return append(be(nil, 0, 1, 3, 1, 0, 12), table...)
}

// assemble makes a font file of its tables. Their checksums are left out: no reader of PDF files looks at them.
func assemble(tables map[string][]byte) []byte {
	names := make([]string, 0, len(tables))
	for name := range tables {
		names = append(names, name)
	}
	slices.Sort(names)
	file := be(nil, 1, 0, len(names), 128, 3, len(names)*16-128)
	at := len(file) + 16*len(names)
	for _, name := range names {
		file = append(file, name...)
		file = binary.BigEndian.AppendUint32(file, 0)
		file = binary.BigEndian.AppendUint32(file, uint32(at))
		file = binary.BigEndian.AppendUint32(file, uint32(len(tables[name])))
		at += (len(tables[name]) + 3) &^ 3
	}
	for _, name := range names {
		file = append(file, tables[name]...)
		file = append(file, make([]byte, -len(tables[name])&3)...)
	}
	return file
}

// be appends numbers of 16 bits, the high byte first.
func be[N int | uint16](b []byte, numbers ...N) []byte {
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	}
	return b
}

// neg is -n as a number of 16 bits.
func neg(n int) int { return -n & 0xFFFF }
