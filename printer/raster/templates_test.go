package raster_test

import (
	"flag"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/templates"
)

var everyProfile = flag.Bool("every-profile", !underRace, "print the templates on every profile, not only on those that differ most")

// Every template's preview is, dot by dot, what comes out: original and reprint, Chinese and English.
func TestTemplatesOnPaper(t *testing.T) {
	all, err := templates.Load(templates.Options{})
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"generic-80", "epson-tm-t88", "zj-5890"}
	if testing.Short() { // one goroutine draws: the race detector finds nothing here
		names = names[:1]
	}
	if *everyProfile {
		names = profile.Names()
	}
	again := job.Mark{Kind: job.MarkDuplicate, PrintNo: 2, Operator: "02",
		At: time.Date(2026, 8, 11, 12, 50, 30, 0, time.FixedZone("", 8*3600))}
	printed := 0
	for _, name := range names {
		p := load(t, name)
		if p.RasterRows == 0 {
			continue
		}
		for _, sample := range templates.Samples() {
			j, err := templates.Sample(sample)
			if err != nil {
				t.Fatal(err)
			}
			for _, kind := range j.DefaultCopies() {
				for k, in := range []templates.Input{{Locale: "zh-CN", Mark: job.Mark{Kind: job.MarkOriginal, PrintNo: 1}},
					{Locale: "en", Mark: again}} {
					in.Job, in.Copy, in.Width, in.Small, in.Measure = j, kind, p.Columns, p.SmallColumns(), p.Measure
					slip, err := all.Render(in)
					if err != nil {
						t.Errorf("%s %s: %v", sample, kind, err)
						continue
					}
					printed++
					t.Run(name+"/"+sample+"/"+string(kind)+"/"+[]string{"zh-CN", "en"}[k], func(t *testing.T) {
						out, warnings := escpos.Encode(slip.Layout, p, escpos.Options{})
						if len(warnings) > 0 {
							t.Errorf("%+v", warnings)
						}
						preview := raster.Draw(slip.Layout, p, raster.Fonts{})
						if preview.Height != out.Dots {
							t.Errorf("%d dots, Slip.Dots says %d", preview.Height, out.Dots)
						}
						same(t, preview.Image(), paper(t, model(p), out))
					})
				}
			}
		}
	}
	if printed < 20*len(names) {
		t.Errorf("only %d slips", printed)
	}
}
