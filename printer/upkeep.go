package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/session"
)

// upkeep does what is due while no slip is printed.
type upkeep struct {
	core      *core
	device    *device
	port      *port
	line      *line
	task      *task
	cutter    *cutter
	sensors   *sensors
	residue   *residue
	questions *questions
	asker     *asker
	paper     *paper
}

// closedStep opens the link when it is time for it.
func (u *upkeep) closedStep() bool {
	switch {
	case u.task.stopping:
		u.task.done = u.port.state == lineDown
		if u.port.state == lineOpening {
			u.core.emit(effect{kind: doAbort})
		}
		return false
	case u.port.state != lineDown:
		return false
	}
	due := u.port.retryAt
	if !u.task.wanted && !u.cutter.jamCleared && u.device.set.idleClose > 0 && u.port.epoch > 0 { // it is looked at again only when it was not well
		if u.port.err == nil && u.sensors.reason() == "" {
			return false
		}
		due = later(due, u.port.closedAt.Add(pollUnwell))
	}
	if u.core.now.Before(due) {
		u.core.at(due)
		return false
	}
	u.port.open()
	return false
}

// idleStep does what is due while no slip is printed.
func (u *upkeep) idleStep() bool {
	switch {
	case !u.port.up():
		u.core.to(closed, "link closed")
		return true
	case u.task.stopping && u.paper.running():
		return false
	case u.task.stopping:
		u.port.giveBack()
		return true
	}
	u.questions.freeCutter()
	u.residue.endCut()
	if u.line.autoDue && !u.line.book.Busy() {
		u.askForStatus()
	}
	if u.line.tier() != 'D' && !u.core.now.Before(u.sensors.pollAt) {
		u.asker.start(forUpkeep)
		return true
	}
	next := u.sensors.pollAt
	if u.line.tier() == 'D' {
		next = time.Time{}
	}
	if u.residue.openCut != nil {
		u.core.at(sooner(next, u.residue.openCut.until))
		return false
	}
	if u.device.set.idleClose > 0 && !u.task.wanted && !u.sensors.mute() {
		closeAt := later(u.port.usedAt.Add(u.device.set.idleClose), u.paper.runsUntil)
		if !u.core.now.Before(closeAt) {
			u.port.giveBack()
			return true
		}
		next = sooner(next, closeAt)
	}
	u.core.at(next)
	return false
}

// wake gets the printer ready for a slip that will follow at once, unless it is at work or not well: then it is left to its own pace.
// What is asked here need not be asked when the slip comes.
func (u *upkeep) wake() {
	if u.task.on || u.task.stopping || u.sensors.mute() || u.sensors.reason() != "" {
		return
	}
	alone := u.port.leftAlone() || u.task.refused && u.core.now.Before(u.port.retryAt)
	switch {
	case u.core.stage == closed && !alone:
		u.port.open() // and what a new link is asked follows
	case u.core.stage == idle && u.core.now.Sub(u.sensors.statusAt) > freshTime/2:
		u.sensors.pollAt = u.core.now
	}
}

// looked goes on after a look while nothing is printed.
func (u *upkeep) looked(bool) {
	u.sensors.pollAt = u.core.now.Add(pollIdle)
	if u.sensors.reason() != "" {
		u.sensors.pollAt = u.core.now.Add(pollUnwell)
	}
	if u.task.wanted || u.residue.leftover != nil || u.sensors.st.Cutter || u.sensors.mute() {
		u.sensors.pollAt = u.core.now.Add(pollBusy)
	}
	if u.sensors.st.Offline && !u.sensors.mute() {
		u.sensors.pollAt = later(u.sensors.pollAt, u.questions.askAt)
	}
	switch {
	case !u.port.up() || u.task.stopping:
	case !u.line.stalled.IsZero() && u.core.now.Sub(u.line.stalled) > silentTime:
		u.port.hangUp(errSilent)
	case u.sensors.mute():
		if u.core.now.Sub(u.sensors.silentSince) > silentTime {
			u.port.renewed = u.device.set.idleClose == 0
			u.port.hangUp(errSilent)
		}
	case u.sensors.reason() == "" && u.residue.leftover != nil:
		u.residue.start()
	default:
		if u.sensors.reason() == "" {
			u.ready()
		}
		u.askForStatus()
	}
}

// ready ends the wait of those who want to print.
func (u *upkeep) ready() {
	if u.task.wanted {
		u.task.wanted = false
		u.core.changed()
	}
}

// askForStatus asks the printer to tell of changes by itself. An answer may be heard before it is told that its question has left: then
// it is asked once that is told.
func (u *upkeep) askForStatus() {
	b := &u.line.book
	u.line.autoDue = b.Busy()
	if u.port.up() && u.device.set.prof.StatusASB && !b.AutoSent && u.residue.leftover == nil && !b.Busy() {
		u.line.send(session.Request, []byte(escpos.ReportAll), false)
		b.AutoSent, u.line.autoSent = true, true
	}
}
