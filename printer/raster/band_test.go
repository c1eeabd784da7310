package raster_test

import (
	"bytes"
	"image/png"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

// What is drawn in bands is what is drawn at once: rows, objects and blank paper across the edges of bands.
func TestBands(t *testing.T) {
	p := load(t, "generic-80")
	docs := []string{strings.Repeat("^^^^^^^`大`|\"b\"|_c_\n", 12), "{b:line}\n" + strings.Repeat("a|b\n-\n", 40), strings.Repeat("x\n\n=\n", 30),
		"{o:qrcode,8}\n" + strings.Repeat("{c:receiptd}\n", 5), "{o:240,hri}\n" + strings.Repeat("{c:receiptd}\n", 4), "{logo:1,300,900}", "{font:small}\n" + strings.Repeat("small\n", 60), "x"}
	var layouts []*receiptline.Layout
	for _, doc := range docs {
		l, _ := receiptline.Set(doc, receiptline.Options{Width: p.Columns, Small: p.SmallColumns(), Measure: p.Measure, Logos: true})
		layouts = append(layouts, l)
	}
	for _, doc := range documents(t) {
		layouts = append(layouts, layout(t, doc, p, p.Columns))
	}
	for _, l := range layouts {
		var b bytes.Buffer
		if err := raster.PNG(&b, l, p, raster.Fonts{}); err != nil {
			t.Fatal(err)
		}
		got, err := png.Decode(&b)
		if err != nil {
			t.Fatal(err)
		}
		same(t, raster.Draw(l, p, raster.Fonts{}).Image(), got)
	}
}

// A document that prints nothing has a picture too.
func TestEmptyPicture(t *testing.T) {
	p := load(t, "generic-58")
	for _, l := range []*receiptline.Layout{{Width: 32}, {Width: 32, Rows: []receiptline.Row{{Kind: receiptline.CutRow}}}} {
		var b bytes.Buffer
		if err := raster.PNG(&b, l, p, raster.Fonts{}); err != nil {
			t.Fatal(err)
		}
		got, err := png.Decode(&b)
		if err != nil || got.Bounds().Dx() != p.WidthDots || got.Bounds().Dy() != p.LineDots {
			t.Errorf("%v, %v", got, err)
		}
	}
}
