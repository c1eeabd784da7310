package printer_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/virtual"
)

// TestLongPaperOut: the paper ends in the middle of a slip, and the next roll comes only much later. The printer keeps what
// is asked meanwhile in its buffer, next to the slip: it must never fill up. It goes on by itself, and the proof comes.
func TestLongPaperOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		profile, model string
		rows           int
	}{
		{"epson-tm-t88", "epson-tm-t88", 40}, {"epson-tm-t88", "epson-tm-t88", 400}, {"generic-80", "gprinter-80", 40},
		{"generic-80", "gprinter-80", 400}, {"generic-58", "generic-58", 40}, {"generic-58", "generic-58", 400},
	} {
		for _, d := range []time.Duration{time.Minute, 20 * time.Minute, 14 * time.Hour, 4 * 24 * time.Hour} {
			if d > time.Hour && (testing.Short() || d > 24*time.Hour && c.rows < 400 && !*each) { // the days: once for each printer
				continue
			}
			bubble(t, fmt.Sprint(c.model, " ", c.rows, " rows, ", d), func(t *testing.T) {
				b := newBench(t, options{profile: c.profile, model: virtual.Options{Model: c.model, Speed: virtual.Real},
					config: func(c *printer.Config) { c.IdleClose, c.OnPaperOut = 2*time.Second, "resume" }})
				defer b.stop()
				want(t, b.print("first", 5), printer.Printed, "")
				time.Sleep(2 * time.Second)
				b.v.AtDots(600, virtual.Change{Paper: "out"})
				go func() {
					for range 10 {
						time.Sleep(d / 10)
						if s, v := b.p.Status(), b.v.State(); s.Reason != printer.PaperOut || v.Buffer == v.BufferSize {
							t.Errorf("%s %q, %d bytes in the buffer of %d", s.State, s.Reason, v.Buffer, v.BufferSize)
						}
					}
					b.set(virtual.Change{Paper: "ok"})
				}()
				begin := time.Now()
				want(t, b.endsIn(2*d+time.Hour, func() printer.Outcome { return b.print("slip", c.rows) }), printer.Printed, "")
				if late := time.Since(begin) - d; late > time.Minute {
					t.Errorf("proven %v after the paper came", late)
				}
				if s := b.p.Status(); s.PaperOut < d-5*time.Second || s.PaperOut > d+time.Minute {
					t.Errorf("without paper for %v, told %v", d, s.PaperOut)
				}
				if text := strings.Join(b.pieces(), "\n"); !whole(text, "slip", c.rows) {
					t.Error("the slip is not whole")
				}
			})
		}
	}
}

// TestWaitingOvernight: there is no paper, or a jam, while slips wait: each is tried again and again. The printer's buffer
// must not fill up with questions, and once it is well the next try prints.
func TestWaitingOvernight(t *testing.T) {
	for _, model := range []string{"epson-tm-t88", "gprinter-80"} {
		for _, c := range []struct {
			reason   printer.Reason
			ill, fit virtual.Change
		}{
			{printer.PaperOut, virtual.Change{Paper: "out"}, virtual.Change{Paper: "ok"}},
			{printer.CoverOpen, virtual.Change{Cover: "open"}, virtual.Change{Cover: "closed"}},
		} {
			bubble(t, fmt.Sprint(model, " ", c.reason), func(t *testing.T) {
				b := newBench(t, options{profile: "generic-80", model: virtual.Options{Model: model, Speed: virtual.Real}})
				defer b.stop()
				want(t, b.print("first", 5), printer.Printed, "")
				time.Sleep(5 * time.Second)
				b.set(c.ill)
				for ill := time.Now(); time.Since(ill) < 14*time.Hour; time.Sleep(20 * time.Second) {
					if o := b.print("no", 5); o.State != printer.NotSent {
						t.Fatalf("after %v: %+v", time.Since(ill), o)
					} else if time.Since(ill) > 10*time.Second && o.Reason != c.reason {
						t.Fatalf("after %v: %+v", time.Since(ill), o)
					}
				}
				if v := b.v.State(); v.Buffer > v.BufferSize-256 {
					t.Errorf("%d bytes in the buffer of %d", v.Buffer, v.BufferSize)
				}
				b.set(c.fit)
				fit := time.Now()
				for b.print("slip", 5).State != printer.Printed {
					if time.Sleep(2 * time.Second); time.Since(fit) > 15*time.Minute {
						t.Fatal("it is well, and does not print")
					}
				}
			})
		}
	}
}

// TestOffWhileHeldForLong: as TestOffWhileHeld, but the outage is so long that the printer is asked too seldom to notice
// that it was off. Where only that could tell, the slip is uncertain.
func TestOffWhileHeldForLong(t *testing.T) {
	t.Parallel()
	states := map[string]printer.State{
		"exact id": printer.Printed, "early id": printer.Uncertain, "GS r only": printer.Uncertain, "status only": printer.Uncertain,
	}
	long := 3 * time.Hour
	if testing.Short() {
		long = 20 * time.Minute // it is asked as seldom then
	}
	whileHeld(t, states, func(t *testing.T, b *bench, off bool, state printer.State) {
		go func() {
			time.Sleep(long)
			if off { // just after a question: the next one is far
				asked := b.v.State().Counters.RealTime
				_ = b.v.Await(b.lines, func(s virtual.State) bool { return s.Counters.RealTime > asked+1 })
				time.Sleep(time.Second)
				b.offAndOn(2 * time.Second)
			}
			b.set(virtual.Change{Paper: "ok"})
		}()
		o := b.endsIn(24*time.Hour, func() printer.Outcome { return b.print("slip", 40) })
		if off {
			want(t, o, printer.Uncertain, printer.PowerLost)
		} else if o.State != state {
			t.Errorf("outcome %+v, want %s", o, state)
		}
	})
}

// TestBackSoon: a printer whose link is given back when idle is looked at again soon after it was not well, although nobody wants to
// print: the page does not stay red.
func TestBackSoon(t *testing.T) {
	for _, c := range []struct{ ill, well virtual.Change }{
		{virtual.Change{Link: "drop"}, virtual.Change{Link: "up"}},
		{virtual.Change{Power: "off"}, virtual.Change{Power: "on"}},
		{virtual.Change{Paper: "out"}, virtual.Change{Paper: "ok"}},
	} {
		bubble(t, fmt.Sprintf("%+v", c.ill), func(t *testing.T) {
			b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}, config: func(c *printer.Config) { c.IdleClose = 2 * time.Second },
				before: func(b *bench) { b.set(c.ill) }})
			defer b.stop()
			time.Sleep(7*time.Minute + 3*time.Second)
			if s := b.p.Status(); s.State == printer.Ready || s.State == printer.Idle {
				t.Fatalf("%s %q while it is not well", s.State, s.Reason)
			}
			b.set(c.well)
			time.Sleep(8 * time.Second)
			if s := b.p.Status(); s.State != printer.Ready && s.State != printer.Idle {
				t.Errorf("%s %q 8 s after it is well", s.State, s.Reason)
			}
		})
	}
}

// TestLinkGoesAfterAnOutage: a link that was down for long is tried seldom. Once a slip goes out over it, one that breaks for a moment is opened
// again at once: the proof is not waited for long.
func TestLinkGoesAfterAnOutage(t *testing.T) {
	bubble(t, "blip", func(t *testing.T) {
		b := newBench(t, options{model: virtual.Options{Model: "epson-tm-t88", Speed: virtual.Real}, config: func(c *printer.Config) { c.Proof = "A" }})
		want(t, b.print("zero", 5), printer.Printed, "")
		b.set(virtual.Change{Link: "drop"})
		for range 60 {
			want(t, b.print("one", 5), printer.NotSent, printer.LinkDown)
			time.Sleep(time.Second)
		}
		b.set(virtual.Change{Link: "up"})
		b.v.AtDots(300, virtual.Change{Link: "blip"})
		want(t, b.print("two", 40), printer.Printed, "")
	})
}
