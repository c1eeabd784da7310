package printer_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

// pulse opens the drawer, and gives whether it was made durable first.
func (b *bench) pulse(ctx context.Context) (o printer.Outcome, begun bool) {
	o = b.p.Pulse(ctx, printer.Pulse{Pin: 2, On: 50 * time.Millisecond, Off: 500 * time.Millisecond, Begin: func(context.Context) error {
		begun = true
		return nil
	}})
	return o, begun
}

// TestPulse: a pulse leaves once it is on disk that it may, and not at all where the printer would do it later.
func TestPulse(t *testing.T) {
	noBack := link.Caps{}
	noBack.BitsPerByte = 10
	for _, c := range []struct {
		name    string
		o       options
		change  virtual.Change
		state   printer.State
		reason  printer.Reason
		tier    byte
		pulses  int64
		unbegun bool
	}{
		{"ready", options{profile: "generic-80"}, virtual.Change{}, printer.Sent, "", 'C', 1, false},
		{"ready, Epson", options{}, virtual.Change{}, printer.Sent, "", 'C', 1, false},
		{"no paper", options{profile: "generic-80"}, virtual.Change{Paper: "out"}, printer.NotSent, printer.PaperOut, 0, 0, true},
		{"no paper, by the command that is done at once", options{}, virtual.Change{Paper: "out"}, printer.Sent, "", 'C', 1, false},
		{"cover open, by the command that is done at once", options{}, virtual.Change{Cover: "open"}, printer.Sent, "", 'C', 1, false},
		{"cover open", options{profile: "xprinter-80"}, virtual.Change{Cover: "open"}, printer.NotSent, printer.CoverOpen, 0, 0, true},
		{"broken", options{}, virtual.Change{Error: "unrecoverable"}, printer.NotSent, printer.Fault, 0, 0, true},
		{"hot", options{}, virtual.Change{Head: "hot"}, printer.NotSent, printer.Hot, 0, 0, true},
		{"no link", options{}, virtual.Change{Link: "drop"}, printer.NotSent, printer.LinkDown, 0, 0, true},
		{"half open", options{}, virtual.Change{Link: "half_open"}, printer.NotSent, printer.Offline, 0, 0, true},
		{"switched off", options{}, virtual.Change{Power: "off"}, printer.NotSent, printer.Offline, 0, 0, true},
		{"says nothing", options{profile: "zj-5890", caps: noBack}, virtual.Change{}, printer.Sent, "", 'D', 1, false},
	} {
		bubble(t, c.name, func(t *testing.T) {
			b := newBench(t, c.o)
			b.set(c.change)
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			o, begun := b.pulse(ctx)
			want(t, o, c.state, c.reason)
			if o.Tier != c.tier || begun == c.unbegun {
				t.Errorf("tier %q, begun %v", o.Tier, begun)
			}
			time.Sleep(time.Minute)
			b.set(virtual.Change{Paper: "ok", Cover: "closed", Head: "ok", Link: "up", Power: "on"})
			time.Sleep(time.Minute)
			if n := b.v.State().Counters; n.DrawerPin2 != c.pulses || n.DrawerPin5 != 0 {
				t.Errorf("%d pulses over pin 2, %d over pin 5; want %d", n.DrawerPin2, n.DrawerPin5, c.pulses)
			}
			if p := b.pieces(); len(p) > 0 {
				t.Errorf("paper: %q", p)
			}
		})
	}
}

// breaking is a link whose printer breaks just before a pulse that is done as it comes.
type breaking struct {
	pipe
	v  *virtual.Printer
	by virtual.Change
}

func (l breaking) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte{0x10, 0x14, 1}) {
		if err := l.v.Set(l.by); err != nil {
			return 0, err
		}
	}
	return l.pipe.Write(b)
}

// TestPulseIgnored: a printer that is found in an error behind the command that is done as it comes may have ignored it, also where a cover or
// the paper is what it is told for; one that is known to be in an error before gets none.
func TestPulseIgnored(t *testing.T) {
	for name, c := range map[string]struct {
		before, just virtual.Change
		state        printer.State
		reason       printer.Reason
	}{
		"it breaks":               {virtual.Change{Paper: "out"}, virtual.Change{Error: "unrecoverable"}, printer.Uncertain, printer.Fault},
		"its head is hot":         {virtual.Change{Cover: "open"}, virtual.Change{Head: "hot"}, printer.Uncertain, printer.CoverOpen},
		"its head was hot before": {virtual.Change{Cover: "open", Head: "hot"}, virtual.Change{}, printer.NotSent, printer.CoverOpen},
	} {
		bubble(t, name, func(t *testing.T) {
			var made *bench // set before the printer's loop runs, which reads it
			b := newBench(t, options{before: func(b *bench) { made = b }, config: func(f *printer.Config) {
				through(f, func(conn link.Conn) link.Conn { return breaking{conn.(pipe), made.v, c.just} })
			}})
			b.set(c.before)
			o, begun := b.pulse(context.Background())
			if want(t, o, c.state, c.reason); begun != (c.state == printer.Uncertain) || begun && o.Tier != 'C' {
				t.Errorf("%+v, begun %v", o, begun)
			}
			time.Sleep(time.Minute)
			if n := b.v.State().Counters.Drawer; n != 0 {
				t.Errorf("%d pulses", n)
			}
		})
	}
}

// TestPulseNotBegun: what cannot be made durable does not leave.
func TestPulseNotBegun(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		b := newBench(t, options{})
		o := b.p.Pulse(context.Background(), printer.Pulse{Pin: 5, On: time.Millisecond, Begin: func(context.Context) error { return errors.New("the disk is full") }})
		want(t, o, printer.NotSent, "")
		time.Sleep(time.Minute)
		if n := b.v.State().Counters.Drawer; n != 0 {
			t.Errorf("%d pulses", n)
		}
	})
}

// TestPulseBetweenSlips: pulses wait for the slip under way, leave between slips, and change nothing of what is claimed of them. One that
// has waited too long never leaves.
func TestPulseBetweenSlips(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		b := newBench(t, options{model: virtual.Options{Model: "epson-tm-t88", Speed: virtual.Real}, edit: func(p *profile.Profile) { p.DrawerNow = false }, config: func(c *printer.Config) { c.Proof, c.OnPaperOut = "A", "resume" }})
		var all sync.WaitGroup
		outs := make([]printer.Outcome, 5)
		for i := range outs {
			all.Go(func() {
				time.Sleep(time.Duration(i) * 300 * time.Millisecond)
				outs[i] = b.print("slip", 20)
			})
			all.Go(func() {
				time.Sleep(time.Duration(i) * 300 * time.Millisecond)
				if o, _ := b.pulse(context.Background()); o.State != printer.Sent {
					t.Errorf("pulse: %+v", o)
				}
			})
		}
		all.Wait()
		for _, o := range outs {
			want(t, o, printer.Printed, "")
			if o.Tier != 'A' {
				t.Errorf("%+v", o)
			}
		}
		if n := b.v.State().Counters.Drawer; n != 5 {
			t.Errorf("%d pulses, want 5", n)
		}
		for _, p := range b.pieces() {
			if !whole(p, "slip", 20) {
				t.Errorf("a slip is not whole:\n%s", p)
			}
		}
		// a slip that is held holds a pulse, which does not leave when it goes on
		left := 50
		b.set(virtual.Change{PaperLeftMM: &left})
		all.Go(func() { want(t, b.print("long", 40), printer.Printed, "") })
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		o, begun := b.pulse(ctx)
		if want(t, o, printer.NotSent, printer.Stopped); begun {
			t.Error("it was begun")
		}
		b.set(virtual.Change{Paper: "ok"})
		all.Wait()
		time.Sleep(time.Minute)
		if n := b.v.State().Counters.Drawer; n != 5 {
			t.Errorf("%d pulses, want 5", n)
		}
	})
}

// TestDrawerSensor: what the sensor's level means is learned from a pulse that opens the drawer, whichever way round it is, and kept; it
// is unlearned when it was somebody's hand.
func TestDrawerSensor(t *testing.T) {
	for _, level := range []string{"low", "high"} {
		for _, prof := range []string{"epson-tm-t88", "generic-80"} {
			bubble(t, level+" "+prof, func(t *testing.T) {
				store := storeMap{}
				b := newBench(t, options{profile: prof, config: func(c *printer.Config) { c.Store, c.Proof = store, "A" }})
				b.set(virtual.Change{DrawerLevel: level})
				is := func(want printer.DrawerState) {
					t.Helper()
					time.Sleep(time.Minute)
					if got := b.p.Status().Drawer; got != want {
						t.Errorf("drawer %q, want %q", got, want)
					}
				}
				is("")
				b.pulse(context.Background()) // there is no drawer
				is("")
				b.set(virtual.Change{DrawerHas: "spring"})
				b.pulse(context.Background())
				is(printer.DrawerOpen)
				b.set(virtual.Change{Drawer: "closed"})
				is(printer.DrawerClosed)
				if k := store["test://front"]; k.Drawer == 0 {
					t.Errorf("not kept: %+v", k)
				}
				want(t, b.print("slip", 3), printer.Printed, "")
				is(printer.DrawerClosed)
				b.set(virtual.Change{Drawer: "open"})
				is(printer.DrawerOpen)
				b.pulse(context.Background())
				b.set(virtual.Change{Drawer: "closed"}) // just then
				is("")
				b.pulse(context.Background())
				is(printer.DrawerOpen)
			})
		}
	}
}

// flaky is a link that takes only so many bytes more and then breaks off, with or without them.
type flaky struct {
	pipe
	left *atomic.Int64 // -1: all of it
	keep bool
}

func (f flaky) Write(b []byte) (int, error) {
	left := f.left.Load()
	if left < 0 || int64(len(b)) <= left {
		if left >= 0 {
			f.left.Add(-int64(len(b)))
		}
		return f.pipe.Write(b)
	}
	n := 0
	if f.keep {
		n, _ = f.pipe.Write(b[:left])
	}
	f.left.Store(-1)
	f.Close()
	return n, net.ErrClosed
}

// TestPulseTorn: a link that breaks off within a pulse leaves it uncertain; the slip behind it comes out whole, and no second pulse.
func TestPulseTorn(t *testing.T) {
	for cut := range 16 {
		for _, keep := range []bool{false, true} {
			bubble(t, "", func(t *testing.T) {
				var left atomic.Int64
				left.Store(-1)
				b := newBench(t, options{profile: "generic-80", config: func(c *printer.Config) {
					c.Proof = "A"
					through(c, func(conn link.Conn) link.Conn { return flaky{conn.(pipe), &left, keep} })
				}})
				time.Sleep(2 * time.Minute)
				left.Store(int64(cut))
				o, begun := b.pulse(context.Background())
				left.Store(-1)
				time.Sleep(time.Minute)
				want(t, b.print("slip", 5), printer.Printed, "")
				n := b.v.State().Counters.Drawer
				switch {
				case n > 1, n == 1 && !begun, o.State == printer.Sent && n != 1, o.State == printer.NotSent && n != 0:
					t.Errorf("cut after %d bytes: %+v, %d pulses, begun %v", cut, o, n, begun)
				}
				if p := b.pieces(); len(p) != 1 || !whole(p[0], "slip", 5) {
					t.Errorf("cut after %d bytes: paper %q", cut, p)
				}
			})
		}
	}
}

var pulseRuns = flag.Int("pulse.runs", 1000, "how many fault schedules TestPulseFaults plays")

// TestPulseFaults: whatever happens around pulses and slips, no more pulses come than were begun, and slips are claimed as without them.
func TestPulseFaults(t *testing.T) {
	runs := *pulseRuns
	if testing.Short() {
		runs = min(runs, 15)
	}
	for seed := range runs {
		bubble(t, "", func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(seed), 1))
			b := newBench(t, options{profile: []string{"epson-tm-t88", "generic-80"}[seed%2], config: func(c *printer.Config) { c.Proof = "A" }})
			faults := []virtual.Change{{Link: "blip"}, {Link: "drop"}, {Link: "half_open"}, {Power: "off"}, {Paper: "out"}, {Cover: "open"}, {Head: "hot"}}
			begun, printed := 0, 0
			var all sync.WaitGroup
			all.Go(func() {
				for range 8 {
					ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
					o, did := b.pulse(ctx)
					cancel()
					if did {
						begun++
					}
					if o.State == printer.NotSent && did && o.Reason == "" {
						t.Errorf("%+v", o)
					}
					time.Sleep(time.Duration(r.IntN(3000)) * time.Millisecond)
				}
			})
			all.Go(func() {
				for range 4 {
					ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
					if o := b.p.Print(ctx, b.attempt(testSlip("slip", 10))); o.State == printer.Printed {
						printed++
					}
					cancel()
					time.Sleep(time.Second)
				}
			})
			all.Go(func() {
				f := rand.New(rand.NewPCG(uint64(seed), 2))
				for range 6 {
					time.Sleep(time.Duration(f.IntN(2500)) * time.Millisecond)
					b.set(faults[f.IntN(len(faults))])
					time.Sleep(time.Duration(f.IntN(4000)) * time.Millisecond)
					b.set(virtual.Change{Power: "on", Paper: "ok", Cover: "closed", Head: "ok", Link: "up"})
				}
			})
			all.Wait()
			time.Sleep(time.Minute)
			synctest.Wait()
			if n := b.v.State().Counters.Drawer; n > int64(begun) {
				t.Errorf("seed %d: %d pulses of %d", seed, n, begun)
			}
			out := 0
			for _, p := range b.pieces() {
				if whole(p, "slip", 10) {
					out++
				}
			}
			if printed > out {
				t.Errorf("seed %d: %d printed, %d on paper", seed, printed, out)
			}
		})
	}
}
