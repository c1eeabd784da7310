package raster_test

import (
	"testing"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

// On a printer without a Chinese font every character of GB2312, and of the other two-byte sets, is drawn.
func TestEveryTwoByteCharacter(t *testing.T) {
	p := load(t, "western")
	c := p.Chars()
	names := []string{"gbk", "big5", "shift_jis", "ks"} // GBK holds all of GB2312
	if underRace {
		names = []string{"gb2312"}
	}
	for _, name := range names {
		set, n := profile.TwoByteSetOf(name), 0
		for r := rune(0x80); r <= 0xFFFF; r++ {
			if _, ok := set.Code(r); !ok || profile.Invisible(r) {
				continue
			}
			n++
			for _, cells := range []int{p.Measure(r), 2} {
				if c.Find(c.Substitute(r), cells) == profile.Dots && !(raster.Fonts{}).Has(c.Substitute(r), cells) {
					t.Errorf("%s: nothing to draw %q (U+%04X) with in %d cells", name, r, r, cells)
				}
			}
		}
		if n < 6000 {
			t.Errorf("%s has %d characters only", name, n)
		}
	}
}

// Characters that only Unifont has come out as previewed and without a warning. Thai marks take no room: they stand
// over or under the letter before them.
func TestUnifontOnPaper(t *testing.T) {
	p := load(t, "western")
	const src = "|乣亪伱佌 ⒈⑴㈠ 㸆㧟䶮|\n^^^ที่ปุ่น ผู้|\nที่ _กุ้ง_ `ญี่ปุ่น` | ฿12.50"
	l, _ := receiptline.Set(src, receiptline.Options{Width: p.Columns, Measure: p.Measure})
	slip, warnings := escpos.Encode(l, p, escpos.Options{})
	if len(warnings) > 0 {
		t.Error(warnings)
	}
	same(t, raster.Draw(l, p, raster.Fonts{}).Image(), paper(t, model(p), slip))

	draw := func(s string) *raster.Bitmap {
		l, _ := receiptline.Set("|"+s+"x |", receiptline.Options{Width: p.Columns, Measure: p.Measure})
		return raster.Draw(l, p, raster.Fonts{})
	}
	bare, marked := draw("ท"), draw("ที่")
	added := 0
	for y := range bare.Height {
		for x := range bare.Width {
			switch {
			case bare.Black(x, y) && !marked.Black(x, y):
				t.Fatalf("the mark moved or took away the dot %d,%d", x, y)
			case !bare.Black(x, y) && marked.Black(x, y):
				if added++; x >= 12 || y >= 9 {
					t.Errorf("a dot of the mark at %d,%d, not over its letter", x, y)
				}
			}
		}
	}
	if added < 20 {
		t.Errorf("the marks are %d dots", added)
	}
}
