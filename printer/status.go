package printer

import (
	"log/slog"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/vocabulary"
)

// Readiness is how a printer stands.
type Readiness = vocabulary.Readiness

// The states of a printer.
const (
	Unknown  = vocabulary.PrinterUnknown  // not asked yet
	Ready    = vocabulary.PrinterReady    // it answered and is well
	Idle     = vocabulary.PrinterIdle     // it was well, and the link was given back
	Printing = vocabulary.PrinterPrinting // a slip is on its way
	Waiting  = vocabulary.PrinterHeld     // it is alive and not ready; Reason says why
	Down     = vocabulary.PrinterDown     // it cannot be reached, or does not answer
)

// Status is what is known about a printer without asking it.
type Status struct {
	Name, Device string
	State        Readiness
	Reason       Reason        // of Waiting and Down, "" otherwise
	Since        time.Time     // since when State and Reason stand
	NearEnd      bool          // the roll is nearly used up
	Jammed       bool          // its cutter is stuck and waits for JamCleared
	Tier         byte          // 'A' to 'D': the rung of the proof ladder in use
	Pinned       bool          // a person chose the tier
	Empty        bool          // nothing of an earlier slip can be in it: a fence came back since the last unproven one
	Early        bool          // its ids come too early to prove printing, or may
	LastProof    time.Time     // when a slip was last proven
	PaperOut     time.Duration // how long it has been without paper since this process began, all times together
	Epoch        int           // how often the link was opened
	Alarm        string        // the last thing a person should see, "" when there is none
	Error        string        // the last error of the link, English
	Stranger     bool          // another device than the configured identity answers, or one that does not tell
}

// Status tells what is known. It never blocks on the printer and never asks it.
func (p *Printer) Status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.snap
	if s.Reason == PaperOut {
		s.PaperOut += time.Since(s.Since)
	}
	return s
}

// publish takes a new snapshot over and tells of it when it is another one.
func (p *Printer) publish(s Status) {
	p.mu.Lock()
	old := p.snap
	s.Name, s.Device, s.Since, s.PaperOut = old.Name, old.Device, old.Since, old.PaperOut
	if s.State != old.State || s.Reason != old.Reason {
		s.Since = time.Now()
		if old.Reason == PaperOut {
			s.PaperOut += s.Since.Sub(old.Since)
		}
	}
	p.snap = s
	p.mu.Unlock()
	if s != old {
		if s.State != old.State || s.Reason != old.Reason {
			p.log.Debug("state", slog.String("state", string(s.State)), slog.String("reason", string(s.Reason)))
		}
		p.cfg.OnChange(s)
	}
}

// alarm shows a person something.
func (m *machine) alarm(text string) {
	if text != "" {
		m.show.Alarm = text
		m.emit(effect{kind: doAlarm, text: text})
	}
}

// reasonOf names what keeps a printer from printing, "" when nothing does. The cover comes before the paper, whose
// sensor means nothing while the cover is open. Near-end, drawer and feed button are no reasons.
func reasonOf(s escpos.Status) Reason {
	switch {
	case s.Unrecoverable:
		return Fault
	case s.Cutter:
		return Cutter
	case s.CoverOpen:
		return CoverOpen
	case s.PaperEnd:
		return PaperOut
	case s.Hot:
		return Hot
	case s.Mechanical:
		return Fault
	case s.Offline:
		return Offline
	}
	return ""
}

// tell brings the snapshot up to date with what the printer said.
func (m *machine) tell() {
	if m.line.state == lineClosing {
		return // it is told once it is closed
	}
	reason, down := reasonOf(m.st), !m.up() && m.line.state != lineGiving
	s := &m.show
	s.NearEnd = m.st.NearEnd
	s.Jammed = m.st.Cutter && m.line.err == nil && !m.mute()
	s.Reason = reason
	switch {
	case down && m.line.err == nil && reason != "":
		s.State = Waiting // as it was when the link was given back
	case down && m.line.err == nil:
		s.State, s.Reason = Idle, ""
	case down:
		s.State, s.Reason = Down, LinkDown
	case m.mute():
		s.State, s.Reason = Down, Offline
	case reason == "" && !m.line.stalled.IsZero():
		s.State, s.Reason = Waiting, Busy
	case reason != "":
		s.State = Waiting
	case m.waiting && m.dirty != nil:
		s.State, s.Reason = Waiting, Offline
	case m.cur != nil:
		s.State = Printing
	default:
		s.State = Ready
	}
}
