package printer_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

// TestLadder prints two slips on each kind of printer: the best thing it can say is what is claimed, and no more.
func TestLadder(t *testing.T) {
	for _, c := range []struct {
		name, model, profile, proof string
		speed                       virtual.Speed
		edit                        func(*profile.Profile)
		want                        printer.State
		tier                        byte
	}{
		{name: "exact id after the mechanism", model: "epson-tm-t88", speed: virtual.Real, want: printer.Printed, tier: 'A'},
		{name: "exact id at parse time", model: "clone-parse-proof", profile: "generic-80", speed: virtual.Real, want: printer.Processed, tier: 'B'},
		{name: "too fast to be true", model: "epson-tm-t88", speed: virtual.Max, want: printer.Processed, tier: 'B'},
		{name: "a person says it is true", model: "epson-tm-t88", speed: virtual.Max, proof: "A", want: printer.Printed, tier: 'A'},
		{name: "GS r only", model: "epson-tm-t88iii", profile: "generic-80", edit: func(p *profile.Profile) { p.FenceGSH = false }, speed: virtual.Real, want: printer.Processed, tier: 'B'},
		{name: "GS r only, not known before", model: "clone-no-gsh", profile: "generic-80", speed: virtual.Real, want: printer.Processed, tier: 'B'},
		{name: "inverted GS r", model: "hprt-tp80k", profile: "hprt-80", speed: virtual.Real, want: printer.Processed, tier: 'B'},
		{name: "pinned B", model: "epson-tm-t88", proof: "B", speed: virtual.Real, want: printer.Processed, tier: 'B'},
		{name: "status only", model: "clone-status-only", profile: "generic-80", speed: virtual.Real, want: printer.Sent, tier: 'C'},
		{name: "pinned C", model: "epson-tm-t88", proof: "C", speed: virtual.Real, want: printer.Sent, tier: 'C'},
		{name: "mute", model: "zj-5890", profile: "zj-5890", speed: virtual.Real, want: printer.Sent, tier: 'D'},
		{name: "pinned D", model: "epson-tm-t88", proof: "D", speed: virtual.Real, want: printer.Sent, tier: 'D'},
		{name: "answers lag, junk first", model: "clone-lagging", profile: "generic-80", speed: virtual.Real, want: printer.Printed, tier: 'A'},
		{name: "no automatic status", model: "gprinter-80", profile: "gprinter-80", speed: virtual.Real, want: printer.Printed, tier: 'A'},
	} {
		bubble(t, c.name, func(t *testing.T) {
			b := newBench(t, options{
				model: virtual.Options{Model: c.model, Speed: c.speed}, profile: c.profile, edit: c.edit,
				config: func(cfg *printer.Config) { cfg.Proof = c.proof },
			})
			for _, tag := range []string{"one", "two"} {
				o := b.print(tag, 20)
				want(t, o, c.want, "")
				if o.Tier != c.tier {
					t.Errorf("tier %c, want %c", o.Tier, c.tier)
				}
				if o.Bytes < len(testSlip(tag, 20).Content) {
					t.Errorf("%d bytes left, want the whole slip", o.Bytes)
				}
			}
			time.Sleep(5 * time.Second)
			if got := b.pieces(); len(got) < 2 && c.model != "zj-5890" || !whole(got[0], "one", 20) || !whole(got[len(got)-1], "two", 20) {
				t.Errorf("paper: %q", got)
			}
			b.stop()
		})
	}
}

// TestLowered: a printer that does not send ids back is believed after three slips, loudly, and then asked no more.
func TestLowered(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		b := newBench(t, options{model: virtual.Options{Model: "clone-no-gsh", Speed: virtual.Real}, profile: "generic-80"})
		defer b.stop()
		var took [4]time.Duration
		for i := range took {
			begin := time.Now()
			o := b.print("slip", 10)
			took[i] = time.Since(begin)
			want(t, o, printer.Processed, "")
			if loud := o.Alarm != ""; loud != (i == 2) {
				t.Errorf("slip %d: alarm %q", i+1, o.Alarm)
			}
		}
		if s := b.p.Status(); s.Tier != 'B' || s.Alarm == "" {
			t.Errorf("status %+v, want tier B and an alarm", s)
		}
		if took[3] > took[0]/2 {
			t.Errorf("fourth slip took %v, the first %v: it still waits for an id", took[3], took[0])
		}
	})
}

// TestRemembered: what was learned about a device is there after a restart.
func TestRemembered(t *testing.T) {
	store := storeMap{}
	for i, tier := range []byte{'A', 'A'} {
		bubble(t, "", func(t *testing.T) {
			b := newBench(t, options{model: virtual.Options{Model: "clone-parse-proof", Speed: virtual.Real}, profile: "generic-80", config: func(c *printer.Config) { c.Store = store }})
			defer b.stop()
			if s := b.p.Status(); s.Early != (i == 1) {
				t.Errorf("run %d: early = %v", i, s.Early)
			}
			o := b.print("slip", 20)
			want(t, o, printer.Processed, "")
			if loud := o.Alarm != ""; loud != (i == 0) {
				t.Errorf("run %d: alarm %q", i, o.Alarm)
			}
			if k := store["test://front"]; k.Tier != tier || !k.Early {
				t.Errorf("remembered %+v", k)
			}
		})
	}
}

// storeMap is a Store in memory.
type storeMap map[string]printer.Known

func (s storeMap) Load(d string) (printer.Known, bool)  { k, ok := s[d]; return k, ok }
func (s storeMap) Save(d string, k printer.Known) error { s[d] = k; return nil }

// TestPreflight: a printer that is not ready gets not one byte of the slip, is watched, and tells when it is well.
func TestPreflight(t *testing.T) {
	for _, c := range []struct {
		name        string
		fault, mend virtual.Change
		want        printer.Reason
		state       printer.Readiness
	}{
		{"paper out", virtual.Change{Paper: "out"}, virtual.Change{Paper: "ok"}, printer.PaperOut, printer.OnHold},
		{"cover open", virtual.Change{Cover: "open"}, virtual.Change{Cover: "closed"}, printer.CoverOpen, printer.OnHold},
		{"hot", virtual.Change{Head: "hot"}, virtual.Change{Head: "ok"}, printer.Hot, printer.OnHold},
		{"unrecoverable", virtual.Change{Error: "unrecoverable"}, virtual.Change{Error: "none"}, printer.Fault, printer.OnHold},
		{"link cut", virtual.Change{Link: "drop"}, virtual.Change{Link: "up"}, printer.LinkDown, printer.Down},
		{"switched off", virtual.Change{Power: "off"}, virtual.Change{Power: "on"}, printer.Offline, printer.Down},
	} {
		bubble(t, c.name, func(t *testing.T) {
			b := newBench(t, options{model: virtual.Options{Model: "epson-tm-t88", Speed: virtual.Real}})
			defer b.stop()
			b.print("first", 3)
			time.Sleep(3 * time.Second)
			b.set(c.fault)
			time.Sleep(3 * time.Second)
			begun := false
			a := b.attempt(testSlip("second", 3))
			begin := a.Begin
			a.Begin = func(ctx context.Context) (printer.ID, error) { begun = true; return begin(ctx) }
			o := b.p.Print(context.Background(), a)
			want(t, o, printer.NotSent, c.want)
			if begun || o.Bytes != 0 {
				t.Errorf("the attempt began (%v) or %d bytes left", begun, o.Bytes)
			}
			if s := b.p.Status(); s.State != c.state || s.Reason != c.want {
				t.Errorf("status %q %q", s.State, s.Reason)
			}
			time.Sleep(20 * time.Second)
			b.set(c.mend)
			time.Sleep(5500 * time.Millisecond)
			if s := b.p.Status(); s.State != printer.Ready {
				t.Errorf("5 s after it is well: %q %q", s.State, s.Reason)
			}
			want(t, b.print("third", 3), printer.Printed, "")
			time.Sleep(3 * time.Second)
			for _, text := range b.pieces() {
				if whole(text, "second", 3) {
					t.Error("the refused slip came out")
				}
			}
		})
	}
}

// TestNearEnd: a roll that is nearly used up and a drawer that is open stop nothing.
func TestNearEnd(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}})
		defer b.stop()
		b.set(virtual.Change{Paper: "near_end", Drawer: "open"})
		time.Sleep(time.Second)
		want(t, b.print("slip", 5), printer.Printed, "")
		if !b.p.Status().NearEnd {
			t.Error("near end is not shown")
		}
	})
}

// TestBeginFails: an attempt that cannot be made durable is not made.
func TestBeginFails(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		b := newBench(t, options{})
		defer b.stop()
		a := b.attempt(testSlip("slip", 3))
		a.Begin = func(context.Context) (printer.ID, error) { return printer.ID{}, errors.New("disk full") }
		o := b.p.Print(context.Background(), a)
		want(t, o, printer.NotSent, "")
		if got := b.pieces(); o.Message == "" || len(got) != 0 {
			t.Errorf("message %q, paper %q", o.Message, got)
		}
	})
}

// TestOneWay: a link that cannot read is tier D, whatever the profile hopes for.
func TestOneWay(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		b := newBench(t, options{caps: link.Caps{BitsPerSec: 9600, BitsPerByte: 10}})
		defer b.stop()
		o := b.print("slip", 3)
		want(t, o, printer.Sent, "")
		if o.Tier != 'D' {
			t.Errorf("tier %c", o.Tier)
		}
	})
}

// TestGivenBack: an idle link is closed after its proof, and opened for the next slip.
func TestGivenBack(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}, config: func(c *printer.Config) { c.IdleClose = 2 * time.Second }})
		defer b.stop()
		for range 2 {
			want(t, b.print("slip", 5), printer.Printed, "")
			time.Sleep(10 * time.Second)
			if s := b.p.Status(); s.State != printer.Idle || b.v.State().Connected {
				t.Errorf("state %q, connected %v", s.State, b.v.State().Connected)
			}
		}
	})
}

// TestIdleIsQuiet: a well printer on a kept link is asked at most every 30 s.
func TestIdleIsQuiet(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		b := newBench(t, options{})
		defer b.stop()
		time.Sleep(10 * time.Second)
		// Until its first automatic status a look is two questions, and that one comes when it comes: looks are counted.
		asked := b.v.State().Counters.RealTime
		looks, last := 0, -time.Minute
		for at := time.Duration(0); at < 10*time.Minute; at += time.Second {
			time.Sleep(time.Second)
			n := b.v.State().Counters.RealTime
			if n > asked && at-last > 2*time.Second {
				looks, last = looks+1, at
			}
			if n > asked+2 {
				t.Errorf("%d questions within a second", n-asked)
			}
			asked = n
		}
		if looks > 21 {
			t.Errorf("%d looks in 10 minutes", looks)
		}
	})
}

// TestStoppedBeforeRun: without Run nothing is printed and nothing hangs.
func TestStoppedBeforeRun(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		b := newBench(t, options{})
		b.stop()
		want(t, b.print("slip", 3), printer.NotSent, printer.Stopped)
	})
}

// TestLongSlip: a slip longer than the printer's buffer is sent no faster than it is read, so that nothing is lost
// where the buffer runs over, and questions still pass.
func TestLongSlip(t *testing.T) {
	const rows = 600
	for _, c := range []struct {
		model string
		proof string
		want  printer.State
	}{
		{"epson-tm-t88", "", printer.Printed},
		{"clone-lan-drops", "A", printer.Printed},
		{"clone-lan-drops", "B", printer.Processed},
		{"clone-lan-drops", "C", printer.Sent},
	} {
		bubble(t, c.model+c.proof, func(t *testing.T) {
			b := newBench(t, options{
				model: virtual.Options{Model: c.model, Speed: virtual.Real}, profile: "generic-80",
				edit:   func(p *profile.Profile) { p.SpeedMMS = 250 },
				config: func(cfg *printer.Config) { cfg.Proof = c.proof },
			})
			defer b.stop()
			want(t, b.print("slip", rows), c.want, "")
			time.Sleep(5 * time.Second)
			if n := b.v.State().Counters.BytesLost; n > 0 {
				t.Errorf("%d bytes lost", n)
			}
			if got := b.pieces(); len(got) == 0 || !whole(got[0], "slip", rows) {
				t.Errorf("paper: %q", got)
			}
		})
	}
}

// TestLongSlipHeld: paper ends in the middle of a slip longer than the buffer. The reason is still found out, and the
// rest follows once there is paper.
func TestLongSlipHeld(t *testing.T) {
	for _, model := range []string{"epson-tm-t88", "gprinter-80"} {
		bubble(t, model, func(t *testing.T) {
			b := newBench(t, options{model: virtual.Options{Model: model, Speed: virtual.Real}, profile: model,
				edit: func(p *profile.Profile) { p.PaperOut, p.BufferBytes = "resume", 4096 }})
			defer b.stop()
			b.v.AtDots(1000, virtual.Change{Paper: "out"})
			go func() { time.Sleep(time.Minute); b.set(virtual.Change{Paper: "ok"}) }()
			want(t, b.print("slip", 400), printer.Printed, "")
			if got := b.reports(); len(got) == 0 || got[0] != "held paper_out" {
				t.Errorf("reported %q", got)
			}
		})
	}
}
