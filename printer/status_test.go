package printer_test

import (
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

// TestStatusFacts follows what Status tells through a day at the counter: state, cause, since when, the tier of the ladder,
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
		if s = b.p.Status(); s.State != printer.OnHold || s.Reason != printer.PaperOut || s.Since.Sub(out).Abs() > time.Second || (s.PaperOut-90*time.Second).Abs() > time.Second {
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

// TestIdleIsTrue: a link that is given back when idle leaves a true status behind: a printer that never answered is not
// well, and one that was unwell is looked at again until it is not.
func TestIdleIsTrue(t *testing.T) {
	yes, no := true, false
	idle := func(c *printer.Config) { c.IdleClose = 2 * time.Second }
	bubble(t, "mute", func(t *testing.T) {
		b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}, config: idle, before: func(b *bench) { b.set(virtual.Change{Mute: &yes}) }})
		defer b.stop()
		for range 100 {
			time.Sleep(1300 * time.Millisecond)
			if s := b.p.Status(); s.State != printer.Down {
				t.Fatalf("%s %s", s.State, s.Reason)
			}
		}
		b.set(virtual.Change{Mute: &no})
		time.Sleep(45 * time.Second)
		if s := b.p.Status(); s.State != printer.Idle {
			t.Errorf("when it answers: %s %s", s.State, s.Reason)
		}
	})
	for _, c := range []struct {
		name        string
		fault, mend virtual.Change
		state       printer.Readiness
	}{
		{"no paper", virtual.Change{Paper: "out"}, virtual.Change{Paper: "ok"}, printer.OnHold},
		{"cover", virtual.Change{Cover: "open"}, virtual.Change{Cover: "closed"}, printer.OnHold},
		{"link", virtual.Change{Link: "drop"}, virtual.Change{Link: "up"}, printer.Down},
	} {
		bubble(t, c.name, func(t *testing.T) {
			b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}, config: idle})
			defer b.stop()
			want(t, b.print("slip", 5), printer.Printed, "")
			time.Sleep(time.Second)
			b.set(c.fault)
			time.Sleep(10 * time.Minute)
			s := b.p.Status()
			if s.State != c.state || time.Since(s.Since) < 9*time.Minute {
				t.Errorf("%s %s since %v", s.State, s.Reason, time.Since(s.Since))
			}
			b.set(c.mend)
			time.Sleep(45 * time.Second)
			if s = b.p.Status(); s.State != printer.Idle {
				t.Errorf("when it is well: %s %s", s.State, s.Reason)
			}
			if out := s.PaperOut; out > 11*time.Minute {
				t.Errorf("%v without paper", out)
			}
		})
	}
}
