package daemon

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/profile"
)

// TestLyingSensorIsNamed: a printer that has said for long that paper or cover is missing is told of with the way out, in both
// languages; what no sensor says has another way out.
func TestLyingSensorIsNamed(t *testing.T) {
	says := func(reason printer.Reason, since time.Duration) bool {
		text := printerText(printer.Status{State: printer.OnHold, Reason: reason, Since: time.Now().Add(-since)})
		zh, en := strings.Contains(text.Zh, `proof = "D"`), strings.Contains(text.En, `proof = "D"`)
		if zh != en {
			t.Errorf("%s: one language says more than the other: %+v", reason, text)
		}
		return zh
	}
	for _, r := range []printer.Reason{printer.PaperOut, printer.CoverOpen} {
		if !says(r, 11*time.Minute) {
			t.Errorf("%s: after a long hold the way out is not named", r)
		}
		if says(r, time.Minute) {
			t.Errorf("%s: a person has had no time to mend it", r)
		}
	}
	for _, r := range []printer.Reason{printer.Busy, printer.Cutter, printer.Offline} {
		if says(r, time.Hour) {
			t.Errorf("%s is called a sensor's word", r)
		}
	}
}

// TestRestartNeedsAClear: a slip is printed again from its beginning only at a printer whose memory can be cleared for sure; for any
// other profile "config check" refuses it, with the reason and a way out.
func TestRestartNeedsAClear(t *testing.T) {
	cleared := 0
	for _, name := range profile.Names() {
		prof, err := profile.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, wish := range []string{"restart", "resume", ""} {
			var told []string
			Check(&config.Config{Printers: []config.Printer{{Name: "front", Device: "tcp://192.0.2.1:9100", Profile: name, OnPaperOut: wish}}}, func(key, zh, en string) {
				told = append(told, key+": "+zh+" "+en)
			})
			refused := slices.ContainsFunc(told, func(s string) bool {
				return strings.HasPrefix(s, "printer[0].on_paper_out: ") && strings.Contains(s, "resume")
			})
			if refused != (wish == "restart" && !prof.ClearDC4) || len(told) > 0 && !refused {
				t.Errorf("%s, on_paper_out = %q: %q", name, wish, told)
			}
		}
		if prof.ClearDC4 {
			cleared++
		} else if prof.PaperOut == "restart" {
			t.Errorf("%s restarts by itself what it cannot clear", name)
		}
	}
	if cleared == 0 || cleared == len(profile.Names()) {
		t.Errorf("%d profiles can clear: this test tells nothing", cleared)
	}
}
