package printer

import (
	"errors"
	"os"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/evidence"
	"github.com/receiptd/receiptd/printer/session"
)

const (
	againMargin = evidence.AgainMargin
	frameMargin = 300 * time.Millisecond // how late automatic status may come behind a real-time answer
	maxClears   = 3
	onlineTimes = 2                // so often a printer whose line is busy must say that it is well, and for so long,
	stuckTime   = 3 * time.Second  // until its XON counts as lost
	stallTime   = 10 * time.Minute // a line that takes nothing and says nothing for so long is dead
)

// stepSending sends as much as may be in the printer.
func (m *machine) stepSending() bool {
	a := m.cur
	if m.settle(a) || m.poll(a) {
		return true
	}
	m.feed(a)
	m.rest(a, m.nextPoll(a))
	return false
}

// stepHeld waits until the printer is ready again. What has begun is ended, so that questions can pass.
func (m *machine) stepHeld() bool {
	a := m.cur
	if m.settle(a) || m.poll(a) {
		return true
	}
	if m.stage == held && !a.frameBy.IsZero() {
		m.at(a.frameBy)
		return false
	}
	m.feed(a)
	m.rest(a, m.nextPoll(a))
	return false
}

// stepProving waits for the proof, and asks for it anew when it is overdue.
func (m *machine) stepProving() bool {
	a := m.cur
	if m.settle(a) || m.poll(a) {
		return true
	}
	c := evidence.Judge(m.evidenceOf(a))
	switch {
	case a.facts.Rung == 'D':
		m.drain()
	case c.Want == evidence.Status:
		m.startLook(forClaim)
		return true
	case c.Want == evidence.Fences && !m.line.book.Busy():
		m.fenceAgain(a)
		c = evidence.Judge(m.evidenceOf(a))
	}
	next := c.Next
	if a.facts.Rung != 'D' {
		next = sooner(next, later(a.pollAt, m.now))
	}
	if owed, _ := m.evidenceOf(a).Owed(); owed > 0 || m.line.book.Busy() {
		next = c.Next // nothing can be asked before
	}
	m.rest(a, next)
	return false
}

// settle takes in what may be claimed now, and goes to the stage in which the attempt stands. It reports true when that is another
// one.
func (m *machine) settle(a *attempt) bool {
	c := evidence.Judge(m.evidenceOf(a))
	m.learned(a, c)
	if c.State != "" {
		m.conclude(a, c)
		return true
	}
	if !m.up() {
		m.lose(a)
		return true
	}
	reason, holding := reasonOf(m.st), a.t.Holding()
	switch {
	case reason != "":
		a.frameBy = time.Time{}
		m.hold(a, reason)
	case !m.line.stalled.IsZero() && !a.t.Began().IsZero():
		m.hold(a, Busy)
	case holding != "":
		if !m.goOn(a) {
			return false
		}
		return true
	}
	if a.resuming && a.t.Holding() == "" {
		a.resuming = false
		m.emit(effect{kind: doReport, state: Sending})
	}
	return m.place(a)
}

// place goes to the stage in which the attempt stands.
func (m *machine) place(a *attempt) bool {
	was := m.stage
	switch {
	case a.t.Holding() != "":
		m.to(held, string(a.t.Holding()))
	case a.t.Off() < len(a.data):
		m.to(sending, "")
	default:
		m.to(proving, "all has left")
	}
	return m.stage != was
}

// rest waits until next, or what else is due.
func (m *machine) rest(a *attempt, next time.Time) {
	soon := m.now.Add(time.Millisecond)
	if owed, by := m.evidenceOf(a).Owed(); owed > 0 && !a.t.Writing() {
		next = sooner(next, by)
	}
	if next = sooner(next, a.t.Stopping()); !next.IsZero() {
		m.at(later(next, soon)) // what is due may wait for a write: no spinning meanwhile
	}
}

// nextPoll is when to look again. While the line is taken that is when it becomes free.
func (m *machine) nextPoll(a *attempt) time.Time {
	if m.line.book.Busy() {
		return time.Time{}
	}
	soon := m.now.Add(20 * time.Millisecond)
	if a.byTime() && a.t.Off() < len(a.data) && a.t.Holding() == "" {
		return soon
	}
	if owed, _ := m.evidenceOf(a).Owed(); owed > 0 {
		soon = m.now.Add(200 * time.Millisecond) // nothing can be asked before
	}
	return later(a.pollAt, soon)
}

// poll sends what is due between complete commands: help for the cutter, the request to clear the buffers, a status question.
// It reports true when the attempt is to be judged afresh.
func (m *machine) poll(a *attempt) bool {
	b, holding := &m.line.book, a.t.Holding()
	owed, _ := m.evidenceOf(a).Owed()
	if b.Busy() || a.facts.Rung == 'D' || owed > 0 || !a.atStop() && (holding != Busy || !a.between()) || a.t.Began().IsZero() && holding == "" || !a.frameBy.IsZero() {
		return false
	}
	m.aidCutter()
	if b.Busy() {
		return false
	}
	clears, _ := a.t.Clears()
	if holding == PaperOut && m.set.clears && clears < maxClears && !m.now.Before(a.clearedBy) && m.evidenceOf(a).FirstAt().IsZero() {
		a.clearedBy = m.now.Add(2 * pollBusy)
		a.pollAt = a.clearedBy
		m.note(evidence.Entry{Kind: evidence.Asked, What: evidence.Clearing, N: 1})
		m.realTime(escpos.ClearBuffers)
		b.Undo = evidence.Clearing
		return false
	}
	if m.now.Before(a.pollAt) {
		return false
	}
	a.pollAt = m.now.Add(pollBusy)
	m.startLook(forPoll)
	return true
}

// carryLooked notes a question that was not answered in time: the printer may have been switched off, and whoever answers later may
// know nothing of what was sent.
func (m *machine) carryLooked(why lookWhy, ok bool) {
	a := m.cur
	if ok && reasonOf(m.st) == "" && !m.line.stalled.IsZero() {
		m.resume()
	}
	if why == forPoll && m.st.Offline && !m.mute() {
		a.pollAt = later(a.pollAt, m.askAt)
	}
	if ok || !m.up() || !m.mute() || why == forClaim && m.line.book.Busy() {
		return
	}
	m.note(evidence.Entry{Kind: evidence.Unanswered, What: evidence.Poll})
	if why == forPoll && m.now.Sub(m.silentSince) > silentTime {
		m.hangUp(errSilent)
	}
}

// resume lets a line go on whose printer says again and again that it is well and that holds everything back all the same: its XON was
// lost.
func (m *machine) resume() {
	l := &m.line
	if l.online++; l.flow && l.online >= onlineTimes && m.now.Sub(l.stalled) >= stuckTime {
		l.online = 0
		m.alarm("the printer says that it is well and its line stays busy: it lost an XON, or a wire of its cable; it goes on")
		m.emit(effect{kind: doResume})
	}
}

// hold notes that the printer cannot go on now. What it has, it keeps.
func (m *machine) hold(a *attempt, reason Reason) {
	was := a.t.Holding()
	if was == reason {
		return
	}
	e := evidence.Entry{At: m.now, Kind: evidence.Paused, Reason: reason, Open: m.line.book.Order}
	if was == "" {
		if m.frameAt.After(a.t.Began()) && m.frameAt.Before(m.now) {
			e.At = m.frameAt
		}
		a.pollAt = m.now.Add(pollBusy)
	}
	a.t.Append(e)
	m.emit(effect{kind: doReport, state: Held, reason: reason})
}

// goOn ends a hold. A printer that was switched off and on meanwhile has forgotten what it had, and that it was to tell of changes
// by itself: the latter shows a moment later. It reports true when the attempt is to be judged afresh.
func (m *machine) goOn(a *attempt) bool {
	if m.line.book.Auto && reasonOf(m.frame) != "" {
		if a.frameBy.IsZero() {
			a.frameBy = m.now.Add(frameMargin)
		}
		if m.now.Before(a.frameBy) {
			return false
		}
	}
	a.frameBy, a.resuming = time.Time{}, true
	a.pollAt = m.now.Add(pollBusy)
	m.note(evidence.Entry{Kind: evidence.WentOn})
	m.place(a)
	return true
}

// fenceAgain asks anew whether the printer has come to the end.
func (m *machine) fenceAgain(a *attempt) {
	b, n := &m.line.book, 0
	req := m.set.selected(nil)
	if a.facts.Fences {
		req = escpos.AppendFence(req, a.id.Plus(stepHold))
	}
	if m.asksInOrder() {
		req = append(req, escpos.AskPaper+escpos.AskPaper...)
		n = 2
		was := b.Order
		b.AskOrder(n)
		m.line.asking = b.Order - was
	}
	m.note(evidence.Entry{Kind: evidence.Asked, What: evidence.Anew, N: n})
	asking := m.line.asking
	m.send(session.Request, m.set.handOver(req), false)
	b.Undo, m.line.asking = evidence.Anew, asking
}

// drain waits, for a link that cannot tell anything, until all has left it.
func (m *machine) drain() {
	if b := &m.line.book; !b.Busy() {
		b.Hand(session.Leaving, 0, m.now)
		m.emit(effect{kind: doDrain, until: later(b.FreeAt, m.now).Add(graceTime)})
	}
}

// drained takes in that all has left, or not in time: then the printer takes nothing, and goes on by itself.
func (m *machine) drained(err error) {
	a := m.cur
	m.line.book.Part = session.None
	switch {
	case a == nil:
	case err == nil:
		m.note(evidence.Entry{Kind: evidence.Drained})
	case errors.Is(err, os.ErrDeadlineExceeded):
		m.hold(a, Offline)
		m.place(a)
	default:
		m.hangUp(err)
	}
}

// lose is for a link that went in the middle of a slip.
func (m *machine) lose(a *attempt) {
	m.to(lost, "link lost")
	if a.t.Off() == 0 || m.evidenceOf(a).EndedInOrder() || !a.t.Stopping().IsZero() || a.facts.Rung == 'D' {
		a.lostBy = m.now
		return
	}
	m.leave(a, false)
	a.lostBy, a.pollAt = m.now.Add(lostTime), m.now
}
