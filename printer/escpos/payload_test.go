package escpos_test

import (
	"image"
	"image/color"
	"regexp"
	"testing"

	"pgregory.net/rapid"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/receiptline"
)

// realTime is what a printer acts on as it arrives, also inside a picture or a bar code (Epson programming guide p. 12).
var realTime = regexp.MustCompile(`(?s)\x10[\x04\x05\x14]`)

// No document can make a printer answer, kick a drawer or clear its buffers, whatever its pictures and codes hold.
func TestNoRealTimeRequestInPayloads(t *testing.T) {
	profiles := []*profile.Profile{load(t, "generic-80"), load(t, "generic-58"), load(t, "zj-5890"), load(t, "epson-tm-t88")}
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(profiles).Draw(t, "profile")
		l := &receiptline.Layout{Width: p.Columns}
		for range rapid.IntRange(1, 4).Draw(t, "rows") {
			l.Rows = append(l.Rows, row(t, p))
		}
		s, _ := escpos.Encode(l, p, escpos.Options{})
		if at := realTime.FindIndex(s.Content); at != nil {
			t.Fatalf("%q at %d of %q", s.Content[at[0]:at[1]], at[0], s.Content)
		}
	})
}

func row(t *rapid.T, p *profile.Profile) receiptline.Row {
	r := receiptline.Row{Cells: p.Columns, Height: 1, Align: rapid.SampledFrom([]receiptline.Align{0, 1, 2}).Draw(t, "align")}
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		r.Kind = receiptline.CodeRow
		r.Code = &receiptline.Code{Symbology: "code128", Module: 2, Height: 24,
			Data: rapid.StringMatching(`(16(04|05|20|16|12)){1,6}[0-9]{0,3}`).Draw(t, "digits")}
	case 1:
		r.Kind = receiptline.CodeRow
		n := rapid.SampledFrom([]int{1, 40, 0x0410 - 3, 0x0510 - 3}).Draw(t, "length")
		r.Code = &receiptline.Code{Symbology: "qrcode", Module: 3, Level: 'l', Data: string(make([]byte, n))}
	case 2:
		r.Kind = receiptline.ImageRow
		w, h := 8*rapid.IntRange(1, 20).Draw(t, "bytes"), rapid.IntRange(1, 40).Draw(t, "height")
		img := image.NewGray(image.Rect(0, 0, w, h))
		pattern := []byte{0x10, rapid.SampledFrom([]byte{0x04, 0x05, 0x14, 0x10}).Draw(t, "pattern"), 1}
		for i := range w * h {
			if pattern[i/8%3]&(0x80>>(i%8)) == 0 {
				img.SetGray(i%w, i/w, color.Gray{Y: 0xFF})
			}
		}
		r.Image = &receiptline.Image{Data: pngOf(img), Width: w, Height: h}
	default:
		r.Kind = receiptline.TextRow
		text := rapid.SampledFrom([]string{"한국어", "aא", "1604"}).Draw(t, "text")
		cells := 0
		for _, c := range text {
			cells += p.Measure(c)
		}
		r.Runs = []receiptline.Run{{Text: text, Cells: cells, X: rapid.IntRange(0, 20).Draw(t, "x"),
			Style: receiptline.Style{Width: 1, Height: 1}}}
	}
	return r
}

// Bands keep within a profile's limits, so that no clone takes dots for text.
func TestBandsKeepLimits(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 300, 700))
	for _, name := range profile.Names() {
		p := load(t, name)
		if p.RasterRows == 0 {
			continue
		}
		l := &receiptline.Layout{Width: p.Columns, Rows: []receiptline.Row{{Kind: receiptline.ImageRow, Cells: p.Columns,
			Image: &receiptline.Image{Data: pngOf(img), Width: 300, Height: 700}}}}
		s, _ := escpos.Encode(l, p, escpos.Options{})
		rows := 0
		for b := s.Content[len("\x1b@\x1bR\x00\x1c&"):]; len(b) > 8; {
			if b[0] == 0x1D && b[1] == 'a' {
				b = b[3:]
				continue
			}
			if string(b[:3]) != "\x1dv0" {
				t.Fatalf("%s: %q is no band", name, b[:8])
			}
			stride, n := int(b[4])|int(b[5])<<8, int(b[6])|int(b[7])<<8
			if n > p.RasterRows || stride*n > p.RasterBytes {
				t.Errorf("%s: a band of %d rows, %d bytes; allowed are %d and %d", name, n, stride*n, p.RasterRows, p.RasterBytes)
			}
			rows += n
			b = b[8+stride*n:]
		}
		if rows != 700 || s.Dots != 700 {
			t.Errorf("%s: %d rows sent, %d dots said, want 700", name, rows, s.Dots)
		}
	}
}
