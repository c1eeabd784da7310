package printer_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/virtual"
)

// TestProbe finds out what each kind of printer proves, whatever was believed before.
func TestProbe(t *testing.T) {
	for _, c := range []struct {
		model, profile string
		believed       printer.Known
		tier           byte
		early          bool
	}{
		{"epson-tm-t88", "generic-80", printer.Known{Tier: 'C'}, 'A', false},
		{"epson-tm-t88", "generic-80", printer.Known{Tier: 'A', Early: true}, 'A', false},
		{"clone-parse-proof", "generic-80", printer.Known{}, 'A', true},
		{"clone-no-gsh", "generic-80", printer.Known{Tier: 'A'}, 'B', false},
		{"clone-status-only", "generic-80", printer.Known{}, 'C', false},
		{"zj-5890", "zj-5890", printer.Known{}, 'D', false},
	} {
		for _, baud := range []int{0, 9600, 2400} {
			bubble(t, fmt.Sprint(c.model, baud), func(t *testing.T) {
				store := storeMap{"test://front": c.believed}
				caps := link.Caps{BackChannel: true, BitsPerSec: baud}
				if baud > 0 {
					caps.BitsPerByte = 10
				}
				b := newBench(t, options{model: virtual.Options{Model: c.model, Speed: virtual.Real, Baud: baud}, profile: c.profile,
					caps: caps, config: func(cfg *printer.Config) { cfg.Store = store }})
				defer b.stop()
				r, err := b.p.Probe(context.Background(), printer.ProbeOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if r.Tier != c.tier || r.Early != c.early {
					t.Errorf("probe says %+v", r)
				}
				if k := store["test://front"]; k.Tier != c.tier || k.Early != c.early {
					t.Errorf("remembered %+v", k)
				}
			})
		}
	}
}

// TestProbeCover: with the cover open a true proof stays away, and one from a module that answers by itself does not.
func TestProbeCover(t *testing.T) {
	bubble(t, "honest", func(t *testing.T) {
		b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}})
		defer b.stop()
		r, err := b.p.Probe(context.Background(), printer.ProbeOptions{Cover: true, Report: func(s printer.ProbeStep) {
			switch s {
			case printer.ProbeOpenCover:
				time.AfterFunc(5*time.Second, func() { b.set(virtual.Change{Cover: "open"}) })
			case printer.ProbeCloseCover:
				time.AfterFunc(5*time.Second, func() { b.set(virtual.Change{Cover: "closed"}) })
			}
		}})
		if err != nil || !r.Cover || !r.Silent || r.Early || r.Tier != 'A' {
			t.Errorf("%+v, %v", r, err)
		}
		want(t, b.print("next", 5), printer.Printed, "")
	})
	bubble(t, "nobody opens it", func(t *testing.T) {
		b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}})
		defer b.stop()
		if _, err := b.p.Probe(context.Background(), printer.ProbeOptions{Cover: true}); err == nil {
			t.Error("no error")
		}
		want(t, b.print("next", 5), printer.Printed, "")
	})
}

// TestProbeFailed: a probe that fails after its slip has taught nothing, neither here nor on disk.
func TestProbeFailed(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		before := printer.Known{Tier: 'A', Behind: true}
		store := storeMap{"test://front": before}
		b := newBench(t, options{model: virtual.Options{Model: "clone-parse-proof", Speed: virtual.Max}, profile: "generic-80",
			config: func(c *printer.Config) { c.Store = store }})
		defer b.stop()
		if _, err := b.p.Probe(context.Background(), printer.ProbeOptions{Cover: true}); err == nil {
			t.Error("no error")
		}
		if k := store["test://front"]; k != before {
			t.Errorf("remembered %+v", k)
		}
		if s := b.p.Status(); s.Early {
			t.Error("shown as early")
		}
	})
}

// TestProbeNotReady: nothing is learned from a printer without paper.
func TestProbeNotReady(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		b := newBench(t, options{})
		defer b.stop()
		b.set(virtual.Change{Paper: "out"})
		time.Sleep(time.Second)
		if _, err := b.p.Probe(context.Background(), printer.ProbeOptions{}); !errors.Is(err, printer.ErrNotReady) {
			t.Errorf("error %v", err)
		}
	})
}
