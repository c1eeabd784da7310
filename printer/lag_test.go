package printer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

// TestAnswersLag: the answers of some clones lag by one, so that a printer with its cover open seems to be well each other time. It is held
// once, for one reason, however long that lasts; were each of those holds believed, its buffer would be filled with questions in some minutes,
// and the slip given up.
func TestAnswersLag(t *testing.T) {
	cover := []virtual.Change{{Cover: "open"}, {Cover: "closed"}}
	paper := []virtual.Change{{Paper: "out"}, {Paper: "ok"}}
	for _, c := range []struct {
		name   string
		fault  []virtual.Change
		report printer.Reason
		proof  string
		auto   bool // it tells of changes by itself
		want   printer.State
	}{
		{"cover", cover, printer.CoverOpen, "", true, printer.Printed},
		{"paper", paper, printer.PaperOut, "", true, printer.Printed},
		{"paper, reads only", paper, printer.PaperOut, "B", true, printer.Processed},
		{"cover, tells nothing by itself", cover, printer.CoverOpen, "", false, printer.Printed},
		{"paper, tells nothing by itself", paper, printer.PaperOut, "B", false, printer.Processed},
	} {
		for _, span := range []time.Duration{5 * time.Second, 12 * time.Minute, 8 * time.Hour} {
			bubble(t, fmt.Sprint(c.name, " for ", span), func(t *testing.T) {
				b := newBench(t, options{model: virtual.Options{Model: "clone-lagging", Speed: virtual.Real}, profile: "generic-80",
					edit:   func(p *profile.Profile) { p.StatusASB, p.PaperOut = c.auto, "resume" },
					config: func(cfg *printer.Config) { cfg.Proof = c.proof }})
				defer b.stop()
				time.Sleep(5 * time.Second)
				b.v.AtDots(300, c.fault[0])
				time.AfterFunc(span, func() { b.set(c.fault[1]) })
				slip := testSlip("slip", 40)
				if !c.auto {
					slip.Content = []byte(strings.ReplaceAll(string(slip.Content), "\x1da\xff", ""))
				}
				o := b.p.Print(t.Context(), b.attempt(slip))
				want(t, o, c.want, "")
				switch got := b.reports(); {
				case !c.auto && len(got) <= 3: // that its answers lag shows in the first look at what is wrong
				case !slices.Equal(got, []string{"held " + string(c.report), "sending"}):
					t.Errorf("%d reports: %q", len(got), got[:min(len(got), 6)])
				}
				time.Sleep(10 * time.Second)
				if text := strings.Join(b.pieces(), ""); !whole(text, "slip", 40) {
					t.Errorf("paper: %q", text)
				}
			})
		}
	}
}

// TestAnswersLagIdle: nor does its status come and go while nothing is printed.
func TestAnswersLagIdle(t *testing.T) {
	bubble(t, "cover", func(t *testing.T) {
		var seen []string
		b := newBench(t, options{model: virtual.Options{Model: "clone-lagging", Speed: virtual.Real}, profile: "generic-80",
			config: func(cfg *printer.Config) {
				cfg.OnChange = func(s printer.Status) { seen = append(seen, strings.TrimSpace(string(s.State)+" "+string(s.Reason))) }
			}})
		defer b.stop()
		time.Sleep(5 * time.Second)
		b.set(virtual.Change{Cover: "open"})
		time.Sleep(20 * time.Minute)
		b.set(virtual.Change{Cover: "closed"})
		time.Sleep(time.Minute)
		b.stop()
		if seen = slices.Compact(seen); len(seen) > 6 || !slices.Contains(seen, "held cover_open") {
			t.Errorf("%d changes: %q", len(seen), seen[:min(len(seen), 12)])
		}
	})
}
