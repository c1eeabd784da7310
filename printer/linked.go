package printer

import (
	"errors"
	"os"
	"time"

	"github.com/receiptd/receiptd/printer/evidence"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/session"
)

// opened takes in that the link is there, or why not.
func (m *machine) opened(e event) {
	if m.task.refused = e.err != nil; m.task.refused {
		m.port.state = lineDown
		m.failed(e.err)
		return
	}
	renewed := m.port.renewed
	m.port.opened()
	m.line.reset(e.caps, e.flow, m.task.cur)
	m.sensors.reset()
	m.line.usb.offered = e.ported
	m.questions.reset()
	if renewed {
		m.sensors.silentSince = m.core.now // it is as silent as before until it answers
	}
	m.device.show.Epoch, m.device.show.Error, m.device.show.Stranger = m.port.epoch, "", false
	if m.core.stage == closed {
		m.core.to(idle, "link opened")
	}
	if m.line.tier() == 'D' {
		m.task.wanted = false
		m.core.changed()
	}
}

// failed notes that the link is not there and when to try again.
func (m *machine) failed(err error) {
	m.port.err, m.port.closedAt, m.port.renewed = err, m.core.now, false
	m.port.countFruitless()
	m.cutter.forget() // who knows what happens until it is back
	m.port.retry = min(max(2*m.port.retry, firstRetry), lastRetry)
	m.port.retryAt = m.core.now.Add(m.port.retry)
	m.core.emit(effect{kind: doLog, text: "no link", why: err.Error()})
	var stranger *StrangerError
	m.device.show.Error, m.device.show.Stranger = err.Error(), errors.As(err, &stranger)
	m.core.changed()
}

// gone notes that the link is closed.
func (m *machine) gone() {
	m.port.state = lineDown
	m.line.book.Part, m.line.book.Asked = session.None, 0
	if m.core.stage == idle {
		m.core.to(closed, "link closed")
	}
	if m.port.why == nil {
		m.port.closedAt, m.port.openedAt = m.core.now, time.Time{}
		m.core.changed()
		return
	}
	err := m.port.why
	m.port.why = nil
	m.noteLost(err)
	m.residue.dropCut()
	if m.port.renewed {
		m.port.open()
		return
	}
	m.failed(err)
}

// noteLost notes that the link went, and whether the other end wished it so.
func (m *machine) noteLost(err error) {
	e := evidence.Entry{Kind: evidence.Lost}
	if errors.Is(err, link.ErrEnded) {
		e.What = evidence.Farewell
	}
	m.line.note(e)
}

// giving waits until everything has left the link.
func (m *machine) giving() bool {
	b := &m.line.book
	switch {
	case !m.core.now.Before(m.port.giveBy) && b.Part != session.Leaving:
		m.left(nil)
		return false
	case b.Busy():
		m.core.at(m.port.giveBy)
	default:
		b.Hand(session.Leaving, 0, m.core.now)
		m.core.emit(effect{kind: doDrain, until: m.port.giveBy})
	}
	return false
}

// left takes in that everything has left the link, or not in time.
func (m *machine) left(err error) {
	switch m.port.state {
	case lineUp:
		m.delivery.drained(err)
		return
	case lineClosing:
		return
	}
	if err != nil {
		m.core.emit(effect{kind: doLog, text: "drain link", why: err.Error()})
	}
	m.port.state, m.port.why, m.port.err = lineClosing, nil, nil
	m.core.emit(effect{kind: doClose})
}

// wrote takes in the end of a write.
func (m *machine) wrote(r session.Written) {
	b := &m.line.book
	for i := range r.Busy {
		s := &r.Busy[i]
		s.From, s.To = m.core.ours(s.From), m.core.ours(s.From).Add(s.To.Sub(s.From))
	}
	part, unasked := b.Wrote(r, m.core.now)
	late := errors.Is(r.Err, os.ErrDeadlineExceeded)
	m.line.noteFlow(part, r.N, late)
	switch part {
	case session.Leaving:
		m.left(r.Err)
		return
	case session.Plain:
		m.residue.notePut(r.N)
	case session.Data:
		m.delivery.notePortion(r, late)
	case session.Request:
		if r.N == 0 {
			m.unask(unasked)
		}
	}
	size := b.Size
	m.cutter.sending, m.line.orderSent, m.line.autoSent, m.line.urgentBytes = false, 0, false, 0
	if r.Err != nil && (!late || part == session.Request && r.N > 0) { // what is left of a request would be taken for something else
		m.port.hangUp(r.Err)
	}
	if part == session.Request {
		m.drawer.wrote(r.N, size)
	}
}

// unask takes back what was noted for a request of which nothing left.
func (m *machine) unask(w evidence.What) {
	b := &m.line.book
	m.questions.unread -= m.line.urgentBytes
	switch {
	case m.cutter.sending:
		m.cutter.coverSeen, m.cutter.jamCleared, m.cutter.wentOn = m.cutter.before[0], m.cutter.before[1], false
	case m.line.orderSent > 0:
		b.Order -= m.line.orderSent
	case b.AutoSent && m.line.autoSent:
		b.AutoSent = false
	}
	if w != 0 && m.task.cur != nil {
		m.task.cur.t.Strike(w)
	}
}
