package evidence_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/evidence"
)

// Slips of 900 bytes and a second of paper, by tier.
var (
	slipA = evidence.Slip{Size: 900, Mech: time.Second, Tier: 'A', Fences: true, Cut: true, Window: 4096, Patience: evidence.ProofMargin}
	slipB = evidence.Slip{Size: 900, Mech: time.Second, Tier: 'B', Answers: true, Cut: true, Behind: 2, Window: 4096, Patience: evidence.ProofMargin}
	longB = evidence.Slip{Size: 900, Mech: 10 * time.Second, Tier: 'B', Answers: true, Cut: true, Behind: 2, Window: 4096, Patience: evidence.ProofMargin}
	slipC = evidence.Slip{Size: 900, Mech: time.Second, Tier: 'C', Cut: true, Window: 4096, Patience: evidence.ProofMargin}
	slipD = evidence.Slip{Size: 900, Mech: time.Second, Tier: 'D', Cut: true, Window: 4096}
	newA  = evidence.Slip{Size: 900, Mech: time.Second, Tier: 'A', Fences: true, Answers: true, Cut: true, Behind: 4, Window: 4096, Patience: evidence.ProofMargin}
	// in portions: a GS r stands behind the first 400 bytes
	portions = evidence.Slip{Size: 900, Mech: time.Second, Tier: 'A', Fences: true, Cut: true, Paced: true, Acks: []int{400}, Window: 500, Patience: evidence.ProofMargin}
	network  = evidence.Slip{Size: 900, Mech: time.Second, Tier: 'A', Fences: true, Cut: true, Network: true, Window: 4096, Patience: 10 * time.Second}

	trusted = evidence.Device{Tier: 'A', Behind: true}
	unknown = evidence.Device{}
	tierB   = evidence.Device{Tier: 'B'}
)

// What most tapes begin with.
const (
	out       = "0 handed 900 left 0.5; 0.5 took 900;" // all has left at once
	signed    = "0 handed 900 left 0.5; 0 ask sign 3; 0.1 sign; 0.5 took 900;"
	inOrder   = "0 handed 900 left 0.5; 0 ask order 2; 0.5 took 900; 0.8 order; 0.9 order;"
	fourAsked = "0 handed 900 left 0.5; 0 ask order 4; 0.5 took 900;"
	begun     = "0 handed 400 left 0.2; 0.2 took 400;" // 500 bytes are still to go
)

const none = evidence.Doubt(255)

// A row is one rule: a transcript that makes it true, and its neighbour, which differs in one thing and makes it false.
type row struct {
	name   string
	slip   evidence.Slip
	device evidence.Device
	tape   string
	now    float64
	gone   bool // the link is lost and no longer waited for

	state  evidence.State
	reason evidence.Reason
	tier   byte
	rule   string // "" where nothing may be said yet

	old, new string // what differs in the neighbour's tape
	other    evidence.Device
	isState  evidence.State // what is claimed of the neighbour
	isReason evidence.Reason
	isRule   string

	doubt evidence.Doubt // that does it: taken out, the claim is another one; none: no doubt does
}

var rows = []row{
	{name: "its own id", slip: slipA, device: trusted, tape: signed + "1.5 id; 1.6 id2", now: 1.7, state: evidence.Printed, tier: 'A', rule: "its own id, behind its paper",
		old: "1.5 id; 1.6 id2", new: "", doubt: none},
	{name: "the id behind the cut implies the other", slip: slipA, device: trusted, tape: signed + "1.6 id2", now: 1.7, state: evidence.Printed, tier: 'A',
		rule: "its own id, behind its paper", old: "1.6 id2", new: "1.6 order", isState: "", doubt: none},
	{name: "an id that came too early", slip: slipA, device: trusted, tape: signed + "0.6 id; 0.7 id2; 3 well asked 2.9", now: 3, state: evidence.Processed, tier: 'B',
		rule: "an id that tells of reading", old: "0.6 id", new: "0.9 id", isState: evidence.Printed, isRule: "its own id, behind its paper", doubt: none},
	{name: "ids of a device that was seen to send them early", slip: slipA, device: evidence.Device{Tier: 'A', Early: true, Behind: true}, tape: signed + "1.5 id; 1.6 id2; 4 well asked 3.9", now: 4,
		state: evidence.Processed, tier: 'B', rule: "an id that tells of reading", other: evidence.Device{Tier: 'A', Pinned: 'A', Early: true}, isState: evidence.Printed,
		isRule: "its own id, behind its paper", doubt: none},
	{name: "answers in order", slip: slipB, device: tierB, tape: inOrder + "3 well asked 2.9", now: 3, state: evidence.Processed, tier: 'B', rule: "answers in order",
		old: "0.9 order;", new: "", doubt: none},
	{name: "answers in order, and not well since", slip: slipB, device: tierB, tape: inOrder + "3 well asked 2.9", now: 3, state: evidence.Processed, tier: 'B',
		rule: "answers in order", old: "asked 2.9", new: "asked 0.8", doubt: none},
	{name: "answers in order, no id", slip: newA, device: unknown,
		tape: fourAsked + "0.8 order; 0.8 order; 0.9 order; 0.9 order; 7 well asked 6.9", now: 7, state: evidence.Processed, tier: 'B', rule: "answers in order, no id",
		old: "7 well", new: "1.5 id; 1.6 id2; 7 well", isState: evidence.Printed, isRule: "its own id, behind its paper", doubt: none},
	{name: "status clean", slip: slipC, device: unknown, tape: signed + "3 well asked 2.9", now: 3, state: evidence.Sent, tier: 'C', rule: "status clean",
		old: "3 well asked 2.9", new: "3 unwell paper_out", doubt: none},
	{name: "all has left", slip: slipD, device: unknown, tape: out + "0.6 drained", now: 1, state: evidence.Sent, tier: 'D', rule: "all has left",
		old: "0.6 drained", new: "", doubt: none},
	{name: "all has left, and it is held", slip: slipD, device: unknown, tape: out + "0.6 paused paper_out; 0.7 drained; 2 on", now: 3, state: evidence.Sent, tier: 'D',
		rule: "all has left", old: "2 on", new: "", doubt: none},
	{name: "cleared", slip: slipA, device: trusted, tape: begun + "1 paused paper_out; 1 ask clear 1; 1.1 cleared", now: 1.2, state: evidence.Cancelled, reason: evidence.PaperOut,
		tier: 'A', rule: "cleared", old: "1.1 cleared", new: "", doubt: none},
	{name: "sign of life missing on a line", slip: slipA, device: trusted, tape: "0 handed 900 left 0.5; 0 ask sign 3; 0.5 took 900; 1.5 id; 1.6 id2", now: 3.5,
		state: evidence.Uncertain, reason: evidence.PowerLost, tier: 'A', rule: "sign of life missing", old: "0 ask sign 3;", new: "0 ask sign 3; 0.1 sign;",
		isState: evidence.Printed, isRule: "its own id, behind its paper", doubt: evidence.SignMissing},
	{name: "sign of life missing on a network", slip: network, device: trusted, tape: "0 handed 900 left 0; 0 ask sign 3; 0.5 took 900; 1.5 id; 1.6 id2", now: 11,
		state: evidence.Uncertain, reason: evidence.ProofLost, tier: 'A', rule: "sign of life missing", old: "0 ask sign 3;", new: "0 ask sign 3; 0.1 sign;",
		isState: evidence.Printed, isRule: "its own id, behind its paper", doubt: evidence.SignMissing},
	{name: "a sign of life is waited for", slip: slipA, device: trusted, tape: "0 handed 900 left 0.5; 0 ask sign 3; 0.5 took 900; 1.5 id; 1.6 id2", now: 3, doubt: evidence.SignMissing,
		old: "0 ask sign 3;", new: "0 ask sign 3; 0.1 sign;", isState: evidence.Printed, isRule: "its own id, behind its paper"},
	{name: "silent in the middle", slip: slipA, device: trusted, tape: begun + "0.3 ask poll; 1.1 silent; 2 ask poll; 2.1 well asked 2", now: 4.2,
		state: evidence.Uncertain, reason: evidence.PowerLost, tier: 'A', rule: "sign of life missing", old: "1.1 silent;", new: "", doubt: evidence.SilentMid},
	{name: "unseen in the middle", slip: slipA, device: trusted, tape: "0 handed 500 left 0.3; 0.3 took 500; 0.4 slept 16; 0.4 handed 900 left 0.5; 0.5 took 900; 1.5 id; 1.6 id2", now: 3,
		state: evidence.Uncertain, reason: evidence.PowerLost, tier: 'A', rule: "hole", old: "slept 16", new: "slept 15", isState: evidence.Printed, isRule: "its own id, behind its paper",
		doubt: evidence.UnseenMid},
	{name: "unseen since it was sent", slip: newA, device: unknown, tape: fourAsked + "2 ask anew 2; 3 slept 16; 30 well asked 29", now: 30, state: evidence.Uncertain, reason: evidence.ProofLost, tier: 'A',
		rule: "nobody watched since it was sent", old: "slept 16", new: "slept 15", isState: evidence.Sent, isRule: "it has never answered a fence", doubt: evidence.UnseenAfter},
	{name: "unseen since it was read", slip: slipB, device: tierB, tape: inOrder + "1 slept 16; 5 well asked 4.9", now: 9, state: evidence.Uncertain, reason: evidence.ProofLost, tier: 'B',
		rule: "nobody watched since it was read", old: "slept 16", new: "slept 15", isState: evidence.Processed, isRule: "answers in order", doubt: evidence.UnseenAfter},
	{name: "silent while held", slip: slipA, device: trusted, tape: begun + "1 told paper_out; 1 paused paper_out; 2 ask poll; 2.8 silent; 3.9 told; 4 ask poll; 4.1 well asked 4; 4.2 on", now: 4.3,
		state: evidence.Uncertain, reason: evidence.PowerLost, tier: 'A', rule: "forgot", old: "2.8 silent;", new: "2.1 unwell paper_out;",
		doubt: evidence.SilentHeld},
	{name: "silent while busy", slip: slipA, device: trusted, tape: "0 told;" + begun + "1 paused busy; 2 ask poll; 2.8 silent; 4 ask poll; 4.1 well asked 4; 4.2 on", now: 4.3,
		state: evidence.Uncertain, reason: evidence.Busy, tier: 'A', rule: "silent while busy", old: "paused busy", new: "paused paper_out",
		isState: evidence.Uncertain, isReason: evidence.PowerLost, isRule: "forgot", doubt: evidence.SilentHeld},
	{name: "its own word still says that it is not well", slip: slipA, device: trusted, tape: begun + "1 told paper_out; 1 paused paper_out; 2 ask poll; 2.1 well asked 2; 2.4 on", now: 2.5,
		state: evidence.Uncertain, reason: evidence.PowerLost, tier: 'A', rule: "forgot", old: "2.4 on", new: "2.3 told; 2.4 on", doubt: evidence.StatusForgot},
	// Three faults: what it told of its cutter was lost, so that it would not have told of its end either.
	{name: "unwatched, though it told of other things", slip: longB, device: tierB, tape: "0 handed 900 left 0.1; 0 ask order 2; 0.1 told; 0.1 took 900; 0.1 order; 0.1 order;" +
		"1.8 unwell cutter; 1.8 paused cutter; 7.7 unwell cutter; 10.2 ask poll; 10.3 well asked 10.2; 10.3 on; 30 ask anew 2; 30.1 order; 30.2 order; 200 well asked 199", now: 200.1,
		state: evidence.Uncertain, reason: evidence.PowerLost, tier: 'B', rule: "no answer to the second asking", old: "1.8 unwell cutter; 1.8 paused cutter; 7.7 unwell cutter; 10.2 ask poll; 10.3 well asked 10.2; 10.3 on",
		new: "1.8 told cutter; 1.8 paused cutter; 7.7 unwell cutter; 10.2 ask poll; 10.3 told; 10.3 well asked 10.2; 10.3 on", isState: evidence.Processed, isRule: "answers in order", doubt: evidence.Unwatched},
	{name: "unwatched", slip: slipA, device: trusted, tape: begun + "1 paused paper_out; 4 ask poll; 4.1 well asked 4; 4.2 on", now: 4.3,
		state: evidence.Uncertain, reason: evidence.PowerLost, tier: 'A', rule: "forgot", old: "4 ask poll", new: "2 ask poll; 2.1 unwell paper_out; 3.2 ask poll; 3.3 unwell paper_out; 4 ask poll",
		doubt: evidence.Unwatched},
	{name: "answers ceased", slip: portions, device: trusted, tape: "0 handed 400 left 0.2; 0.2 took 400; 0.2 ask order 2; 0.2 paused paper_out; 1 on", now: 14,
		state: evidence.Uncertain, reason: evidence.PowerLost, tier: 'A', rule: "forgot", old: "1 on", new: "1 on; 8 order", doubt: evidence.AnswersCeased},
	{name: "some left while it was held", slip: slipA, device: trusted, tape: "0 handed 900 left 0.5; 0.2 took 400; 0.2 paused paper_out; 0.5 took 500; 1.5 id; 1.6 id2", now: 1.7,
		old: "1.5 id", new: "1.4 on; 1.5 id", isState: evidence.Printed, isRule: "its own id, behind its paper", doubt: evidence.Blind},
	{name: "the rest to one that forgot", slip: slipA, device: trusted,
		tape: "0 handed 900 left 0.5; 0.2 took 400; 0.2 paused paper_out; 0.5 took 500; 1 ask poll; 1.8 silent; 3 well asked 2.9; 3 on; 4.5 id; 4.6 id2", now: 5,
		state: evidence.Uncertain, reason: evidence.PowerLost, tier: 'A', rule: "hole", old: "1.8 silent;", new: "1.1 unwell paper_out;",
		isState: evidence.Printed, isRule: "its own id, behind its paper", doubt: evidence.RestForgotten},
	{name: "the link went while blind", slip: slipA, device: trusted, tape: "0 handed 900 left 0.5; 0.2 took 400; 0.2 paused paper_out; 0.5 took 500; 1 lost", now: 2,
		state: evidence.Uncertain, reason: evidence.LinkDown, tier: 'A', rule: "link lost while blind", old: "1 lost", new: "0.9 on; 1 lost", doubt: evidence.BlindLost},
	{name: "part missing", slip: portions, device: trusted, tape: "0 handed 400 left 0.2; 0.2 took 400; 0.2 ask order 1; 0.3 handed 900 left 0.6; 0.6 took 500; 1.5 id; 1.6 id2", now: 2,
		state: evidence.Uncertain, reason: evidence.PowerLost, tier: 'A', rule: "hole", old: "1.5 id", new: "0.9 order; 1.5 id",
		isState: evidence.Printed, isRule: "its own id, behind its paper", doubt: evidence.PartMissing},
	{name: "busy for as long as a start takes", slip: slipA, device: trusted, tape: "0 handed 900 left 0.5; 2.5 took 900 busy 2; 3.5 id; 3.6 id2", now: 4,
		state: evidence.Uncertain, reason: evidence.PowerLost, tier: 'A', rule: "hole", old: "busy 2", new: "busy 0.5",
		isState: evidence.Printed, isRule: "its own id, behind its paper", doubt: evidence.BusyUnseen},
	// 7660a8d with a third fault: the line ran on for a moment into each of two holds, and the printer was off for a second as the second ended.
	{name: "busy for as long as a start takes, behind two holds", slip: slipA, device: trusted,
		tape: "0 handed 900 left 1; 0.6 told paper_out; 0.6 paused paper_out; 2.6 told; 2.6 on; 2.6 told paper_out; 2.6 paused paper_out; 4.6 told; 4.6 on; 5 took 880 busy 4.4;" +
			"5 handed 900 left 5; 5.7 took 20 busy 5.1; 7.5 id; 7.6 id2", now: 8,
		state: evidence.Uncertain, reason: evidence.PowerLost, tier: 'A', rule: "hole", old: "5.7 took 20 busy 5.1", new: "5.3 took 20 busy 4.7",
		isState: evidence.Printed, isRule: "its own id, behind its paper", doubt: evidence.BusyUnseen},
	// Three faults: the word that the hold was over came late, the line took something as it was over, and then the printer was off.
	{name: "busy for as long as a start takes, behind a hold of whose end the word came late", slip: slipA, device: trusted,
		tape: "0 handed 900 left 1; 0.6 told paper_out; 0.6 paused paper_out; 3.5 told; 3.5 on; 4.6 stood 1.9 since 0.8; 4.6 stood 0.95 since 2.9; 4.6 took 900; 5 id; 5.1 id2", now: 6,
		state: evidence.Uncertain, reason: evidence.PowerLost, tier: 'A', rule: "hole", old: "0.95 since 2.9", new: "0.7 since 2.9",
		isState: evidence.Printed, isRule: "its own id, behind its paper", doubt: evidence.BusyUnseen},
	{name: "busy for as long as a start takes, before a hold", slip: slipA, device: trusted,
		tape: "0 handed 900 left 1; 2 told paper_out; 2 paused paper_out; 9 told; 9 on; 9.1 took 900 busy 8; 10 id; 10.1 id2", now: 11,
		state: evidence.Uncertain, reason: evidence.PowerLost, tier: 'A', rule: "hole", old: "busy 8", new: "busy 7.5",
		isState: evidence.Printed, isRule: "its own id, behind its paper", doubt: evidence.BusyUnseen},
	// a mechanism does not run while it is held: what a first hold took is not paper that came out before a second
	{name: "answers in order, all of it out behind a second hold", slip: longB, device: tierB, tape: "0 handed 900 left 0.1; 0 ask order 2; 0.1 took 900;" +
		"0.1 told paper_out; 0.1 paused paper_out; 5 told; 5 on; 5.2 told paper_out; 5.2 paused paper_out; 6 told; 6 on; 6.1 order; 6.1 order; 19.3 well asked 19.25", now: 19.4,
		state: evidence.Processed, tier: 'B', rule: "answers in order", old: "19.3 well asked 19.25", new: "19.2 well asked 19.15", doubt: none},
	// what is handed over once more behind a hold does not shorten what the hold left to be printed
	{name: "answers in order, the rest handed over behind a hold", slip: longB, device: tierB, tape: "0 handed 900 left 0.1; 0 ask order 2;" +
		"0.1 told paper_out; 0.1 paused paper_out; 4 took 800; 6 told; 6 on; 6 handed 900 left 6.1; 6.1 took 100; 6.1 order; 6.1 order; 19.5 well asked 19.45", now: 19.6,
		state: evidence.Processed, tier: 'B', rule: "answers in order", old: "19.5 well asked 19.45", new: "18 well asked 17.9", doubt: none},
	// nor does a hold of a night say that the mechanism is slow
	{name: "answers in order, behind a hold of a night", slip: slipB, device: tierB, tape: "0 handed 900 left 0.5; 0 ask order 2; 0.5 took 900;" +
		"0.6 told paper_out; 0.6 paused paper_out; 30000 told; 30000 on; 30000.5 order; 30000.6 order; 30003 well asked 30002.9", now: 30003.1,
		state: evidence.Processed, tier: 'B', rule: "answers in order", old: "30003 well asked 30002.9", new: "30001 well asked 30000.9", doubt: none},
	{name: "new questions were held back for as long as a start takes", slip: slipA, device: trusted,
		tape: signed + "7 ask anew 2; 12 stood 4.9; 12 order; 12.1 order; 30 well asked 29", now: 30, state: evidence.Uncertain, reason: evidence.ProofLost, tier: 'A',
		rule: "no answer to the second asking", old: "stood 4.9", new: "stood 0.5", isState: evidence.Processed, isRule: "answers in order, no id", doubt: evidence.BusyUnseen},
	{name: "nothing of the new questions left for so long, and they were asked once more", slip: slipA, device: trusted,
		tape: signed + "12 stood 4.9; 12.1 ask anew 2; 12.2 order; 12.3 order; 30 well asked 29", now: 30, state: evidence.Uncertain, reason: evidence.ProofLost,
		tier: 'A', rule: "no answer to the second asking", old: "stood 4.9", new: "stood 0.5", isState: evidence.Processed, isRule: "answers in order, no id", doubt: evidence.BusyUnseen},
	{name: "busy for longer, and nothing said why", slip: slipA, device: trusted, tape: "0 handed 900 left 0.5; 9 took 900 busy 8; 10 id; 10.1 id2", now: 11,
		state: evidence.Uncertain, reason: evidence.Busy, tier: 'A', rule: "busy unseen", old: "9 took", new: "1 paused paper_out; 8.9 on; 9 took",
		isState: evidence.Printed, isRule: "its own id, behind its paper", doubt: evidence.BusyUnseen},
	{name: "busy in the middle of a portion, and its id came", slip: slipA, device: trusted, tape: "0 handed 900 left 0.5; 2.5 id; 5 took 890 busy 3", now: 5,
		old: "busy 3", new: "busy 0.5", isState: evidence.Printed, isRule: "its own id, behind its paper", doubt: evidence.Unwritten},
	{name: "stopped before anything left", slip: slipA, device: trusted, tape: "0 handed 900 left 0.5; 0.1 stop left 1.1; 0.2 took 0", now: 1.1, state: evidence.NotSent, reason: evidence.Stopped,
		tier: 'A', rule: "nothing left", old: "took 0", new: "took 1", isState: evidence.Uncertain, isReason: evidence.Stopped, isRule: "stopped", doubt: none},
	{name: "stopped", slip: slipA, device: trusted, tape: signed + "0.6 stop left 1.6", now: 1.6, state: evidence.Uncertain, reason: evidence.Stopped, tier: 'A', rule: "stopped",
		old: "left 1.6", new: "left 1.7", doubt: none},
	{name: "only the later id came", slip: slipA, device: trusted, tape: signed + "7 ask anew 0; 7.5 anew", now: 8, state: evidence.Uncertain, reason: evidence.ProofLost, tier: 'A',
		rule: "only the later id came", old: "7.5 anew", new: "7.4 id; 7.5 anew", isState: evidence.Printed, isRule: "its own id, behind its paper", doubt: none},
	{name: "it does not tell how it is", slip: slipB, device: tierB, tape: inOrder, now: 90, state: evidence.Uncertain, reason: evidence.ProofLost, tier: 'B', rule: "it does not tell how it is",
		old: "0.9 order;", new: "0.9 order; 80 well asked 79", isState: evidence.Processed, isRule: "answers in order", doubt: none},
	{name: "silent since it was read", slip: slipB, device: tierB, tape: inOrder + "1 ask poll; 1.8 silent; 5 well asked 4.9", now: 9, state: evidence.Uncertain, reason: evidence.PowerLost, tier: 'B',
		rule: "sign of life missing", old: "1.8 silent;", new: "", isState: evidence.Processed, isRule: "answers in order", doubt: evidence.SilentAfter},
	{name: "silent since it was read, and its id would have told", slip: newA, device: trusted, tape: fourAsked + "0.8 order; 0.8 order; 0.9 order; 0.9 order; 1 ask poll; 1.8 silent; 7 well asked 6.9",
		now: 7, state: evidence.Uncertain, reason: evidence.ProofLost, tier: 'A', rule: "silent since it was read", old: "1.8 silent;", new: "", isState: evidence.Processed,
		isRule: "answers in order, no id", doubt: evidence.SilentAfter},
	{name: "read before it was held, and an answer is missing", slip: newA, device: evidence.Device{Tier: 'A', Early: true}, now: 9, state: evidence.Uncertain, reason: evidence.PowerLost,
		tape: fourAsked + "0.6 order; 0.6 order; 0.7 id; 0.8 order; 1 told paper_out; 1 paused paper_out; 2 ask poll; 2.1 unwell paper_out; 2.5 told; 3 on; 4 id2; 8 well asked 7.9",
		tier: 'A', rule: "an answer is missing that would tell whether it stayed on", old: "4 id2", new: "3.9 order; 4 id2", isState: evidence.Processed, isRule: "an id that tells of reading", doubt: none},
	{name: "an early id, and silent since", slip: slipA, device: trusted, tape: signed + "0.6 id; 0.7 id2; 1 ask poll; 1.8 silent; 5 well asked 4.9", now: 9, state: evidence.Uncertain,
		reason: evidence.PowerLost, tier: 'A', rule: "sign of life missing", old: "1.8 silent;", new: "", isState: evidence.Processed, isRule: "an id that tells of reading", doubt: evidence.SilentAfter},
	{name: "no answer to the second asking", slip: slipA, device: trusted, tape: signed + "7 ask anew 0; 30 well asked 29", now: 30, state: evidence.Uncertain, reason: evidence.ProofLost, tier: 'A',
		rule: "no answer to the second asking", other: unknown, isState: evidence.Sent, isRule: "it has never answered a fence", doubt: none},
	{name: "dropped for want of paper", slip: slipA, device: trusted, tape: signed + "2 drop; 7 ask anew 0; 30 well asked 29", now: 30, state: evidence.Uncertain, reason: evidence.PowerLost, tier: 'A',
		rule: "no answer to the second asking", old: "2 drop;", new: "", isState: evidence.Uncertain, isReason: evidence.ProofLost, isRule: "no answer to the second asking", doubt: none},

	{name: "gone before the driver took anything", slip: slipA, device: trusted, tape: "0 handed 900 left 0.5; 0.1 took 0; 0.1 lost", now: 1, gone: true, state: evidence.NotSent,
		reason: evidence.LinkDown, tier: 'A', rule: "the driver took nothing", old: "took 0", new: "took 1", isState: evidence.Uncertain, isReason: evidence.LinkDown, isRule: "link lost", doubt: none},
	{name: "its id came on another link", slip: slipA, device: trusted, tape: signed + "0.6 lost; 3 id", now: 4, gone: true, state: evidence.Printed, tier: 'A', rule: "its own id on a new link",
		other: evidence.Device{Tier: 'A'}, isState: evidence.Uncertain, isReason: evidence.LinkDown, isRule: "link lost", doubt: none},
	{name: "given up while blind", slip: slipA, device: trusted, tape: "0 handed 900 left 0.5; 0.2 took 400; 0.2 paused paper_out; 0.5 took 500; 3 id", now: 4, gone: true, state: evidence.Uncertain,
		reason: evidence.LinkDown, tier: 'A', rule: "link lost", old: "3 id", new: "1 on; 3 id", isState: evidence.Printed, isRule: "its own id on a new link", doubt: evidence.BlindLater},
	{name: "given up while the driver had part of it", slip: slipA, device: trusted, tape: "0 handed 400 left 0.2; 0.2 took 400; 0.2 handed 900 left 0.5; 3 id", now: 4, gone: true, state: evidence.Uncertain,
		reason: evidence.LinkDown, tier: 'A', rule: "link lost", old: "3 id", new: "0.5 took 500; 3 id", isState: evidence.Printed, isRule: "its own id on a new link", doubt: evidence.Unwritten},
	{name: "ended in order by a printer that tells nothing", slip: slipC, device: unknown, tape: signed + "1 farewell", now: 2, gone: true, state: evidence.Sent, tier: 'C',
		rule: "the printer ended the link with all of the slip", old: "farewell", new: "lost", isState: evidence.Uncertain, isReason: evidence.LinkDown, isRule: "link lost", doubt: none},
	{name: "ended in order on its own link", slip: slipC, device: unknown, tape: signed + "1 farewell", now: 4, gone: true, state: evidence.Sent, tier: 'C',
		rule: "the printer ended the link with all of the slip", old: "1 farewell", new: "1 lost; 3 farewell", isState: evidence.Uncertain, isReason: evidence.LinkDown, isRule: "link lost", doubt: none},
	{name: "ended in order, tier D", slip: slipD, device: unknown, tape: out + "1 farewell", now: 2, gone: true, state: evidence.Sent, tier: 'D',
		rule: "the printer ended the link with all of the slip", old: "took 900", new: "took 899", isState: evidence.Uncertain, isReason: evidence.LinkDown, isRule: "link lost", doubt: none},
	{name: "ended in order by one that has answered before", slip: slipA, device: unknown, tape: signed + "1 farewell", now: 2, gone: true, state: evidence.Sent, tier: 'C',
		rule: "the printer ended the link with all of the slip", other: trusted, isState: evidence.Uncertain, isReason: evidence.LinkDown, isRule: "link lost", doubt: none},
}

// claim gives what is claimed of a row's transcript.
func (r *row) claim(t *testing.T, tape string, device evidence.Device, without uint32) evidence.Claim {
	t.Helper()
	c := &evidence.Case{T: transcript(t, tape), Slip: r.slip, Device: device, Now: at(r.now), Without: without}
	if r.gone {
		return evidence.Gone(c)
	}
	return evidence.Judge(c)
}

// TestRules: each rule by a transcript that makes it true, and by its neighbour, which makes it false; where a doubt does it, by the
// same without that doubt.
func TestRules(t *testing.T) {
	for i := range rows {
		r := &rows[i]
		t.Run(r.name, func(t *testing.T) {
			c := r.claim(t, r.tape, r.device, 0)
			if c.State != r.state || c.Reason != r.reason || c.Rule != r.rule || r.tier != 0 && c.Tier != r.tier {
				t.Errorf("%q %q %c by %q, want %q %q %c by %q\n%s", c.State, c.Reason, max(c.Tier, ' '), c.Rule, r.state, r.reason, max(r.tier, ' '), r.rule, told(transcript(t, r.tape)))
			}
			device, tape := r.device, r.tape
			if r.other != (evidence.Device{}) || r.old == "" {
				device = r.other
			}
			if r.old != "" {
				if tape = strings.Replace(tape, r.old, r.new, 1); tape == r.tape {
					t.Fatalf("%q is not in the tape", r.old)
				}
			}
			n := r.claim(t, tape, device, 0)
			if n.State != r.isState || n.Reason != r.isReason || n.Rule != r.isRule {
				t.Errorf("neighbour: %q %q by %q, want %q %q by %q\n%s", n.State, n.Reason, n.Rule, r.isState, r.isReason, r.isRule, told(transcript(t, tape)))
			}
			if r.doubt != none {
				if n := r.claim(t, r.tape, r.device, 1<<r.doubt); n.State == c.State && n.Reason == c.Reason && n.Rule == c.Rule {
					t.Errorf("without the doubt %q the claim is the same", evidence.Doubts()[r.doubt].Name)
				}
			}
		})
	}
}

// TestRulesAreAllTold: no rule and no doubt is without a row.
func TestRulesAreAllTold(t *testing.T) {
	told := map[string]bool{}
	doubted := map[evidence.Doubt]bool{}
	for i := range rows {
		told[rows[i].rule], told[rows[i].isRule], doubted[rows[i].doubt] = true, true, true
	}
	names := rulesIn(t, "claim.go")
	if len(names) < 20 {
		t.Fatalf("only %d rules found: %v", len(names), names)
	}
	for _, name := range names {
		if !told[name] {
			t.Errorf("no row for the rule %q", name)
		}
	}
	for d, r := range evidence.Doubts() {
		if !doubted[evidence.Doubt(d)] {
			t.Errorf("no row for the doubt %q", r.Name)
		}
		if r.Name == "" || r.Why == "" || r.Source == "" {
			t.Errorf("doubt %d rests on nothing: %+v", d, r)
		}
	}
}

// rulesIn gives the names of the rules in a file: what stands behind Rule:, and the last argument of uncertain and unproven.
func rulesIn(t *testing.T, file string) (names []string) {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	add := func(e ast.Expr) {
		if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if s, err := strconv.Unquote(l.Value); err == nil && !slices.Contains(names, s) {
				names = append(names, s)
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if k, ok := n.Key.(*ast.Ident); ok && k.Name == "Rule" {
				add(n.Value)
			}
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && (s.Sel.Name == "uncertain" || s.Sel.Name == "unproven") {
				add(n.Args[len(n.Args)-1])
			}
		}
		return true
	})
	return names
}
