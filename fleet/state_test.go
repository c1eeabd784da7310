package fleet

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/vocabulary"
)

// TestStateWaits: what wants somebody is told at once, what comes with every slip waits; neither follows the state before it sooner than the pace.
func TestStateWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const pace = 5 * time.Second
		of := func(seq int64, state vocabulary.Readiness, waiting, uncertain int) wire.State {
			return wire.State{Online: true, Seq: seq, At: time.Now(), Uncertain: uncertain,
				Printers: []wire.Printer{{Name: "front", State: state, Waiting: waiting, LastProof: time.Unix(seq, 0)}}}
		}
		var l lastState
		want := func(what string, s wire.State, rest time.Duration, any bool) {
			t.Helper()
			if r, a := l.due(s, pace); r != rest || a != any {
				t.Errorf("%s: %v %v, want %v %v", what, r, a, rest, any)
			}
		}
		tell := func(s wire.State) { l = lastState{told: true, state: s, at: time.Now()} }
		first := of(1, vocabulary.PrinterReady, 0, 0)
		want("the first", first, 0, true)
		tell(first)
		time.Sleep(time.Minute)
		want("nothing new but the time", of(1, vocabulary.PrinterReady, 0, 0), 0, false)
		want("a slip begins", of(2, vocabulary.PrinterPrinting, 1, 0), pace, true)
		time.Sleep(2 * time.Second)
		want("it has come out", of(4, vocabulary.PrinterIdle, 0, 0), pace-2*time.Second, true)
		for what, s := range map[string]wire.State{
			"a printer is held": of(4, vocabulary.PrinterHeld, 1, 0), "one is gone": of(4, vocabulary.PrinterDown, 1, 0), "a doubt": of(4, vocabulary.PrinterIdle, 0, 1),
			"a full disk": {Online: true, Seq: 4, DiskFull: true},
		} {
			want(what, s, 0, true)
		}
		time.Sleep(pace)
		last := of(4, vocabulary.PrinterIdle, 0, 0)
		want("it has waited", last, 0, true)
		tell(last)
		want("a doubt soon after", of(5, vocabulary.PrinterIdle, 0, 1), pace, true)
		want("a slip soon after", of(5, vocabulary.PrinterPrinting, 0, 0), pace, true)
		want("and all as it was", last, 0, false)
	})
}
