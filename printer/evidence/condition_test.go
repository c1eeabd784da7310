package evidence_test

import (
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/evidence"
)

// TestEachCondition: each transcript stands on one condition of a rule; with that condition taken out of the rule something else is claimed.
func TestEachCondition(t *testing.T) {
	early := evidence.Device{Tier: 'A', Early: true}
	soon := slipB // its paper cannot begin to move before the cut of the slip before is over
	soon.Begin = at(5)
	pacedB := evidence.Slip{Size: 900, Mech: 10 * time.Second, Tier: 'B', Answers: true, Cut: true, Behind: 2, Paced: true, Acks: []int{400}, Window: 500, Patience: evidence.ProofMargin}
	const halves = "0 handed 400 left 0.2; 0.2 took 400; 0.2 ask order 1; 0.3 handed 900 left 0.6; 0.6 took 500;"
	for _, c := range []struct {
		name   string
		slip   evidence.Slip
		device evidence.Device
		tape   string
		now    float64
		gone   bool
		want   evidence.State // "": nothing yet
	}{
		{"a sign of life is open, and the driver still has the rest", network, trusted, "0 handed 400 left 0; 0 ask sign 3; 0.5 took 400; 1 handed 900 left 1", 60, false, ""},
		{"held, and it says so for minutes", slipC, unknown, signed + "0.6 told paper_out; 0.6 paused paper_out; 90 unwell paper_out", 91, false, ""},
		{"it tells no more than how it is, and was off while it was held", slipC, unknown, signed + "1 paused paper_out; 4 ask poll; 4.1 well asked 4; 4.2 on; 9 well asked 8.9", 9, false, evidence.Uncertain},
		{"a person says that it proves, and it answers nothing", slipA, evidence.Device{Pinned: 'A'}, signed + "7 ask anew 0; 30 well asked 29", 30, false, evidence.Uncertain},
		{"its id came behind the answers, and then the link went", newA, evidence.Device{Tier: 'A'}, fourAsked + "2.4 order; 2.4 order; 2.5 id; 2.6 lost", 9, true, evidence.Printed},
		{"it ended the link, and a question was open", slipC, unknown, "0 handed 900 left 0.5; 0 ask sign 3; 0.5 took 900; 1 farewell", 9, true, evidence.Uncertain},
		{"in portions: what is in its buffer has still to come out", pacedB, tierB, "0 handed 400 left 0.2; 0.2 took 400; 0.2 ask order 1; 5 order; 20 handed 900 left 20.1; 20 ask order 2; 20.1 took 500;" +
			"20.2 order; 20.3 order; 22 well asked 21.9", 22.1, false, ""},
		{"its paper cannot have begun to move", soon, tierB, inOrder + "3 well asked 2.9", 3.1, false, ""},
		{"its paper has begun to move", soon, tierB, inOrder + "7 well asked 6.9", 7.1, false, evidence.Processed},
		{"the answer from inside may be right behind its id", portions, trusted, halves + "1.5 id", 1.6, false, ""},
		{"an id that tells of reading, and an answer from inside is missing", portions, early, halves + "0.7 id; 0.7 id2; 4 well asked 3.9", 4.1, false, evidence.Processed},
		{"one answer is open: it still has room", portions, trusted, "0 handed 400 left 0.2; 0.2 took 400; 0.2 ask order 1; 0.2 paused paper_out; 1 on", 14, false, ""},
		{"nothing left while it was held, and the link went", slipA, trusted, begun + "1 paused paper_out; 1 handed 900 left 1.3; 1.2 took 0; 2 lost", 3, false, ""},
		{"silent while it is held tells nothing yet", slipA, trusted, begun + "1 told paper_out; 1 paused paper_out; 2 ask poll; 2.8 silent; 4 unwell paper_out", 8, false, ""},
		{"nobody watched before it began", slipB, tierB, "0 slept 20; 0.1 handed 900 left 0.5; 0.1 ask order 2; 0.5 took 900; 0.8 order; 0.9 order; 3 well asked 2.9", 3, false, evidence.Processed},
		{"it was not well before it began", slipB, tierB, "0 told cutter; 0 paused cutter; 0.1 on; 0.1 told; 0.2 handed 900 left 0.5; 0.2 ask order 2; 0.5 took 900; 0.8 order; 0.9 order; 3 well asked 2.9", 3, false,
			evidence.Processed},
		{"it was asked seldom before it began", slipB, tierB, "0 paused cutter; 5 ask poll; 5.1 on; 5.2 handed 900 left 5.5; 5.2 ask order 2; 5.5 took 900; 5.8 order; 5.9 order; 9 well asked 8.9", 9, false,
			evidence.Processed},
		{"a hold that is only busy covers nothing", slipA, trusted, "0 handed 900 left 1; 1.2 paused busy; 9 on; 9.1 took 900 busy 8; 10 id; 10.1 id2", 11, false, evidence.Uncertain},
		{"slower than its family: a quarter is still to come", slipB, tierB, "0 handed 900 left 0.5; 0 ask order 2; 0.5 took 900; 8 order; 8.1 order; 9 well asked 8.9", 9, false, ""},
		{"slower than its family, and no more than a quarter", slipB, tierB, "0 handed 900 left 0.5; 0 ask order 2; 0.5 took 900; 8 order; 8.1 order; 11 well asked 10.9", 11.1, false, evidence.Processed},
	} {
		t.Run(c.name, func(t *testing.T) {
			judges(t, &evidence.Case{T: transcript(t, c.tape), Slip: c.slip, Device: c.device, Now: at(c.now)}, c.gone, c.want)
		})
	}
}

// judges checks what is claimed of a case, of one whose link is gone by the rule for that.
func judges(t *testing.T, c *evidence.Case, gone bool, want evidence.State) {
	t.Helper()
	judge := evidence.Judge
	if gone {
		judge = evidence.Gone
	}
	if got := judge(c); got.State != want {
		t.Errorf("%q %s by %q, not %q\n%s", got.State, got.Reason, got.Rule, want, told(c.T))
	}
}

// TestAppendKeepsWhatTells: of looks in a row only those are left out that tell nothing: the same was found, and no start fits between.
func TestAppendKeepsWhatTells(t *testing.T) {
	for _, c := range []struct {
		name   string
		reason evidence.Reason
		gap    float64
		left   int
	}{{"the same, at once", evidence.PaperOut, 1, 1}, {"the same, and it may have been off between", evidence.PaperOut, 2, 3}, {"something else", evidence.CoverOpen, 1, 3}} {
		tr := &evidence.Transcript{}
		tr.Append(evidence.Entry{At: at(1), Kind: evidence.Looked, Reason: evidence.PaperOut})
		tr.Append(evidence.Entry{At: at(1 + c.gap), Kind: evidence.Asked, What: evidence.Poll, N: 1})
		tr.Append(evidence.Entry{At: at(1 + c.gap), Kind: evidence.Looked, Reason: c.reason})
		if len(tr.Entries) != c.left {
			t.Errorf("%s: %d entries", c.name, len(tr.Entries))
		}
	}
	tr := transcript(t, "0 handed 400 left 0.2; 0.2 took 400; 0.3 handed 900 left 0.6; 5 took 0")
	if !tr.Quiet().Equal(at(0.2)) {
		t.Errorf("quiet since %v", tr.Quiet())
	}
}

// TestInPieces: a slip came out in two pieces when its paper ended in the middle of it, however it was heard that it went on.
func TestInPieces(t *testing.T) {
	for tape, want := range map[string]bool{
		out + "1 paused paper_out; 9 on; 9.5 id":                              true,
		out + "1 paused paper_out; 9.5 id; 9.6 id2":                           true,
		out + "1 paused paper_out; 9.6 id2":                                   true,
		out + "1 paused cover_open; 2 paused paper_out; 9.5 id":               true,
		out + "0.9 id; 1 paused paper_out":                                    false,
		out + "1 paused cover_open; 9 on; 9.5 id":                             false,
		out + "1 paused paper_out":                                            false,
		"0 paused paper_out; 1 on;" + "2 handed 900 left 2; 2 took 900; 3 id": false,
	} {
		if got := transcript(t, tape).InPieces(); got != want {
			t.Errorf("%v: %s", got, tape)
		}
	}
}
