package printer_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/virtual"
)

// A sleeper is a log on whose nth line the printer's goroutine stands still: as long as its disk takes, or the process is stopped.
type sleeper struct {
	n     int64
	span  time.Duration
	lines *atomic.Int64
}

func (s sleeper) Enabled(context.Context, slog.Level) bool { return true }
func (s sleeper) WithAttrs([]slog.Attr) slog.Handler       { return s }
func (s sleeper) WithGroup(string) slog.Handler            { return s }
func (s sleeper) Handle(context.Context, slog.Record) error {
	if s.lines.Add(1) == s.n {
		time.Sleep(s.span)
	}
	return nil
}

// TestStandsStill: wherever the process stands still while a slip is on its way, what is claimed is what would have been claimed:
// nobody is silent because nobody listened, and nothing is early because it was read late.
func TestStandsStill(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		model, profile string
		rows           int
		want           printer.State
	}{
		{"epson-tm-t88", "epson-tm-t88", 12, printer.Printed},
		{"gprinter-80", "generic-80", 150, printer.Printed},
		{"clone-no-gsh", "generic-80", 12, printer.Processed},
		{"clone-status-only", "generic-80", 12, printer.Sent},
		{"clone-lagging", "generic-80", 12, printer.Printed},
	} {
		for _, span := range []time.Duration{700 * time.Millisecond, 2500 * time.Millisecond, 12 * time.Second} {
			last := int64(1)
			for n := int64(1); n <= last; n++ {
				bubble(t, fmt.Sprintf("%s for %v at line %d", c.model, span, n), func(t *testing.T) {
					lines := &atomic.Int64{}
					b := newBench(t, options{profile: c.profile, model: virtual.Options{Model: c.model, Speed: virtual.Real}, config: func(cfg *printer.Config) {
						cfg.Logger = slog.New(sleeper{n, span, lines})
					}})
					defer b.stop()
					o := b.endsIn(5*time.Minute, func() printer.Outcome { return b.print("slip", c.rows) })
					last = max(last, min(lines.Load(), 40))
					if o.State == printer.NotSent { // it stood still before a byte left
						o = b.print("slip", c.rows)
					}
					if want(t, o, c.want, ""); o.At.After(time.Now()) || time.Since(o.At) > 30*time.Second {
						t.Errorf("at %v, and it is %v", o.At, time.Now())
					}
					time.Sleep(10 * time.Second)
					if text := strings.Join(b.pieces(), "\n"); !whole(text, "slip", c.rows) {
						t.Errorf("paper: %q", text)
					}
				})
			}
		}
	}
}
