package raster_test

import (
	"testing"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

// A code stands in the middle of the text, also where the text leaves a part of the paper free.
func TestCodesStandWhereTheTextDoes(t *testing.T) {
	shared := load(t, "generic-80")
	for _, columns := range []int{48, 42, 32} {
		p, err := shared.WithColumns(columns)
		if err != nil {
			t.Fatal(err)
		}
		for _, source := range []string{"{code:A;option:qrcode,4,m}", "{code:12345678;option:code128,2,72}", "{align:right}\n{code:A;option:qrcode,4,m}"} {
			l, _ := receiptline.Set(source+"\n", receiptline.Options{Width: columns})
			for i := range l.Rows {
				r := &l.Rows[i]
				if r.Kind != receiptline.CodeRow {
					continue
				}
				pl, err := raster.Place(r, l, p)
				if err != nil {
					t.Fatal(err)
				}
				if want := (columns*p.CellDots - pl.Width) * int(r.Align) / 2; pl.X != want {
					t.Errorf("%d cells: %q stands at %d, want %d", columns, source, pl.X, want)
				}
			}
			slip, _ := escpos.Encode(l, p, escpos.Options{})
			same(t, raster.Draw(l, p, raster.Fonts{}).Image(), paper(t, model(p), slip))
		}
	}
}

// Text under a tall row has the white that it has under any other.
func TestWhiteUnderTallRows(t *testing.T) {
	p := load(t, "generic-80")
	for source, want := range map[string]int{"a\nb": 60, "^^a\nb": 48 + 6 + 30, "^^^a\n^^^b": 48 + 6 + 48, "^^a\n-": 48 + 30, "^^a\n\nb": 48 + 60, "^^a": 48} {
		l, _ := receiptline.Set(source, receiptline.Options{Width: 48})
		if got := raster.Draw(l, p, raster.Fonts{}).Height; got != want {
			t.Errorf("%q is %d dots high, want %d", source, got, want)
		}
	}
}
