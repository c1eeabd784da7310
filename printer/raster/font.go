package raster

import (
	"errors"
	"fmt"
	"image"
	"os"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Fonts says what glyphs are drawn with. The zero value is the built-in fonts: a bitmap font, and Unifont for what it lacks.
type Fonts struct {
	Outline *Outline // a TrueType or OpenType font for what the built-in fonts lack; nil for none
	First   bool     // use Outline before the built-in fonts wherever it has the character
}

// glyph draws r; false means that it is the box that stands for a missing character.
func (f Fonts) glyph(r rune, cells int) (glyph, bool) {
	if f.Outline != nil && f.First {
		if g, ok := f.Outline.glyph(r, cells); ok {
			return g, true
		}
	}
	if g, ok := builtIn(r, cells); ok {
		return g, true
	}
	if f.Outline != nil && !f.First {
		if g, ok := f.Outline.glyph(r, cells); ok {
			return g, true
		}
	}
	return missing(cells), false
}

// Has reports whether a glyph for r can be drawn in a slot of that many cells.
func (f Fonts) Has(r rune, cells int) bool {
	_, ok := f.glyph(r, max(cells, 1))
	return ok
}

// An Outline is a TrueType or OpenType font, scaled to the printer's cell. It may be used by several goroutines.
type Outline struct {
	mu   sync.Mutex // guards face, data and shaper
	font *opentype.Font
	face map[int]font.Face // by size in dots

	data   []byte  // the file, until shaper is made
	shaper *shaper // nil until text comes that runs from right to left
}

// maxFontBytes bounds a font file: the largest CJK collections are below 100 MB.
const maxFontBytes = 128 << 20

// LoadOutline reads a TTF, OTF or TTC file; of a collection it takes the first font.
func LoadOutline(path string) (*Outline, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open font: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxFontBytes {
		return nil, fmt.Errorf("open font %s: not a font file of at most %d MB", path, maxFontBytes>>20)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read font: %w", err)
	}
	o, err := ParseOutline(data)
	if err != nil {
		return nil, fmt.Errorf("read font %s: %w", path, err)
	}
	return o, nil
}

// ParseOutline reads a font file's content.
func ParseOutline(data []byte) (*Outline, error) {
	c, err := opentype.ParseCollection(data)
	if err != nil {
		return nil, err
	}
	if c.NumFonts() == 0 {
		return nil, errors.New("the collection is empty")
	}
	f, err := c.Font(0)
	if err != nil {
		return nil, err
	}
	return &Outline{font: f, face: make(map[int]font.Face), data: data}, nil
}

// baseline is where letters stand in the cell, counted from its top: the built-in font's baseline, doubled.
const baseline = 20

func (o *Outline) glyph(r rune, cells int) (glyph, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if i, err := o.font.GlyphIndex(nil, r); err != nil || i == 0 {
		return glyph{}, false
	}
	width := 12 * max(cells, 1)
	for size := cellHeight; size >= 8; size -= 2 { // the first size at which it fits the slot
		face, err := o.sized(size)
		if err != nil {
			return glyph{}, false
		}
		advance, ok := face.GlyphAdvance(r)
		if ok && advance.Round() <= width {
			return outlined(face, r, (width-advance.Round())/2)
		}
	}
	return glyph{}, false
}

func (o *Outline) sized(size int) (font.Face, error) {
	if f := o.face[size]; f != nil {
		return f, nil
	}
	f, err := opentype.NewFace(o.font, &opentype.FaceOptions{Size: float64(size), DPI: 72, Hinting: font.HintingFull})
	if err == nil {
		o.face[size] = f
	}
	return f, err
}

func outlined(face font.Face, r rune, left int) (glyph, bool) {
	dr, mask, at, _, ok := face.Glyph(fixed.P(left, baseline), r)
	if !ok {
		return glyph{}, false
	}
	var g glyph
	for y := max(dr.Min.Y, 0); y < min(dr.Max.Y, cellHeight); y++ {
		for x := max(dr.Min.X, 0); x < min(dr.Max.X, cellHeight); x++ {
			if dark(mask, at.X+x-dr.Min.X, at.Y+y-dr.Min.Y) {
				g[y] |= 1 << 31 >> x
			}
		}
	}
	return g, true
}

func dark(mask image.Image, x, y int) bool {
	_, _, _, a := mask.At(x, y).RGBA()
	return a >= 0x8000
}
