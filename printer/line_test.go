package printer_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

// endsIn fails the test when an attempt has no outcome after so long; the printer is then stopped.
func (b *bench) endsIn(limit time.Duration, print func() printer.Outcome) printer.Outcome {
	b.t.Helper()
	done := make(chan printer.Outcome, 1)
	go func() { done <- print() }()
	select {
	case o := <-done:
		return o
	case <-time.After(limit):
		b.t.Errorf("no end after %v: %+v, reported %q", limit, b.p.Status(), b.reports())
		b.stop()
		return <-done
	}
}

// TestMuteInLongSlip: a slip longer than the printer's buffer goes out in portions, with questions between them. One that
// is never answered ends it: the printer may have been switched off. The next slip comes out.
func TestMuteInLongSlip(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		profile, model string
		at             int
	}{{"epson-tm-t88", "epson-tm-t88", 3000}, {"generic-80", "gprinter-80", 3000}, {"generic-58", "generic-58", 1500}} {
		for _, d := range []time.Duration{1500 * time.Millisecond, 3 * time.Second, 8 * time.Second, time.Minute} {
			bubble(t, fmt.Sprint(c.model, " mute for ", d), func(t *testing.T) {
				b := newBench(t, options{profile: c.profile, model: virtual.Options{Model: c.model, Speed: virtual.Real},
					config: func(c *printer.Config) { c.IdleClose = 2 * time.Second }})
				defer b.stop()
				b.print("first", 5)
				time.Sleep(time.Second)
				b.v.AfterBytes(c.at, virtual.Change{Mute: &yes})
				time.AfterFunc(500*time.Millisecond+d, func() { b.set(virtual.Change{Mute: &no}) })
				o := b.endsIn(5*time.Minute, func() printer.Outcome { return b.print("slip", 400) })
				want(t, o, printer.Uncertain, printer.ProofLost) // a network may have lost the answer
				time.Sleep(2 * time.Minute)
				b.print("next", 5)
				time.Sleep(5 * time.Second)
				pieces := b.pieces()
				if last := pieces[len(pieces)-1]; !whole(last, "next", 5) {
					t.Errorf("the next slip did not come out: %q", last)
				}
			})
		}
	}
}

// hiccup is a link that stands still once, for a while: nothing is lost, it only comes later.
type hiccup struct {
	pipe
	mu   sync.Mutex
	from time.Time
	span time.Duration
}

func (c *hiccup) Read(b []byte) (int, error) {
	n, err := c.pipe.Read(b)
	c.wait()
	return n, err
}

func (c *hiccup) Write(b []byte) (int, error) {
	c.wait()
	return c.pipe.Write(b)
}

func (c *hiccup) wait() {
	c.mu.Lock()
	from := c.from
	c.mu.Unlock()
	if d := time.Since(from); !from.IsZero() && d >= 0 && d < c.span {
		time.Sleep(c.span - d)
	}
}

// TestNetworkStandsStill: a wireless network that carries nothing for two seconds in the middle of a long slip loses
// nothing. All answers come, and so does the proof.
func TestNetworkStandsStill(t *testing.T) {
	t.Parallel()
	for after := 200 * time.Millisecond; after < 6*time.Second; after += 370 * time.Millisecond {
		bubble(t, fmt.Sprint("after ", after), func(t *testing.T) {
			b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}, config: func(c *printer.Config) {
				through(c, func(conn link.Conn) link.Conn {
					return &hiccup{pipe: conn.(pipe), from: time.Now().Add(time.Second + after), span: 2 * time.Second}
				})
			}})
			defer b.stop()
			time.Sleep(time.Second)
			want(t, b.endsIn(5*time.Minute, func() printer.Outcome { return b.print("slip", 400) }), printer.Printed, "")
			if text := strings.Join(b.pieces(), "\n"); !whole(text, "slip", 400) {
				t.Errorf("paper: %q", text)
			}
		})
	}
}

// TestLongSlipForgotten: the printer throws away what it has when the paper ends, in the middle of a slip longer than its
// buffer. Nobody answers what had been asked: the slip is not waited for for ever.
func TestLongSlipForgotten(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		b := newBench(t, options{profile: "generic-80", model: virtual.Options{Model: "clone-forgets", Speed: virtual.Real},
			edit: func(p *profile.Profile) { p.PaperOut = "resume" }})
		defer b.stop()
		b.v.AtDots(600, virtual.Change{Paper: "out"})
		time.AfterFunc(10*time.Second, func() { b.set(virtual.Change{Paper: "ok"}) })
		o := b.endsIn(10*time.Minute, func() printer.Outcome { return b.print("slip", 400) })
		want(t, o, printer.Uncertain, printer.PowerLost)
		if got := b.proofs(); len(got) > 0 {
			t.Errorf("its id was taken for a proof later: %q", got)
		}
	})
}

// TestAnswersLostBefore: answers to an earlier slip were lost on the way, at each place. A slip longer than the buffer is
// not taken for one that the printer threw away.
func TestAnswersLostBefore(t *testing.T) {
	yes, no := true, false
	for n := range 8 {
		bubble(t, fmt.Sprint("after ", n, " answers"), func(t *testing.T) {
			b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}})
			defer b.stop()
			time.Sleep(time.Second)
			b.v.AfterReplies(n, virtual.Change{Mute: &yes})
			time.AfterFunc(3*time.Second, func() { b.v.ClearHooks(); b.set(virtual.Change{Mute: &no}) })
			b.print("lost", 6)
			time.Sleep(30 * time.Second)
			want(t, b.endsIn(time.Minute, func() printer.Outcome { return b.print("slip", 400) }), printer.Printed, "")
			if text := strings.Join(b.pieces(), "\n"); !whole(text, "slip", 400) {
				t.Error("the slip is not whole")
			}
		})
	}
}

// TestProcessedIsOut: where only reading is confirmed, a long slip is called processed when all of it has come out, also
// when its sending had to wait.
func TestProcessedIsOut(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}, config: func(c *printer.Config) {
			c.Proof = "B"
			through(c, func(conn link.Conn) link.Conn {
				return &hiccup{pipe: conn.(pipe), from: time.Now().Add(2 * time.Second), span: 2500 * time.Millisecond}
			})
		}})
		defer b.stop()
		time.Sleep(time.Second)
		want(t, b.endsIn(time.Minute, func() printer.Outcome { return b.print("slip", 400) }), printer.Processed, "")
		if text := strings.Join(b.pieces(), "\n"); !whole(text, "slip", 400) {
			t.Error("the slip is not whole")
		}
	})
}
