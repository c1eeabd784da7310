package evidence

import "time"

// A Doubt is a reason to mistrust positive answers. Holes say that part of the slip was lost in the printer, or may have been: no
// answer tells any more. Printers that forgot have lost their memory, or seem to have. The others only make a claim wait.
type Doubt uint8

// The doubts; Doubts says what justifies each.
const (
	BusyUnseen Doubt = iota
	PartMissing
	RestForgotten
	BlindLost
	SilentHeld
	StatusForgot
	Unwatched
	AnswersCeased
	Blind
	BlindLater
	Unwritten
	SignMissing
	SilentMid
	SilentAfter
	UnseenMid
	UnseenAfter
	doubts
)

// A Reasoning is what a doubt rests on.
type Reasoning struct{ Name, Why, Source string }

// Doubts tells what each doubt rests on, by its number.
func Doubts() [doubts]Reasoning {
	return [doubts]Reasoning{
		BusyUnseen: {"busy unseen", "the line said busy for longer than a printer takes to start, and no hold told why: it may have been off",
			"Epson TM-T88III specification, 2.1.1.2: the power-on phase is busy"},
		PartMissing: {"part missing", "the id came, and the answer to a question inside the slip did not: that part was thrown away",
			"Epson programming guide, GS r: answered in order"},
		RestForgotten: {"rest to one that forgot", "the rest of the slip went, while it was held, to a printer that had forgotten its beginning",
			"Epson specification: RAM is lost with power"},
		BlindLost: {"link lost while blind", "some left while it was held, and the link went before the printer showed that it had stayed on",
			"Epson specification: RAM is lost with power"},
		SilentHeld: {"silent while held", "a question was not answered while the slip was held: the printer may have been switched off",
			"Epson programming guide, DLE EOT: answered offline too"},
		StatusForgot: {"status forgotten", "it is well and did not tell so by itself, as it was to: it has forgotten that with the slip",
			"Epson programming guide, GS a: until power off"},
		Unwatched: {"unwatched", "while it was held it was asked so seldom that it may have been off and on between, and nothing else tells",
			"Epson specification: a start takes at least a second"},
		AnswersCeased: {"answers ceased", "it has room for nothing more and stopped answering: what was in its buffer is gone",
			"Epson programming guide, GS r: answered when read"},
		Blind: {"blind", "some left while the slip was held, perhaps to a printer that was switched off and on: until that shows an id tells nothing",
			"Epson specification: RAM is lost with power"},
		BlindLater: {"blind when given up", "some left while the slip was held, and it was given up before the printer showed that it had stayed on: no id that comes later tells",
			"Epson specification: RAM is lost with power"},
		Unwritten: {"unwritten when given up", "it was given up while the driver still had part of it: the printer that gets it may have been off meanwhile",
			"Epson specification: RAM is lost with power"},
		SignMissing: {"sign of life missing", "a question inside the slip was not answered: the printer may have been off while the slip went out",
			"Epson programming guide, DLE EOT: answered at once"},
		SilentMid: {"silent in the middle", "a question between two parts of the slip was not answered: the printer may have been off",
			"Epson programming guide, DLE EOT: answered at once"},
		SilentAfter: {"silent after reading", "what was read may still have to come out, and a question was not answered: the printer may have been off",
			"Epson programming guide, GS r: tells of reading, not of paper"},
		UnseenMid: {"unseen in the middle", "this process stood still for long while only part of the slip was out: the printer may have been off",
			"Epson specification: RAM is lost with power"},
		UnseenAfter: {"unseen after reading", "what was read may still have had to come out while this process stood still for long: the printer may have been off",
			"Epson programming guide, GS r: tells of reading, not of paper"},
	}
}

// heldUnseen says whether new questions were held back for so long, and nothing told why, that the printer may have been off.
func (c *Case) heldUnseen(i int) bool {
	return c.Without&(1<<BusyUnseen) == 0 && c.T.heldUnseen(i)
}

// has says whether a doubt holds.
func (c *Case) has(d Doubt) bool {
	if c.Without&(1<<d) != 0 {
		return false
	}
	switch d {
	case BusyUnseen:
		return c.T.busyUnseen(false)
	case PartMissing:
		return c.partMissing()
	case RestForgotten:
		return c.T.Resumed() && c.rest() && c.forgot()
	case BlindLost:
		return c.blindLost()
	case SilentHeld:
		return c.T.silentHeld()
	case StatusForgot:
		return c.T.statusForgot()
	case Unwatched:
		return c.T.unwatched()
	case AnswersCeased:
		return c.answersCeased()
	case Unwritten:
		return c.T.Writing() && c.T.last(Lost) < 0 || c.T.busyUnseen(true)
	case UnseenMid:
		return c.unseen(true)
	case UnseenAfter:
		return c.unseen(false)
	case Blind, BlindLater:
		return c.T.Holding() != "" && c.rest()
	}
	return true // the others are asked for where questions are counted
}

// Hole says whether part of the slip was lost in the printer, or may have been: no answer tells any more.
func (c *Case) Hole() bool {
	return c.has(BusyUnseen) || c.has(RestForgotten) || c.has(BlindLost) || c.has(PartMissing) || c.has(UnseenMid)
}

// linkLost says whether of all holes only that is known that the link went.
func (c *Case) linkLost() bool {
	return c.has(BlindLost) && !c.has(BusyUnseen) && !c.has(RestForgotten) && !c.has(UnseenMid)
}

// forgot says whether the printer lost its memory since it got the slip's first byte, or seems to have.
func (c *Case) forgot() bool {
	return c.has(SilentHeld) || c.has(StatusForgot) || c.has(Unwatched) || c.has(AnswersCeased)
}

// rest says whether some of the slip left while it was held.
func (c *Case) rest() bool {
	return c.T.whileHeld(func(e Entry) bool { return e.Kind == Taken && e.N > 0 })
}

// unseen: nobody watched for long, in the middle of the slip or once all of it was out. A network takes at once what it is handed. A hold
// may have been over before it was heard of.
func (c *Case) unseen(mid bool) bool {
	off := 0
	for _, e := range c.T.Entries {
		switch e.Kind {
		case Handed:
			if c.Slip.Network {
				off = e.N
			}
		case Taken:
			if !c.Slip.Network {
				off += e.N
			}
		case Slept:
			if e.Busy > unseenTime && !c.T.Began().After(e.At) && !c.T.Began().IsZero() && mid == (off < c.Slip.Size) {
				return true
			}
		}
	}
	return false
}

// partMissing: two such answers are never open while more is sent, so at most one is missing; those to GS r behind the slip come in
// pairs. Answers that were under way when the link went are missing for that.
func (c *Case) partMissing() bool {
	f1, ok := c.T.first()
	if !ok || c.Device.Probing || c.Now.Sub(f1.At) < CleanMargin || !c.missing() || c.T.last(Lost) >= 0 {
		return false
	}
	open, _ := c.Outstanding()
	return open <= 0 && c.means() != reads && !c.has(Blind)
}

// missing says, once the id came back, whether an answer from inside the slip has not come.
func (c *Case) missing() bool {
	if len(c.Slip.Acks) == 0 || c.T.ByTime() {
		return false
	}
	more := c.T.OrderAnswers() - len(c.Slip.Acks)
	return more < 0 || c.Slip.Answers && c.T.StaleNow() == 0 && more%2 == 1
}

func (c *Case) blindLost() bool {
	i := c.T.last(Lost)
	if i < 0 {
		return false
	}
	before := *c
	before.T = &Transcript{Stale: c.T.Stale, Entries: c.T.Entries[:i]}
	return before.has(Blind)
}

// answersCeased: a printer that has answered before is waited for as long as the slowest one needs.
func (c *Case) answersCeased() bool {
	t := c.T
	if !c.Slip.Paced || t.ByTime() || t.Writing() || t.Holding() != "" || !t.Resumed() && t.OrderAnswers() == 0 {
		return false
	}
	off := t.Off()
	n := 0 // answers from inside the slip that were asked for
	at := false
	for _, ack := range c.Slip.Acks {
		if ack <= off {
			n++
		}
		at = at || ack == off
	}
	stale := t.StaleNow() > 0 && t.OrderAnswers() >= n // those are an earlier slip's
	return at && !stale && t.Open() >= 2 && c.Now.Sub(t.Quiet()) > AgainMargin+Slowness*c.Slip.Mech
}

// Outstanding is how many questions inside the slip, or between its parts, are not answered, and until when they may be.
func (c *Case) Outstanding() (n int, by time.Time) {
	n, by, _ = c.outstanding(c.idTells())
	return n, by
}

// Expected is how many answers to such questions may come, those included that the driver may not have taken yet.
func (c *Case) Expected() int {
	n, _, signs := c.outstanding(false)
	return n + signs
}

// Silent is Outstanding without the trust in an id that is still to come: reading alone tells nothing of a printer that was silent since.
func (c *Case) Silent() (n int) {
	n, _, _ = c.outstanding(false)
	return n
}

// outstanding goes through the transcript; tells says whether the id tells of the paper.
func (c *Case) outstanding(tells bool) (n int, by time.Time, untaken int) {
	var off, handed, more int
	var signs []int // where those end that the driver has not taken yet: they were not asked
	held := false
	for _, e := range c.T.Entries {
		switch e.Kind {
		case Paused:
			held = true
		case WentOn:
			held = false
		case Handed:
			by, handed = e.Left.Add(c.Slip.Patience), e.N
		case Taken:
			off += e.N
			if e.N > 0 {
				by = later(by, e.At.Add(c.Slip.Patience))
			}
			for len(signs) > 0 && signs[0] <= off {
				n, signs = n+1, signs[1:]
			}
		case Asked:
			switch {
			case e.What == Anew:
				more += e.N
			case e.What == Sign && c.Without&(1<<SignMissing) == 0:
				signs = append(signs, e.N)
			}
		case Answered:
			if e.What == Sign {
				if n == 0 && len(signs) > 0 { // that it was taken is told later
					signs = signs[1:]
				}
				n = max(n-1, 0)
			}
		case Unanswered:
			if !held && handed > 0 && c.counts(off, e.Open-more, tells) {
				n++
				by = later(by, e.At.Add(ProofMargin))
			}
		}
	}
	return n, by, len(signs)
}

// counts says whether a question that was not answered counts: a network that stood still for a moment keeps the answer, a printer
// that was off does not. While one of the slip's own answers in order is still to come, that one tells. Once all was read only the id
// tells of the paper, and only where it does.
func (c *Case) counts(off, open int, tells bool) bool {
	if off < c.Slip.Size {
		return c.Without&(1<<SilentMid) == 0
	}
	return open <= 0 && !tells && c.Without&(1<<SilentAfter) == 0
}

// Forgot says whether the printer lost its memory since it got the slip's first byte, or seems to have.
func (c *Case) Forgot() bool { return c.forgot() }

// IDTells says whether the slip's own id will tell that it has come out.
func (c *Case) IDTells() bool { return c.idTells() }

// idTells says whether the slip's own id will tell that it has come out.
func (c *Case) idTells() bool {
	m := c.means()
	return m == prints || c.Slip.Fences && c.Device.trusted() && m != reads
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
