package templates_test

import (
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/receiptline"
	"github.com/receiptd/receiptd/templates"
)

// BenchmarkRender measures the reference slip, a chip sale's merchant copy on 58 mm paper, from the job to its layout.
// The share of setting the finished text is measured beside it.
func BenchmarkRender(b *testing.B) {
	set := load(b)
	in := templates.Input{
		Job: sample(b, "sale"), Copy: job.CopyMerchant, Width: 32, Mark: job.Mark{Kind: job.MarkOriginal, PrintNo: 1},
	}
	slip, err := set.Render(in)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("slip", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := set.Render(in); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("set", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			receiptline.Set(slip.Source, receiptline.Options{Width: 32})
		}
	})
}
