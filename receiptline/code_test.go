package receiptline_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/codabar"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/code93"
	"github.com/boombuler/barcode/ean"
	"github.com/boombuler/barcode/twooffive"
	"pgregory.net/rapid"

	"github.com/receiptd/receiptd/receiptline"
)

// Section 10: options, which rebuild the whole set each time.
func TestCodeOptions(t *testing.T) {
	for _, test := range []struct {
		option, data string
		want         receiptline.Code
	}{
		{"", "1", receiptline.Code{Symbology: "code128", Data: "1", Module: 2, Height: 72, Level: 'l'}},
		{"ean,3,100,hri", "490123456789", receiptline.Code{Symbology: "ean", Data: "4901234567894", Module: 3, Height: 100, HRI: true, Level: 'l'}},
		{"JAN NOHRI", "4901234", receiptline.Code{Symbology: "jan", Data: "49012347", Module: 2, Height: 72, Level: 'l'}},
		{"upc 240 4", "01234567890", receiptline.Code{Symbology: "upc", Data: "012345678905", Module: 4, Height: 240, Level: 'l'}},
		{"upc", "0123456", receiptline.Code{Symbology: "upc", Data: "01234565", Module: 2, Height: 72, Level: 'l'}},
		{"code39", "AB-1", receiptline.Code{Symbology: "code39", Data: "*AB-1*", Module: 2, Height: 72, Level: 'l'}},
		{"code39", "*AB-1*", receiptline.Code{Symbology: "code39", Data: "*AB-1*", Module: 2, Height: 72, Level: 'l'}},
		{"itf", "1234", receiptline.Code{Symbology: "itf", Data: "1234", Module: 2, Height: 72, Level: 'l'}},
		{"codabar", "a12-b", receiptline.Code{Symbology: "codabar", Data: "a12-b", Module: 2, Height: 72, Level: 'l'}},
		{"nw7", "A1$B", receiptline.Code{Symbology: "nw7", Data: "A1$B", Module: 2, Height: 72, Level: 'l'}},
		{"code93", "ab", receiptline.Code{Symbology: "code93", Data: "ab", Module: 2, Height: 72, Level: 'l'}},
		{"qrcode,4,m", "汉字", receiptline.Code{Symbology: "qrcode", Data: "汉字", Module: 4, Height: 72, Level: 'm'}},
		{"qrcode,h,8", "x", receiptline.Code{Symbology: "qrcode", Data: "x", Module: 8, Height: 72, Level: 'h'}},
		{"qrcode,q,h", "x", receiptline.Code{Symbology: "qrcode", Data: "x", Module: 3, Height: 72, Level: 'q'}},
	} {
		src := "{o:ean,4,99,hri,h}\n{o:" + test.option + "}\n{c:" + test.data + "}"
		if test.option == "" {
			src = "{c:" + test.data + "}"
		}
		l := set(t, src, 48)
		if len(l.Rows) != 1 || l.Rows[0].Kind != receiptline.CodeRow || *l.Rows[0].Code != test.want {
			t.Errorf("%s: %+v", src, l.Rows)
		}
	}
}

// 10.5, 10.6: what a symbology cannot hold is refused; nothing is drawn.
func TestCodeRefuses(t *testing.T) {
	for _, test := range [][2]string{
		{"upc", "123456"}, {"upc", "1234567"}, {"upc", "123456789"}, {"upc", "1234567890123"}, {"upc", "01234a6"},
		{"ean", "123456"}, {"ean", "123456789"}, {"ean", "12345678901234"}, {"jan", "123456x"},
		{"code39", "ab"}, {"code39", "A*B"}, {"code39", "**"}, {"itf", "123"}, {"itf", "12a4"}, {"codabar", "123"}, {"codabar", "A1"}, {"codabar", "AB"},
		{"nw7", "A1E"}, {"code93", "é"}, {"code128", "é"}, {"code128", ""}, {"qrcode", ""}, {"qrcode", strings.Repeat("x", 2954)}, {"none", "1"},
		{"code128", strings.Repeat("1", 501)},
	} {
		c := receiptline.Code{Symbology: test[0], Data: test[1], Module: 2, Height: 24, Level: 'l'}
		if _, err := c.Width(); !errors.Is(err, receiptline.ErrData) {
			t.Errorf("%s %.20q: %v", test[0], test[1], err)
		}
		if _, err := c.Modules(); !errors.Is(err, receiptline.ErrData) {
			t.Errorf("%s %.20q: %v", test[0], test[1], err)
		}
	}
	bar := receiptline.Code{Symbology: "code128", Data: "1", Module: 2, Level: 'l'}
	if _, err := bar.QR(); !errors.Is(err, receiptline.ErrData) {
		t.Errorf("a bar code drawn as QR: %v", err)
	}
}

func TestHRIText(t *testing.T) {
	for _, test := range [][3]string{
		{"code128", "a\x1bb c", "a b c"}, {"code93", "\x7fA", " A"}, {"code39", "*AB*", "*AB*"}, {"ean", "4901234567894", "4901234567894"}, {"qrcode", "x", ""},
	} {
		c := receiptline.Code{Symbology: test[0], Data: test[1]}
		if got := c.HRIText(); got != test[2] {
			t.Errorf("%s %q: %q, want %q", test[0], test[1], got, test[2])
		}
	}
}

// dark returns the modules of a symbol drawn by another library.
func dark(b barcode.Barcode) []bool {
	m := make([]bool, b.Bounds().Dx())
	for x := range m {
		r, _, _, _ := b.At(x, 0).RGBA()
		m[x] = r < 0x8000
	}
	return m
}

// Modules are compared with an independent library where it draws the same symbol.
func TestModulesAgainstLibrary(t *testing.T) {
	must := func(b barcode.Barcode, err error) barcode.Barcode {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, test := range []struct {
		symbology, data string
		want            barcode.Barcode
	}{
		{"ean", "4901234567894", must(ean.Encode("4901234567894"))},
		{"ean", "0012345678905", must(ean.Encode("0012345678905"))},
		{"upc", "012345678905", must(ean.Encode("0012345678905"))},
		{"jan", "49012347", must(ean.Encode("49012347"))},
		{"code93", "ABC-123 $/+%.", must(code93.Encode("ABC-123 $/+%.", true, false))},
		{"code93", "abc{}~\x00\x01\x1f;@[`\x7f:!", must(code93.Encode("abc{}~\x00\x01\x1f;@[`\x7f:!", true, true))},
		{"code128", "Hello, World", must(code128.Encode("Hello, World"))},
		{"code128", "1234567890", must(code128.Encode("1234567890"))},
		{"itf", "1234567890", must(twooffive.Encode("1234567890", true))},
		{"codabar", "A0123456789-$:/.+B", must(codabar.Encode("A0123456789-$:/.+B"))},
	} {
		c := receiptline.Code{Symbology: test.symbology, Data: test.data, Module: 2}
		modules, err := c.Modules()
		got, want := runs(modules), runs(dark(test.want))
		if test.symbology == "codabar" { // its wide elements are two modules there
			for i := range got {
				got[i] = min(got[i], 2)
			}
		}
		if dots, _ := c.Width(); test.symbology != "itf" && test.symbology != "codabar" && dots != 2*len(modules) {
			t.Errorf("%s %q: %d modules, yet %d dots", test.symbology, test.data, len(modules), dots)
		}
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s %q: %v\n got %v\nwant %v", test.symbology, test.data, err, got, want)
		}
	}
}

// UPC-E has a pattern of parities of its own for each check digit.
func TestUPCE(t *testing.T) {
	for data, want := range map[string]string{
		"0000000": "[1 1 1 1 1 2 3 1 1 2 3 1 1 2 3 3 2 1 1 3 2 1 1 3 2 1 1 1 1 1 1 1 1]", // check digit 0
		"0999994": "[1 1 1 2 1 1 3 2 1 1 3 3 1 1 2 2 1 1 3 3 1 1 2 1 1 3 2 1 1 1 1 1 1]", // 1
		"0425261": "[1 1 1 2 3 1 1 2 1 2 2 1 3 2 1 2 2 1 2 1 1 1 4 2 2 2 1 1 1 1 1 1 1]", // 4
		"0123456": "[1 1 1 1 2 2 2 2 1 2 2 1 4 1 1 2 3 1 1 1 3 2 1 1 1 1 4 1 1 1 1 1 1]", // 5
		"0100003": "[1 1 1 1 2 2 2 3 2 1 1 3 2 1 1 1 1 2 3 3 2 1 1 1 1 4 1 1 1 1 1 1 1]", // 9
	} {
		c := receiptline.Code{Symbology: "upc", Data: data, Module: 1}
		if bars, err := c.Bars(); err != nil || fmt.Sprint(bars) != want {
			t.Errorf("%s: %v %v\nwant %s", data, bars, err, want)
		}
	}
}

// runs gives the widths of bars and spaces.
func runs(m []bool) (widths []int) {
	n := 0
	for i := range m {
		n++
		if i+1 == len(m) || m[i+1] != m[i] {
			widths = append(widths, n)
			n = 0
		}
	}
	return widths
}

// Wide elements are two and a half modules on paper.
func TestBars(t *testing.T) {
	for module, wide := range map[int]int{2: 5, 3: 8, 4: 10} {
		c := receiptline.Code{Symbology: "itf", Data: "00", Module: module}
		bars, err := c.Bars()
		n, w := module, wide
		want := []int{n, n, n, n, n, n, n, n, w, w, w, w, n, n, w, n, n}
		if err != nil || fmt.Sprint(bars) != fmt.Sprint(want) {
			t.Errorf("module %d: %v %v, want %v", module, bars, err, want)
		}
	}
}

// decode128 reads symbol values back.
func decode128(values []byte) string {
	var b strings.Builder
	set := values[0] - 103
	for i := 1; i < len(values)-1; i++ {
		v, use := values[i], set
		switch {
		case set == 2 && v < 100:
			fmt.Fprintf(&b, "%02d", v)
			continue
		case v == 98:
			i++
			v, use = values[i], 1-set
		case v == 99:
			set = 2
			continue
		case v == 100:
			set = 1
			continue
		case v == 101:
			set = 0
			continue
		}
		if use == 0 && v >= 64 {
			b.WriteByte(v - 64)
		} else {
			b.WriteByte(v + 32)
		}
	}
	return b.String()
}

// Code128 holds the data, with a right check value, and never needs more symbols than set B or C alone would.
func TestCode128(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.StringMatching(`([0-9]{0,9}|[a-z]{1,2}|[\x00-\x1f]{1,2}|[ -_]{1,2}){1,5}`).Draw(t, "data")
		if data == "" {
			return
		}
		values, err := receiptline.Code128(data)
		if err != nil {
			t.Fatal(err)
		}
		if got := decode128(values); got != data {
			t.Fatalf("%q reads back %q: %v", data, got, values)
		}
		sum := int(values[0])
		for i, v := range values[1 : len(values)-1] {
			sum += (i + 1) * int(v)
		}
		if int(values[len(values)-1]) != sum%103 {
			t.Fatalf("check value of %v", values)
		}
	})
	for data, want := range map[string]int{"12": 3, "1234": 4, "123": 5, "12345": 6, "ab1234": 7, "ab123456": 8, "a\x01b": 6, "105233384920": 8} {
		if values, _ := receiptline.Code128(data); len(values) != want {
			t.Errorf("%q: %d symbols %v, want %d", data, len(values), values, want)
		}
	}
}

// The version of a QR code is the smallest; its matrix is that of Width.
func TestQR(t *testing.T) {
	for _, n := range []int{1, 7, 17, 18, 32, 100, 271, 500, 1273, 2953} {
		for _, level := range []byte("lmqh") {
			c := receiptline.Code{Symbology: "qrcode", Data: strings.Repeat("a", n), Module: 3, Level: level}
			m, err := c.QR()
			dots, widthErr := c.Width()
			if (err == nil) != (widthErr == nil) || m.Size*3 != dots {
				t.Errorf("%d bytes, level %c: %d modules, %d dots; %v, %v", n, level, m.Size, dots, err, widthErr)
			}
			if err == nil && (!m.At(0, 0) || !m.At(6, 6) || m.At(7, 7) || !m.At(m.Size-1, 0) || m.At(m.Size-8, 7)) {
				t.Errorf("%d bytes, level %c: no finder patterns", n, level)
			}
		}
	}
}

// picture makes an image of a size in base64.
func picture(t *testing.T, width, height int, asJPEG bool) (string, []byte) {
	t.Helper()
	var b bytes.Buffer
	var err error
	if img := image.NewGray(image.Rect(0, 0, width, height)); asJPEG {
		err = jpeg.Encode(&b, img, nil)
	} else {
		err = png.Encode(&b, img)
	}
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), b.Bytes()
}

func TestImages(t *testing.T) {
	for _, asJPEG := range []bool{false, true} {
		code, data := picture(t, 100, 30, asJPEG)
		for _, src := range []string{code, strings.TrimRight(code, "="), code[:20] + " \t!" + code[20:] + "=junk", "  " + code} {
			l := set(t, "{w:8;a:right}\n{image:"+src+"}", 48)
			row := l.Rows[0]
			if row.Kind != receiptline.ImageRow || row.Image.Width != 100 || row.Image.Height != 30 || !bytes.Equal(row.Image.Data, data) ||
				row.Left != 80 || row.Cells != 8 {
				t.Errorf("%.30s...: %+v", src, row)
			}
		}
	}
	big, _ := picture(t, 2049, 1, false)
	wide, _ := picture(t, 600, 1, false)
	good, _ := picture(t, 10, 10, false)
	for src, want := range map[string]string{
		"{i:" + big + "}": "image_invalid", "{i:" + wide + "}": "image_too_wide", "{i:" + good[:40] + "}": "image_invalid", "{i:R0lGODdhAQABAIAAAP}": "image_invalid",
	} {
		_, diags := receiptline.Set(src, receiptline.Options{})
		if len(diags) != 1 || diags[0].Code != want {
			t.Errorf("%.30s: %v, want %s", src, diags, want)
		}
	}
}
