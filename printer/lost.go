package printer

import (
	"github.com/receiptd/receiptd/printer/evidence"
)

// lose is for a link that went in the middle of a slip.
func (d *delivery) lose(a *attempt) {
	d.core.to(lost, "link lost")
	if a.t.Off() == 0 || d.device.evidence(a).EndedInOrder() || !a.t.Stopping().IsZero() || a.facts.Tier == 'D' {
		a.lostBy = d.core.now
		return
	}
	d.leave(a, false)
	d.port.wantedBack()
	a.lostBy, a.pollAt = d.core.now.Add(lostTime), d.core.now
}

// lostStep waits a moment for the link to come back: the printer may have finished, and then its proof settles the attempt.
// Otherwise nobody can say what became of it.
func (d *delivery) lostStep() bool {
	a := d.task.cur
	switch {
	case d.task.waitedOut(d.core.now) || !d.device.evidence(a).FirstAt().IsZero():
		d.conclude(a, evidence.Gone(d.device.evidence(a)))
		return true
	case d.port.state == lineOpening:
		d.core.at(a.lostBy)
	case !d.port.up():
		d.core.at(a.lostBy)
		if d.core.now.Before(d.port.retryAt) {
			d.core.at(d.port.retryAt)
			break
		}
		d.port.open()
	case d.core.now.Before(a.pollAt):
		d.core.at(a.lostBy)
		d.core.at(a.pollAt)
	default:
		d.asker.start(forLost)
		return true
	}
	return false
}

func (d *delivery) lostLooked(ok bool) {
	if ok && d.sensors.reason() == "" && d.residue.leftover != nil && !d.task.waitedOut(d.core.now) {
		d.residue.start()
		return
	}
	d.task.cur.pollAt = d.core.now.Add(pollBusy / 4)
}

func (d *delivery) lostMended(reason Reason) {
	if d.task.cur.pollAt = d.core.now.Add(pollBusy / 4); reason == "" {
		d.task.cur.lostBy = d.core.now // the printer is at its end: no proof follows
	}
}
