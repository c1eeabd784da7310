package evidence_test

import (
	"testing"

	"github.com/receiptd/receiptd/printer/evidence"
)

// TestNotSooner: each transcript is a moment at which one thing is still missing for a claim, or stands in its way; behind it stands
// what is said once it is no longer so.
func TestNotSooner(t *testing.T) {
	early := evidence.Device{Tier: 'A', Early: true}
	for _, c := range []struct {
		name   string
		slip   evidence.Slip
		device evidence.Device
		tape   string
		now    float64
		state  evidence.State // "": nothing
		more   string         // and then this happens
		then   float64
		is     evidence.State
	}{
		{"its paper is not out", slipB, tierB, inOrder + "0.95 well asked 0.92", 1, "", "3 well asked 2.9", 3.1, evidence.Processed},
		{"its status is from before its paper was out", slipB, tierB, inOrder + "0.95 well asked 0.92", 5, "", "5.1 well asked 5", 5.1, evidence.Processed},
		{"its id may still come", newA, trusted, fourAsked + "0.6 order; 0.6 order; 0.8 order; 0.9 order; 3.5 well asked 3.4", 3.6, "", "9 well asked 8.9", 9.1, evidence.Processed},
		{"it is held", slipB, tierB, inOrder + "1 told cutter; 1 paused cutter; 6 well asked 5.9", 9, "", "9 told; 9 on; 9.1 ask anew 2; 9.2 order; 9.3 order; 99 well asked 98", 99, evidence.Processed},
		{"it is held before it was read", slipB, tierB, "0 handed 900 left 0.5; 0 ask order 2; 0.5 took 900; 0.6 told cutter; 0.6 paused cutter; 0.8 order; 0.9 order", 9, "",
			"9 told; 9 on; 9.1 ask anew 2; 9.2 order; 9.3 order; 99 well asked 98", 99, evidence.Processed},
		{"the driver still has it", network, trusted, "0 handed 900 left 0; 0 ask sign 3", 60, "", "60 took 900; 60.1 sign; 62 id; 62 id2", 63, evidence.Printed},
		{"stopped while the driver has it", slipA, trusted, "0 handed 900 left 0.5; 0.1 stop left 1.1", 2, evidence.Uncertain, "", 0, ""},
		{"the link is lost", slipB, tierB, inOrder + "1 lost; 5 well asked 4.9", 9, "", "", 0, ""},
		{"cleared when it went on", slipA, trusted, begun + "1 told paper_out; 1 paused paper_out; 1.1 ask clear 1; 1.2 told", 3, "", "3 on", 3.1, evidence.Uncertain},
		{"a later id came too", newA, early, fourAsked + "0.6 id; 0.7 id2; 9 ask anew 2; 9.1 anew", 9.2, "", "12 well asked 11", 12, evidence.Processed},
		{"behind a hold its id came first", newA, early, fourAsked + "0.6 id; 0.6 order; 0.6 order; 0.7 id2; 0.7 order; 0.7 order; 1 told cutter; 1 paused cutter; 9 told; 9 on;" +
			"12 well asked 11.9; 12 ask anew 2; 12.1 anew", 12.1, "", "12.2 order; 12.2 order; 13 well asked 12.9", 13, evidence.Processed},
		{"behind a hold only its id came", newA, early, fourAsked + "0.6 id; 0.6 order; 0.6 order; 0.7 id2; 0.7 order; 0.7 order; 1 told cutter; 1 paused cutter; 9 told; 9 on;" +
			"12 well asked 11.9; 12 ask anew 2; 12.1 anew", 20, "", "25 well asked 24.9", 25, evidence.Uncertain},
		{"one answer is missing, and nobody watched since it was sent", newA, unknown, fourAsked + "2 ask anew 2; 3 slept 30; 3 order; 3 order; 3 order; 3 order; 3 order; 30 well asked 29", 30,
			evidence.Uncertain, "", 0, ""},
		{"one answer is missing", newA, unknown, fourAsked + "2 ask anew 2; 3 order; 3 order; 3 order; 3 order; 3 order; 30 well asked 29", 30, evidence.Sent, "", 0, ""},
		{"nobody watched while it was held", slipA, trusted, begun + "1 paused paper_out; 1.5 ask poll; 1.6 unwell paper_out; 2.6 ask poll; 2.7 well asked 2.6; 2.8 on", 2.9, "", "", 0, ""},
		{"nobody watched while it was held, for it slept", slipA, trusted, begun + "1 paused paper_out; 1.5 ask poll; 1.6 unwell paper_out; 1.7 slept 3; 2.6 ask poll; 2.7 well asked 2.6; 2.8 on", 2.9,
			evidence.Uncertain, "", 0, ""},
		{"a network has all that it was handed when this process sleeps", network, trusted, "0 handed 900 left 0; 0.1 slept 20; 0.1 took 900; 1.5 id; 1.5 id2", 2, evidence.Printed, "", 0, ""},
		{"its id was read late, and may have come in its time", slipA, trusted, "0 handed 900 left 0.5; 0.5 took 900; 0.5 slept 5; 0.5 id; 0.6 id2", 1, evidence.Printed, "", 0, ""},
		{"its id came too early", slipA, trusted, "0 handed 900 left 0.5; 0.5 took 900; 0.5 id; 0.6 id2", 1, "", "", 0, ""},
		{"a hold was over, and it was off, while nobody watched", slipB, tierB, "0 handed 900 left 0.5; 0 ask order 2; 0.5 took 900; 0.6 told paper_out; 0.6 paused paper_out; 1 slept 20; 1 told; 1 on; 1 order; 1 order; 9 well asked 8.9", 9,
			evidence.Uncertain, "", 0, ""},
		{"a line has not", slipA, trusted, "0 handed 900 left 0; 0.1 slept 20; 0.1 took 900; 1.5 id; 1.5 id2", 2, evidence.Uncertain, "", 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			judge := func(tape string, now float64) evidence.Claim {
				return evidence.Judge(&evidence.Case{T: transcript(t, tape), Slip: c.slip, Device: c.device, Now: at(now)})
			}
			if got := judge(c.tape, c.now); got.State != c.state {
				t.Errorf("%s by %q, not %q", got.State, got.Rule, c.state)
			}
			if c.more == "" {
				return
			}
			if got := judge(c.tape+";"+c.more, c.then); got.State != c.is {
				t.Errorf("then %s by %q, not %q", got.State, got.Rule, c.is)
			}
		})
	}
}
