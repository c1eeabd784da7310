package virtual_test

import (
	"strings"
	"testing"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/qr"

	"github.com/receiptd/receiptd/printer/virtual"
)

// scan reads one dot row of a piece as runs of module dots, from the first black dot to the last.
func scan(c virtual.Piece, y, module int) string {
	img := c.Image()
	var b strings.Builder
	for x := 0; x < img.Bounds().Dx(); x += module {
		b.WriteByte(" #"[img.ColorIndexAt(x, y)])
	}
	return strings.TrimSpace(b.String())
}

// modules draws a row of the other library's code the same way.
func modules(bc barcode.Barcode, y int) string {
	var b strings.Builder
	for x := range bc.Bounds().Dx() {
		if r, _, _, _ := bc.At(x, y).RGBA(); r == 0 {
			b.WriteByte('#')
		} else {
			b.WriteByte(' ')
		}
	}
	return strings.TrimSpace(b.String())
}

func TestCode128(t *testing.T) {
	for data, plain := range map[string]string{
		"{BHello 1":                     "Hello 1",
		"{C\x0c\x22\x38\x63":            "12345699",
		"{BAB{C\x0c\x22\x38{Bx":         "AB123456x",
		"{B{{x":                         "{x",
		"{C\x00\x01\x16\x0b\x16\x21{Ba": "000122112233a",
	} {
		_, c := printed(t, virtual.Options{}, "\x1dw\x02\x1dkI"+string(rune(len(data)))+data)
		want, err := code128.Encode(plain)
		if err != nil {
			t.Fatal(err)
		}
		if got := scan(c, 130, 2); got != modules(want, 0) {
			t.Errorf("%q:\n%s\nwant\n%s", data, got, modules(want, 0))
		}
		if !c.Contains("[CODE128 " + plain + "]") {
			t.Errorf("%q reads %q", data, c.Text())
		}
	}
}

func TestQR(t *testing.T) {
	data := "https://e.cn/凭证/000122"
	n := len(data) + 3
	_, c := printed(t, virtual.Options{}, "\x1d(k\x03\x001C\x03\x1d(k\x03\x001E2\x1d(k"+string(rune(n))+"\x001P0"+data+"\x1d(k\x03\x001Q0")
	want, err := qr.Encode(data, qr.Q, qr.Unicode)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Contains("[QR " + data + "]") {
		t.Errorf("reads %q", c.Text())
	}
	for y := range want.Bounds().Dy() {
		if got := scan(c, 120+3*y+1, 3); got != modules(want, y) {
			t.Fatalf("row %d:\n%s\nwant\n%s", y, got, modules(want, y))
		}
	}
}

func TestBarcodes(t *testing.T) {
	for _, c := range []struct{ send, want string }{
		{"\x1dk\x024006381333931\x00", "[EAN13 4006381333931]"},
		{"\x1dkC\x0c400638133393", "[EAN13 4006381333931]"},
		{"\x1dkC\x0d4006381333932", ""}, // wrong check digit: nothing but feed
		{"\x1dk\x0396385074\x00", "[EAN8 96385074]"},
		{"\x1dkA\x0b03600029145", "[UPC-A 036000291452]"},
		{"\x1dkB\x06425261", "[UPC-E 04252614]"},
		{"\x1dkB\x0b04210000526", "[UPC-E 04252614]"},
		{"\x1dk\x04ABC-12\x00", "[CODE39 *ABC-12*]"},
		{"\x1dk\x04abc\x00", ""},
		{"\x1dkF\x041234", "[ITF 1234]"},
		{"\x1dkG\x06A1234B", "[CODABAR A1234B]"},
		{"\x1dkH\x04AB12", "[CODE93 AB12]"},
		{"\x1dkI\x42{B" + strings.Repeat("W", 64), ""}, // too wide
		{"\x1d(k\x08\x000P0hello\x1d(k\x03\x000Q0", "[PDF417 hello]"},
		{"\x1d(k\x03\x001Q0", ""}, // nothing stored
	} {
		_, piece := printed(t, virtual.Options{}, c.send+"\n")
		if piece.Text() != c.want {
			t.Errorf("%q reads %q, want %q", c.send, piece.Text(), c.want)
		}
		if (c.want == "") != piece.Garbage {
			t.Errorf("%q: garbage %v", c.send, piece.Garbage)
		}
	}
}
