package virtual

import (
	"image"
	"image/color"
	"image/png"
	"io"
	"sync"
	"unicode"

	"golang.org/x/image/font/inconsolata"
	"golang.org/x/image/math/fixed"

	"github.com/receiptd/receiptd/printer/font12"
)

// A bitmap is black dots on white paper, rows padded to bytes.
type bitmap struct {
	w, h, stride int
	bits         []byte
}

func newBitmap(w, h int) *bitmap {
	stride := (w + 7) / 8
	return &bitmap{w, h, stride, make([]byte, stride*h)}
}

func (m *bitmap) set(x, y int) {
	if x >= 0 && x < m.w && y >= 0 && y < m.h {
		m.bits[y*m.stride+x/8] |= 0x80 >> (x % 8)
	}
}

func (m *bitmap) clear(x, y int) { m.bits[y*m.stride+x/8] &^= 0x80 >> (x % 8) }

func (m *bitmap) get(x, y int) bool { return m.bits[y*m.stride+x/8]>>(7-x%8)&1 != 0 }

// flip turns the picture upside down, as ESC { does with a line.
func (m *bitmap) flip() *bitmap {
	out := newBitmap(m.w, m.h)
	for y := range m.h {
		for x := range m.w {
			if m.get(x, y) {
				out.set(m.w-1-x, m.h-1-y)
			}
		}
	}
	return out
}

var ink = color.Palette{color.White, color.Black}

func (m *bitmap) image() *image.Paletted {
	img := image.NewPaletted(image.Rect(0, 0, m.w, m.h), ink)
	for y := range m.h {
		row := m.bits[y*m.stride:]
		for x := range m.w {
			img.Pix[y*img.Stride+x] = row[x/8] >> (7 - x%8) & 1
		}
	}
	return img
}

// png writes the bitmap as a PNG file, a bit for each dot on both sides.
func (m *bitmap) png(w io.Writer) error {
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	return enc.Encode(w, packed{m})
}

// packed is a bitmap as a picture, read where it is: one byte for each dot of ten metres of paper would be 46 MB.
type packed struct{ m *bitmap }

func (packed) ColorModel() color.Model   { return ink }
func (p packed) Bounds() image.Rectangle { return image.Rect(0, 0, p.m.w, p.m.h) }
func (p packed) At(x, y int) color.Color { return ink[p.ColorIndexAt(x, y)] }
func (p packed) ColorIndexAt(x, y int) uint8 {
	return p.m.bits[y*p.m.stride+x/8] >> (7 - x%8) & 1
}

// draw puts all items of a strip on white paper.
func (s *strip) draw(width int) *bitmap {
	m := newBitmap(width, max(s.bottom-s.top, 1))
	for i := range s.items {
		it := &s.items[i]
		if it.flip || it.clip > 0 {
			l := newBitmap(width, it.h)
			it.draw(l, 0)
			if it.flip {
				l = l.flip()
			}
			if it.clip > 0 && it.clip < l.h {
				l.bits = l.bits[:it.clip*l.stride]
				l.h = it.clip
			}
			m.blit(l.bits, l.stride, 0, it.y-s.top, l.w, l.h, 1, 1)
			continue
		}
		it.draw(m, it.y-s.top)
	}
	return m
}

// draw puts one item with its top at row y. Characters stand on the bottom of the line.
func (it *item) draw(m *bitmap, y int) {
	for _, c := range it.cells {
		_, h := c.size()
		m.character(c, it.x+int(c.x), y+it.h-h)
	}
	for _, r := range it.images {
		top := y
		if !it.picture && it.label == "" {
			top = y + it.h - r.h*r.sy
		}
		m.blit(r.bits, r.stride(), it.x+r.x, top, r.w, r.h, r.sx, r.sy)
	}
	for _, c := range it.hri {
		m.character(c, it.x+int(c.x), y+int(c.y))
	}
}

// blit puts a packed picture down, magnified.
func (m *bitmap) blit(bits []byte, stride, x, y, w, h, sx, sy int) {
	for j := range h {
		row := bits[j*stride:]
		for i := 0; i < w; i++ {
			if row[i/8] == 0 {
				i |= 7
				continue
			}
			if row[i/8]>>(7-i%8)&1 == 0 {
				continue
			}
			for k := range sy {
				for n := range sx {
					m.set(x+i*sx+n, y+j*sy+k)
				}
			}
		}
	}
}

// character draws one cell.
func (m *bitmap) character(c cell, x, y int) {
	if c.turn {
		m.turned(c, x, y)
		return
	}
	cw, ch := c.st.cell(c.wide)
	g := c.glyph()
	if c.st.w == 1 && c.st.h == 1 {
		m.plain(g, c.st, cw, ch, x, y)
		return
	}
	sw, sh := int(c.st.w), int(c.st.h)
	dot := func(i, j int) bool { // of the magnified cell
		return g[j/sh]>>(31-i/sw)&1 != 0
	}
	w, h := cw*sw, ch*sh
	for j := range h {
		for i := range w {
			on := dot(i, j) || c.st.bold && i > 0 && dot(i-1, j) || j >= h-int(c.st.underline)
			if on != c.st.invert {
				m.set(x+i, y+j)
			}
		}
	}
}

// glyph is what the cell shows: a glyph that the host defined, or one of the fonts.
func (c *cell) glyph() *glyph {
	switch {
	case c.own != nil:
		return c.own
	case c.st.fontB && !c.wide:
		return smallGlyphOf(c.r)
	}
	return glyphOf(c.r, c.wide)
}

// turned draws a cell a quarter turn clockwise, as ESC V does: what was wide is high.
func (m *bitmap) turned(c cell, x, y int) {
	c.turn, c.st.underline = false, 0 // no underline on turned characters (PG, ESC V)
	w, h := c.size()
	up := newBitmap(w, h)
	up.character(c, 0, 0)
	for j := range h {
		for i := range w {
			if up.get(i, j) {
				m.set(x+h-1-j, y+i)
			}
		}
	}
}

// plain draws a cell that is not magnified, row by row.
func (m *bitmap) plain(g *glyph, st style, w, h, x, y int) {
	full := ^uint32(0) << (32 - w)
	for j, row := range g[:h] {
		if st.bold {
			row |= row >> 1 & full
		}
		if j >= h-int(st.underline) {
			row = full
		}
		if st.invert {
			row ^= full
		}
		m.orRow(row, x, y+j)
	}
}

// orRow adds up to 32 dots, the leftmost in the highest bit.
func (m *bitmap) orRow(row uint32, x, y int) {
	if row == 0 || x < 0 || y < 0 || y >= m.h || x >= m.w {
		return
	}
	bits := uint64(row) << (32 - x%8)
	line := m.bits[y*m.stride:][:m.stride]
	for i := x / 8; bits != 0 && i < len(line); i++ {
		line[i] |= byte(bits >> 56)
		bits <<= 8
	}
}

// A glyph is 24 rows of up to 24 dots, leftmost dot in the highest bit.
type glyph [24]uint32

type glyphKey struct {
	r           rune
	wide, small bool
}

var glyphs sync.Map // glyphKey -> *glyph

// glyphOf draws a character at twice its size into the printer's cell: rows 2 to 13 of the font's 16. What the font lacks
// is a box.
func glyphOf(r rune, wide bool) *glyph {
	key := glyphKey{r: r, wide: wide}
	if g, ok := glyphs.Load(key); ok {
		return g.(*glyph)
	}
	g := new(glyph)
	width, faces := 12, []font12.Face{font12.Chinese, font12.Japanese}
	if wide {
		width, faces = 24, []font12.Face{font12.ChineseWide, font12.JapaneseWide, font12.Chinese, font12.Japanese}
	}
	found := unicode.IsSpace(r)
	for i := 0; i < len(faces) && !found; i++ {
		found = g.fill(faces[i], r, width)
	}
	if !found && !wide && g.fill(font12.ChineseWide, r, 24) { // the Kanji of the Katakana page, in half their width
		for j, row := range g {
			g[j] = 0
			for i := range 12 {
				if row<<(2*i)&(3<<30) != 0 {
					g[j] |= 1 << (31 - i)
				}
			}
		}
		found = true
	}
	if !found {
		*g = box(width)
	}
	glyphs.Store(key, g)
	return g
}

// drawable reports whether the fonts have r.
func drawable(r rune, wide bool) bool {
	width := 12
	if wide {
		width = 24
	}
	return *glyphOf(r, wide) != box(width)
}

// smallGlyphOf draws a character of font B, 9 by 17 dots; what is no ASCII is that of font A, made smaller.
func smallGlyphOf(r rune) *glyph {
	key := glyphKey{r: r, small: true}
	if g, ok := glyphs.Load(key); ok {
		return g.(*glyph)
	}
	g := new(glyph)
	if rect, mask, at, _, ok := inconsolata.Bold8x16.Glyph(fixed.P(0, 13), r); ok && r < 0x7F {
		for y := rect.Min.Y; y < rect.Max.Y; y++ {
			for x := rect.Min.X; x < rect.Max.X; x++ {
				if _, _, _, a := mask.At(at.X+x-rect.Min.X, at.Y+y-rect.Min.Y).RGBA(); a >= 0x8000 {
					g[y] |= 1 << (31 - x)
				}
			}
		}
	} else if r >= 0x7F {
		for j, big := 0, glyphOf(r, false); j < 17; j++ {
			for i := range 9 {
				g[j] |= big[j*24/17] >> (31 - i*12/9) & 1 << (31 - i)
			}
		}
	}
	glyphs.Store(key, g)
	return g
}

// fill draws r in the middle of width dots; false when the font has no ink for it.
func (g *glyph) fill(face font12.Face, r rune, width int) bool {
	small, ok := face.Glyph(r)
	if !ok || 2*small.Width > width {
		return false
	}
	left := (width - 2*small.Width) / 2
	for j, row := range small.Rows {
		for i := range small.Width {
			if row<<i&0x8000 != 0 {
				g[2*j] |= 3 << (30 - 2*i - left)
			}
		}
		g[2*j+1] = g[2*j]
	}
	return true
}

// box is what stands for a missing character.
func box(w int) (g glyph) {
	for j := 2; j < 22; j++ {
		for i := 1; i < w-1; i++ {
			if j < 4 || j >= 20 || i < 3 || i >= w-3 {
				g[j] |= 1 << (31 - i)
			}
		}
	}
	return g
}
