package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/evidence"
)

// A tail is what comes behind a proven slip: its cut.
type tail struct {
	id    ID
	cut   []byte
	until time.Time
}

// past is an attempt that is over.
type past struct {
	id   ID
	open bool // its end is not known, and its id would tell
}

// conclude ends the attempt with a claim, and notes what that means for what comes next.
func (m *machine) conclude(a *attempt, c evidence.Claim) {
	e := m.evidenceOf(a)
	f1, f2 := e.FirstAt(), e.SecondAt()
	o := Outcome{State: c.State, Reason: c.Reason, Tier: c.Tier, At: c.At, Bytes: a.t.Off(), Alarm: a.alarm}
	if o.At.IsZero() {
		o.At = m.now
	}
	if !f1.IsZero() {
		o.Bytes = len(a.data) // the end of the write may not have been told yet
	}
	if m.line.err != nil && c.Reason == LinkDown {
		o.Message = m.line.err.Error()
	}
	o.Torn = o.State == Cancelled || o.State == Uncertain && o.Bytes > 0
	o.Cut = !f2.IsZero() || a.facts.Rung != 'D' && !a.facts.Cut && !f1.IsZero()
	if out := o.State == Printed || o.State == Processed || o.State == Sent; out && e.InPieces() && o.Alarm == "" {
		o.Alarm = "the paper ended in the middle of the slip: it came out in two pieces; print a whole one, marked, if it is needed"
	}
	m.paperRuns(a, o)
	m.alarm(o.Alarm)
	m.remember(past{id: a.id, open: o.State == Uncertain && e.IDTellsLater()})
	switch o.State {
	case Printed, Processed, Sent:
		m.proven(a, e, &o)
	case Uncertain, Cancelled:
		if o.State == Cancelled && m.up() {
			m.line.book.Order = 0 // what was asked went with the slip
		}
		m.leave(a, o.State == Cancelled)
	}
	m.emit(effect{kind: doLog, text: "attempt over", was: string(o.State), is: string(o.Reason), why: c.Rule})
	m.line.book.T, m.cur = nil, nil
	m.tell()
	m.pollAt = m.now.Add(pollIdle)
	if reasonOf(m.st) != "" || m.mute() || m.dirty != nil {
		m.pollAt = m.now.Add(pollBusy)
	}
	m.end(o, a)
}

// proven notes what a slip that came out leaves behind: its cut.
func (m *machine) proven(a *attempt, e *evidence.Case, o *Outcome) {
	f1 := e.FirstAt()
	if o.State != Sent {
		m.show.Empty, m.show.LastProof = true, o.At
	}
	if d := m.dirty; d != nil && d.id == a.id {
		d.torn = false // proven on another link
	}
	if a.facts.Cut {
		m.cutting(e.CalmAt().Add(-evidence.CalmMargin))
		if !f1.IsZero() && o.State == Printed {
			m.cutting(f1)
		}
	}
	if a.facts.Fences && !f1.IsZero() && !o.Cut {
		m.tail = &tail{id: a.id.Plus(stepCut), cut: a.slip.Cut, until: m.now.Add(cutTime + a.facts.Mech)}
		if !m.up() {
			m.dropTail()
		}
	}
}

// leave notes what an attempt without a proof may have left in the printer; empty when nothing can be.
func (m *machine) leave(a *attempt, empty bool) {
	m.tail = nil
	if a.left {
		return // its mending has begun
	}
	a.left = true
	m.show.Empty = false
	e := m.evidenceOf(a)
	m.dirty = &leftover{
		id: a.id, gsh: a.facts.Fences, cut: a.slip.Cut, torn: e.SecondAt().IsZero(), bytes: a.t.Off(), mech: a.facts.Mech, empty: empty || !e.AnewAt().IsZero(),
	}
	if a.t.Off() < len(a.data) || !m.up() { // what the driver took may be lost as well
		m.dirty.pad = max(escpos.Largest(a.slip.Content), minPad)
	}
}

const (
	cutTime = 5 * time.Second        // how long a cut and the feed before it may take
	cutMean = 500 * time.Millisecond // how long a cut takes, without the feed
)

// cutting notes that what was sent up to now ends with a cut: the next slip's paper moves after it.
func (m *machine) cutting(from time.Time) {
	m.cutBy = from.Add(cutMean + m.set.mechanics(m.set.prof.CutFeedDots))
}

// endTail gives up waiting for the proof behind the last cut.
func (m *machine) endTail() {
	if m.tail == nil || m.now.Before(m.tail.until) {
		return
	}
	if reasonOf(m.st) != "" && m.up() { // a stuck cutter says so by itself
		m.tail.until = m.now.Add(cutTime)
		return
	}
	m.tail = nil
	m.alarm("the last slip came out but its cut was not confirmed")
}

// dropTail is for a link that goes while the proof behind a cut is awaited: the printer may be in the middle of the cut's
// command, which would swallow the beginning of the next slip, and may not have cut.
func (m *machine) dropTail() {
	if m.tail == nil {
		return
	}
	if m.dirty == nil {
		m.dirty = &leftover{id: m.tail.id.Plus(-stepCut), gsh: true, pad: minPad, cut: m.tail.cut, torn: true, empty: true}
	}
	m.tail = nil
}

// maxPast bounds how many attempts are remembered for ids that come late.
const maxPast = 64

func (m *machine) remember(e past) {
	if len(m.past) == maxPast {
		m.past = append(m.past[:0:0], m.past[1:]...)
	}
	m.past = append(m.past, e)
}

// proof takes in an id that came back.
func (m *machine) proof(id ID, at time.Time) {
	b := &m.line.book
	answer := func(w evidence.What) { b.Note(evidence.Entry{At: at, Kind: evidence.Answered, What: w}) }
	if a := m.cur; a != nil {
		switch id {
		case a.id:
			answer(evidence.First)
			return
		case a.id.Plus(stepCut):
			answer(evidence.Second)
			return
		case a.id.Plus(stepHold):
			b.Passed()
			answer(evidence.Anew)
			return
		}
	}
	if m.probe.on && id == m.probe.fence {
		m.probe.fenced = true
		return
	}
	if m.tail != nil && id == m.tail.id {
		m.tail = nil
		return
	}
	if d := m.dirty; d != nil && id == d.id.Plus(stepAgain) {
		d.empty = true
		b.Passed()
		return
	}
	if d := m.dirty; d != nil && (id == d.id || id == d.id.Plus(stepCut)) {
		d.torn = false
	}
	m.lateProof(id, at)
}

// lateProof takes in an id of an attempt that is over, perhaps one of an earlier process. Unknown ids may be the first
// or the second of their block: the journal knows.
func (m *machine) lateProof(id ID, at time.Time) {
	tell := func(id ID) { m.emit(effect{kind: doProof, id: id, at: at}) }
	for i := range m.past {
		e := &m.past[i]
		switch id {
		case e.id, e.id.Plus(stepCut):
			if e.open && m.trusted() {
				e.open = false
				tell(e.id)
			}
			return
		case e.id.Plus(stepHold), e.id.Plus(stepAgain):
			return
		}
	}
	if m.trusted() {
		tell(id)
		tell(id.Plus(-stepCut))
	}
}
