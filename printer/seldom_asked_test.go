package printer_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

// A printer that does not tell of changes by itself is asked ever more seldom while a slip waits for paper: what happens between two
// questions is not seen.

// seldomAsked prints a slip of 120 rows whose paper ends at a place in it, at a printer without automatic status, and compares the claim with
// the paper. during is what happens meanwhile; the printer is switched off settle after the claim.
func seldomAsked(t *testing.T, model string, speed, ahead, at int, proof string, settle time.Duration, during func(b *bench)) {
	t.Helper()
	m, err := virtual.ModelByName(model)
	if err != nil {
		t.Fatal(err)
	}
	m.Speed, m.LookAhead = speed, ahead
	b := newBench(t, options{model: virtual.Options{Custom: &m, Speed: virtual.Real}, profile: "generic-80",
		edit:   func(p *profile.Profile) { p.StatusASB, p.PaperOut, p.SpeedMMS = false, "resume", 250 },
		config: func(c *printer.Config) { c.Proof = proof }})
	defer b.stop()
	time.Sleep(5 * time.Second)
	b.v.AtDots(at, virtual.Change{Paper: "out"})
	during(b)
	slip := testSlip("slip", 120)
	slip.Content = []byte(strings.ReplaceAll(string(slip.Content), "\x1da\xff", ""))
	o := b.p.Print(t.Context(), b.attempt(slip))
	time.Sleep(settle)
	b.set(virtual.Change{Power: "off"})
	paper := strings.Join(b.pieces(), "")
	if (o.State == printer.Processed || o.State == printer.Printed) && !whole(paper, "slip", 120) {
		t.Errorf("%s, and %d rows of 120 lie on the paper", o.State, strings.Count(paper, "row"))
	}
}

// TestOffBetweenTwoQuestions: a printer that forgot the slip between two questions answers the new ones, and the slip's own answers are
// missing: it is not processed.
func TestOffBetweenTwoQuestions(t *testing.T) {
	for at := 1192; at < 1390; at += 12 {
		bubble(t, fmt.Sprint("out at ", at), func(t *testing.T) {
			seldomAsked(t, "clone-parse-proof", 60, 2400, at, "", time.Minute, func(b *bench) {
				time.AfterFunc(40*time.Minute, func() { b.set(virtual.Change{Power: "off"}); b.set(virtual.Change{Paper: "ok"}) })
				time.AfterFunc(40*time.Minute+3*time.Second, func() { b.set(virtual.Change{Power: "on"}) })
			})
		})
	}
}

// TestSlowBehindALongHold: a printer that is slower than its family goes on for a while behind a hold, also where it is heard late that the
// hold is over.
func TestSlowBehindALongHold(t *testing.T) {
	for _, speed := range []int{60, 40} {
		for _, at := range []int{1500, 2000, 2300} {
			for _, ahead := range []int{500, 700, 800} {
				for _, span := range []time.Duration{7 * time.Minute, 30 * time.Minute} {
					bubble(t, fmt.Sprint(speed, " mm/s, out at ", at, ", ahead ", ahead, " for ", span), func(t *testing.T) {
						seldomAsked(t, "generic-80", speed, ahead, at, "B", 0, func(b *bench) {
							time.AfterFunc(span, func() { b.set(virtual.Change{Paper: "ok"}) })
						})
					})
				}
			}
		}
	}
}
