package printer_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

// whileHeld runs test on a printer that tells of nothing by itself and has read a slip of 40 rows to its end when the paper
// runs out: for each proof, with the state that is wanted of it, and with the printer switched off meanwhile or not.
func whileHeld(t *testing.T, states map[string]printer.State, test func(t *testing.T, b *bench, off bool, state printer.State)) {
	for _, c := range []struct {
		name  string
		proof string
		store printer.Store
	}{
		{"exact id", "A", nil},
		{"early id", "", storeMap{"test://front": printer.Known{Tier: 'A', Early: true}}},
		{"GS r only", "B", nil},
		{"status only", "C", nil},
	} {
		for _, off := range []bool{false, true} {
			name := c.name
			if off {
				name += ", switched off"
			}
			bubble(t, name, func(t *testing.T) {
				b := newBench(t, options{
					model: virtual.Options{Model: "gprinter-80", Speed: virtual.Real}, profile: "gprinter-80",
					edit:   func(p *profile.Profile) { p.PaperOut = "resume" },
					config: func(cfg *printer.Config) { cfg.Proof, cfg.Store = c.proof, c.store },
				})
				defer b.stop()
				b.v.AtDots(38*lineDots, virtual.Change{Paper: "out"})
				test(t, b, off, states[c.name])
			})
		}
	}
}

// offAndOn switches the printer off for a while.
func (b *bench) offAndOn(pause time.Duration) {
	b.set(virtual.Change{Power: "off"})
	time.Sleep(pause)
	b.set(virtual.Change{Power: "on"})
}

// TestOffWhileHeld: the paper has run out, and someone loads a roll: the printer prints the rest. Someone also switches it off
// and on: the rest is gone, and every question asked from then on is answered by an empty printer. That it did not answer for
// a while is all that tells the two apart.
func TestOffWhileHeld(t *testing.T) {
	states := map[string]printer.State{
		"exact id": printer.Printed, "early id": printer.Processed, "GS r only": printer.Processed, "status only": printer.Sent,
	}
	whileHeld(t, states, func(t *testing.T, b *bench, off bool, state printer.State) {
		go func() {
			time.Sleep(10 * time.Second)
			if off {
				b.offAndOn(4 * time.Second)
			}
			b.set(virtual.Change{Paper: "ok"})
		}()
		o := b.print("slip", 40)
		if off {
			want(t, o, printer.Uncertain, printer.PowerLost)
		} else {
			want(t, o, state, "")
		}
		time.Sleep(15 * time.Second)
		var text string
		for _, piece := range b.pieces() {
			text += piece
		}
		if whole(text, "slip", 40) == off {
			t.Errorf("paper: %q", text)
		}
	})
}

// TestHeldAllNight: how long a printer waited for paper says nothing of its pace: behind the hold the next slip waits no longer than behind a
// short one.
func TestHeldAllNight(t *testing.T) {
	for _, proof := range []string{"", "A", "B"} {
		for _, span := range []time.Duration{5 * time.Second, 12 * time.Minute, 14 * time.Hour} {
			bubble(t, fmt.Sprintf("proof %q for %v", proof, span), func(t *testing.T) {
				b := newBench(t, options{model: virtual.Options{Model: "gprinter-80", Speed: virtual.Real}, profile: "gprinter-80",
					edit:   func(p *profile.Profile) { p.PaperOut = "resume" },
					config: func(c *printer.Config) { c.Proof = proof }})
				defer b.stop()
				b.v.AtDots(300, virtual.Change{Paper: "out"})
				time.AfterFunc(span, func() { b.set(virtual.Change{Paper: "ok"}) })
				began := time.Now()
				o := b.print("slip", 40)
				if took := time.Since(began) - span; took > 12*time.Second || o.State != printer.Printed && o.State != printer.Processed {
					t.Errorf("%s %s %v behind the hold", o.State, o.Reason, took)
				}
				if o.Pieces != 2 {
					t.Errorf("%d pieces", o.Pieces)
				}
			})
		}
	}
}
