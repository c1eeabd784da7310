package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/evidence"
)

// past is an attempt that is over.
type past struct {
	id   ID
	open bool // its end is not known, and its id would tell
}

// maxPast bounds how many attempts are remembered for ids that come late.
const maxPast = 64

// conclude ends the attempt with a claim, and notes what that means for what comes next.
func (d *delivery) conclude(a *attempt, c evidence.Claim) {
	e := d.device.evidence(a)
	f1, f2 := e.FirstAt(), e.SecondAt()
	o := Outcome{State: c.State, Reason: c.Reason, Tier: c.Tier, At: c.At, Bytes: a.t.Off(), Alarm: a.alarm}
	if o.At.IsZero() {
		o.At = d.core.now
	}
	if !f1.IsZero() {
		o.Bytes = len(a.plan.data) // the end of the write may not have been told yet
	}
	if d.port.err != nil && c.Reason == LinkDown {
		o.Message = d.port.err.Error()
	}
	o.Torn = o.State == Cancelled || o.State == Uncertain && o.Bytes > 0
	o.Cut = !f2.IsZero() || a.facts.Tier != 'D' && !a.facts.Cut && !f1.IsZero()
	if out := o.State == Printed || o.State == Processed || o.State == Sent; out && a.t.InPieces() {
		o.Pieces = 2
	}
	d.paper.noteRun(a, o)
	d.device.alarm(o.Alarm)
	d.remember(past{id: a.id, open: o.State == Uncertain && e.IDTellsLater()})
	switch o.State {
	case Printed, Processed, Sent:
		d.proven(a, e, &o)
	case Uncertain, Cancelled:
		if o.State == Cancelled && d.port.up() {
			d.line.book.Order = 0 // what was asked went with the slip
		}
		d.leave(a, o.State == Cancelled)
	}
	d.core.emit(effect{kind: doLog, text: "attempt over", was: string(o.State), is: string(o.Reason), why: c.Rule})
	d.line.book.T, d.task.cur = nil, nil
	d.core.changed()
	d.sensors.pollAt = d.core.now.Add(pollIdle)
	if d.sensors.reason() != "" || d.sensors.mute() || d.residue.leftover != nil {
		d.sensors.pollAt = d.core.now.Add(pollBusy)
	}
	d.intake.end(o, a)
}

// proven notes what a slip that came out leaves behind: its cut.
func (d *delivery) proven(a *attempt, e *evidence.Case, o *Outcome) {
	f1 := e.FirstAt()
	if o.State != Sent {
		d.device.show.Empty, d.device.show.LastProof = true, d.core.real(o.At)
	}
	if old := d.residue.leftover; old != nil && old.id == a.id {
		old.torn = false // proven on another link
	}
	if a.facts.Cut {
		d.paper.noteCut(e.OutAt().Add(-evidence.CleanMargin))
		if !f1.IsZero() && o.State == Printed {
			d.paper.noteCut(f1)
		}
	}
	if a.facts.Fences && !f1.IsZero() && !o.Cut {
		d.residue.openCut = &openCut{id: a.id.Plus(stepCut), cut: a.slip.Cut, until: d.core.now.Add(cutTime + a.facts.Mech)}
		if !d.port.up() {
			d.residue.dropCut()
		}
	}
}

// leave notes what an attempt without a proof may have left in the printer; empty when nothing can be.
func (d *delivery) leave(a *attempt, empty bool) {
	d.residue.openCut = nil
	if a.left {
		return // its mending has begun
	}
	a.left = true
	d.device.show.Empty = false
	e := d.device.evidence(a)
	d.residue.leftover = &leftover{
		id: a.id, fenced: a.facts.Fences, cut: a.slip.Cut, torn: e.SecondAt().IsZero(), bytes: a.t.Off(), mech: a.facts.Mech, empty: empty || !e.AnewAt().IsZero(),
	}
	if a.t.Off() < len(a.plan.data) || !d.port.up() { // what the driver took may be lost as well
		d.residue.leftover.pad = max(escpos.Largest(a.slip.Content), minPad)
	}
}

func (d *delivery) remember(e past) {
	if len(d.past) == maxPast {
		d.past = append(d.past[:0:0], d.past[1:]...)
	}
	d.past = append(d.past, e)
}

// lateProof takes in an id of an attempt that is over, perhaps one of an earlier process. Unknown ids may be the first
// or the second of their block: the journal knows.
func (d *delivery) lateProof(id ID, at time.Time) {
	tell := func(id ID) { d.core.emit(effect{kind: doProof, id: id, at: at}) }
	for i := range d.past {
		e := &d.past[i]
		switch id {
		case e.id, e.id.Plus(stepCut):
			if e.open && d.device.trusted() {
				e.open = false
				tell(e.id)
			}
			return
		case e.id.Plus(stepHold), e.id.Plus(stepAgain):
			return
		}
	}
	if d.device.trusted() {
		tell(id)
		tell(id.Plus(-stepCut))
	}
}
