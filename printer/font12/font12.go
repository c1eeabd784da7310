// Package font12 holds the glyphs of the printers' built-in font and of the virtual one's: 12 dots wide for ideographs, 6 for others, as
// package github.com/hajimehoshi/bitmapfont draws them, in a fifth of its room. What a printer makes of them - twice the size, squeezed,
// in the middle of its cell - is its reader's own.
//
// The data are made by tools/font12, whose test compares them with that package's. They are unpacked at the first look, once (0.8 MB), and
// never change: every function may be used by many goroutines.
package font12

import (
	"bytes"
	"compress/flate"
	_ "embed" // the glyphs
	"encoding/binary"
	"fmt"
	"io"
	"sort"
	"sync"
)

// Height is how many rows a glyph has.
const Height = 12

// A Face is one way to draw characters.
type Face uint8

// The faces. Those called wide draw characters of ambiguous width (East Asian Width A: α, ※) over 12 dots.
const (
	Chinese Face = iota // prefers the forms of simplified Chinese
	ChineseWide
	Japanese // prefers Japanese forms, and has some characters more
	JapaneseWide
)

// A Glyph is the dots of one character.
type Glyph struct {
	Width int            // dots: 6 or 12
	Rows  [Height]uint16 // the leftmost dot in the high bit
}

// Glyph gives how a face shows r; false where it has no dot for it, as for a blank.
func (f Face) Glyph(r rune) (Glyph, bool) {
	t := unpacked()
	for i := sort.Search(len(t.runes), func(i int) bool { return t.runes[i] >= r }); i < len(t.runes) && t.runes[i] == r; i++ {
		if t.faces[i]>>f&1 == 0 {
			continue
		}
		g := Glyph{Width: int(t.widths[i])}
		for y := range g.Rows {
			g.Rows[y] = binary.BigEndian.Uint16(t.rows[2*(Height*i+y):])
		}
		return g, true
	}
	return Glyph{}, false
}

// packed is a stream of DEFLATE (RFC 1951): the number of glyphs, 4 bytes, high byte first; then of all glyphs, in the order of their
// characters, how far the character is behind that of the glyph before (a varint; the first counts from -1); the faces that draw it so, a bit for each;
// its width; its rows, two bytes each.
//
//go:embed glyphs.bin
var packed []byte

type table struct {
	runes               []rune
	faces, widths, rows []byte
}

var unpacked = sync.OnceValue(func() *table {
	t, err := unpack(packed)
	if err != nil {
		panic(fmt.Sprintf("font12: %v", err)) // the program itself is damaged
	}
	return t
})

func unpack(packed []byte) (*table, error) {
	data, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil || len(data) < 4 {
		return nil, fmt.Errorf("unpack %d bytes: %w", len(packed), err)
	}
	n := int(binary.BigEndian.Uint32(data))
	data = data[4:]
	t, last := &table{runes: make([]rune, n)}, rune(-1)
	for i := range t.runes {
		step, size := binary.Uvarint(data)
		if size <= 0 {
			return nil, fmt.Errorf("glyph %d of %d: no character", i, n)
		}
		last += rune(step)
		t.runes[i], data = last, data[size:]
	}
	if len(data) != n*(2+2*Height) {
		return nil, fmt.Errorf("%d bytes for %d glyphs", len(data), n)
	}
	t.faces, t.widths, t.rows = data[:n], data[n:2*n], data[2*n:]
	return t, nil
}
