package printer

import (
	"errors"
	"os"
	"time"

	"github.com/receiptd/receiptd/printer/evidence"
	"github.com/receiptd/receiptd/printer/session"
)

// delivery takes a slip from its first byte to its claim.
type delivery struct {
	core      *core
	device    *device
	port      *port
	line      *line
	task      *task
	sensors   *sensors
	residue   *residue
	questions *questions
	asker     *asker
	paper     *paper
	intake    *intake
	past      []past // attempts that are over
}

const (
	againMargin = evidence.AgainMargin
	frameMargin = 300 * time.Millisecond // how late automatic status may come behind a real-time answer
	maxClears   = 3
	onlineTimes = 2                // so often a printer whose line is busy must say that it is well, and for so long,
	stuckTime   = 3 * time.Second  // until its XON counts as lost
	stallTime   = 10 * time.Minute // a line that takes nothing and says nothing for so long is dead
)

// sendingStep sends as much as may be in the printer.
func (d *delivery) sendingStep() bool {
	a := d.task.cur
	if d.settle(a) || d.poll(a) {
		return true
	}
	d.feed(a)
	d.rest(a, d.nextPoll(a))
	return false
}

// heldStep waits until the printer is ready again. What has begun is ended, so that questions can pass.
func (d *delivery) heldStep() bool {
	a := d.task.cur
	if d.settle(a) || d.poll(a) {
		return true
	}
	if d.core.stage == held && !a.frameBy.IsZero() {
		d.core.at(a.frameBy)
		return false
	}
	d.feed(a)
	if a.t.Holding() == Busy && d.allTaken(a) && a.facts.Tier <= 'B' && !d.line.book.Busy() && d.wellAgain() {
		d.fenceAgain(a) // when the line takes that it is free
	}
	next := d.nextPoll(a)
	if a.facts.Tier == 'D' { // nothing is asked over the link
		next = time.Time{}
		if d.allTaken(a) && !a.t.Drained() {
			d.line.drain()
		}
	}
	d.rest(a, next)
	return false
}

// provingStep waits for the proof, and asks for it anew when it is overdue.
func (d *delivery) provingStep() bool {
	a := d.task.cur
	if d.settle(a) || d.poll(a) {
		return true
	}
	c := evidence.Judge(d.device.evidence(a))
	switch {
	case a.facts.Tier == 'D':
		d.line.drain()
	case c.Want == evidence.Status:
		d.asker.start(forClaim)
		return true
	case c.Want == evidence.Fences && !d.line.book.Busy():
		d.fenceAgain(a)
		c = evidence.Judge(d.device.evidence(a))
	}
	next := c.Next
	if a.facts.Tier != 'D' {
		next = sooner(next, later(a.pollAt, d.core.now))
	}
	if open, _ := d.device.evidence(a).Outstanding(); open > 0 || d.line.book.Busy() {
		next = c.Next // nothing can be asked before
	}
	d.rest(a, next)
	return false
}

// settle takes in what may be claimed now, and goes to the stage in which the attempt stands. It reports true when that is another
// one.
func (d *delivery) settle(a *attempt) bool {
	c := evidence.Judge(d.device.evidence(a))
	d.takeLessons(a, c)
	if c.State != "" {
		d.conclude(a, c)
		return true
	}
	if !d.port.up() {
		d.lose(a)
		return true
	}
	reason, holding := d.sensors.reason(), a.t.Holding()
	switch {
	case reason != "":
		a.frameBy = time.Time{}
		d.hold(a, reason)
	case !d.line.stalled.IsZero() && !a.t.Began().IsZero() && !d.nothingToSend(a):
		d.hold(a, Busy)
	case holding != "":
		if !d.goOn(a) {
			return false
		}
		return true
	}
	if a.resuming && a.t.Holding() == "" {
		a.resuming = false
		d.core.emit(effect{kind: doReport, state: Sending})
	}
	return d.place(a)
}

// nothingToSend says whether a printer whose line took nothing has told since that it is well, and nothing is left to send that would
// show that the line is free: it has lost what it had of the slip, or has all of it and answers no question in order.
func (d *delivery) nothingToSend(a *attempt) bool {
	return d.wellAgain() && (d.device.evidence(a).Forgot() || d.allTaken(a) && a.facts.Tier > 'B')
}

// wellAgain says whether a printer whose line took nothing has told since that it is well.
func (d *delivery) wellAgain() bool {
	return !d.sensors.mute() && d.sensors.reason() == "" && d.sensors.statusAt.After(d.line.stalled)
}

// allTaken says whether the driver has taken all of the slip.
func (d *delivery) allTaken(a *attempt) bool { return a.t.Off() == len(a.plan.data) }

// place goes to the stage in which the attempt stands.
func (d *delivery) place(a *attempt) bool {
	was := d.core.stage
	switch {
	case a.t.Holding() != "":
		d.core.to(held, string(a.t.Holding()))
	case a.t.Off() < len(a.plan.data):
		d.core.to(sending, "it is ready again")
	default:
		d.core.to(proving, "all has left")
	}
	return d.core.stage != was
}

// rest waits until next, or what else is due.
func (d *delivery) rest(a *attempt, next time.Time) {
	soon := d.core.now.Add(time.Millisecond)
	if open, by := d.device.evidence(a).Outstanding(); open > 0 && !a.t.Writing() {
		next = sooner(next, by)
	}
	if next = sooner(next, a.t.Stopping()); !next.IsZero() {
		d.core.at(later(next, soon)) // what is due may wait for a write: no spinning meanwhile
	}
}

// takeLessons takes over what a claim teaches about the device.
func (d *delivery) takeLessons(a *attempt, c evidence.Claim) {
	switch {
	case c.Early:
		k := d.device.known
		k.Early = true
		d.device.learn(k)
		a.alarm = "proof came before the printer can have printed: it counts as processed until a probe or proof = \"A\" says otherwise"
	case c.Behind:
		k := d.device.known
		k.Behind = true
		d.device.idsDoubtful = false
		d.device.learn(k)
	case c.Doubtful && !d.device.idsDoubtful && !d.device.probing:
		d.device.idsDoubtful = true
		d.device.showTier()
		a.alarm = "nothing shows that its proof waits for the paper: it counts as processed until a slip, a probe or proof = \"A\" says otherwise"
	}
	if c.Spoke != 0 {
		d.device.noteSpoke(c.Spoke)
	}
	if c.Silent != 0 {
		a.alarm = d.device.noteSilent(c.Silent)
	}
	if c.State == Printed {
		d.sensors.statusAt = later(d.sensors.statusAt, c.At) // a printer that has just finished printing is well
	}
}

// hold notes that the printer cannot go on now. What it has, it keeps.
func (d *delivery) hold(a *attempt, reason Reason) {
	was := a.t.Holding()
	if was == reason {
		return
	}
	e := evidence.Entry{At: d.core.now, Kind: evidence.Paused, Reason: reason, Open: d.line.book.Order}
	if was == "" {
		if reasonOf(d.sensors.frame) != "" && d.sensors.frameAt.After(a.t.Began()) && d.sensors.frameAt.Before(d.core.now) {
			e.At = d.sensors.frameAt
		}
		a.pollAt = d.core.now.Add(pollBusy)
	}
	a.t.Append(e)
	d.core.emit(effect{kind: doReport, state: Held, reason: reason})
}

// goOn ends a hold. A printer that was switched off and on meanwhile has forgotten what it had, and that it was to tell of changes
// by itself: the latter shows a moment later. It reports true when the attempt is to be judged afresh.
func (d *delivery) goOn(a *attempt) bool {
	if d.line.book.Auto && reasonOf(d.sensors.frame) != "" {
		if a.frameBy.IsZero() {
			a.frameBy = d.core.now.Add(frameMargin)
		}
		if d.core.now.Before(a.frameBy) {
			return false
		}
	}
	a.frameBy, a.resuming = time.Time{}, true
	a.pollAt = a.t.AskedAt(evidence.Poll).Add(pollBusy) // its own word may be old: a question that is due is not put off by it
	d.line.note(evidence.Entry{Kind: evidence.WentOn})
	d.place(a)
	return true
}

// drained takes in that all has left, or not in time: then the printer takes nothing, and goes on by itself.
func (d *delivery) drained(err error) {
	a := d.task.cur
	d.line.book.Part = session.None
	switch {
	case a == nil:
	case err == nil:
		d.line.note(evidence.Entry{Kind: evidence.Drained})
		d.line.flowsAgain()
	case errors.Is(err, os.ErrDeadlineExceeded):
		d.line.stall()
	default:
		d.port.hangUp(err)
	}
}
