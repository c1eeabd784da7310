package printer

import (
	"log/slog"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
)

// Readiness is how a printer stands.
type Readiness string

// The states of a printer.
const (
	Unknown  Readiness = "unknown"  // not asked yet
	Ready    Readiness = "ready"    // it answered and is well
	Idle     Readiness = "idle"     // it was well, and the link was given back
	Printing Readiness = "printing" // a slip is on its way
	Waiting  Readiness = "held"     // it is alive and not ready; Reason says why
	Down     Readiness = "down"     // it cannot be reached, or does not answer
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

// change edits the snapshot and tells of it when state or reason are others now.
func (p *Printer) change(edit func(*Status)) {
	p.mu.Lock()
	old := p.snap
	edit(&p.snap)
	s := &p.snap
	if s.State != old.State || s.Reason != old.Reason {
		s.Since = time.Now()
		if old.Reason == PaperOut {
			s.PaperOut += s.Since.Sub(old.Since)
		}
	}
	now := p.snap
	p.mu.Unlock()
	if now != old {
		if now.State != old.State || now.Reason != old.Reason {
			p.log.Debug("state", slog.String("state", string(now.State)), slog.String("reason", string(now.Reason)))
		}
		p.cfg.OnChange(now)
	}
}

// alarm shows a person something.
func (p *Printer) alarm(text string) {
	if text == "" {
		return
	}
	p.log.Warn("alarm", slog.String("text", text))
	p.change(func(s *Status) { s.Alarm = text })
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

// heard takes over what the printer said about itself.
func (p *Printer) heard(s escpos.Status, at time.Time) {
	p.st, p.heardAt, p.silentSince = s, at, time.Time{}
	if s.Cutter && s.CoverOpen {
		p.coverSeen = true
	}
	if !s.Cutter {
		p.coverSeen, p.jamCleared, p.wentOn = false, false, false
	}
	if reasonOf(s) != "" {
		p.pollAt = sooner(p.pollAt, at.Add(pollUnwell))
	}
	p.show()
}

// show brings the snapshot up to date.
func (p *Printer) show() {
	reason := reasonOf(p.st)
	p.change(func(s *Status) {
		s.NearEnd = p.st.NearEnd
		s.Jammed = p.st.Cutter && p.linkErr == nil && !p.mute()
		s.Reason = reason
		switch {
		case p.w == nil && p.linkErr == nil && reason != "":
			s.State = Waiting // as it was when the link was given back
		case p.w == nil && p.linkErr == nil:
			s.State, s.Reason = Idle, ""
		case p.w == nil:
			s.State, s.Reason = Down, LinkDown
		case p.mute():
			s.State, s.Reason = Down, Offline
		case reason != "":
			s.State = Waiting
		case p.waiting && p.dirty != nil:
			s.State, s.Reason = Waiting, Offline
		case p.cur != nil:
			s.State = Printing
		default:
			s.State = Ready
		}
	})
}

// mute says whether the printer has left questions unanswered.
func (p *Printer) mute() bool { return !p.silentSince.IsZero() }
