package templates_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/receiptline"
	"github.com/receiptd/receiptd/templates"
)

var update = flag.Bool("update", false, "write the goldens in testdata anew")

var widths = []int{32, 42, 48}

// small has the cells of a row in the small font; a printer of 42 cells is taken to have none.
var small = map[int]int{32: 42, 48: 64}

func load(t testing.TB) *templates.Set {
	t.Helper()
	s, err := templates.Load(templates.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sample(t testing.TB, name string) *job.Job {
	t.Helper()
	j, err := templates.Sample(name)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

var reprinted = time.Date(2026, 8, 11, 12, 50, 30, 0, time.FixedZone("", 8*3600))

// marks are the marks a copy can carry, one golden each.
var marks = []struct {
	name string
	mark job.Mark
}{
	{"original", job.Mark{Kind: job.MarkOriginal, PrintNo: 1}},
	{"duplicate", job.Mark{Kind: job.MarkDuplicate, PrintNo: 2, At: reprinted, Operator: "02"}},
	{"recovery", job.Mark{Kind: job.MarkRecovery, PrintNo: 3, At: reprinted, Operator: "SYSTEM", TornPiece: true, From: "kitchen"}},
	{"late", job.Mark{Kind: job.MarkLate, PrintNo: 1, At: reprinted, Late: true}},
	{"voided", job.Mark{Kind: job.MarkDuplicate, PrintNo: 2, At: reprinted, Operator: "02", Voided: true}},
	{"reversed", job.Mark{Kind: job.MarkDuplicate, PrintNo: 2, At: reprinted, Operator: "02", Reversed: true}},
	{"possible", job.Mark{Kind: job.MarkOriginal, PrintNo: 1, Possible: true}},
	{"same", job.Mark{Kind: job.MarkOriginal, PrintNo: 1, SameAs: reprinted}},
	{"archive", job.Mark{Kind: job.MarkDuplicate, PrintNo: 2, At: reprinted, Operator: "09", Archive: "TD20260901-07"}},
}

func framed(l *receiptline.Layout) string {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.TrimSuffix(l.Text(), "\n"), "\n") {
		b.WriteString(strings.TrimRight("|"+line, " ") + "\n")
	}
	return b.String()
}

// TestSlips compares every sample, copy, locale, width and mark with a readable golden: one file per sample and locale.
func TestSlips(t *testing.T) {
	set := load(t)
	for _, name := range templates.Samples() {
		for _, locale := range []string{"zh-CN", "en"} {
			t.Run(name+"."+locale, func(t *testing.T) {
				j := sample(t, name)
				var b strings.Builder
				for _, copy := range j.Tickets(j.DefaultCopies()) {
					for _, m := range marks {
						for _, width := range widths {
							if m.name == "same" && j.Order == nil {
								continue // only orders come twice as new ones
							}
							if m.name != "original" && (width == 42 || copy == job.CopyCardholder) {
								continue
							}
							slip, err := set.Render(templates.Input{Job: j, Copy: copy, Mark: m.mark, Width: width, Small: small[width], Locale: locale})
							if err != nil {
								t.Fatalf("%s %s %d: %v", copy, m.name, width, err)
							}
							fmt.Fprintf(&b, "== %s %s %d\n", copy, m.name, width)
							for _, w := range slip.Warnings {
								fmt.Fprintf(&b, "warning: %s\n", w)
							}
							b.WriteString(framed(slip.Layout))
						}
					}
				}
				golden(t, filepath.Join("testdata", "slips", name+"."+locale+".txt"), b.String())
			})
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs; look at it after go test -update\n%s", file, firstDifference(string(want), got))
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d\nwant %s\ngot  %s", i+1, w[i], g[i])
		}
	}
	return "one is longer"
}
