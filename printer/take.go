package printer

import (
	"errors"
	"os"
	"slices"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/evidence"
	"github.com/receiptd/receiptd/printer/session"
)

// errSilent is why a link was given up whose printer no longer answers.
var errSilent = errors.New("the printer does not answer")

// take takes one event in. It decides nothing but what must not wait.
func (m *machine) take(e event) {
	switch e.kind {
	case gotReplies:
		m.receive(e.replies, e.at)
		if e.err != nil {
			m.hangUp(e.err)
		}
	case gotWritten:
		m.wrote(e.written)
	case gotOpened:
		m.opened(e)
	case gotClosed:
		m.gone()
	case gotPrint, gotProbe:
		m.task.on, m.task.slip = true, e.slip
		m.task.cancel, m.task.begun, m.task.ended, m.task.looked, m.task.refused = m.task.stopping, false, 0, false, false
		if e.kind == gotProbe {
			m.beginProbe(e.cover)
		}
		m.to(preflight, "a slip waits")
	case gotBegun:
		m.begun(e)
	case gotCancel:
		m.cancel()
	case gotStop:
		m.task.stopping, m.task.stopAt = true, m.now
		m.cancel()
	case gotJam:
		m.cutter.jamCleared = m.st.Cutter
	}
}

// cancel notes that the caller wants an end. A slip under way is given a moment for its proof.
func (m *machine) cancel() {
	m.task.cancel = true
	if a := m.cur; a != nil && a.t.Stopping().IsZero() {
		m.note(evidence.Entry{Kind: evidence.Stop, Left: m.now.Add(graceTime)})
	}
	if (m.cur == nil || m.stage == lost) && m.look.phase != lookOff {
		m.endLook(false)
	}
}

// note adds an entry to the transcript of the slip under way.
func (m *machine) note(e evidence.Entry) {
	if m.cur != nil {
		e.At, e.Open = m.now, m.line.book.Order
		m.cur.t.Append(e)
	}
}

// receive takes in what the printer said.
func (m *machine) receive(replies []escpos.Reply, at time.Time) {
	b := &m.line.book
	if len(replies) > 0 {
		m.line.unheard = 0
	}
	for _, r := range replies {
		if m.pinned() == 'D' {
			return // a person says that what comes back means nothing
		}
		switch r.Kind {
		case escpos.RealTime:
			m.answered(r, at)
		case escpos.Auto:
			b.Auto = true
			m.frame, m.frameAt = escpos.FromFrame(r.Frame), at
			b.Note(evidence.Entry{At: at, Kind: evidence.Told, Reason: reasonOf(m.frame)})
			if !m.frame.Offline {
				m.reads()
			}
			m.heard(m.frame, at)
		case escpos.InOrder:
			m.line.fluent = m.line.fluent || b.Order > 0
			m.deaf = m.deaf && b.Order <= 0
			b.InOrder(at)
			m.reads()
		case escpos.Done:
			m.line.fluent = true
			m.reads()
			m.proof(r.ID, at)
		case escpos.Failed:
			m.emit(effect{kind: doWarn, text: "the printer reports no paper for a fence"})
			m.pollAt = at
			if a := m.cur; a != nil && (r.ID == a.id || r.ID == a.id.Plus(stepCut)) {
				b.Note(evidence.Entry{At: at, Kind: evidence.Answered, What: evidence.Drop})
				a.pollAt = at
			}
		case escpos.Cleared:
			b.Note(evidence.Entry{At: at, Kind: evidence.Answered, What: evidence.Clearing})
		}
	}
}

// answered takes in the answer to a real-time question.
func (m *machine) answered(r escpos.Reply, at time.Time) {
	if len(m.pending) > 0 {
		m.first, m.pending = m.pending[0], slices.Clone(m.pending[1:])
		if len(m.pending) == 0 && (m.look.phase == lookSettle || m.line.book.Asked == 0) {
			m.lag = max(m.lag, at.Sub(m.first)) // none was lost: they come late
			m.look.by = sooner(m.look.by, at)
		}
	}
	owed := 0
	if m.cur != nil {
		owed = m.evidenceOf(m.cur).Awaited()
	}
	if sign, _ := m.line.book.RealTime(r, owed, at); !sign {
		return
	}
	m.heardAt = at
	if owed == 1 && m.mute() { // it was late
		m.silentSince, m.resync = time.Time{}, false
		m.tell()
	}
}

// reads notes that the printer takes bytes out of its buffer: what it is asked costs no room now, and a hold may be over.
func (m *machine) reads() {
	m.unread, m.cause, m.askAt = 0, 0, time.Time{}
	if a := m.cur; a != nil && a.t.Holding() != "" && a.t.Holding() != Busy {
		a.pollAt = m.now
	}
}

// heard takes over what the printer said about itself.
func (m *machine) heard(s escpos.Status, at time.Time) {
	m.st, m.heardAt, m.silentSince = s, at, time.Time{}
	if s.Cutter && s.CoverOpen {
		m.cutter.coverSeen = true
	}
	if !s.Cutter {
		m.cutter.coverSeen, m.cutter.jamCleared, m.cutter.wentOn = false, false, false
	}
	if reasonOf(s) != "" {
		m.pollAt = sooner(m.pollAt, at.Add(pollUnwell))
	}
	m.tell()
}

// mute says whether the printer has left questions unanswered.
func (m *machine) mute() bool { return !m.silentSince.IsZero() }

// send hands bytes to the driver, for one part of what is to be done.
func (m *machine) send(part session.Part, b []byte, urgent bool) {
	m.line.book.Hand(part, len(b), m.now)
	m.emit(effect{kind: doWrite, bytes: b, urgent: urgent})
}

// realTime sends a real-time request, which a printer that says busy takes as well.
func (m *machine) realTime(b string) {
	m.unread += len(b)
	m.send(session.Request, []byte(b), true)
	m.line.urgent = len(b)
}

// wrote takes in the end of a write.
func (m *machine) wrote(r session.Written) {
	b := &m.line.book
	part, unasked := b.Wrote(r, m.now)
	late := errors.Is(r.Err, os.ErrDeadlineExceeded)
	m.flows(part, r.N, late)
	switch part {
	case session.Leaving:
		m.left(r.Err)
		return
	case session.Plain:
		m.putTook(r.N)
	case session.Data:
		m.portionTook(r, late)
	case session.Request:
		if r.N == 0 {
			m.unask(unasked)
		}
	}
	m.cutter.sending, m.line.asking, m.line.auto, m.line.urgent = false, 0, false, 0
	if r.Err != nil && (!late || part == session.Request && r.N > 0) { // what is left of a request would be taken for something else
		m.hangUp(r.Err)
	}
}

// flows notes whether the line takes anything. A real-time request passes a printer that says busy: it tells nothing of that.
func (m *machine) flows(part session.Part, n int, late bool) {
	l := &m.line
	switch {
	case part == session.Leaving:
	case late && n == 0 && l.stalled.IsZero():
		l.stalled, l.online = m.now, 0
		m.tell()
	case n > 0 && (part != session.Request || !l.flow) && !l.stalled.IsZero():
		l.stalled = time.Time{}
		m.tell()
	}
}

// unask takes back what was noted for a request of which nothing left.
func (m *machine) unask(w evidence.What) {
	b := &m.line.book
	m.unread -= m.line.urgent
	switch {
	case m.cutter.sending:
		m.cutter.coverSeen, m.cutter.jamCleared, m.cutter.wentOn = m.cutter.before[0], m.cutter.before[1], false
	case m.line.asking > 0:
		b.Order -= m.line.asking
	case b.AutoSent && m.line.auto:
		b.AutoSent = false
	}
	if w != 0 && m.cur != nil {
		m.cur.t.Strike(w)
	}
}

// open opens the link.
func (m *machine) open() {
	if m.line.state == lineDown {
		m.line.state = lineOpening
		m.emit(effect{kind: doOpen})
	}
}

// opened takes in that the link is there, or why not.
func (m *machine) opened(e event) {
	if m.task.refused = e.err != nil; m.task.refused {
		m.line.state = lineDown
		m.failed(e.err)
		return
	}
	l := &m.line
	was := *l
	*l = line{state: lineUp, book: session.Book{Caps: e.caps}, flow: e.flow, epoch: l.epoch + 1, usedAt: m.now, openedAt: m.now, closedAt: l.closedAt}
	if was.unheard > 0 {
		l.unheard, l.retry = was.unheard, was.retry
	}
	if m.cur != nil {
		l.book.T = &m.cur.t
	}
	m.sensors = sensors{pollAt: m.now, unread: m.unread, askAt: m.askAt}
	if was.renewed {
		m.silentSince = m.now // it is as silent as before until it answers
	}
	m.show.Epoch, m.show.Error, m.show.Stranger = l.epoch, "", false
	if m.stage == closed {
		m.to(idle, "link opened")
	}
	if m.rung() == 'D' {
		m.waiting = false
		m.tell()
	}
}

// failed notes that the link is not there and when to try again.
func (m *machine) failed(err error) {
	l := &m.line
	l.err, l.closedAt, l.renewed = err, m.now, false
	m.countUnheard()
	m.cutter.coverSeen, m.cutter.jamCleared, m.cutter.wentOn = false, false, false // who knows what happens until it is back
	l.retry = min(max(2*l.retry, firstRetry), lastRetry)
	l.retryAt = m.now.Add(l.retry)
	m.emit(effect{kind: doLog, text: "no link", why: err.Error()})
	var stranger *StrangerError
	m.show.Error, m.show.Stranger = err.Error(), errors.As(err, &stranger)
	m.tell()
}

// hangUp ends a link that is no good. What the printer had said before counts: it is told before the link is closed.
func (m *machine) hangUp(err error) {
	if m.line.state != lineUp && m.line.state != lineGiving {
		return
	}
	if m.line.why = err; m.line.state == lineGiving {
		m.line.why, m.line.err = nil, nil
	}
	m.line.state = lineClosing
	m.emit(effect{kind: doClose})
}

// gone notes that the link is closed.
func (m *machine) gone() {
	l := &m.line
	l.state = lineDown
	l.book.Part, l.book.Asked = session.None, 0
	if m.stage == idle {
		m.to(closed, "link closed")
	}
	if l.why == nil {
		l.closedAt, l.openedAt = m.now, time.Time{}
		m.tell()
		return
	}
	err := l.why
	l.why = nil
	m.noteLost(err)
	m.dropTail()
	if l.renewed {
		m.open()
		return
	}
	m.failed(err)
}

// giveBack closes a link that nobody needs, once everything has left it.
func (m *machine) giveBack() {
	m.line.state, m.line.giveBy = lineGiving, m.now.Add(graceTime)
}

// giving waits until everything has left the link.
func (m *machine) giving() bool {
	b := &m.line.book
	switch {
	case !m.now.Before(m.line.giveBy) && b.Part != session.Leaving:
		m.left(nil)
		return false
	case b.Busy():
		m.at(m.line.giveBy)
	default:
		b.Hand(session.Leaving, 0, m.now)
		m.emit(effect{kind: doDrain, until: m.line.giveBy})
	}
	return false
}

// left takes in that everything has left the link, or not in time.
func (m *machine) left(err error) {
	switch m.line.state {
	case lineUp:
		m.drained(err)
		return
	case lineClosing:
		return
	}
	if err != nil {
		m.emit(effect{kind: doLog, text: "drain link", why: err.Error()})
	}
	m.line.state, m.line.why, m.line.err = lineClosing, nil, nil
	m.emit(effect{kind: doClose})
}
