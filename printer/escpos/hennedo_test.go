package escpos_test

import (
	"bytes"
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"

	lib "github.com/hennedo/escpos"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/receiptline"
)

// said is what the library sends for the calls of f.
func said(t *testing.T, f func(p *lib.Escpos)) string {
	t.Helper()
	var b bytes.Buffer
	p := lib.New(&b)
	f(p)
	if err := p.Print(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Each defect of hennedo/escpos v0.0.1 that we know, as the bytes it sends, beside a document of ours that needs the
// same thing: what must be in our bytes, and what must not.
func TestLibraryDefectsAreAvoided(t *testing.T) {
	for _, c := range []struct {
		name       string
		defect     func(p *lib.Escpos)
		wrong      string // what the library sends
		doc        string // ours
		has, lacks []string
	}{
		{"21 style bytes with every text", func(p *lib.Escpos) { p.Size(1, 1); p.Write("a") },
			"\x1bE0\x1b-\x00\x1dB0\x1bV0\x1b{0\x1ba\x00\x1d!\x00a", "a |", []string{"\xffa\n"}, []string{"\x1bE", "\x1b-", "\x1bV", "\x1b{", "\x1d!"}},
		{"new printers write sixteen times too large", func(p *lib.Escpos) { p.Write("a") },
			"\x1d!\xffa", "a |", []string{"a\n"}, []string{"\x1d!\xff"}},
		{"size 8 becomes 5", func(p *lib.Escpos) { p.Size(8, 1); p.Write("a") },
			"\x1d!\x40a", "^^^^^^^a |", []string{"\x1d!\x55a"}, []string{"\x1d!\x40"}},
		{"underline and alignment unchecked", func(p *lib.Escpos) { p.Underline(7).Justify(9).Size(1, 1); p.Write("a") },
			"\x1b-\x07\x1dB0\x1bV0\x1b{0\x1ba\x09", "_a_\n_a_\n_a_", []string{"\x1ba\x01", "\x1b-\x02"}, []string{"\x1b-\x07"}},
		{"bar code width sets the height", func(p *lib.Escpos) { p.BarcodeWidth(3) },
			"\x1dh\x03", "{c:1234;o:code128,3,50}", []string{"\x1dw\x03", "\x1dh\x32"}, []string{"\x1dh\x03"}},
		{"QR level holds the size", func(p *lib.Escpos) { p.QRCode("a", true, 6, lib.QRCodeErrorCorrectionLevelH) },
			"\x1d(k\x03\x001E\x06", "{c:a;o:qrcode,6,h}", []string{"\x1d(k\x03\x001E3", "\x1d(k\x03\x001C\x06"}, []string{"1E\x06"}},
		{"NV logo with the wrong letter", func(p *lib.Escpos) { p.PrintNVBitImage(1, 3) }, "\x1cd\x01\x03", "a", nil, []string{"\x1cd"}},
		{"only one kind of cut", func(p *lib.Escpos) { p.Cut() }, "\x1dVA0", "a\n=\nb", []string{"\x1dVB\x00"}, []string{"\x1dVA0"}},
		{"Chinese without Chinese mode", func(p *lib.Escpos) { p.Size(1, 1); p.WriteGBK("中") },
			"\x1d!\x00\xd6\xd0", "中 |", []string{"\x1c&", "\xd6\xd0"}, nil},
		{"Western text without its code page", func(p *lib.Escpos) { p.Size(1, 1); p.WriteWEU("ø") },
			"\x1d!\x00\x9b", "ø |", []string{"\x1c.", "\x1bt\x13\x9b"}, nil},
		{"control bytes pass", func(p *lib.Escpos) { p.Size(1, 1); p.Write("\x1bp\x00\x19\xfa") },
			"\x1bp\x00\x19\xfa", "a\x1bp\x00b |", []string{"apb"}, []string{"\x1bp"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := said(t, c.defect); !strings.Contains(got, c.wrong) {
				t.Errorf("the library sends %q, without the defect %q: look at the wrapper anew", got, c.wrong)
			}
			p := load(t, "generic-80")
			if strings.Contains(c.doc, "ø") {
				p = withPages(p, map[string]int{"cp437": 0, "cp858": 19})
			}
			s, _ := escpos.Encode(set(t, p, c.doc), p, escpos.Options{})
			for _, h := range c.has {
				if !strings.Contains(string(s.Content), h) {
					t.Errorf("%q lacks %q", s.Content, h)
				}
			}
			for _, h := range c.lacks {
				if strings.Contains(string(s.Content), h) {
					t.Errorf("%q contains %q", s.Content, h)
				}
			}
		})
	}
}

// Text that GBK cannot hold vanishes in the library without a word; ours is drawn or named.
func TestLibraryLosesText(t *testing.T) {
	got := said(t, func(p *lib.Escpos) { p.Size(1, 1); p.WriteGBK("中文한국") })
	if !strings.HasSuffix(got, "\x1d!\x00") {
		t.Errorf("the library sends %q", got)
	}
	p := load(t, "generic-80")
	s, _ := escpos.Encode(set(t, p, "中文\n中文한국"), p, escpos.Options{})
	if !bytes.Contains(s.Content, []byte("\x1dv0")) || s.Dots != 60 || !slices.Equal(s.Drawn, []int{2}) {
		t.Errorf("Korean is not drawn: %q", s.Content)
	}
}

// An image whose height is no multiple of eight is cut short by the library while its header promises all rows, so the
// printer takes what follows for dots.
func TestLibraryImageHeader(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 16, 12))
	for i := range img.Pix {
		img.Pix[i] = 0xFF
	}
	img.SetGray(0, 0, color.Gray{})
	got := said(t, func(p *lib.Escpos) { p.PrintImage(img) })
	if len(got) != 8+16 || got[6] != 12 {
		t.Errorf("the library sends %q: %d rows promised, %d bytes of dots", got, got[6], len(got)-8)
	}
	p := load(t, "generic-80")
	l := &receiptline.Layout{Width: 48, Rows: []receiptline.Row{{Kind: receiptline.ImageRow, Cells: 48,
		Image: &receiptline.Image{Data: pngOf(img), Width: 16, Height: 12}}}}
	s, warnings := escpos.Encode(l, p, escpos.Options{})
	want := "\x1dv0\x00\x02\x00\x0c\x00\x80" + strings.Repeat("\x00", 23)
	if !strings.HasSuffix(string(s.Content), want) || s.Dots != 12 || len(warnings) > 0 {
		t.Errorf("%q, %d dots, %v; want %q", s.Content, s.Dots, warnings, want)
	}
}
