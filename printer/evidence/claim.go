package evidence

import "time"

// A Case is a transcript to judge.
type Case struct {
	T      *Transcript
	Slip   Slip
	Device Device
	Now    time.Time
	// Without takes doubts out, one bit each: a check that each is needed sets it, nothing else does.
	Without uint32
}

// Want is what would help to a claim.
type Want uint8

// The wants.
const (
	Nothing Want = iota
	Status       // the status, asked for now
	Fences       // the fences, asked for anew
)

// A Claim is what may be said of a slip now.
type Claim struct {
	State  State // "" while nothing may be said yet
	Reason Reason
	Tier   byte      // the tier that spoke
	At     time.Time // when it was known, if not now
	Rule   string    // which rule spoke
	Next   time.Time // when to judge again; zero: when something happens
	Want   Want

	Spoke    byte // the proof of this tier answered, 0 for none
	Silent   byte // the proof asked for stayed away though the printer is well: too often, and this is its tier
	Early    bool // learned: its ids come before it can have printed
	Behind   bool // learned: its ids come behind the answers to later questions
	Doubtful bool // nothing shows what its ids prove
}

func (c *Case) uncertain(r Reason, rule string) Claim {
	return Claim{State: Uncertain, Reason: r, Tier: c.Slip.Tier, Rule: rule}
}

// Judge gives the claim, or when to look again. A link that is lost is for Gone.
func Judge(c *Case) Claim {
	if c.Hole() {
		if c.has(BusyUnseen) && c.T.stalled() {
			return c.uncertain(Busy, "busy unseen")
		}
		if c.linkLost() {
			return c.uncertain(LinkDown, "link lost while blind")
		}
		return c.uncertain(PowerLost, "hole")
	}
	open, by := c.Outstanding()
	var learned Claim
	// How the last portion went is told soon; or the line was busy in the middle of it, and what comes next says whether that is explained.
	if _, ok := c.T.first(); ok && !c.has(Unwritten) && open <= 0 && !c.has(Blind) && (c.Device.Probing || !c.missing()) {
		if learned = c.proven(); learned.State != "" {
			return learned
		}
	}
	if asked, done := c.T.Clears(); done && asked > 0 {
		return Claim{State: Cancelled, Reason: c.T.Holding(), Tier: c.Slip.Tier, Rule: "cleared"}
	}
	if c.T.last(Lost) >= 0 {
		return learned
	}
	if open > 0 && !c.T.Writing() && !c.Now.Before(by) {
		if c.Slip.Network {
			return c.uncertain(ProofLost, "sign of life missing")
		}
		return c.uncertain(PowerLost, "sign of life missing")
	}
	held, all := c.T.Holding(), c.T.Off() == c.Slip.Size
	asked, _ := c.T.Clears()
	if held == "" && !all && (c.forgot() || asked > 0) {
		if c.T.stalled() && asked == 0 {
			return c.uncertain(Busy, "silent while busy")
		}
		return c.uncertain(PowerLost, "forgot") // what is missing on the paper is known to nobody
	}
	if stop := c.T.Stopping(); !stop.IsZero() && !c.Now.Before(stop) {
		if c.T.Off() == 0 && !c.T.Writing() {
			return Claim{State: NotSent, Reason: Stopped, Tier: c.Slip.Tier, Rule: "nothing left"}
		}
		return c.uncertain(Stopped, "stopped")
	}
	if held == "" && c.Slip.Tier == 'D' && c.T.Drained() {
		return Claim{State: Sent, Tier: 'D', Rule: "all has left"}
	}
	if held != "" || !all || c.Slip.Tier == 'D' {
		return learned
	}
	if open > 0 {
		learned.Next = by
		return learned
	}
	v := c.verdict()
	v.Early, v.Behind, v.Doubtful = learned.Early, learned.Behind, learned.Doubtful
	return v
}

// verdict is for a slip that was sent in full, to a printer that is not held.
func (c *Case) verdict() Claim {
	f1, came := c.T.first()
	late := came && c.means() == reads
	if came && !late { // whether it proves shows behind the cut, and whether anything is missing soon
		if c.missing() {
			return Claim{Next: f1.At.Add(CleanMargin)}
		}
		return Claim{Next: f1.At.Add(ProofMargin)}
	}
	r := c.reading()
	_, third := c.T.anew()
	again := c.T.count(Asked, Anew) > 0
	settled := r.read && (!c.Slip.Fences || late) || !c.Slip.Fences && !c.Slip.Answers
	switch {
	case r.more && !again:
		return Claim{Want: Fences, Next: r.due}
	case settled && c.Now.Before(r.out):
		return Claim{Next: r.out}
	case settled:
		return c.processed(&r, r.out, late)
	case third && !came:
		return c.unproven("only the later id came") // fences come back in order: the first one's slip is gone
	case c.Now.Before(r.due):
		return Claim{Next: r.due}
	case r.read:
		return c.processed(&r, r.due, late)
	case !again:
		return Claim{Want: Fences}
	}
	return c.overdue(r.due)
}

// wellSince says whether the printer answered, to a question not asked before t, that it is well.
func (c *Case) wellSince(t time.Time) bool {
	i := c.T.last(Looked)
	return i >= 0 && c.T.Entries[i].Reason == "" && !c.T.Entries[i].Left.Before(t)
}

// processed is for a slip that was read, or of which nothing better can be known: once the status is clean behind the time when
// everything must have come out.
func (c *Case) processed(r *reading, since time.Time, late bool) Claim {
	// What is open tells whether the printer kept its memory meanwhile. Of what was open before the new fence came back the book knows no more.
	tells := late && (c.T.Resumed() || c.T.count(Unanswered, Poll) > 0)
	passed := tells && c.T.passed()
	open := passed || tells && c.T.Open() > 0
	switch {
	case !c.wellSince(since) && c.Now.Sub(since) > statusTime:
		return c.unproven("it does not tell how it is")
	case !c.wellSince(since):
		return Claim{Want: Status}
	case c.forgot():
		return c.unproven("forgot")
	case c.Silent() > 0:
		return c.unproven("silent since it was read")
	case open && !passed && c.Now.Before(r.due):
		return Claim{Next: r.due}
	case open:
		return c.unproven("an answer is missing that would tell whether it stayed on")
	case !c.Slip.Fences && !c.Slip.Answers:
		return Claim{State: Sent, Tier: 'C', Rule: "status clean"}
	case c.has(UnseenAfter):
		return c.unproven("nobody watched since it was read")
	case late:
		return Claim{State: Processed, Tier: 'B', Spoke: 'A', Rule: "an id that tells of reading"}
	case c.Slip.Fences:
		return Claim{State: Processed, Tier: 'B', Silent: 'B', Rule: "answers in order, no id"}
	}
	return Claim{State: Processed, Tier: 'B', Spoke: 'B', Rule: "answers in order"}
}

// unproven is for a printer that answers but not for this slip.
func (c *Case) unproven(rule string) Claim {
	if c.T.Resumed() || c.T.count(Answered, Drop) > 0 { // what forgot was held before
		return c.uncertain(PowerLost, rule)
	}
	return c.uncertain(ProofLost, rule)
}

// overdue is for when neither the first nor the second asking was answered.
func (c *Case) overdue(since time.Time) Claim {
	switch {
	case c.wellSince(since):
	case c.Now.Sub(since) > statusTime:
		return c.unproven("it does not tell how it is")
	default:
		return Claim{Want: Status}
	}
	if c.T.Resumed() || c.T.count(Answered, Drop) > 0 {
		return c.unproven("no answer to the second asking")
	}
	if c.has(UnseenAfter) { // with one answer more it would be so, and nothing may be claimed for want of it
		return c.unproven("nobody watched since it was sent")
	}
	if c.Device.Tier != 0 || c.Device.Pinned != 0 {
		v := c.unproven("no answer to the second asking")
		v.Silent = 'C'
		return v
	}
	return Claim{State: Sent, Tier: 'C', Silent: 'C', Rule: "it has never answered a fence"} // all that can be said is that it is well
}

// FirstAt is when the slip's id came, zero when it did not.
func (c *Case) FirstAt() time.Time {
	e, _ := c.T.first()
	return e.At
}

// SecondAt is when the id behind the cut came, zero when it did not.
func (c *Case) SecondAt() time.Time {
	e, _ := c.T.came(Second)
	return e.At
}

// AnewAt is when the id asked for anew came, zero when it did not.
func (c *Case) AnewAt() time.Time {
	e, _ := c.T.anew()
	return e.At
}

// meaning is what the slip's id tells.
type meaning uint8

const (
	waits  meaning = iota // not known yet
	reads                 // that the printer has read it, no more
	prints                // that it was printed
)

// means says what the slip's id tells. One that comes sooner than the mechanism can have printed proves only that the printer has read;
// so may any id of a device that was never seen to wait for its paper.
func (c *Case) means() meaning {
	f1, ok := c.T.first()
	_, second := c.T.came(Second)
	switch {
	case !ok:
		return waits
	case c.Device.Pinned == 'A':
		return prints
	case c.Device.Early, c.T.Took() < c.Slip.Mech*9/10:
		return reads
	case c.Device.Behind, c.FoundBehind():
		return prints
	case c.T.Holding() != "":
		return waits
	case c.Slip.Answers && c.Slip.Cut && !second && c.T.last(Lost) < 0 && c.Now.Before(f1.At.Add(ProofMargin)):
		return waits // the proof behind the cut may show it
	}
	return reads
}

// FoundBehind says whether an id came back later than the answers to the questions behind it: then the printer had read on while it
// still printed. Nothing that delays answers on their way changes their order. Of an id that comes more than once, as a device server may send it
// again, the first counts.
func (c *Case) FoundBehind() bool {
	handed, more := 0, 0
	came := map[What]bool{}
	for _, e := range c.T.Entries {
		switch {
		case e.Kind == Lost:
			return false
		case e.Kind == Handed:
			handed = e.N
		case e.Kind == Asked && e.What == Anew:
			more += e.N
		case e.Kind == Answered && (e.What == First || e.What == Second) && !came[e.What]:
			came[e.What] = true
			left := more
			if e.What == First && c.Slip.Cut {
				left += c.Slip.Behind / 2
			}
			if c.Slip.Answers && handed == c.Slip.Size && e.Open <= left {
				return true
			}
		}
	}
	return false
}

// proven is for a slip whose own id came back, with nothing in its way.
func (c *Case) proven() Claim {
	f1, _ := c.T.first()
	early := !c.Device.Early && c.T.Took() < c.Slip.Mech*9/10
	switch c.means() {
	case waits:
		return Claim{}
	case reads:
		return Claim{Early: early, Doubtful: !early && !c.Device.Early}
	}
	behind := c.Device.Pinned != 'A' && !c.Device.Behind
	return Claim{State: Printed, Tier: 'A', At: f1.At, Spoke: 'A', Behind: behind, Rule: "its own id, behind its paper"}
}

// Gone is the claim for a slip whose link went, once it is waited no longer for another.
func Gone(c *Case) Claim {
	if c.T.Off() == 0 {
		return Claim{State: NotSent, Reason: LinkDown, Tier: c.Slip.Tier, Rule: "the driver took nothing"}
	}
	if f1, ok := c.T.first(); ok && c.IDTellsLater() && (c.Device.trusted() || c.FoundBehind()) {
		return Claim{State: Printed, Tier: 'A', At: f1.At, Rule: "its own id on a new link"}
	}
	if c.EndedInOrder() {
		tier := byte('C')
		if c.Slip.Tier == 'D' {
			tier = 'D'
		}
		return Claim{State: Sent, Tier: tier, Rule: "the printer ended the link with all of the slip"}
	}
	return c.uncertain(LinkDown, "link lost")
}

// EndedInOrder says whether the printer itself ended the link once it had all of the slip, as some do at each cut. One that dies says
// nothing, or breaks the link off. Where the proof asked for has come before, its absence says more than the end.
func (c *Case) EndedInOrder() bool {
	open, _ := c.Outstanding()
	spoken := c.Slip.Tier <= 'B' && c.Device.Tier != 0 && c.Device.Tier <= c.Slip.Tier
	return c.T.endedFirst() && c.T.Off() == c.Slip.Size && c.T.Holding() == "" && open <= 0 && !spoken && !c.Hole() && !c.forgot() &&
		c.T.count(Answered, Drop) == 0
}

// IDTellsLater says whether the id of a slip that was given up would still prove it.
func (c *Case) IDTellsLater() bool {
	open, _ := c.Outstanding()
	return open <= 0 && !c.Hole() && !c.has(BlindLater) && !c.has(Unwritten)
}

// reading is how far a slip is that was sent in full.
type reading struct {
	read bool      // the printer has read everything, and was not held since
	more bool      // more bytes came than answers were asked for: one of them was noise, and may have stood for an answer
	out  time.Time // when everything must have come out, if it was read
	due  time.Time // when a proof is overdue
	sent time.Time // when the last byte had left the line
}

// OutAt is when everything must have come out, if it was read.
func (c *Case) OutAt() time.Time { return c.reading().out }

// reading goes through the transcript.
func (c *Case) reading() reading {
	var r reading
	s, began := c.Slip, c.T.Began()
	late, forgot := c.means() == reads, c.forgot()
	var held, resumed, allAnswered, failed, third bool
	off, again := 0, 0 // again: questions in order that were asked anew
	run := runFrom(later(began, s.Begin))
	for i, e := range c.T.Entries {
		run.add(&e)
		switch {
		case e.Kind == Stood && off == s.Size && c.heldUnseen(i): // new questions were held back: who answers them may have just started
			failed = true
		case e.Kind == Handed && e.N == s.Size:
			r.sent = e.Left
			begin, after := later(began, s.Begin), e.Left
			if s.Paced { // the sending may have waited, and what is in the buffer now is still to be printed
				after = after.Add(s.Mech * 5 / 4 * time.Duration(s.Window) / time.Duration(s.Size))
			}
			r.out = later(r.out, later(begin.Add(s.Mech*5/4), after).Add(CleanMargin)) // what a hold added stays when the rest is handed over
			r.due = later(r.due, later(begin.Add(s.Mech*3), r.sent).Add(ProofMargin))
		case e.Kind == Taken:
			off += e.N
		case e.Kind == Paused && !held:
			held, r.read = true, false
			allAnswered = allAnswered || off == s.Size && e.Open <= 0
		case e.Kind == WentOn:
			held, resumed = false, true
			rest := max(0, s.Mech*5/4-run.by(e.At))
			r.out = later(r.out, e.At.Add(rest+resumeTime))
			r.due = later(r.due, e.At.Add(rest+AgainMargin))
		case e.Kind == Asked && e.What == Anew:
			again, third = again+e.N, false
			r.due = later(r.due, e.At.Add(AgainMargin+Slowness*s.Mech))
		case e.Kind == Answered && e.What == Anew:
			third = true
		case e.Kind == Answered && e.What == Drop:
			failed, r.read = true, false
		case e.Kind == Answered && (e.What == First || e.What == Second) && late && !r.read:
			r.read = true
			r.putOff(e.At, run.atMost(e.At), s.Mech)
		}
		asked := s.Answers && !allAnswered || again > 0
		if r.read || held || off < s.Size || !asked || forgot || failed {
			continue
		}
		switch {
		case late && third:
			r.read = true
		case e.Open > 0:
			r.more = false
		case resumed && again > 0 && s.Fences && !late: // answers to the new questions; the slip's own id is missing
		case e.Open == 0:
			r.read, r.more = true, false
			r.putOff(e.At, run.atMost(e.At), s.Mech)
		default:
			r.more = true
		}
	}
	r.more = r.more && !r.read
	return r
}

// putOff puts off the time when everything must have come out, for a printer that had read everything at the time at, and was at work for
// so long by then. When its paper held it back, it is slower than its family and goes on for a while: most have a quarter still before
// them. That it waited for a hand, perhaps all night, says nothing of its pace.
func (r *reading) putOff(at time.Time, ran, mech time.Duration) {
	rest := min(ran/4, at.Sub(r.sent), Slowness*mech/4)
	r.out = later(r.out, at.Add(rest+CleanMargin))
}
