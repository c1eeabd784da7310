package raster_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

// Documents nobody thought of: any mixture of markup and scripts comes out as previewed, on any width, also when it was
// laid out by another measure than the printer's own.
func TestAnyDocumentOnPaper(t *testing.T) {
	tokens := []string{"a", "bc 12.50", " ", "  ", "~", "中文", "元", "é", "Ж", "€", "¥", "ō", "한", "א", "שלום", "سلام", "(", "1", "_", "\"", "`", "^", "^^",
		"^^^", "^^^^", "|", " | ", "| ", "\\n", "……", "─", "ARQC:8F3A2B19C0D4E5F6", "x"}
	lines := []string{"---", "", "{w:*,8}", "{w:10,*,6;a:right}", "{w:auto;a:center}", "{b:line}", "{b:space}", "{b:none}", "{font:small}", "{font:small}", "{font:normal}",
		"{c:1234567;o:code128,2,30,hri}", "{c:x;o:qrcode,3,l}", "| {c:12;o:code39,2,24}"}
	token, line := rapid.SampledFrom(tokens), rapid.SampledFrom(lines)
	rapid.Check(t, func(rt *rapid.T) {
		p := load(t, rapid.SampledFrom([]string{"generic-80", "epson-tm-t88", "rongta-80", "zj-5890", "western", "old-clone"}).Draw(rt, "profile"))
		doc := slices.Clone(rapid.SampledFrom([][]string{nil, {"{font:small}"}}).Draw(rt, "begin"))
		for range rapid.IntRange(1, 6).Draw(rt, "lines") {
			if rapid.IntRange(0, 3).Draw(rt, "kind") == 0 {
				doc = append(doc, line.Draw(rt, "line"))
				continue
			}
			doc = append(doc, strings.Join(rapid.SliceOfN(token, 1, 10).Draw(rt, "tokens"), ""))
		}
		measure := rapid.SampledFrom([]func(rune) int{p.Measure, nil, profile.Reference, profile.EastAsian}).Draw(rt, "measure")
		width := min(rapid.SampledFrom([]int{p.Columns, 24, 31}).Draw(rt, "width"), p.Columns)
		small := rapid.SampledFrom([]int{0, p.SmallColumns()}).Draw(rt, "small") * width / p.Columns
		lax := rapid.Bool().Draw(rt, "lax")
		l, _ := receiptline.Set(strings.Join(doc, "\n"), receiptline.Options{Width: width, Small: small, Measure: measure, Lax: lax})
		slip, _ := escpos.Encode(l, p, escpos.Options{})
		preview := raster.Draw(l, p, raster.Fonts{})
		if preview.Height != slip.Dots {
			rt.Errorf("%q: the preview is %d dots high, Slip.Dots says %d", doc, preview.Height, slip.Dots)
		}
		if preview.Height == 0 {
			return
		}
		paper := printed(t, model(p), slip.Content, 1)[0]
		if n, at := differences(preview.Image(), paper.Image()); n > 0 || paper.Garbage {
			rt.Errorf("%s %d cells %q: %d dots differ, the first at %v, garbage %v\n%q", p.Name, width, doc, n, at, paper.Garbage, slip.Content)
		}
	})
}
