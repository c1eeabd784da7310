package printer_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/virtual"
)

// bladeSpy counts how often the cutter is told to go on.
type bladeSpy struct {
	link.Conn
	moves *atomic.Int32
}

func (s bladeSpy) Write(b []byte) (int, error) {
	s.moves.Add(int32(bytes.Count(b, []byte("\x10\x05\x01"))))
	return s.Conn.Write(b)
}

// TestBladeMovesOnce: for one opening of the cover, and for one word of a person, the blade moves once, also when that did
// not free it: fingers may be back in it. Without any it does not move. The alarm tells that it is still stuck.
func TestBladeMovesOnce(t *testing.T) {
	cycle := func(b *bench) {
		b.set(virtual.Change{Cover: "open"})
		time.Sleep(10 * time.Second)
		b.set(virtual.Change{Cover: "closed"})
	}
	word := func(b *bench) {
		if err := b.p.JamCleared(context.Background()); err != nil {
			b.t.Error(err)
		}
	}
	for name, say := range map[string]func(*bench){"cover": cycle, "word": word} {
		for _, model := range []string{"epson-tm-t88", "gprinter-80"} {
			for _, inside := range []bool{false, true} {
				bubble(t, name+" "+model, func(t *testing.T) {
					var moves atomic.Int32
					b := newBench(t, options{model: virtual.Options{Model: model, Speed: virtual.Real}, config: func(c *printer.Config) {
						through(c, func(conn link.Conn) link.Conn { return bladeSpy{conn, &moves} })
					}})
					defer b.stop()
					if err := b.p.JamCleared(context.Background()); !errors.Is(err, printer.ErrNoJam) {
						t.Errorf("nothing is jammed, and JamCleared gives %v", err)
					}
					b.set(virtual.Change{Cutter: "jam"})
					slip := testSlip("slip", 20)
					if inside {
						slip.Content = append(append(slip.Content, slip.Cut...), testSlip("more", 20).Content...)
						slip.Dots *= 2
					}
					done := make(chan printer.Outcome, 1)
					go func() { done <- b.p.Print(context.Background(), b.attempt(slip)) }()
					time.Sleep(45 * time.Second)
					for n := int32(0); n < 3; n++ {
						if got, s := moves.Load(), b.p.Status(); got != n || s.Reason != printer.Cutter || !s.Jammed || strings.Contains(s.Alarm, "stuck") != (n > 0) {
							t.Errorf("after %d times the blade moved %d times: %+v", n, got, s)
						}
						say(b)
						time.Sleep(30 * time.Second)
					}
					b.set(virtual.Change{Cutter: "ok"})
					time.Sleep(30 * time.Second)
					if got := moves.Load(); got != 3 {
						t.Errorf("the blade moved %d times", got)
					}
					say(b)
					time.Sleep(30 * time.Second)
					want(t, <-done, printer.Printed, "")
					if got, s := moves.Load(), b.p.Status(); got != 4 || s.State != printer.Ready || s.Jammed {
						t.Errorf("it is free: the blade moved %d times, %+v", got, s)
					}
				})
			}
		}
	}
}

// TestWordNotKept: a person's word that the jam is cleared is for now. It does not wait for a link that is down.
func TestWordNotKept(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}})
		defer b.stop()
		b.set(virtual.Change{Cutter: "jam"})
		want(t, b.print("slip", 5), printer.Printed, "")
		time.Sleep(5 * time.Second)
		b.set(virtual.Change{Cover: "open"})
		time.Sleep(10 * time.Second)
		b.set(virtual.Change{Link: "drop"})
		time.Sleep(time.Second)
		if err := b.p.JamCleared(context.Background()); !errors.Is(err, printer.ErrNoJam) {
			t.Errorf("the link is down, and JamCleared gives %v", err)
		}
		b.set(virtual.Change{Cover: "closed", Cutter: "ok", Link: "up"})
		time.Sleep(time.Minute)
		if s := b.p.Status(); s.Reason != printer.Cutter {
			t.Errorf("nobody saw the cover close: %+v", s)
		}
	})
}
