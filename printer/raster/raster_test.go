package raster_test

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/font/gofont/goregular"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

var update = flag.Bool("update", false, "write the pictures of testdata anew")

// The pictures of testdata are previews that a person has looked at.
func TestGoldens(t *testing.T) {
	p := load(t, "generic-80")
	for _, doc := range documents(t) {
		got := raster.Draw(layout(t, doc, p, p.Columns), p, raster.Fonts{})
		name := filepath.Join("testdata", doc+".png")
		if *update {
			var b bytes.Buffer
			if err := png.Encode(&b, got.Image()); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := png.Decode(f)
		_ = f.Close()
		if err != nil {
			t.Fatal(err)
		}
		t.Run(doc, func(t *testing.T) { same(t, want, got.Image()) })
	}
}

// U+F800, a sign of private use, is in the Go fonts and not in the built-in ones.
func TestOutlineFontFillsGaps(t *testing.T) {
	o, err := raster.ParseOutline(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	p := load(t, "generic-80")
	l, _ := receiptline.Set("x\uF800A |", receiptline.Options{Width: p.Columns, Measure: p.Measure})
	without, with, first := raster.Fonts{}, raster.Fonts{Outline: o}, raster.Fonts{Outline: o, First: true}
	for _, c := range []struct {
		f    raster.Fonts
		warn int
	}{{without, 1}, {with, 0}, {first, 0}} {
		slip, warnings := escpos.Encode(l, p, escpos.Options{Fonts: c.f})
		if len(warnings) != c.warn {
			t.Errorf("%+v, want %d warnings", warnings, c.warn)
		}
		same(t, raster.Draw(l, p, c.f).Image(), paper(t, model(p), slip))
	}
	a, b, c := raster.Draw(l, p, without), raster.Draw(l, p, with), raster.Draw(l, p, first)
	if bytes.Equal(a.Bits, b.Bits) || bytes.Equal(b.Bits, c.Bits) {
		t.Error("the font makes no difference")
	}
	if dot(a, 0, 11) != dot(b, 0, 11) || dot(b, 0, 11) == dot(c, 0, 11) {
		t.Error("x must change only when the font comes first")
	}
}

// dot sums the ink of columns x0 to x1.
func dot(b *raster.Bitmap, x0, x1 int) int {
	n := 0
	for y := range b.Height {
		for x := x0; x <= x1; x++ {
			if b.Black(x, y) {
				n += x + y*31
			}
		}
	}
	return n
}

func TestLoadOutlineErrors(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "not.ttf")
	if err := os.WriteFile(text, []byte("no font"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := filepath.Join(dir, "go.ttf")
	if err := os.WriteFile(good, goregular.TTF, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, text, filepath.Join(dir, "none.ttf")} {
		if _, err := raster.LoadOutline(path); err == nil {
			t.Errorf("%s was taken for a font", path)
		}
	}
	if _, err := raster.LoadOutline(good); err != nil {
		t.Error(err)
	}
}

// drawn is the preview of one image row.
func drawn(t *testing.T, data []byte, w, h int) *raster.Bitmap {
	t.Helper()
	p := load(t, "generic-58")
	return raster.Draw(&receiptline.Layout{Width: 32, Rows: []receiptline.Row{{Kind: receiptline.ImageRow, Cells: 32,
		Image: &receiptline.Image{Data: data, Width: w, Height: h}}}}, p, raster.Fonts{})
}

func TestImages(t *testing.T) {
	gray := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range gray.Pix {
		gray.Pix[i] = 0x80
	}
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, gray, nil); err != nil {
		t.Fatal(err)
	}
	// Half grey becomes every second dot.
	if n := ink(drawn(t, jpg.Bytes(), 64, 64)); n < 1900 || n > 2200 {
		t.Errorf("%d of 4096 dots are black, want about half", n)
	}
	// What is wider than the paper is scaled down, its height with it.
	wide := image.NewGray(image.Rect(0, 0, 768, 100))
	if b := drawn(t, encoded(t, wide), 768, 100); b.Height != 50 || ink(b) != 384*50 {
		t.Errorf("%d rows, %d dots", b.Height, ink(b))
	}
	// Nothing is drawn where a picture is transparent, and a drawing's edges are not frayed by dithering.
	logo := image.NewNRGBA(image.Rect(10, 20, 74, 84))
	for y := 30; y < 50; y++ {
		for x := 20; x < 40; x++ {
			logo.SetNRGBA(x, y, color.NRGBA{A: 0xFF})
		}
		logo.SetNRGBA(40, y, color.NRGBA{A: 0x40})
	}
	b := drawn(t, encoded(t, logo), 64, 64)
	if ink(b) != 400 || !b.Black(10, 10) || b.Black(30, 10) {
		t.Errorf("%d dots of the logo, want 400", ink(b))
	}
}

// A picture that cannot be read, or would take a gigabyte to decode, costs only its own row.
func TestBadImages(t *testing.T) {
	huge := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\xff\xff\x00\x00\xff\xff\x01\x00\x00\x00\x00")
	p := load(t, "generic-80")
	for _, data := range [][]byte{nil, []byte("GIF89a"), huge, encoded(t, image.NewGray(image.Rect(0, 0, 8, 8)))[:40]} {
		l := &receiptline.Layout{Width: 48, Rows: []receiptline.Row{
			{Kind: receiptline.ImageRow, Cells: 48, Line: 7, Image: &receiptline.Image{Data: data, Width: 8, Height: 8}},
			{Kind: receiptline.TextRow, Height: 1, Runs: []receiptline.Run{{Text: "x", Cells: 1}}}}}
		slip, warnings := escpos.Encode(l, p, escpos.Options{})
		if len(warnings) != 1 || warnings[0].Code != "bad_image" || warnings[0].Line != 7 {
			t.Errorf("%+v, want bad_image in line 7", warnings)
		}
		if slip.Dots != 30 || !bytes.HasSuffix(slip.Content, []byte("x\n")) {
			t.Errorf("the rest is %q", slip.Content)
		}
		if b := raster.Draw(l, p, raster.Fonts{}); b.Height != 30 {
			t.Errorf("the preview is %d dots high", b.Height)
		}
	}
}

func encoded(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func ink(b *raster.Bitmap) int {
	n := 0
	for y := range b.Height {
		for x := range b.Width {
			if b.Black(x, y) {
				n++
			}
		}
	}
	return n
}

// An impact printer's preview is legible, although its cells have other dots than our glyphs.
func TestPreviewOfImpactPrinter(t *testing.T) {
	u220 := load(t, "epson-tm-u220")
	l := layout(t, "styles", u220, u220.Columns)
	b := raster.Draw(l, u220, raster.Fonts{})
	if b.Width != 480 || b.Height == 0 || ink(b) == 0 {
		t.Errorf("%d by %d dots", b.Width, b.Height)
	}
	one, two := raster.Draw(set(t, "ab |"), u220, raster.Fonts{}), raster.Draw(set(t, "a |"), u220, raster.Fonts{})
	if dot(one, 0, 11) != dot(two, 0, 11) {
		t.Error("letters overlap")
	}
}

func set(t *testing.T, src string) *receiptline.Layout {
	t.Helper()
	l, diags := receiptline.Set(src, receiptline.Options{Width: 40})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	return l
}

// BenchmarkDraw draws the preview of the reference slip.
func BenchmarkDraw(b *testing.B) {
	src, err := os.ReadFile("testdata/sale.receipt")
	if err != nil {
		b.Fatal(err)
	}
	p := load(b, "generic-80")
	l, _ := receiptline.Set(string(src), receiptline.Options{Width: p.Columns, Measure: p.Measure})
	b.ReportAllocs()
	for b.Loop() {
		raster.Draw(l, p, raster.Fonts{})
	}
}
