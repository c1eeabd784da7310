package printer

import (
	"log/slog"
	"time"

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
	OnHold   = vocabulary.PrinterHeld     // it is alive and not ready; Reason says why
	Down     = vocabulary.PrinterDown     // it cannot be reached, or does not answer
)

// Status is what is known about a printer without asking it.
type Status struct {
	Name, Device string
	State        Readiness
	Reason       Reason        // of OnHold and Down, "" otherwise
	Since        time.Time     // since when State and Reason stand
	NearEnd      bool          // the roll is nearly used up
	Jammed       bool          // its cutter is stuck and waits for JamCleared
	Tier         byte          // 'A' to 'D': the tier of proof in use
	Pinned       bool          // a person chose the tier
	Empty        bool          // nothing of an earlier slip can be in it: a fence came back since the last unproven one
	Early        bool          // its ids come too early to prove printing, or may
	LastProof    time.Time     // when a slip was last proven
	PaperOut     time.Duration // how long it has been without paper since this process began, all times together
	Epoch        int           // how often the link was opened
	Alarm        string        // the last thing a person should see, "" when there is none
	Error        string        // the last error of the link, English
	PortStatus   bool          // how it is was told by its USB port: it tells nothing over its link
	Stranger     bool          // another device than the configured identity answers, or one that does not tell
	Drawer       DrawerState   // of the cash drawer on it; "" for not known
	Said         Said          // what it said of itself when it was probed
}

// DrawerState is how the cash drawer stands.
type DrawerState = vocabulary.DrawerState

// The states of the drawer, as its sensor tells them. "" is not known: what the sensor's level means is not learned, or it is not told.
const (
	DrawerOpen   = vocabulary.DrawerOpen
	DrawerClosed = vocabulary.DrawerClosed
)

// KnownEmpty reports that nothing of an earlier slip is in the printer, as a proof showed: only one that answers fences can tell.
func (s Status) KnownEmpty() bool { return s.Tier <= 'B' && s.Empty }

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

// snapshot brings what is shown up to date with what the printer said.
func (m *machine) snapshot() {
	if m.port.state == lineClosing {
		return // it is told once it is closed
	}
	m.core.untold = false
	reason, down := m.sensors.reason(), !m.port.up() && m.port.state != lineGiving
	s := &m.device.show
	s.NearEnd = m.sensors.st.NearEnd
	m.drawer.see()
	s.Jammed = m.sensors.st.Cutter && m.port.err == nil && !m.sensors.mute()
	s.Reason = reason
	if m.port.up() {
		s.PortStatus = m.line.usesPort() && m.device.known.PortBits != 0
	}
	switch {
	case down && m.port.err == nil && reason != "":
		s.State = OnHold // as it was when the link was given back
	case down && m.port.err == nil:
		s.State, s.Reason = Idle, ""
	case down:
		s.State, s.Reason = Down, LinkDown
	case m.sensors.mute():
		s.State, s.Reason = Down, Offline
	case reason == "" && !m.line.stalled.IsZero():
		s.State, s.Reason = OnHold, Busy
	case reason != "":
		s.State = OnHold
	case m.task.wanted && m.residue.leftover != nil:
		s.State, s.Reason = OnHold, Offline
	case m.task.cur != nil:
		s.State = Printing
	default:
		s.State = Ready
	}
}
