package receiptline

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
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
		if img, err = decodeImage(p.Value); err == nil {
			images.put(strings.Clone(p.Value), img, len(p.Value)+len(img.Data))
		}
	}
	if err != nil {
		s.report(Error, "image_invalid", p.off, err)
		return
	}
	if paper := s.o.Width * CellDots; img.Width > paper {
		s.report(Warning, "image_too_wide", p.off, img.Width, paper)
	}
	left, cells := s.format.area(s.o.Width)
	s.row(Row{Kind: ImageRow, Height: 1, Left: 2 * left, Cells: cells, Align: s.line.Align, Image: img})
}

// decodeImage reads a PNG or JPEG in base64. The first equals sign ends it, foreign characters are skipped. Its size is checked
// before it is decoded, and it is decoded to be sure that it can be.
func decodeImage(s string) (*Image, error) {
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
	if _, _, err := image.Decode(bytes.NewReader(data)); err != nil {
		return nil, fmt.Errorf("decode %s: %w", format, err)
	}
	return &Image{Data: data, Width: config.Width, Height: config.Height}, nil
}
