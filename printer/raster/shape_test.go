package raster_test

import (
	"os"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

func noto(t *testing.T, name string) raster.Fonts {
	t.Helper()
	o, err := raster.LoadOutline("/usr/share/fonts/truetype/noto/" + name + ".ttf")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%v (Debian: fonts-noto-core)", err)
		}
		t.Skipf("%v (Debian: fonts-noto-core)", err)
	}
	return raster.Fonts{Outline: o}
}

var rightToLeft = strings.Join([]string{
	"المجموع | 12.50", "شكرا لزيارتكم، نراكم قريبا إن شاء الله", "Total المجموع 1,234.50 SAR|", "^^^فاتورة^^^", "\"ضريبة القيمة المضافة\" 15%|",
	"قائمة `الطعام` _اليوم_ جميلة|", "مُحَمَّدٌ (x2) abc|", "سعر 元 12 中文 نهاية|",
	"هذه جملة طويلة جدا باللغة العربية تحتاج إلى أكثر من سطر واحد على الورق 12.50 SAR في النهاية|",
	"סה\"כ לתשלום|₪12.50", "|תודה (רבה) 1/2", "{b:line}", "السلام|12.50", "{b:none}",
}, "\n")

// Joined and reordered text stands on the paper as in the preview, and no word is reported as unjoined.
func TestRightToLeftOnPaper(t *testing.T) {
	fonts := noto(t, "NotoNaskhArabic-Regular")
	for _, name := range []string{"generic-80", "generic-58", "epson-tm-t88", "western"} {
		p := load(t, name)
		l, diags := receiptline.Set(rightToLeft, receiptline.Options{Width: p.Columns, Measure: p.Measure})
		if receiptline.HasError(diags) {
			t.Fatal(diags)
		}
		slip, warnings := escpos.Encode(l, p, escpos.Options{Fonts: fonts})
		for _, w := range warnings {
			t.Errorf("%s: %s", name, w.En)
		}
		paper := printed(t, model(p), slip.Content, 1)[0]
		same(t, raster.Draw(l, p, fonts).Image(), paper.Image())
	}
}

// Without a font of their own the words are named, letters stand one by one in their order, and amounts stay readable.
func TestArabicWithoutFont(t *testing.T) {
	p := load(t, "generic-80")
	l, _ := receiptline.Set(rightToLeft, receiptline.Options{Width: p.Columns, Measure: p.Measure})
	_, warnings := escpos.Encode(l, p, escpos.Options{})
	named := ""
	for _, w := range warnings {
		if w.Code == "unshaped" {
			named += w.Zh + w.En
		}
	}
	for _, word := range []string{"المجموع", "شكرا", "فاتورة"} {
		if strings.Count(named, word) != 2 {
			t.Errorf("%q is not named in both languages in %s", word, named)
		}
	}
}

// A joined word has no gap inside.
func TestJoined(t *testing.T) {
	p := load(t, "generic-80")
	l, _ := receiptline.Set("ببب|", receiptline.Options{Width: p.Columns, Measure: p.Measure})
	gaps := func(f raster.Fonts) int {
		b := raster.Draw(l, p, f)
		columns := make([]byte, b.Width)
		for x := range columns {
			columns[x] = ' '
			for y := range b.Height {
				if b.Black(x, y) {
					columns[x] = '#'
				}
			}
		}
		return len(strings.Fields(string(columns))) - 1
	}
	if n := gaps(noto(t, "NotoNaskhArabic-Regular")); n != 0 {
		t.Errorf("the joined word has %d gaps", n)
	}
	if n := gaps(raster.Fonts{}); n == 0 {
		t.Error("letters one by one have no gap: this test shows nothing")
	}
}
