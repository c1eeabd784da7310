package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/evidence"
	"github.com/receiptd/receiptd/printer/session"
)

// feed hands the next portion to the writer, as long as the printer's buffer has room.
func (d *delivery) feed(a *attempt) {
	b, off := &d.line.book, a.t.Off()
	if clears, _ := a.t.Clears(); !d.port.up() || b.Busy() || off >= len(a.plan.data) || clears > 0 || d.device.evidence(a).Forgot() {
		return
	}
	var end int
	switch {
	case off < a.given: // the driver did not take all of a portion
		end = a.given
	case a.t.Holding() != "":
		end = a.nextStop() // what has begun is ended, so that questions can pass
	default:
		end = d.room(a, off)
	}
	if end <= off {
		return
	}
	if a.t.Began().IsZero() {
		b.Begin(&a.t)
		a.pollAt = d.core.now.Add(pollBusy)
	}
	d.line.send(session.Data, a.plan.data[off:end], false)
	d.line.note(evidence.Entry{Kind: evidence.Handed, N: end, Left: b.FreeAt})
	d.count(a, end)
	if c := d.device.evidence(a); end == len(a.plan.data) && b.Auto && c.IDTells() {
		a.pollAt = c.OutAt()
	}
}

// count notes which questions go out with the bytes up to end. What the driver does not take is handed over again, so each
// is counted once.
func (d *delivery) count(a *attempt, end int) {
	b := &d.line.book
	for a.given < end {
		s := a.plan.stops[a.stopsGiven]
		a.given = min(s.at, end)
		if s.at > end {
			return
		}
		a.stopsGiven++
		if a.stopsGiven == len(a.plan.stops) {
			b.Order += a.facts.Behind
			d.line.note(evidence.Entry{Kind: evidence.Asked, What: evidence.Order, N: a.facts.Behind})
			return
		}
		if a.plan.acks && s.full {
			b.Order++
			d.line.note(evidence.Entry{Kind: evidence.Asked, What: evidence.Order, N: 1})
		}
		if a.plan.signs {
			d.line.note(evidence.Entry{Kind: evidence.Asked, What: evidence.Sign, N: s.at})
		}
	}
}

// notePortion takes in how the last portion went. A line that takes nothing and says nothing is dead some day.
func (d *delivery) notePortion(r session.Written, late bool) {
	a := d.task.cur
	if a == nil || !late || r.N > 0 {
		return
	}
	a.pollAt = later(a.pollAt, d.core.now)
	if d.core.now.Sub(later(d.sensors.statusAt, a.t.Began())) > stallTime && a.t.Holding() == "" {
		d.port.hangUp(errSilent)
	}
}

// room is how far the attempt may be sent now.
func (d *delivery) room(a *attempt, off int) int {
	end := len(a.plan.data)
	if a.plan.paced {
		end = d.portionRoom(a, off)
	}
	if a.plan.signs && a.facts.Network {
		i := a.stopsGiven // up to the next sign of life, which is asked for when the one before has come
		if open, _ := d.device.evidence(a).Outstanding(); open <= 0 {
			i++
		}
		if i < len(a.plan.stops)-1 {
			end = min(end, a.plan.stops[i].at-signBytes)
		}
	}
	return end
}

// portionRoom is how far a paced attempt may be sent now: two portions may be in the printer.
func (d *delivery) portionRoom(a *attempt, off int) int {
	i := a.stopFrom(off + 1)
	begins := i > 0 && a.plan.stops[i-1] == (stop{off, true})
	last := i - 2 // the end of the portion before the last
	for last >= 0 && !a.plan.stops[last].full {
		last--
	}
	for !a.plan.stops[i].full {
		i++
	}
	timed, quiet, b := a.byTime(), d.core.now.Sub(a.t.Quiet()), &d.line.book
	patience := a.facts.Mech + evidence.ProofMargin
	answers := a.t.OrderAnswers()
	switch {
	case !begins:
	case !timed && b.Order < 2:
	case !timed && a.t.StaleNow() > 0 && answers >= a.acksBefore(a.stopsGiven) && quiet > patience: // those are lost
		b.Order = 0
		d.line.note(evidence.Entry{Kind: evidence.Forgot})
	case !timed && (a.t.Resumed() || answers > 0 || quiet <= patience):
		return off
	case last >= 0: // without answers to go by, no faster than the mechanism reads
		if !timed {
			d.line.note(evidence.Entry{Kind: evidence.ByTime})
		}
		share := a.facts.Mech * time.Duration(a.plan.stops[last].at) / time.Duration(len(a.plan.data))
		if d.core.now.Sub(a.t.Began())-a.t.HeldFor(d.core.now) < share*3/2 {
			return off
		}
	}
	return a.plan.stops[i].at
}
