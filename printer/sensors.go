package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
)

// sensors are what the printer said of itself.
type sensors struct {
	core        *core
	cutter      *cutter
	st          escpos.Status
	statusAt    time.Time // when it last said how it is, on this epoch
	frame       escpos.Status
	frameAt     time.Time // when automatic status last came, on this epoch
	silentSince time.Time // when it was first asked in vain; zero when it answers
	pollAt      time.Time // when it is asked again while no slip is under way
}

// reset is for a link that has just been opened: nothing is known on it.
func (s *sensors) reset() {
	*s = sensors{core: s.core, cutter: s.cutter, pollAt: s.core.now}
}

// reason names what keeps the printer from printing, "" when nothing does.
func (s *sensors) reason() Reason { return reasonOf(s.st) }

// failed says whether the printer is in an error, which reason may not name: an open cover comes before it. During an error a printer
// ignores what is else done at once.
func (s *sensors) failed() bool {
	return s.st.Unrecoverable || s.st.Cutter || s.st.Hot || s.st.Mechanical
}

// noteStatus takes over what the printer said about itself.
func (s *sensors) noteStatus(st escpos.Status, at time.Time) {
	s.st, s.statusAt, s.silentSince = st, at, time.Time{}
	if st.Cutter && st.CoverOpen {
		s.cutter.coverSeen = true
	}
	if !st.Cutter {
		s.cutter.forget()
	}
	if reasonOf(st) != "" {
		s.pollAt = sooner(s.pollAt, at.Add(pollUnwell))
	}
	s.core.changed()
}

// mute says whether the printer has left questions unanswered.
func (s *sensors) mute() bool { return !s.silentSince.IsZero() }

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

// cutter is how far a jammed cutter may be let go on.
type cutter struct {
	coverSeen, jamCleared bool // since it jammed: the cover was open; a person said so
	wentOn                bool // GoOn was sent, and what came of it is not known yet
	goOnAt                time.Time
	before                [2]bool // what goes back when GoOn could not be sent
	sending               bool
}

// forget is for a cutter that is free, or of which nobody knows what becomes of it.
func (c *cutter) forget() { c.coverSeen, c.jamCleared, c.wentOn = false, false, false }
