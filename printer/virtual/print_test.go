package virtual_test

import (
	"bytes"
	"flag"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/receiptd/receiptd/printer/virtual"
)

var update = flag.Bool("update", false, "write the goldens in testdata anew")

// printed is what p's paper shows after s, without a connection's timing.
func printed(t *testing.T, o virtual.Options, s string) (*virtual.Printer, virtual.Piece) {
	t.Helper()
	p := virtual.New(o)
	c := dialer(t, p)()
	write(t, c, s+"\x1dr\x01")
	answer(t, c, "\x00")
	return p, p.Hanging()
}

func gbk(s string) string {
	out, err := simplifiedchinese.GB18030.NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return out
}

func TestText(t *testing.T) {
	for _, c := range []struct{ name, send, want string }{
		{"plain", "hello\n", "hello"},
		{"full line wraps", strings.Repeat("x", 50) + "\n", strings.Repeat("x", 48) + "\nxx"},
		{"centre", "\x1ba\x01abcd\n", strings.Repeat(" ", 22) + "abcd"},
		{"right", "\x1ba\x02abcd\n", strings.Repeat(" ", 44) + "abcd"},
		{"alignment only at line start", "a\x1ba\x02b\n", "ab"},
		{"Chinese", "\x1c&" + gbk("合计：￥12.50") + "\n", "合计：￥12.50"},
		{"four bytes", "\x1c&" + gbk("㐀䶮") + "\n", "㐀䶮"},
		{"euro as one byte does not exist", "\x1c&\x80x\n", "\uFFFDx"},
		{"double size keeps words together", "\x1c&\x1d!\x11" + gbk("合计") + "\n", "合计"},
		{"code page", "\x1bt\x10\xe9\xdf\x80\n", "éß€"},
		{"katakana", "\x1bt\x01\xb1\n", "ｱ"},
		{"unknown code page", "\x1bt\x42\xe9\n", "\uFFFD"},
		{"tabs", "a\tb\tc\n", "a       b       c"},
		{"own tabs", "\x1bD\x04\x0a\x00a\tb\tc\td\n", "a   b     cd"},
		{"absolute position", "a\x1b$\xf0\x00b\n", "a" + strings.Repeat(" ", 19) + "b"},
		{"relative position", "a\x1b\\\x18\x00b\n", "a  b"},
		{"margin and width", "\x1dL\x18\x00\x1dW\x30\x00abcdef\n", "  abcd\n  ef"},
		{"line feed and feeds", "a\n\n\x1bd\x02b\x1bJ\x50c\n", "a\n\n\n\nb\nc"},
		{"unknown command prints what follows", "\x1b\x99abc\n", "abc"},
		{"logo", "\x1cp\x01\x00\x1d(L\x06\x000EAB\x01\x01", "[NV logo 1]\n[NV logo AB]"},
		{"GS ( L raster", "\x1d(L\x12\x000p0\x01\x011\x08\x00\x08\x0012345678\x1d(L\x02\x0002\n", "[image 8x8]"},
		{"GS 8 L raster", "\x1d8L\x12\x00\x00\x000p0\x01\x021\x08\x00\x08\x0012345678\x1d(L\x02\x0002\n", "[image 8x16]"},
		{"columns in the line", "a\x1b*\x21\x02\x00123456b\n", "a[image 2x24]b"},
		{"user glyphs, graphics, NV data are swallowed", "\x1b&\x03AB\x02123456\x011231\x1d*\x01\x0212345678ABCDEFGH\x1cq\x01\x01\x00\x01\x00abcdefghok\n", "1ok"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, piece := printed(t, virtual.Options{}, "\x1b@"+c.send)
			if got := piece.Text(); got != c.want {
				t.Errorf("paper %q, want %q", got, c.want)
			}
		})
	}
}

func TestGarbage(t *testing.T) {
	for send, want := range map[string]bool{
		"ok\n": false, "\x1b\x99x\n": true, "\x1c&\xba\x20\n": true, "x\x1dV\x00\n": true, "x\x1dv0\x00\x01\x00\x01\x00z\n": true,
		"\x1dkI\x03{Z1\n": true, "\x07\n": true,
	} {
		if _, c := printed(t, virtual.Options{}, send); c.Garbage != want {
			t.Errorf("%q: garbage %v, want %v", send, c.Garbage, want)
		}
	}
}

func TestCuts(t *testing.T) {
	for _, c := range []struct {
		name, send string
		high       []int // of the pieces
		hanging    string
	}{
		{"B feeds to the cutter", "A\n\x1dVB\x00B\n", []int{120 + 30}, "B"},
		{"B with more", "A\n\x1dVA\x14B\n", []int{120 + 50}, "B"},
		{"A cuts where the paper stands", "A\n\x1dV\x00B\n", []int{30}, "A\nB"},
		{"ESC i, ESC m", "A\n\x1biB\n\x1bm", []int{30, 30}, "A\nB"},
		{"reserved place", "A\n\x1dVa\x00" + strings.Repeat("B\n", 4), []int{120 + 30}, "B\nB\nB\nB"},
		{"cut and return", "A\n\x1dVg\x00B\n", []int{120 + 30}, "B"},
		{"not inside a line", "A\x1dVB\x00\n", nil, "A"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, piece := printed(t, virtual.Options{}, c.send)
			var high []int
			for _, c := range p.Pieces() {
				high = append(high, c.DotsHigh)
			}
			if len(high) != len(c.high) || len(high) > 0 && high[0] != c.high[0] {
				t.Errorf("pieces %v dots high, want %v", high, c.high)
			}
			if piece.Text() != c.hanging {
				t.Errorf("hanging %q, want %q", piece.Text(), c.hanging)
			}
		})
	}
}

// sample is a slip that shows what the printer can draw.
func sample() string {
	return "\x1b@\x1c&\x1da\x00" +
		"\x1ba\x01\x1d!\x11" + gbk("银联商务") + "\n\x1d!\x00POS " + gbk("签购单") + "\n\x1ba\x00" +
		gbk("商户名称：好味小馆") + "\nMERCHANT NO: 898310148160568\n" + strings.Repeat("-", 48) + "\n" +
		gbk("类型/TYPE:") + "\x1bE\x01" + gbk("消费") + "/SALE\x1bE\x00\n" +
		"\x1b-\x02under\x1b-\x00 \x1dB\x01invert\x1dB\x00 \x1bM\x01font b\x1bM\x00 \x1c-\x02" + gbk("下划线") + "\x1c-\x00\n" +
		"\x1d!\x01" + gbk("金额") + " RMB \x1d!\x11128.00\n\x1d!\x00" +
		"\x1b{\x01upside down\n\x1b{\x00" +
		"\x1b3\x18a" + "\x1b*\x21\x08\x00" + strings.Repeat("\xff\x00\xff", 8) + "b\n\x1b2" +
		"\x1dh\x40\x1dw\x02\x1dH\x02\x1ba\x01\x1dkI\x0e{B000122{C\x0b\x16\x21\x2c" +
		"\x1d(k\x03\x001C\x04\x1d(k\x03\x001E1\x1d(k\x13\x001P0https://e.cn/122\x1d(k\x03\x001Q0" +
		"\x1ba\x02\x1dv0\x00\x04\x00\x08\x00" + strings.Repeat("\xf0\xf0\xf0\xf0\x0f\x0f\x0f\x0f", 4) +
		"\x1cp\x01\x00\x1ba\x00\x1bd\x01" + cut
}

func TestSample(t *testing.T) {
	for _, model := range []string{"generic-80", "generic-58"} {
		p, hanging := printed(t, virtual.Options{Model: model}, sample())
		piece := hanging
		if all := p.Pieces(); len(all) == 1 {
			piece = all[0]
		}
		if piece.Garbage {
			t.Errorf("%s: garbage", model)
		}
		var pic bytes.Buffer
		if err := piece.PNG(&pic); err != nil {
			t.Fatal(err)
		}
		base := filepath.Join("testdata", "sample-"+model)
		if *update {
			if err := os.WriteFile(base+".png", pic.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(base+".txt", []byte(piece.Text()+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(base + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		if piece.Text()+"\n" != string(text) {
			t.Errorf("%s reads\n%s\nwant\n%s", model, piece.Text(), text)
		}
		f, err := os.Open(base + ".png")
		if err != nil {
			t.Fatal(err)
		}
		golden, err := png.Decode(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		img := piece.Image()
		if img.Bounds() != golden.Bounds() {
			t.Fatalf("%s is %v, golden %v", model, img.Bounds(), golden.Bounds())
		}
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				if r, _, _, _ := golden.At(x, y).RGBA(); (r == 0) != (img.ColorIndexAt(x, y) == 1) {
					t.Fatalf("%s differs from its golden at %d,%d", model, x, y)
				}
			}
		}
	}
}
