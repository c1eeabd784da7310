package receiptline

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // the two formats the language knows
	_ "image/png"
	"strings"
)

// maxImage is the largest side of an image in dots: several times any paper, and small enough to decode anywhere.
const maxImage = 2048

// images keeps pictures by the text they were read from: a template's logo is decoded once, not once for each slip.
var images = memo[*Image]{limit: 4 << 20}

// image checks a picture and sets it.
func (s *setter) image(p *Property) {
	img, ok := images.get(p.Value)
	var err error
	if !ok {
		if img, err = readImage(p.Value); err != nil {
			s.report(Error, "image_invalid", p.off, err)
			return
		}
	}
	if s.pictures += img.Width * img.Height; s.pictures > maxPictures && !s.o.Lax {
		s.report(Error, "too_many_pictures", p.off, maxPictures>>20)
		s.full = true
		return
	}
	if !ok {
		if err := img.check(); err != nil {
			s.report(Error, "image_invalid", p.off, err)
			return
		}
		images.put(strings.Clone(p.Value), img, len(p.Value)+len(img.Data))
	}
	if paper := s.o.Width * CellDots; img.Width > paper {
		s.report(Warning, "image_too_wide", p.off, img.Width, paper)
	}
	left, cells := s.format.area(s.o.Width)
	s.row(Row{Kind: ImageRow, Height: 1, Left: 2 * left, Cells: cells, Align: s.line.Align, Image: img})
}

// readImage reads a PNG or JPEG in base64 and checks its size. The first equals sign ends it, foreign characters are skipped.
func readImage(s string) (*Image, error) {
	clean := make([]byte, 0, len(s))
	for i := 0; i < len(s) && s[i] != '='; i++ {
		c := s[i]
		if 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/' {
			clean = append(clean, c)
		}
	}
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	data := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
	n, err := base64.RawStdEncoding.Decode(data, clean)
	if err != nil {
		return nil, fmt.Errorf("read base64: %w", err)
	}
	data = data[:n]
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || format != "png" && format != "jpeg" {
		return nil, errors.New("neither PNG nor JPEG")
	}
	if config.Width < 1 || config.Height < 1 || config.Width > maxImage || config.Height > maxImage {
		return nil, fmt.Errorf("%d x %d dots, at most %d x %d", config.Width, config.Height, maxImage, maxImage)
	}
	if need := decodedBytes(data, format, config); need > maxDecoded {
		return nil, fmt.Errorf("%d x %d dots take %d MB to decode, at most %d MB: fewer dots, 8 bits a colour, not progressive or interlaced",
			config.Width, config.Height, (need+1<<20-1)>>20, maxDecoded>>20)
	}
	return &Image{Data: data, Width: config.Width, Height: config.Height}, nil
}

// check decodes the picture to be sure that it can be.
func (i *Image) check() error {
	if _, format, err := image.Decode(bytes.NewReader(i.Data)); err != nil {
		return fmt.Errorf("decode %s: %w", format, err)
	}
	return nil
}

// maxDecoded is the memory that one picture may take while it is decoded, in bytes: 2048 by 1024 dots in 8-bit colour.
const maxDecoded = 8 << 20

// decodedBytes is the memory that a picture takes while it is decoded.
func decodedBytes(data []byte, format string, c image.Config) int {
	dot := 4
	switch c.ColorModel {
	case color.GrayModel:
		dot = 1
	case color.Gray16Model:
		dot = 2
	case color.RGBA64Model, color.NRGBA64Model:
		dot = 8
	case color.YCbCrModel:
		dot = 3
	case color.CMYKModel:
		dot = 12 // it is put together from planes
	default:
		if _, ok := c.ColorModel.(color.Palette); ok {
			dot = 1
		}
	}
	switch {
	case format == "png" && len(data) > 28 && data[28] != 0: // interlaced: the passes are decoded apart
		dot *= 2
	case format == "jpeg" && progressive(data): // four bytes for each coefficient
		dot = 5 * min(dot, 4)
	}
	return c.Width * c.Height * dot
}

// progressive tells whether a JPEG is: whether its frame begins with SOF2 (ISO/IEC 10918-1, table B.1).
func progressive(data []byte) bool {
	for i := 2; i+4 <= len(data) && data[i] == 0xFF; {
		switch data[i+1] {
		case 0xC2:
			return true
		case 0xC0, 0xC1, 0xDA:
			return false
		case 0xFF: // fill
			i++
		default:
			i += 2 + int(data[i+2])<<8 + int(data[i+3])
		}
	}
	return false
}
