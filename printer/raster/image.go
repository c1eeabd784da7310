package raster

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // pictures of a document are PNG or JPEG
	_ "image/png"
	"sync"

	"golang.org/x/image/draw"

	"github.com/receiptd/receiptd/receiptline"
)

// maxImageSide bounds what is decoded, in dots; the language allows no more.
const maxImageSide = 2048

// A pictureKey names a scaled picture: a logo is decoded and dithered once, not once per slip.
type pictureKey struct {
	sum           [sha256.Size]byte
	width, height int
}

// pictures are the scaled pictures of the last slips, 4 MB of dots at most; the oldest go first.
var pictures struct {
	sync.Mutex
	cache map[pictureKey]*Bitmap
	order []pictureKey
	bytes int
}

const maxPictureBytes = 4 << 20

func keepPicture(key pictureKey, b *Bitmap) {
	pictures.Lock()
	defer pictures.Unlock()
	if pictures.cache[key] != nil {
		return
	}
	if pictures.cache == nil {
		pictures.cache = make(map[pictureKey]*Bitmap)
	}
	pictures.cache[key] = b
	pictures.order = append(pictures.order, key)
	for pictures.bytes += len(b.Bits); pictures.bytes > maxPictureBytes; pictures.order = pictures.order[1:] {
		pictures.bytes -= len(pictures.cache[pictures.order[0]].Bits)
		delete(pictures.cache, pictures.order[0])
	}
}

// picture decodes img, scales it to width by height dots and turns it into black and white. The result is shared: read it
// only.
func picture(img *receiptline.Image, width, height int) (*Bitmap, error) {
	key := pictureKey{sha256.Sum256(img.Data), width, height}
	pictures.Lock()
	b := pictures.cache[key]
	pictures.Unlock()
	if b != nil {
		return b, nil
	}
	gray, err := decode(img.Data, width, height)
	if err != nil {
		return nil, err
	}
	if lineArt(gray) {
		b = threshold(gray)
	} else {
		b = dither(gray)
	}
	b.BreakRealTime()
	keepPicture(key, b)
	return b, nil
}

// decode draws the picture on white paper at the size wanted.
func decode(data []byte, width, height int) (*image.Gray, error) {
	cfg, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read image: %w", err)
	}
	if cfg.Width < 1 || cfg.Height < 1 || cfg.Width > maxImageSide || cfg.Height > maxImageSide {
		return nil, fmt.Errorf("read image: %d by %d dots, at most %d by %d are allowed", cfg.Width, cfg.Height,
			maxImageSide, maxImageSide)
	}
	src, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read image: %w", err)
	}
	if src.Bounds().Empty() || width < 1 || height < 1 {
		return nil, errors.New("read image: it is empty")
	}
	if src.Bounds().Dx() != width || src.Bounds().Dy() != height {
		return scaled(src, width, height), nil
	}
	gray := image.NewGray(image.Rect(0, 0, width, height))
	draw.Draw(gray, gray.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(gray, gray.Bounds(), src, src.Bounds().Min, draw.Over)
	return gray, nil
}

// lineArt reports a drawing in black and white, whose few grey dots are soft edges: dithering would only fray them.
func lineArt(g *image.Gray) bool {
	between := 0
	for _, v := range g.Pix {
		if v > 0x30 && v < 0xD0 {
			between++
		}
	}
	return between*8 < len(g.Pix)
}

func threshold(g *image.Gray) *Bitmap {
	b := New(g.Rect.Dx(), g.Rect.Dy())
	for y := range b.Height {
		for x := range b.Width {
			if g.Pix[y*g.Stride+x] < 0x80 {
				b.set(x, y)
			}
		}
	}
	return b
}

// dither spreads each dot's error over its neighbours (Floyd and Steinberg, 1976).
func dither(g *image.Gray) *Bitmap {
	b := New(g.Rect.Dx(), g.Rect.Dy())
	here, below := make([]int, b.Width+2), make([]int, b.Width+2)
	for y := range b.Height {
		clear(below)
		for x := range b.Width {
			v := int(g.Pix[y*g.Stride+x]) + here[x+1]/16
			miss := v
			if v < 0x80 {
				b.set(x, y)
			} else {
				miss = v - 0xFF
			}
			here[x+2] += miss * 7
			below[x] += miss * 3
			below[x+1] += miss * 5
			below[x+2] += miss
		}
		here, below = below, here
	}
	return b
}
