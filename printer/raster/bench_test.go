package raster_test

import (
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/templates"
)

// BenchmarkReferenceSlip measures a sale's merchant copy from the job to the bytes on the wire, its two steps, and
// beside them the floor: the bytes that a person wrote by hand for such a slip (economy_test.go), copied. The whole is to
// take at most 150 us on the machine of the gate.
func BenchmarkReferenceSlip(b *testing.B) {
	set, err := templates.Load(templates.Options{})
	if err != nil {
		b.Fatal(err)
	}
	sale, err := templates.Sample("sale")
	if err != nil {
		b.Fatal(err)
	}
	p := load(b, "generic-80")
	in := templates.Input{Job: sale, Copy: job.CopyMerchant, Width: p.Columns, Small: p.SmallColumns(), Measure: p.Measure,
		Mark: job.Mark{Kind: job.MarkOriginal, PrintNo: 1}}
	slip, err := set.Render(in)
	if err != nil {
		b.Fatal(err)
	}
	hand := byHand(b)
	measure := func(name string, step func()) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
		})
	}
	measure("whole", func() {
		s, _ := set.Render(in)
		escpos.Encode(s.Layout, p, escpos.Options{})
	})
	measure("render", func() { _, _ = set.Render(in) })
	measure("encode", func() { escpos.Encode(slip.Layout, p, escpos.Options{}) })
	measure("preview", func() { raster.Draw(slip.Layout, p, raster.Fonts{}) })
	measure("floor", func() { sink = append([]byte(nil), hand...) })
}

var sink []byte
