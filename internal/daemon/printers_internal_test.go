package daemon

import (
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/printer"
)

// What a printer has said for long may not be so: the page then names the way out, and not before.
func TestLongHoldNamesTheWayOut(t *testing.T) {
	for _, row := range []struct {
		state printer.Readiness
		since time.Duration
		named bool
	}{{printer.OnHold, time.Minute, false}, {printer.OnHold, time.Hour, true}, {printer.Down, time.Hour, false}} {
		text := printerText(printer.Status{State: row.state, Reason: printer.PaperOut, Since: time.Now().Add(-row.since)})
		if strings.Contains(text.En, `proof = "D"`) != row.named || strings.Contains(text.Zh, `proof = "D"`) != row.named {
			t.Errorf("%s for %v: %+v", row.state, row.since, text)
		}
	}
}

// Where only a USB port's status tells of the paper the page says so, and how to do without it.
func TestPortStatusIsNamed(t *testing.T) {
	for _, row := range []struct {
		state printer.Readiness
		port  bool
		named bool
	}{{printer.OnHold, true, true}, {printer.OnHold, false, false}, {printer.Ready, true, false}} {
		text := printerText(printer.Status{State: row.state, Reason: printer.PaperOut, PortStatus: row.port, Since: time.Now()})
		if strings.Contains(text.En, "USB port") != row.named || strings.Contains(text.Zh, "USB 端口") != row.named {
			t.Errorf("%s %v: %+v", row.state, row.port, text)
		}
	}
}

// What cannot be done with a printer is told with the configuration, at its key.
func TestCheckOfPrinters(t *testing.T) {
	for _, row := range []struct {
		p    config.Printer
		want string // "key: part of the text"; "" when all is well
	}{
		{config.Printer{Device: "tcp://10.0.0.9", Identity: "mac:00:26:ab:01:02:03"}, ""},
		{config.Printer{Device: "tcp://10.0.0.9", Identity: "serial:J4"}, ""},
		{config.Printer{Device: "usb:///dev/usb/lp0", Identity: "usb:L1"}, ""},
		{config.Printer{Device: "tcp://10.0.0.9", Identity: "model:TM-T88"}, "identity: a model identifies nobody"},
		{config.Printer{Device: "serial:///dev/ttyS0", Identity: "mac:00:26:ab:01:02:03"}, "identity: network printers"},
		{config.Printer{Device: "tcp://10.0.0.9", Identity: "usb:L1"}, "identity: usb://"},
		{config.Printer{Device: "tcp://10.0.0.9", Identity: "serial:J4", Proof: "D"}, "identity: asks the printer"},
		{config.Printer{Device: "tcp://10.0.0.9", Profile: "generic-58", Feed: 160}, ""},
		{config.Printer{Device: "tcp://10.0.0.9", Feed: 160}, "feed: has a cutter"},
	} {
		if row.p.Profile == "" {
			row.p.Profile = "generic-80"
		}
		var got []string
		checkPrinter(row.p, func(key, _, en string) { got = append(got, key+": "+en) })
		key, part, _ := strings.Cut(row.want, ": ")
		if row.want == "" && len(got) > 0 || row.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], key+": ") || !strings.Contains(got[0], part)) {
			t.Errorf("%+v: %q, want %q", row.p, got, row.want)
		}
	}
}
