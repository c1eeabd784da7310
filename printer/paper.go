package printer

import (
	"time"
)

const (
	slowMMS     = 40               // what a slow receipt printer runs, mm per second: 50 to 60 by their makers
	longestRun  = time.Minute      // a link is not kept for longer than that for the sake of paper
	longestStay = 4 * time.Second  // nor, when the program ends, for longer than that
	standing    = 10 * time.Second // a link that stood for so long was one
)

// paper is when the last cut will be over, and until when a slow printer may still run paper of slips that it was not seen to finish.
type paper struct {
	core      *core
	device    *device
	port      *port
	line      *line
	task      *task
	cutBy     time.Time // when the last cut will be over
	runsUntil time.Time
	sentRuns  time.Time // the same, of slips that were only sent
}

// noteRun notes that an attempt may still be on its way to the paper although its state is settled: sent or processed is what
// the printer has, not what lies on the counter. Some printers drop what they have when a connection is closed.
func (p *paper) noteRun(a *attempt, o Outcome) {
	if o.State == Printed || o.State == Processed || o.State == Sent {
		p.port.fruitless = 0
	}
	began := a.t.Began()
	if began.IsZero() || o.State == Printed || o.State == Cancelled || o.State == NotSent {
		return
	}
	prof := &p.device.set.prof
	speed, dpi := min(slowMMS, max(prof.SpeedMMS*2/3, 1)), prof.DPI
	if dpi <= 0 {
		dpi = 203
	}
	run := time.Duration(float64(a.slip.Dots+prof.CutFeedDots)*25.4/float64(dpi)/float64(speed)*float64(time.Second)) + cutMean
	p.runsUntil = sooner(later(p.runsUntil, began).Add(run+a.t.HeldFor(p.core.now)), p.core.now.Add(longestRun))
	if o.State == Sent {
		p.sentRuns = p.runsUntil
	}
}

// running says whether a connection is kept for a moment although the program ends, while paper may still run of a slip that was
// only sent: one that was processed has had the mechanism's least time already, and a stop is not to take long.
func (p *paper) running() bool {
	if !p.line.book.Caps.Session || p.sentRuns.IsZero() {
		return false
	}
	until := sooner(p.sentRuns, p.task.stopAt.Add(longestStay))
	if !p.core.now.Before(until) {
		return false
	}
	p.core.at(until)
	return true
}

// noteCut notes that what was sent up to now ends with a cut: the next slip's paper moves after it.
func (p *paper) noteCut(from time.Time) {
	p.cutBy = from.Add(cutMean + p.device.set.mechanics(p.device.set.prof.CutFeedDots))
}
