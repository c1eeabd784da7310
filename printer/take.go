package printer

import (
	"errors"
	"slices"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/evidence"
)

// errSilent is why a link was given up whose printer no longer answers.
var errSilent = errors.New("the printer does not answer")

// take takes one event in. It decides nothing but what must not wait.
func (m *machine) take(e event) {
	switch e.kind {
	case gotReplies:
		m.receive(e.replies, e.at)
		if e.err != nil {
			m.port.hangUp(e.err)
		}
	case gotWritten:
		m.wrote(e.written)
	case gotOpened:
		m.opened(e)
	case gotClosed:
		m.gone()
	case gotPrint, gotProbe, gotPulse:
		m.task.on, m.task.slip, m.task.pulse = true, e.slip, e.pulse
		m.task.cancel, m.task.begun, m.task.hangups, m.task.looked, m.task.refused = m.task.stopping, false, 0, false, false
		if e.kind == gotProbe {
			m.prober.begin(e.cover)
		}
		why := "a slip waits"
		if e.pulse != nil {
			why = "the drawer is wanted open"
		}
		m.core.to(preflight, why)
	case gotBegun:
		m.begun(e)
	case gotCancel:
		m.cancel()
	case gotStop:
		m.task.stopping, m.task.stopAt = true, m.core.now
		m.cancel()
	case gotPort:
		m.notePort(e.port)
	case gotJam:
		m.cutter.jamCleared = m.sensors.st.Cutter
	case gotWake:
		m.upkeep.wake()
	case gotSlept:
		m.asleep(e.slept, e.unseen)
	}
}

// cancel notes that the caller wants an end. A slip under way is given a moment for its proof.
func (m *machine) cancel() {
	m.task.cancel = true
	if a := m.task.cur; a != nil && a.t.Stopping().IsZero() {
		m.line.note(evidence.Entry{Kind: evidence.Stop, Left: m.core.now.Add(graceTime)})
	}
	if (m.task.cur == nil || m.core.stage == lost) && m.asker.look.phase != lookOff {
		m.asker.end(false)
		m.endLook()
	}
}

// receive takes in what the printer said.
func (m *machine) receive(replies []escpos.Reply, at time.Time) {
	b := &m.line.book
	if len(replies) > 0 {
		m.port.fruitless = 0
	}
	for _, r := range replies {
		if m.device.pinned() == 'D' {
			return // a person says that what comes back means nothing
		}
		m.prober.heardWho(r)
		switch r.Kind {
		case escpos.RealTime:
			m.noteAnswer(r, at)
		case escpos.Auto:
			b.Auto = true
			m.sensors.frame, m.sensors.frameAt = escpos.FromFrame(r.Frame), at
			b.Note(evidence.Entry{At: at, Kind: evidence.Told, Reason: reasonOf(m.sensors.frame)})
			if !m.sensors.frame.Offline {
				m.questions.noteReading()
			}
			m.sensors.noteStatus(m.sensors.frame, at)
		case escpos.InOrder:
			m.line.ordered = m.line.ordered || b.Order > 0
			m.device.unordered = m.device.unordered && b.Order <= 0
			b.InOrder(at)
			m.questions.noteReading()
		case escpos.Done:
			m.line.ordered = true
			m.questions.noteReading()
			m.proof(r.ID, at)
		case escpos.Failed:
			m.core.emit(effect{kind: doWarn, text: "the printer reports no paper for a fence"})
			m.sensors.pollAt = at
			if a := m.task.cur; a != nil && (r.ID == a.id || r.ID == a.id.Plus(stepCut)) {
				b.Note(evidence.Entry{At: at, Kind: evidence.Answered, What: evidence.Drop})
				a.pollAt = at
			}
		case escpos.Cleared:
			b.Note(evidence.Entry{At: at, Kind: evidence.Answered, What: evidence.Clearing})
		}
	}
}

// noteAnswer takes in the answer to a real-time question.
func (m *machine) noteAnswer(r escpos.Reply, at time.Time) {
	if len(m.questions.pending) > 0 {
		m.questions.first, m.questions.pending = m.questions.pending[0], slices.Clone(m.questions.pending[1:])
		if len(m.questions.pending) == 0 && (m.asker.look.phase == lookSettle || m.line.book.Asked == 0) {
			m.device.delay = max(m.device.delay, at.Sub(m.questions.first)) // none was lost: they come late
			m.asker.look.by = sooner(m.asker.look.by, at)
		}
	}
	open := 0
	if m.task.cur != nil {
		open = m.device.evidence(m.task.cur).Expected()
	}
	if sign, _ := m.line.book.RealTime(r, open, at); !sign {
		return
	}
	m.sensors.statusAt = at
	if open == 1 && m.sensors.mute() { // it was late
		m.sensors.silentSince, m.questions.resync = time.Time{}, false
		m.core.changed()
	}
}

// proof takes in an id that came back.
func (m *machine) proof(id ID, at time.Time) {
	b := &m.line.book
	answer := func(w evidence.What) { b.Note(evidence.Entry{At: at, Kind: evidence.Answered, What: w}) }
	if a := m.task.cur; a != nil {
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
	if m.device.probing && id == m.prober.probe.fence {
		m.prober.probe.fenced = true
		return
	}
	if m.residue.openCut != nil && id == m.residue.openCut.id {
		m.residue.openCut = nil
		return
	}
	if d := m.residue.leftover; d != nil && id == d.id.Plus(stepAgain) {
		d.empty = true
		b.Passed()
		return
	}
	if d := m.residue.leftover; d != nil && (id == d.id || id == d.id.Plus(stepCut)) {
		d.torn = false
	}
	m.delivery.lateProof(id, at)
}

// begun begins to send.
func (m *machine) begun(e event) {
	switch {
	case e.err != nil:
		m.intake.end(Outcome{State: NotSent, Message: "begin attempt: " + e.err.Error(), At: m.core.now}, nil)
	case m.task.cancel:
		m.intake.end(Outcome{State: NotSent, Reason: Stopped, At: m.core.now}, nil)
	case m.task.pulse != nil:
		m.drawer.begin()
	default:
		m.task.cur = m.delivery.compose(m.task.slip, e.id)
		m.line.book.Begin(&m.task.cur.t)
		if m.line.book.Auto {
			m.line.note(evidence.Entry{Kind: evidence.Told, Reason: reasonOf(m.sensors.frame)})
		}
		m.core.changed()
		m.core.to(sending, "its start is on disk")
	}
}
