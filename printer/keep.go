package printer

import (
	"errors"
	"time"

	"github.com/receiptd/receiptd/printer/evidence"
	"github.com/receiptd/receiptd/printer/link"
)

// How long a link is kept for the sake of paper, and how often one is asked for again.

const (
	slowMMS     = 40               // what a slow receipt printer runs, mm per second: 50 to 60 by their makers
	longestRun  = time.Minute      // a link is not kept for longer than that for the sake of paper
	longestStay = 4 * time.Second  // nor, when the program ends, for longer than that
	standing    = 10 * time.Second // a link that stood for so long was one
)

// paper is until when a slow printer may still run paper of slips that it was not seen to finish.
type paper struct {
	runsUntil time.Time
	sentRuns  time.Time // the same, of slips that were only sent
}

// paperRuns notes that an attempt may still be on its way to the paper although its state is settled: sent or processed is what
// the printer has, not what lies on the counter. Some printers drop what they have when a connection is closed.
func (m *machine) paperRuns(a *attempt, o Outcome) {
	if o.State == Printed || o.State == Processed || o.State == Sent {
		m.line.unheard = 0
	}
	began := a.t.Began()
	if began.IsZero() || o.State == Printed || o.State == Cancelled || o.State == NotSent {
		return
	}
	prof := &m.set.prof
	speed, dpi := min(slowMMS, max(prof.SpeedMMS*2/3, 1)), prof.DPI
	if dpi <= 0 {
		dpi = 203
	}
	run := time.Duration(float64(a.slip.Dots+prof.CutFeedDots)*25.4/float64(dpi)/float64(speed)*float64(time.Second)) + cutMean
	m.paper.runsUntil = sooner(later(m.paper.runsUntil, began).Add(run), m.now.Add(longestRun))
	if o.State == Sent {
		m.paper.sentRuns = m.paper.runsUntil
	}
}

// letItRun says whether a connection is kept for a moment although the program ends, while paper may still run of a slip that was
// only sent: one that was processed has had the mechanism's least time already, and a stop is not to take long.
func (m *machine) letItRun() bool {
	if !m.line.book.Caps.Session || m.paper.sentRuns.IsZero() {
		return false
	}
	until := sooner(m.paper.sentRuns, m.task.stopAt.Add(longestStay))
	if !m.now.Before(until) {
		return false
	}
	m.at(until)
	return true
}

// countUnheard notes how a link ended, or that there was none. A peer that accepts a connection and ends it is asked again as
// seldom as one that refuses: what counts is that something was answered, or that the link stood.
func (m *machine) countUnheard() {
	l := &m.line
	switch {
	case l.openedAt.IsZero():
		return
	case m.now.Sub(l.openedAt) >= standing:
		l.unheard = 0
	default:
		l.unheard++
	}
	if l.unheard == 0 {
		l.retry = 0
	}
	l.openedAt = time.Time{}
}

// shunned says whether the peer is to be left alone for now, also where a slip waits: it has ended more than one connection
// before it said a word.
func (m *machine) shunned() bool { return m.line.unheard > 1 && m.now.Before(m.line.retryAt) }

// noteLost notes that the link went, and whether the other end wished it so.
func (m *machine) noteLost(err error) {
	e := evidence.Entry{Kind: evidence.Lost}
	if errors.Is(err, link.ErrEnded) {
		e.What = evidence.Farewell
	}
	m.note(e)
}
