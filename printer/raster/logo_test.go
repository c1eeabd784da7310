package raster_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

// The preview leaves room for a logo with its number in a frame where every printer puts it; what it shows is in the
// printer only.
func TestLogoOnPaper(t *testing.T) {
	for _, name := range profile.Names() {
		p := load(t, name)
		if p.NVLogo == "" {
			continue
		}
		l, diags := receiptline.Set("A\n| {logo:12}\nB", receiptline.Options{Width: p.Columns, Measure: p.Measure, Logos: true})
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		slip, _ := escpos.Encode(l, p, escpos.Options{})
		piece := printed(t, model(p), slip.Content, 1)[0]
		if !strings.Contains(piece.Text(), "[NV logo 12]") || piece.Garbage {
			t.Errorf("%s: %q", name, piece.Text())
		}
		preview, paper := raster.Draw(l, p, raster.Fonts{}).Image(), piece.Image()
		if preview.Bounds() != paper.Bounds() {
			t.Fatalf("%s: preview %v, paper %v", name, preview.Bounds(), paper.Bounds())
		}
		number := 0
		for y := range paper.Bounds().Dy() {
			for x := range p.WidthDots {
				label := x > p.WidthDots-240+2 && y > p.LineDots+2 && y < p.LineDots+46
				switch {
				case label && black(preview, x, y):
					number++
				case black(preview, x, y) != black(paper, x, y):
					t.Fatalf("%s: dot %d,%d", name, x, y)
				}
			}
		}
		if number < 100 {
			t.Errorf("%s: the frame holds no number", name)
		}
	}
}
