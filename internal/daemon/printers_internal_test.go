package daemon

import (
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
)

// What a printer has said for long may not be so: the page then names the way out, and not before.
func TestLongHoldNamesTheWayOut(t *testing.T) {
	for _, row := range []struct {
		state printer.Readiness
		since time.Duration
		named bool
	}{{printer.Waiting, time.Minute, false}, {printer.Waiting, time.Hour, true}, {printer.Down, time.Hour, false}} {
		text := printerText(printer.Status{State: row.state, Reason: printer.PaperOut, Since: time.Now().Add(-row.since)})
		if strings.Contains(text.En, `proof = "D"`) != row.named || strings.Contains(text.Zh, `proof = "D"`) != row.named {
			t.Errorf("%s for %v: %+v", row.state, row.since, text)
		}
	}
}
