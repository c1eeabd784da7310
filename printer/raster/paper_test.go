package raster_test

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/receiptline"
)

var keep = flag.String("keep", "", "folder for the pictures of previews and papers that differ")

// A preview shows, dot by dot, what a printer draws from the bytes: every document of testdata on every profile, drawn
// by the virtual printer with its own reading of the protocol.
func TestPreviewIsThePaper(t *testing.T) {
	for _, name := range append(profile.Names(), "western", "old-clone") {
		p := load(t, name)
		if p.RasterRows == 0 { // an impact printer's dots are not ours
			continue
		}
		for _, doc := range documents(t) {
			t.Run(name+"/"+doc, func(t *testing.T) {
				l := layout(t, doc, p, p.Columns)
				slip, _ := escpos.Encode(l, p, escpos.Options{})
				preview := raster.Draw(l, p, raster.Fonts{})
				if preview.Height != slip.Dots {
					t.Errorf("the preview is %d dots high, Slip.Dots says %d", preview.Height, slip.Dots)
				}
				same(t, preview.Image(), paper(t, model(p), slip))
			})
		}
	}
}

// model is a virtual printer with the traits of a profile, and with the head right at the cutter: a piece then holds
// what was printed and nothing else.
func model(p *profile.Profile) *virtual.Model {
	m, _ := virtual.ModelByName("")
	m.Dots, m.Columns, m.HeadToCut, m.NoCutter = p.WidthDots, p.Columns, 0, false
	m.RasterRows, m.RasterBytes = p.RasterRows, p.RasterBytes
	m.NoGSBangCJK, m.NoQR = !p.GSBangCJK, !p.NativeQR
	m.CJKAfterReset, m.TwoByte = true, p.TwoByte
	m.CodePages = map[byte]string{}
	for name, n := range p.CodePages {
		m.CodePages[byte(n)] = strings.TrimPrefix(strings.TrimPrefix(name, "cp"), "iso")
	}
	return &m
}

// paper prints a slip and returns the picture of the piece that comes off.
func paper(t *testing.T, m *virtual.Model, s escpos.Slip) image.Image {
	t.Helper()
	pieces := printed(t, m, s.Content, 1)
	if pieces[0].Garbage {
		t.Errorf("bytes made no sense to the printer:\n%s", pieces[0].Text())
	}
	return pieces[0].Image()
}

// printed sends bytes and a cut to a new printer and waits for n pieces.
func printed(t *testing.T, m *virtual.Model, content []byte, n int) []virtual.Piece {
	t.Helper()
	v := virtual.New(virtual.Options{Custom: m})
	here, there := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- v.Serve(t.Context(), there) }()
	go func() { // what the printer says is not of interest
		buf := make([]byte, 256)
		for {
			if _, err := here.Read(buf); err != nil {
				return
			}
		}
	}()
	if _, err := here.Write(append(append([]byte(nil), content...), 0x1D, 'V', 66, 0)); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); len(v.Pieces()) < n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d pieces came off, want %d", len(v.Pieces()), n)
		}
	}
	_ = here.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
	return v.Pieces()
}

// same compares two pictures dot by dot.
func same(t *testing.T, want, got image.Image) {
	t.Helper()
	if want.Bounds() != got.Bounds() {
		t.Errorf("the preview is %v, the paper %v", want.Bounds(), got.Bounds())
	}
	if n, first := differences(want, got); n > 0 {
		t.Errorf("%d dots differ, the first at %v", n, first)
		save(t, "preview", want)
		save(t, "paper", got)
	}
}

// differences counts the dots that differ and tells the first one.
func differences(want, got image.Image) (n int, first image.Point) {
	if a, ok := want.(*image.Paletted); ok {
		if b, ok := got.(*image.Paletted); ok && a.Rect == b.Rect && slices.Equal(a.Palette, b.Palette) && bytes.Equal(a.Pix, b.Pix) {
			return 0, image.Point{}
		}
	}
	for y := range max(want.Bounds().Dy(), got.Bounds().Dy()) {
		for x := range want.Bounds().Dx() {
			if black(want, x, y) != black(got, x, y) {
				if n++; n == 1 {
					first = image.Pt(x, y)
				}
			}
		}
	}
	return n, first
}

func black(m image.Image, x, y int) bool {
	if !(image.Pt(x, y).In(m.Bounds())) {
		return false
	}
	if p, ok := m.(*image.Paletted); ok && p.Palette[0] == color.White { // both sides draw such pictures
		return p.Pix[p.PixOffset(x, y)] != 0
	}
	return color.GrayModel.Convert(m.At(x, y)).(color.Gray).Y < 0x80
}

func save(t *testing.T, what string, m image.Image) {
	if *keep == "" {
		return
	}
	name := filepath.Join(*keep, strings.ReplaceAll(t.Name(), "/", "_")+"-"+what+".png")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
}

func documents(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.receipt")
	if err != nil || len(files) < 5 {
		t.Fatalf("documents: %v, %v", files, err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".receipt")
	}
	return files
}

func layout(t *testing.T, doc string, p *profile.Profile, width int) *receiptline.Layout {
	t.Helper()
	src, err := os.ReadFile("testdata/" + doc + ".receipt")
	if err != nil {
		t.Fatal(err)
	}
	l, diags := receiptline.Set(string(src), receiptline.Options{Width: width, Small: p.SmallColumns(), Measure: p.Measure})
	for _, d := range diags {
		if d.Severity == receiptline.Error {
			t.Fatalf("%s:%d:%d: %s", doc, d.Line, d.Column, d.En)
		}
	}
	return l
}

// load also knows two printers that no profile describes: one without any Chinese font, and a clone that enlarges its
// Chinese characters only by FS ! and draws no codes.
func load(t testing.TB, name string) *profile.Profile {
	t.Helper()
	switch name {
	case "western":
		p := *load(t, "epson-tm-t20")
		p.TwoByte = ""
		return &p
	case "old-clone":
		p := *load(t, "generic-58")
		p.GSBangCJK, p.Magnify, p.NativeQR, p.NativeCode = false, 2, false, false
		return &p
	}
	p, err := profile.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
