package raster

import (
	"image"
	"image/color"
)

var paper = color.Palette{color.White, color.Black}

// A Bitmap is black dots on white paper, one bit each, the leftmost dot in the high bit, rows padded to whole bytes:
// the form in which GS v 0 wants it.
type Bitmap struct {
	Width, Height int    // dots
	Stride        int    // bytes per row
	Bits          []byte // 1 is black; padding bits are 0
}

// New returns a white bitmap.
func New(width, height int) *Bitmap {
	stride := (width + 7) / 8
	return &Bitmap{Width: width, Height: height, Stride: stride, Bits: make([]byte, stride*height)}
}

// Black reports the dot at x, y; outside of the bitmap everything is white.
func (b *Bitmap) Black(x, y int) bool {
	if x < 0 || y < 0 || x >= b.Width || y >= b.Height {
		return false
	}
	return b.Bits[y*b.Stride+x>>3]&(0x80>>(x&7)) != 0
}

func (b *Bitmap) set(x, y int) {
	if x >= 0 && y >= 0 && x < b.Width && y < b.Height {
		b.Bits[y*b.Stride+x>>3] |= 0x80 >> (x & 7)
	}
}

// fill blackens a rectangle of w by h dots.
func (b *Bitmap) fill(x, y, w, h int) { b.ink(x, y, w, h, true) }

// ink makes the part of a rectangle that lies on b black, or white.
func (b *Bitmap) ink(x, y, w, h int, black bool) {
	left, right := max(x, 0), min(x+w, b.Width)
	if left >= right {
		return
	}
	first, last := left>>3, (right-1)>>3
	head, tail := byte(0xFF)>>(left&7), byte(0xFF)<<(7-(right-1)&7)
	for j := max(y, 0); j < min(y+h, b.Height); j++ {
		row := b.Bits[j*b.Stride : (j+1)*b.Stride]
		for k := first; k <= last; k++ {
			dots := byte(0xFF)
			if k == first {
				dots &= head
			}
			if k == last {
				dots &= tail
			}
			if black {
				row[k] |= dots
			} else {
				row[k] &^= dots
			}
		}
	}
}

// blit lays the part of src that meets b over it, with its corner at x, y.
func (b *Bitmap) blit(src *Bitmap, x, y int) {
	for j := max(-y, 0); j < min(src.Height, b.Height-y); j++ {
		for i := range src.Width {
			if src.Black(i, j) {
				b.set(x+i, y+j)
			}
		}
	}
}

// Image returns the bitmap as a picture of two colours.
func (b *Bitmap) Image() image.Image {
	img := image.NewPaletted(image.Rect(0, 0, b.Width, b.Height), paper)
	for y := range b.Height {
		row := b.Bits[y*b.Stride : (y+1)*b.Stride]
		for x := range b.Width {
			img.Pix[y*img.Stride+x] = row[x>>3] >> (7 - x&7) & 1
		}
	}
	return img
}

// BreakRealTime alters dots so that no two bytes in a row read as a real-time request (10 04, 10 05, 10 14): printers
// act on those even inside a picture (Epson programming guide p. 12). One dot beside an existing one is blackened. Call it on a
// bitmap that is sent as it is, whole or in bands of whole rows.
func (b *Bitmap) BreakRealTime() {
	for i := 1; i < len(b.Bits); i++ {
		if b.Bits[i-1] != 0x10 {
			continue
		}
		switch b.Bits[i] {
		case 0x04:
			b.Bits[i] = 0x0C
		case 0x05:
			b.Bits[i] = 0x0D
		case 0x14:
			b.Bits[i] = 0x1C
		}
	}
}

// Crop returns a copy of the left stride bytes of each row.
func (b *Bitmap) Crop(stride int) *Bitmap {
	c := New(min(stride*8, b.Width), b.Height)
	for y := range b.Height {
		copy(c.Bits[y*c.Stride:(y+1)*c.Stride], b.Bits[y*b.Stride:])
	}
	return c
}
