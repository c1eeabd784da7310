package printer_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

// asProfile is a printer that has the measures that a profile says, and answers everything.
func asProfile(prof *profile.Profile) *virtual.Model {
	return custom("epson-tm-t88", func(m *virtual.Model) {
		m.Dots, m.DPI, m.Columns, m.HeadToCut, m.NoCutter = prof.WidthDots, prof.DPI, prof.Columns, prof.CutFeedDots, prof.Cutter == ""
	})
}

// eachProfile runs a test on every profile there is.
func eachProfile(t *testing.T, f func(t *testing.T, prof *profile.Profile)) {
	t.Helper()
	for _, name := range profile.Names() {
		prof, err := profile.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		bubble(t, name, func(t *testing.T) { f(t, prof) })
	}
}

// TestPaperOutOnEachProfile: the paper ends in the middle of a slip and a new roll is put in. Where the printer can be cleared for sure the
// torn piece is void and the slip is given back; everywhere else it goes on, and what lies there in two pieces says so.
func TestPaperOutOnEachProfile(t *testing.T) {
	eachProfile(t, func(t *testing.T, prof *profile.Profile) {
		b := newBench(t, options{profile: prof.Name, model: virtual.Options{Custom: asProfile(prof), Speed: virtual.Real}, config: func(c *printer.Config) { c.Proof = "A" }})
		const rows = 40
		b.v.AtDots(rows*lineDots/3, virtual.Change{Paper: "out"})
		time.AfterFunc(20*time.Second, func() { b.set(virtual.Change{Paper: "ok"}) })
		o := b.print("slip", rows)
		if prof.ClearDC4 {
			want(t, o, printer.Cancelled, printer.PaperOut)
			if o.Pieces != 0 || !o.Torn {
				t.Errorf("a torn piece that is void: %+v", o)
			}
		} else {
			want(t, o, printer.Printed, "")
			if o.Pieces != 2 {
				t.Errorf("nobody is told of two pieces: %+v", o)
			}
		}
		time.Sleep(30 * time.Second)
		want(t, b.print("next", 5), printer.Printed, "")
		time.Sleep(5 * time.Second)
		all := strings.Join(b.pieces(), "\n")
		if whole(all, "slip", rows) == prof.ClearDC4 || strings.Count(all, rowText("slip", 0, rows)) != 1 || !whole(all, "next", 5) {
			t.Errorf("on the counter: %q", all)
		}
	})
}

// TestEachProfileSeparatesItsSlips: what is torn off, or cut off, behind each slip is that slip and nothing of another.
func TestEachProfileSeparatesItsSlips(t *testing.T) {
	eachProfile(t, func(t *testing.T, prof *profile.Profile) {
		b := newBench(t, options{profile: prof.Name, model: virtual.Options{Custom: asProfile(prof), Speed: virtual.Max}, config: func(c *printer.Config) { c.Proof = "A" }})
		slip, words := rendered(t, prof, "sale")
		if prof.TwoByte == "" {
			words = nil // drawn as dots
		}
		for n := range 3 {
			want(t, b.p.Print(t.Context(), b.attempt(slip)), printer.Printed, "")
			synctest.Wait()
			if err := b.v.Await(t.Context(), func(s virtual.State) bool { return s.Idle }); err != nil {
				t.Fatal(err)
			}
			if prof.Cutter == "" {
				b.set(virtual.Change{Tear: true})
			}
			pieces := b.v.Pieces()
			if len(pieces) != n+1 {
				t.Fatalf("%d pieces behind slip %d", len(pieces), n+1)
			}
			if got := pieces[n].Text(); !holds(got, words) || got != pieces[0].Text() {
				t.Errorf("slip %d lies there as %q", n+1, got)
			}
			if rest := strings.TrimSpace(b.v.Hanging().Text()); rest != "" {
				t.Errorf("%q is left in the printer", rest)
			}
		}
	})
}
