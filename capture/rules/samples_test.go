package rules_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/capture"
	"github.com/receiptd/receiptd/capture/stream"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/templates"
)

// TestSamples: the shipped rules find what the samples' jobs say on the slips that are set from them, as bytes for a printer of each width.
func TestSamples(t *testing.T) {
	set, err := templates.Load(templates.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, model := range []string{"generic-80", "generic-58"} {
		prof, err := profile.Load(model)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"01-sale-chip", "02-sale-contactless-no-sign", "03-sale-void", "04-refund", "05-pre-auth", "17-settlement", "35-settlement-unbalanced"} {
			b, err := os.ReadFile(filepath.Join("..", "..", "examples", "jobs", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			j := job.Parse(b).Job
			for _, c := range j.DefaultCopies() {
				for _, no := range []int{1, 2} {
					mark := job.Mark{Kind: job.MarkOriginal, PrintNo: no, At: noon}
					if no == 2 {
						mark.Kind = job.MarkDuplicate
					}
					slip, err := set.Render(templates.Input{Job: j, Copy: c, Mark: mark, Width: prof.Columns, Small: prof.SmallColumns(), Locale: "zh-CN", Measure: prof.Measure})
					if err != nil {
						t.Fatal(err)
					}
					sent, _ := escpos.Encode(slip.Layout, prof, escpos.Options{})
					read := stream.Read(slices.Concat([]byte("\x1b@\x1c&"), sent.Content, sent.Cut), stream.Options{Profile: prof})[0]
					var got *job.Lifted
					r := capture.Job(job.Parser{}, "till", "cap-1", "", noon, read, func(lines []string) *job.Lifted {
						got = union(t).Find(lines, noon).Facts
						return got
					})
					if r.Job == nil || got == nil {
						t.Errorf("%s %s %s: nothing is found on\n%s", model, name, c, read.Text())
						continue
					}
					got.Merchant = ""
					agrees(t, strings.Join([]string{model, name, string(c)}, " "), got, j, c, no == 2)
				}
			}
		}
	}
}

// agrees compares what was found with what the job says.
func agrees(t *testing.T, at string, l *job.Lifted, j *job.Job, c job.CopyName, reprint bool) {
	t.Helper()
	if j.Settlement != nil {
		s := j.Settlement
		if l.Kind != job.KindSettlement || l.Terminal != s.TerminalNo || l.Batch != s.BatchNo || l.Amount == nil || l.Duplicate != reprint {
			t.Errorf("%s: %+v", at, l)
		}
		return
	}
	x := j.Transaction
	if l.Kind != job.KindTransaction || l.Type != string(x.Type) || l.Copy != c || l.Terminal != x.TerminalNo || l.Batch != x.BatchNo ||
		l.Voucher != x.VoucherNo || l.Amount == nil || *l.Amount != x.Amount.Total || l.Duplicate != reprint || x.Card != nil && l.Last4 != "6620" || x.IsVoid() && l.Original != x.Original.VoucherNo {
		t.Errorf("%s: %+v", at, l)
	}
}
