package printer_test

import (
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

// TestStatusFacts follows what Status tells through a day at the counter: state, cause, since when, the rung of the ladder,
// the last proof, and how long there was no paper, all times together.
func TestStatusFacts(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}, edit: func(p *profile.Profile) { p.PaperOut = "resume" }})
		defer b.stop()
		time.Sleep(5 * time.Second)
		s := b.p.Status()
		if s.State != printer.Ready || s.Reason != "" || s.Tier != 'A' || s.Pinned || !s.LastProof.IsZero() || s.PaperOut != 0 {
			t.Errorf("idle: %+v", s)
		}
		o := b.print("slip", 5)
		if s = b.p.Status(); !s.LastProof.Equal(o.At) || s.State != printer.Ready {
			t.Errorf("proven: %+v, want the proof of %v", s, o.At)
		}
		time.Sleep(5 * time.Second)
		out := time.Now()
		b.set(virtual.Change{Paper: "out"})
		time.Sleep(90 * time.Second)
		if s = b.p.Status(); s.State != printer.Waiting || s.Reason != printer.PaperOut || s.Since.Sub(out).Abs() > time.Second || (s.PaperOut-90*time.Second).Abs() > time.Second {
			t.Errorf("out of paper for 90 s: %+v", s)
		}
		b.set(virtual.Change{Cover: "open"}) // it was offline before: some printers do not tell by themselves
		time.Sleep(30 * time.Second)
		if s = b.p.Status(); s.Reason != printer.CoverOpen || s.PaperOut < 90*time.Second || s.PaperOut > 96*time.Second {
			t.Errorf("cover open: %+v", s)
		}
		b.set(virtual.Change{Paper: "ok", Cover: "closed"})
		time.Sleep(35 * time.Second)
		if s = b.p.Status(); s.State != printer.Ready || s.Reason != "" {
			t.Errorf("well again: %+v", s)
		}
		b.set(virtual.Change{Paper: "out"})
		time.Sleep(30 * time.Second)
		if s = b.p.Status(); s.PaperOut < 2*time.Minute || s.PaperOut > 127*time.Second {
			t.Errorf("without paper for two minutes in all: %v", s.PaperOut)
		}
		b.set(virtual.Change{Paper: "ok"})
		b.set(virtual.Change{Paper: "near_end"})
		time.Sleep(35 * time.Second)
		if s = b.p.Status(); s.State != printer.Ready || !s.NearEnd {
			t.Errorf("near end: %+v", s)
		}
		gone := time.Now()
		b.set(virtual.Change{Link: "drop"})
		time.Sleep(time.Minute)
		if s = b.p.Status(); s.State != printer.Down || s.Reason != printer.LinkDown || s.Error == "" || s.Since.Sub(gone).Abs() > time.Second {
			t.Errorf("cable out for a minute: %+v", s)
		}
	})
}
