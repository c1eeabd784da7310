package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/evidence"
	"github.com/receiptd/receiptd/printer/session"
)

// stepClosed opens the link when it is time for it.
func (m *machine) stepClosed() bool {
	l := &m.line
	switch {
	case m.task.stopping:
		m.task.done = l.state == lineDown
		if l.state == lineOpening {
			m.emit(effect{kind: doAbort})
		}
		return false
	case l.state != lineDown:
		return false
	}
	due := l.retryAt
	if !m.waiting && !m.cutter.jamCleared && m.set.idleClose > 0 && l.epoch > 0 { // it is looked at again only when it was not well
		if l.err == nil && reasonOf(m.st) == "" {
			return false
		}
		due = later(due, l.closedAt.Add(pollIdle))
	}
	if m.now.Before(due) {
		m.at(due)
		return false
	}
	m.open()
	return false
}

// stepIdle does what is due while no slip is printed.
func (m *machine) stepIdle() bool {
	switch {
	case !m.up():
		m.to(closed, "link closed")
		return true
	case m.task.stopping && m.letItRun():
		return false
	case m.task.stopping:
		m.giveBack()
		return true
	}
	m.aidCutter()
	m.endTail()
	if m.rung() != 'D' && !m.now.Before(m.pollAt) {
		m.startLook(forUpkeep)
		return true
	}
	next := m.pollAt
	if m.rung() == 'D' {
		next = time.Time{}
	}
	if m.tail != nil {
		m.at(sooner(next, m.tail.until))
		return false
	}
	if m.set.idleClose > 0 && !m.waiting && !m.mute() {
		closeAt := later(m.line.usedAt.Add(m.set.idleClose), m.paper.runsUntil)
		if !m.now.Before(closeAt) {
			m.giveBack()
			return true
		}
		next = sooner(next, closeAt)
	}
	m.at(next)
	return false
}

// upkept goes on after a look while nothing is printed.
func (m *machine) upkept(bool) {
	m.pollAt = m.now.Add(pollIdle)
	if reasonOf(m.st) != "" {
		m.pollAt = m.now.Add(pollUnwell)
	}
	if m.waiting || m.dirty != nil || m.st.Cutter || m.mute() {
		m.pollAt = m.now.Add(pollBusy)
	}
	if m.st.Offline && !m.mute() {
		m.pollAt = later(m.pollAt, m.askAt)
	}
	switch {
	case !m.up() || m.task.stopping:
	case !m.line.stalled.IsZero() && m.now.Sub(m.line.stalled) > silentTime:
		m.hangUp(errSilent)
	case m.mute():
		if m.now.Sub(m.silentSince) > silentTime {
			m.line.renewed = m.set.idleClose == 0
			m.hangUp(errSilent)
		}
	case reasonOf(m.st) == "" && m.dirty != nil:
		m.startMend()
	default:
		if reasonOf(m.st) == "" {
			m.ready()
		}
		m.askForStatus()
	}
}

// ready ends the wait of those who want to print.
func (m *machine) ready() {
	if m.waiting {
		m.waiting = false
		m.tell()
	}
}

// askForStatus asks the printer to tell of changes by itself.
func (m *machine) askForStatus() {
	if b := &m.line.book; m.up() && m.set.prof.StatusASB && !b.AutoSent && m.dirty == nil && !b.Busy() {
		m.send(session.Request, []byte(escpos.ReportAll), false)
		b.AutoSent, m.line.auto = true, true
	}
}

// asksInOrder says whether GS r is worth asking.
func (m *machine) asksInOrder() bool {
	return m.set.prof.FenceGSR && m.rung() <= 'B' || m.rung() == 'B'
}

// stepPreflight finds out whether a slip may begin now, and says why not. Being connected is not enough: network printers
// accept connections that they do not serve.
func (m *machine) stepPreflight() bool {
	t := &m.task
	switch {
	case t.cancel:
		m.refuse(Stopped)
		return true
	case t.begun:
		return false
	case m.line.state == lineOpening:
		return false
	case !m.up() && (t.refused || m.shunned()):
		m.refuse(LinkDown)
		return true
	case !m.up():
		m.open()
		return false
	}
	if m.rung() != 'D' && !t.looked && (m.now.Sub(m.heardAt) > freshTime || m.mute() || reasonOf(m.st) != "" || m.asksFirst(forPreflight)) {
		t.looked = true
		m.startLook(forPreflight)
		return true
	}
	m.mayBegin()
	return true
}

// preflightLooked goes on after the look before a slip. It is tried once more when a connection that was kept for later had died
// meanwhile.
func (m *machine) preflightLooked(ok bool) {
	switch {
	case m.task.cancel, ok && m.up():
	case m.up() && !m.line.stalled.IsZero():
		m.refuse(Busy)
	case m.up():
		m.refuse(Offline)
	case m.task.ended == 0:
		m.task.looked, m.task.ended = false, 1
	default:
		m.refuse(LinkDown) // it is accepted, and ended before a word
	}
}

// mayBegin begins the slip when the printer is ready.
func (m *machine) mayBegin() {
	switch reason := reasonOf(m.st); {
	case reason != "":
		m.refuse(reason)
	case m.dirty != nil:
		m.startMend()
	default:
		m.begin()
	}
}

// refuse ends a task of which not one byte was sent.
func (m *machine) refuse(r Reason) {
	if m.task.cancel {
		m.end(Outcome{State: NotSent, Reason: Stopped, At: m.now}, nil)
		return
	}
	m.waiting = true
	m.pollAt = sooner(m.pollAt, m.now.Add(pollBusy))
	m.tell()
	m.end(Outcome{State: NotSent, Reason: r, Message: m.show.Error, At: m.now}, nil)
}

// begin makes the start of the attempt durable.
func (m *machine) begin() {
	m.waiting, m.task.begun = false, true
	m.emit(effect{kind: doBegin})
}

// begun begins to send.
func (m *machine) begun(e event) {
	switch {
	case e.err != nil:
		m.end(Outcome{State: NotSent, Message: "begin attempt: " + e.err.Error(), At: m.now}, nil)
	case m.task.cancel:
		m.end(Outcome{State: NotSent, Reason: Stopped, At: m.now}, nil)
	default:
		m.cur = m.compose(m.task.slip, e.id)
		m.line.book.Begin(&m.cur.t)
		if m.line.book.Auto {
			m.note(evidence.Entry{Kind: evidence.Told, Reason: reasonOf(m.frame)})
		}
		m.tell()
		m.to(sending, "")
	}
}

// end ends the task.
func (m *machine) end(o Outcome, a *attempt) {
	next := idle
	if !m.up() {
		next = closed
	}
	m.to(next, string(o.State))
	m.line.usedAt = m.now
	m.task.begun, m.task.cancel = false, m.task.stopping
	if m.probe.on {
		m.probed(o, a)
		return
	}
	m.task.on = false
	m.emit(effect{kind: doEnd, outcome: o})
}
