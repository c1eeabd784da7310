package virtual_test

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
)

// reader finds a program of Debian's that reads codes; without it the test is skipped, but not in CI.
func reader(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("%s is not here: apt-get install zbar-tools dmtx-utils zxing-cpp-tools", name)
	}
	return path
}

// framed is what is black on a piece, with white around it: some readers look in the middle of the picture.
func framed(c virtual.Piece) image.Image {
	const white = 20
	img := c.Image()
	black := image.Rectangle{}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if img.ColorIndexAt(x, y) != 0 {
				black = black.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	out := image.NewGray(image.Rect(0, 0, black.Dx()+2*white, black.Dy()+2*white))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(out, black.Sub(black.Min).Add(image.Pt(white, white)), img, black.Min, draw.Src)
	return out
}

// readBack gives the picture of a piece to a reader.
func readBack(t *testing.T, c virtual.Piece, name string, args ...string) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, framed(c)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "piece.png")
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), reader(t, name), append(args, file)...).Output()
	if err != nil {
		t.Logf("%s: %v", name, err)
	}
	return strings.TrimSpace(string(out))
}

// symbolOf is GS ( k: settings, then data, then print, with white around it.
func symbolOf(cn byte, data string, settings ...string) string {
	s := "\x1ba\x01\x1bd\x02"
	for _, d := range settings {
		s += "\x1d(k" + le(1+len(d)) + string([]byte{cn}) + d
	}
	d := string([]byte{cn}) + "\x500" + data
	return s + "\x1d(k" + le(len(d)) + d + "\x1d(k\x03\x00" + string([]byte{cn}) + "\x510\x1bd\x02"
}

const zxing = "ZXingReader"

// Codes that the printer draws are read by programs that know nothing of it.
func TestCodesAreRead(t *testing.T) {
	long := strings.Repeat("Receipt 0123, total 45.60; ", 4) + "end"
	for _, c := range []struct{ name, send, label, want string }{
		{"PDF417", symbolOf(48, long), "[PDF417 " + long + "]", long},
		{"PDF417 of bytes", symbolOf(48, "Gr\xc3\xbc\xc3\x9fe \xe5\x90\x88\xe8\xae\xa1"), "[PDF417 Grüße 合计]", "Grüße 合计"},
		{"PDF417 with 4 columns", symbolOf(48, long, "A\x04"), "", long},
		{"PDF417 with 20 rows", symbolOf(48, long, "B\x14", "C\x02"), "", long},
		{"PDF417 with 5 columns and 19 rows", symbolOf(48, long, "A\x05", "B\x13"), "", long},
		{"PDF417 of level 5", symbolOf(48, long, "E05", "C\x02"), "", long},
		{"PDF417 with a tenth of the data", symbolOf(48, long, "E1\x01"), "", long},
		{"PDF417 truncated", symbolOf(48, long, "F\x01"), "", long},
		{"PDF417 with high rows", symbolOf(48, "hello", "D\x08"), "", "hello"},
		{"PDF417 of all text", symbolOf(48, "ABC xyz 09;&=^~!{}()?'\"<>[]_|*/\\"), "", "ABC xyz 09;&=^~!{}()?'\"<>[]_|*/\\"},
		{"QR", symbolOf(49, "https://e.cn/凭证/000122", "C\x04", "E1"), "", "https://e.cn/凭证/000122"},
		{"Aztec", symbolOf(53, "Aztec 123", "C\x04"), "[Aztec Aztec 123]", "Aztec 123"},
		{"compact Aztec of 4 layers", symbolOf(53, "Aztec 123", "B\x01\x04", "C\x04", "E\x32"), "", "Aztec 123"},
		{"DataMatrix", symbolOf(54, "Matrix 123", "C\x05"), "[DataMatrix Matrix 123]", "Matrix 123"},
		{"EAN13", "\x1ba\x01\x1bd\x02\x1dkC\x0c400638133393\x1bd\x02", "", "4006381333931"},
		{"CODE128", "\x1ba\x01\x1bd\x02\x1dkI\x08{BHello1\x1bd\x02", "", "Hello1"},
		{"PDF417 in page mode", "\x1bL" + area(0, 0, 576, 400) + "\x1d$\x2c\x01\x1b$\x40\x00" + strings.ReplaceAll(symbolOf(48, "page mode"), "\x1bd\x02", "") + "\x0c", "", "page mode"},
		{"DataMatrix, turned", "\x1bL" + area(0, 0, 576, 400) + "\x1bT\x01\x1d$\xc8\x00\x1b$\x40\x00" + strings.ReplaceAll(symbolOf(54, "turned", "C\x05"), "\x1bd\x02", "") + "\x0c", "", "turned"},
	} {
		t.Run(c.name, func(t *testing.T) {
			piece, st := one(t, "code-"+strings.ReplaceAll(c.name, " ", "-"), virtual.Options{}, c.send)
			if missed(st) != "" || piece.Garbage {
				t.Fatalf("not done: %s; garbage %v", missed(st), piece.Garbage)
			}
			if c.label != "" && strings.TrimSpace(piece.Text()) != c.label {
				t.Errorf("reads %q, want %q", piece.Text(), c.label)
			}
			if got := readBack(t, piece, zxing, "-bytes"); got != c.want {
				t.Errorf("%s reads %q, want %q", zxing, got, c.want)
			}
		})
	}
}

// Two more readers, so that one reader's leniency is not taken for truth.
func TestCodesAreReadByOthers(t *testing.T) {
	matrix, _ := one(t, "dmtx", virtual.Options{}, symbolOf(54, "Matrix 123", "C\x05"))
	if got := readBack(t, matrix, "dmtxread", "-N1", "-m2000"); got != "Matrix 123" {
		t.Errorf("dmtxread: %q", got)
	}
	qr, _ := one(t, "zbar", virtual.Options{}, symbolOf(49, "hello 123", "C\x04"))
	if got := readBack(t, qr, "zbarimg", "-q", "--raw"); got != "hello 123" {
		t.Errorf("zbarimg: %q", got)
	}
}

// What cannot be drawn is a frame with its data, and is counted; what does not fit is nothing, and is counted.
func TestCodesThatAreNotDrawn(t *testing.T) {
	for _, c := range []struct{ send, reads, miss string }{
		{symbolOf(50, "maxi"), "[MaxiCode maxi]", "GS ( k 50 81"},
		{symbolOf(51, "bar"), "[GS1 DataBar bar]", "GS ( k 51 81"},
		{symbolOf(52, "both"), "[Composite both]", "GS ( k 52 81"},
		{symbolOf(49, "micro", "A3\x00"), "[Micro QR micro]", "GS ( k 49 65 51, GS ( k 49 81"},
		{symbolOf(49, "one", "A1\x00"), "[QR one]", "GS ( k 49 65 49"},
		{symbolOf(49, "x", "R0"), "[QR x]", "GS ( k 49 82"},
		{symbolOf(54, "x", "B\x00\x20\x20"), "[DataMatrix x]", "GS ( k 54 66"},
		{symbolOf(48, strings.Repeat("x", 900), "A\x01"), "", "PDF417 that cannot be printed"},
		{"\x1dkJ\x05(01)5\n", "[GS k 74 (01)5]", "GS k 74"},
		{"a\x1dkI\x04{Bxy\n", "a", "bar code within a line"},
		{"\x1dkI\x42{B" + strings.Repeat("W", 64), "", "CODE128 that cannot be printed"},
	} {
		piece, st := one(t, "not", virtual.Options{}, c.send)
		if strings.TrimSpace(piece.Text()) != c.reads || missed(st) != c.miss {
			t.Errorf("%q reads %q, want %q; not done %q, want %q", c.send, piece.Text(), c.reads, missed(st), c.miss)
		}
	}
}
