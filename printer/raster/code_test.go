package raster_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

// Any ASCII in a CODE128 comes out as the same characters and the same bars, with its changes and shifts of code set.
func TestCode128OnPaper(t *testing.T) {
	p := load(t, "generic-80")
	random := rand.New(rand.NewPCG(1, 2))
	alphabets := []string{"0123456789", "0123456789AB", "ABab12{}~", "A\x01\x02\x1fa{1", "\x00_^az09"}
	l := &receiptline.Layout{Width: p.Columns}
	const n = 300
	for i := range n {
		a := alphabets[i%len(alphabets)]
		data := make([]byte, 1+random.IntN(14))
		for k := range data {
			data[k] = a[random.IntN(len(a))]
		}
		l.Rows = append(l.Rows, receiptline.Row{Kind: receiptline.CodeRow, Cells: p.Columns,
			Code: &receiptline.Code{Symbology: "code128", Data: string(data), Module: 2, Height: 24}})
	}
	slip, warnings := escpos.Encode(l, p, escpos.Options{})
	if len(warnings) > 0 {
		t.Fatal(warnings)
	}
	piece := printed(t, model(p), slip.Content, 1)[0]
	same(t, raster.Draw(l, p, raster.Fonts{}).Image(), piece.Image())
	drawn := strings.Count(string(slip.Content), "\x1dv0")
	if read := strings.Count(piece.Text(), "[CODE128 "); read+drawn != n || drawn > 30 {
		t.Errorf("%d bar codes by the printer, %d by us, of %d", read, drawn, n)
	}
}
