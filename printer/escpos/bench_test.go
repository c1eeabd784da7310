package escpos_test

import (
	"os"
	"testing"

	"github.com/receiptd/receiptd/printer/escpos"
)

// BenchmarkEncode turns the reference slip, a UnionPay sale of 40 rows, into bytes.
func BenchmarkEncode(b *testing.B) {
	src, err := os.ReadFile("../raster/testdata/sale.receipt")
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"generic-80", "generic-58", "epson-tm-t88"} {
		b.Run(name, func(b *testing.B) {
			p := load(b, name)
			l := set(b, p, string(src))
			s, _ := escpos.Encode(l, p, escpos.Options{})
			b.ReportAllocs()
			b.ReportMetric(float64(len(s.Content)+len(s.Cut)), "bytes/slip")
			b.ReportMetric(float64(len(l.Rows)), "rows/slip")
			for b.Loop() {
				escpos.Encode(l, p, escpos.Options{})
			}
		})
	}
}
