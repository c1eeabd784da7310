package templates_test

import (
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/receiptline"
	"github.com/receiptd/receiptd/templates"
)

// Every electronic copy says so above and below the slip, on each piece of it, in both languages and at every width, and is
// otherwise the slip that comes out on paper.
func TestElectronicCopy(t *testing.T) {
	all, err := templates.Load(templates.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, sample := range templates.Samples() {
		j, err := templates.Sample(sample)
		if err != nil {
			t.Fatal(err)
		}
		for _, locale := range []string{"zh-CN", "en"} {
			for _, width := range []int{24, 32, 48} {
				in := templates.Input{Job: j, Copy: j.DefaultCopies()[0], Locale: locale, Width: width, Mark: job.Mark{Kind: job.MarkOriginal, PrintNo: 1}}
				paper, err := all.Render(in)
				if err != nil {
					t.Fatal(sample, err)
				}
				in.Mark.Electronic, in.Mark.At, in.Mark.Operator = 3, time.Date(2026, 8, 11, 12, 50, 30, 0, time.FixedZone("", 8*3600)), "0^2"
				file, err := all.Render(in)
				if err != nil {
					t.Fatal(sample, err)
				}
				parts := pieces(file.Layout)
				if len(parts) != len(pieces(paper.Layout)) {
					t.Errorf("%s: %d pieces, %d on paper", sample, len(parts), len(pieces(paper.Layout)))
				}
				for i, text := range parts {
					want := 1
					if i == len(parts)-1 {
						want = 2
					}
					if n := strings.Count(text, "电子存根/ELECTRONIC COPY"); n < want || !strings.HasPrefix(strings.TrimLeft(text, " -─\n"), "电子存根") {
						t.Errorf("%s %s %d, piece %d is marked %d times:\n%s", sample, locale, width, i, n, text)
					}
				}
				whole := file.Layout.Text()
				if !strings.Contains(whole, "(3) 2026/08/11 ") || !strings.Contains(whole, "0^2") {
					t.Errorf("%s: it does not say which, when and for whom:\n%s", sample, whole)
				}
				if !strings.Contains(whole, strings.TrimSpace(firstPiece(paper.Layout))) {
					t.Errorf("%s: it is not the slip on paper:\n%s", sample, whole)
				}
			}
		}
	}
}

// pieces is the text of each piece of paper.
func pieces(l *receiptline.Layout) (out []string) {
	piece := *l
	piece.Rows = nil
	for _, r := range l.Rows {
		if r.Kind != receiptline.CutRow {
			piece.Rows = append(piece.Rows, r)
			continue
		}
		out = append(out, piece.Text())
		piece.Rows = nil
	}
	return out
}

func firstPiece(l *receiptline.Layout) string { return pieces(l)[0] }

// A template of the shop's own cannot leave the words out.
func TestElectronicCopyOfOwnTemplate(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "sale.zh-CN", "只有这一行\n")
	all, err := templates.Load(templates.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	j, err := templates.Sample("sale")
	if err != nil {
		t.Fatal(err)
	}
	slip, err := all.Render(templates.Input{Job: j, Copy: job.CopyCardholder, Locale: "zh-CN", Mark: job.Mark{PrintNo: 1, Electronic: 1, Archive: "TD-1"}})
	if err != nil {
		t.Fatal(err)
	}
	text := slip.Layout.Text()
	if strings.Count(text, "电子存根/ELECTRONIC COPY") != 2 || !strings.Contains(text, "只有这一行") || !strings.Contains(text, "案号 CASE NO TD-1") {
		t.Errorf("got\n%s", text)
	}
}

// A file of the archive shows what its paper shows, marks included, and says above and below that it is a file and since when.
func TestFiledCopy(t *testing.T) {
	all, err := templates.Load(templates.Options{})
	if err != nil {
		t.Fatal(err)
	}
	j, err := templates.Sample("sale")
	if err != nil {
		t.Fatal(err)
	}
	came := time.Date(2026, 8, 11, 4, 34, 56, 0, time.UTC)
	paper := job.Mark{Kind: job.MarkDuplicate, PrintNo: 2, At: came, Operator: "07", Voided: true}
	in := templates.Input{Job: j, Copy: job.CopyMerchant, Locale: "zh-CN", Mark: paper}
	printed, err := all.Render(in)
	if err != nil {
		t.Fatal(err)
	}
	in.Mark.Filed = came
	filed, err := all.Render(in)
	if err != nil {
		t.Fatal(err)
	}
	text := filed.Layout.Text()
	if strings.Count(text, "电子存根/ELECTRONIC COPY") != 2 || strings.Count(text, "存档 ON FILE 2026/08/11 12:34:56") != 2 || strings.Contains(text, "(0)") {
		t.Errorf("got\n%s", text)
	}
	for line := range strings.Lines(printed.Layout.Text()) {
		if !strings.Contains(text, line) {
			t.Errorf("the paper has %q, the file not", line)
		}
	}
}
