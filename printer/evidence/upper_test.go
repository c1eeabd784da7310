package evidence_test

import (
	"testing"

	"github.com/receiptd/receiptd/printer/evidence"
)

// TestNothingTooSoon: each transcript lacks one thing for a claim, or has one that stands in its way; with the condition that looks at it
// taken out of its rule more would be claimed.
func TestNothingTooSoon(t *testing.T) {
	early, seen := evidence.Device{Tier: 'A', Early: true}, evidence.Device{Tier: 'A'}
	uncut := newA
	uncut.Cut, uncut.Behind = false, 2
	parts := portions
	parts.Answers, parts.Behind = true, 4
	const twoOpen = fourAsked + "0.6 id; 0.6 order; 0.6 order; 0.7 id2;"
	const slow = "0 handed 900 left 0; 0 ask order 2; 0 took 900; 2 told; 3 unwell paper_out; 3 paused paper_out; 20 unwell paper_out; 28 well asked 28; 28 on; 28 order; 28.1 order;"
	for _, c := range []struct {
		name   string
		slip   evidence.Slip
		device evidence.Device
		tape   string
		now    float64
		gone   bool
		want   evidence.State // "": nothing yet
	}{
		{"it says that it cleared, and was not asked to", slipA, trusted, begun + "1 paused paper_out; 1.1 cleared", 1.2, false, ""},
		{"all has left the driver, and it can tell more", slipA, trusted, signed + "0.6 drained", 1, false, ""},
		{"only part of it has left, and it is well", slipC, unknown, begun + "9 well asked 8.9", 9, false, ""},
		{"all was taken and may not have left", slipD, unknown, out + "9 well asked 8.9", 9, false, ""},
		{"a sign of life may still come", slipB, tierB, "0 handed 900 left 0.5; 0 ask sign 3;0 ask order 2; 0.5 took 900; 0.8 order; 0.9 order; 3 well asked 2.9", 3, false, ""},
		{"it went on, and part of it is still to be sent", slipA, trusted, begun + "1 told paper_out; 1 paused paper_out; 9 told; 9 on", 9.1, false, ""},
		{"it was not asked anew", slipA, trusted, signed + "30 well asked 29", 30, false, ""},
		{"the proof behind the cut may show what the first means", newA, seen, fourAsked + "2 id; 2.1 order; 2.1 order; 2.2 order; 2.2 order; 4 well asked 3.9", 4.1, false, ""},
		{"nothing shows what its id means", newA, seen, fourAsked + "2 id; 2.1 order; 2.1 order; 2.2 id2; 2.3 order; 2.3 order; 9 well asked 8.9", 9, false, evidence.Processed},
		{"it was not asked how it is since", newA, unknown, fourAsked + "7 ask anew 2; 20 unwell offline", 21, false, ""},
		{"it has never answered a fence, and was held", newA, unknown, fourAsked + "1 told cutter; 1 paused cutter; 2 told; 2 on; 8 ask anew 2; 40 well asked 39", 40, false, evidence.Uncertain},
		{"it has never answered a fence, and dropped one", newA, unknown, fourAsked + "1 drop; 8 ask anew 2; 40 well asked 39", 40, false, evidence.Uncertain},
		{"it was silent, and answers are missing that would tell", newA, early, twoOpen + "1 ask poll; 1.8 silent; 2 ask poll; 40 well asked 39", 40, false, evidence.Uncertain},
		{"it was held, and answers are missing that the new fence passed", newA, early, twoOpen + "1 told cutter; 1 paused cutter; 9 told; 9 on; 12 ask anew 2; 12.1 anew; 12.2 order; 12.2 order;" +
			"60 well asked 59", 60, false, evidence.Uncertain},
		{"on a new link nothing is open, and its id shows no order", newA, seen, fourAsked + "0.6 lost; 3 id; 3.1 id2", 9, true, evidence.Uncertain},
		{"nothing was asked behind its id", slipA, seen, signed + "1.5 id; 1.6 id2", 1.7, false, ""},
		{"one stray byte came before its id, and no cut follows", uncut, seen, "0 handed 900 left 0.5; 0 ask order 2; 0.5 took 900; 1 order; 1.5 id; 9 order; 20 well asked 19", 20, false, evidence.Processed},
		{"it ended the link while it was held", slipC, unknown, signed + "0.6 paused paper_out; 1 farewell", 9, true, evidence.Uncertain},
		{"it ended the link, and had forgotten", slipC, unknown, signed + "0.6 told paper_out; 0.6 paused paper_out; 1 ask poll; 1.8 silent; 3 told; 3 on; 4 farewell", 9, true, evidence.Uncertain},
		{"it ended the link, and may have been off", slipC, unknown, "0 handed 900 left 0.5; 0 ask sign 3; 0.1 sign; 2.5 took 900 busy 2; 3 farewell", 9, true, evidence.Uncertain},
		{"it ended the link, and dropped a fence", newA, unknown, fourAsked + "1 drop; 2 farewell", 9, true, evidence.Uncertain},
		{"it ended the link, and did not answer as it always has", slipB, tierB, "0 handed 900 left 0.5; 0 ask order 2; 0.5 took 900; 1 farewell", 9, true, evidence.Uncertain},
		{"it ended the link, and never had an id", newA, tierB, fourAsked + "1 farewell", 9, true, evidence.Sent},
		{"a stray byte came among its answers", slipB, tierB, "0 handed 900 left 0.5; 0 ask order 2; 0.3 order; 0.4 order; 0.4 order; 0.5 took 900; 3 well asked 2.9", 3, false, ""},
		{"it was read, and then held", slipB, tierB, inOrder + "1 told cutter; 1 paused cutter; 9 told; 9 on; 99 well asked 98", 99, false, ""},
		{"it was held, and the new questions were answered, but not its id", slipA, trusted, signed + "0.6 told cutter; 0.6 paused cutter; 2 told; 2 on; 8 ask anew 2; 8.1 order; 8.2 order; 60 well asked 59", 60, false,
			evidence.Uncertain},
		{"it dropped a fence, and answered in order", newA, unknown, fourAsked + "0.7 drop; 0.8 order; 0.8 order; 0.9 order; 0.9 order; 9 well asked 8.9", 9, false, ""},
		{"this process stood still before anything was handed over", slipA, trusted, "0.1 slept 20", 1, false, ""},
		{"an answer behind it was lost, which is not from inside", newA, trusted, fourAsked + "0.9 order; 1.5 id; 1.6 id2", 2, false, evidence.Printed},
		{"the answer from inside is missing, and all behind it came", parts, evidence.Device{Pinned: 'A'}, "0 handed 400 left 0.2; 0.2 took 400; 0.2 ask order 1; 0.3 handed 900 left 0.6; 0.3 ask order 4; 0.6 took 500;" +
			"1 order; 1 order; 1.5 id; 1.6 order; 1.6 order; 1.7 id2", 3, false, evidence.Uncertain},
		{"its answers may still come", portions, trusted, "0 handed 400 left 0.2; 0.2 took 400; 0.2 ask order 2; 0.2 paused paper_out; 1 on", 5, false, ""},
		{"silent behind its reading, while the new questions were open", slipB, tierB, inOrder + "1 told cutter; 1 paused cutter; 2 told; 2 on; 2.1 ask anew 2; 2.2 ask poll; 3 silent; 3.1 order; 3.2 order;" +
			"60 ask poll; 60 well asked 59.9", 60, false, evidence.Uncertain},
		{"silent before it began", slipA, trusted, "0 ask poll; 0.8 silent; 1 handed 900 left 1.5; 1.5 took 900; 3 id; 3.1 id2", 4, false, evidence.Printed},
		{"seldom asked, and it told only that it is well", longB, tierB, "0 handed 900 left 0.1; 0 ask order 2; 0.1 told; 0.1 took 900; 0.1 order; 0.1 order;" +
			"1.8 unwell cutter; 1.8 paused cutter; 7.7 unwell cutter; 9 told; 10.2 ask poll; 10.3 well asked 10.2; 10.3 on; 30 ask anew 2; 30.1 order; 30.2 order; 200 well asked 199", 200.1, false, evidence.Uncertain},
		{"busy unseen, and the rest of the portion was handed over again", slipA, trusted, "0 handed 900 left 0.5; 2.5 took 400 busy 2; 2.5 handed 900 left 3; 3 took 500; 4 id; 4.1 id2", 5, false, evidence.Uncertain},
		{"busy unseen, and then for a moment", slipA, trusted, "0 handed 900 left 0.5; 2.2 stood 2; 2.6 stood 0.3; 2.6 took 900; 4 id; 4.1 id2", 5, false, evidence.Uncertain},
		{"a hold that became busy covers no more", slipA, trusted, "0 handed 900 left 1; 1.2 told paper_out; 1.2 paused paper_out; 2 told; 2 paused busy; 9 took 900 busy 8; 9.1 on; 10 id; 10.1 id2", 11, false,
			evidence.Uncertain},
		{"slow behind a long hold, whose end was heard late", slipB, tierB, slow + "29.3 well asked 29.2", 29.4, false, ""},
		{"slow behind a long hold, and out", slipB, tierB, slow + "31 well asked 30.9", 31, false, evidence.Processed},
		{"a network has half of it, and nobody watches", network, trusted, "0 handed 500 left 0; 0.1 took 500; 0.2 slept 20; 0.3 handed 900 left 0.3; 0.4 took 400; 1.5 id; 1.5 id2", 3, false, evidence.Uncertain},
		{"asked seldom once while it was held, and then often", slipA, trusted, begun + "1 paused paper_out; 4 ask poll; 4.1 unwell paper_out; 5 ask poll; 5.1 well asked 5; 5.2 on", 5.3, false, evidence.Uncertain},
		{"asked seldom while its paper was out, and then its cover open", slipA, trusted, begun + "1 paused paper_out; 4 ask poll; 4.1 unwell cover_open; 4.1 paused cover_open; 5 ask poll; 5.1 well asked 5; 5.2 on", 5.3,
			false, evidence.Uncertain},
		{"it says nothing for minutes", newA, unknown, fourAsked + "7 ask anew 2", 120, false, evidence.Uncertain},
	} {
		t.Run(c.name, func(t *testing.T) {
			judges(t, &evidence.Case{T: transcript(t, c.tape), Slip: c.slip, Device: c.device, Now: at(c.now)}, c.gone, c.want)
		})
	}
}

// TestLessons: what is learned of a device from a slip.
func TestLessons(t *testing.T) {
	const behind = fourAsked + "2.4 order; 2.4 order; 2.5 id; 2.6 order; 2.6 order; 2.7 id2"
	const before = fourAsked + "2.5 id; 2.6 order; 2.6 order; 2.7 id2; 2.8 order; 2.8 order"
	const soon = fourAsked + "0.6 id; 0.6 order; 0.6 order; 0.7 id2; 0.7 order; 0.7 order"
	for _, c := range []struct {
		name                    string
		device                  evidence.Device
		tape                    string
		early, behind, doubtful bool
	}{
		{"behind its paper", unknown, behind, false, true, false},
		{"behind its paper, which is known", trusted, behind, false, false, false},
		{"behind its paper, and a person said so", evidence.Device{Pinned: 'A'}, behind, false, false, false},
		{"before the answers to later questions", unknown, before, false, false, true},
		{"before them, and it is known to be early", evidence.Device{Tier: 'A', Early: true}, before, false, false, false},
		{"too early", unknown, soon, true, false, false},
		{"too early, which is known", evidence.Device{Tier: 'A', Early: true}, soon, false, false, false},
		{"held, so that the answers may still show", unknown, fourAsked + "2 id; 2 paused paper_out", false, false, false},
		{"too early, and a person said that it proves", evidence.Device{Pinned: 'A'}, soon, false, false, false},
	} {
		got := evidence.Judge(&evidence.Case{T: transcript(t, c.tape), Slip: newA, Device: c.device, Now: at(8)})
		if got.Early != c.early || got.Behind != c.behind || got.Doubtful != c.doubtful {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// TestIDLater: the id of a slip that was given up proves it only where nothing of it can have been lost.
func TestIDLater(t *testing.T) {
	for tape, want := range map[string]bool{
		signed: true,
		"0 handed 900 left 0.5; 0 ask sign 3; 0.5 took 900":                                                                false, // it may have been off
		"0 handed 900 left 0.5; 0 ask sign 3; 0.1 sign; 2.5 took 900 busy 2":                                               false, // and so here
		"0 handed 900 left 0.5; 0 ask sign 3; 0.1 sign; 0.2 took 400; 0.3 paused paper_out; 0.5 took 500; 0.6 stop":        false, // and here
		"0 handed 500 left 0.3; 0 ask sign 3; 0.1 sign; 0.3 took 500; 0.4 slept 16; 0.4 handed 900 left 0.5; 0.5 took 400": false, // nobody watched in the middle
		"0 handed 400 left 0.2; 0 ask sign 3; 0.1 sign; 0.2 took 400; 0.3 handed 900 left 0.6":                             false, // the rest is still to be taken
	} {
		if got := (&evidence.Case{T: transcript(t, tape), Slip: slipA, Device: trusted, Now: at(9)}).IDTellsLater(); got != want {
			t.Errorf("%v: %s", got, tape)
		}
	}
}
