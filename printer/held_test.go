package printer_test

import (
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

// TestOffWhileHeld: a printer that tells of nothing by itself has read a slip to its end when the paper runs out. Someone
// loads a roll: it prints the rest. Someone also switches it off and on: the rest is gone, and every question asked from then
// on is answered by an empty printer. That it did not answer for a while is all that tells the two apart.
func TestOffWhileHeld(t *testing.T) {
	early := storeMap{"test://front": printer.Known{Tier: 'A', Early: true}}
	for _, c := range []struct {
		name  string
		proof string
		store printer.Store
		want  printer.State
	}{
		{"exact id", "A", nil, printer.Printed},
		{"early id", "", early, printer.Processed},
		{"GS r only", "B", nil, printer.Processed},
		{"status only", "C", nil, printer.Sent},
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
				go func() {
					time.Sleep(10 * time.Second)
					if off {
						b.set(virtual.Change{Power: "off"})
						time.Sleep(4 * time.Second)
						b.set(virtual.Change{Power: "on"})
					}
					b.set(virtual.Change{Paper: "ok"})
				}()
				o := b.print("slip", 40)
				if off {
					want(t, o, printer.Uncertain, printer.PowerLost)
				} else {
					want(t, o, c.want, "")
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
	}
}
