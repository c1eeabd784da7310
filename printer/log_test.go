package printer_test

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/logtest"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/virtual"
)

// TestTransitionsAreTold: each change of stage is one line at debug level, with the event that led to it and why, and so is who asks the
// printer how it is.
func TestTransitionsAreTold(t *testing.T) {
	bubble(t, "paper out", func(t *testing.T) {
		var log logtest.Buffer
		b := newBench(t, options{model: virtual.Options{Model: "epson-tm-t88", Speed: virtual.Real}, config: func(c *printer.Config) {
			c.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		}})
		time.Sleep(5 * time.Second)
		b.v.AtDots(300, virtual.Change{Paper: "out"})
		time.AfterFunc(10*time.Second, func() { b.set(virtual.Change{Paper: "ok"}) })
		b.print("slip", 40)
		b.stop()
		stage := "closed"
		var seen []string
		asked := 0
		for line := range strings.Lines(log.String()) {
			var l struct{ Msg, From, To, Event, Why string }
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				t.Fatal(err)
			}
			switch l.Msg {
			case "stage":
				if l.From != stage || l.To == stage || l.Event == "" || l.Why == "" {
					t.Errorf("after %s: %s", stage, line)
				}
				stage = l.To
				seen = append(seen, stage)
			case "ask how it is":
				asked++
				if l.Event == "" || l.Why == "" {
					t.Errorf("%s", line)
				}
			}
		}
		for _, want := range []string{"idle", "preflight", "sending", "held", "proving", "closed"} {
			if !slices.Contains(seen, want) {
				t.Errorf("no line for %s: %v", want, seen)
			}
		}
		if asked == 0 {
			t.Error("nobody asked")
		}
	})
}
