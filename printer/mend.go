package printer

import (
	"github.com/receiptd/receiptd/printer/escpos"
)

// A mend is how far the mending is.
type mend struct {
	phase  mendPhase
	back   stage // where to go on when it is over
	over   bool  // it is, for now: reason says why it has to wait, "" when nothing is left
	reason Reason
}

// mendPhase is what is done next.
type mendPhase uint8

const (
	mendPad   mendPhase = iota
	mendDrain           // ask whether the printer is at its end
	mendFence           // the fence leaves
	mendWait            // its answer is waited for
	mendCut             // the torn piece is cut off
	mendLeave           // the cut leaves
)

// start gets what an unproven attempt left behind out of the way; machine.mended goes on when that is over.
func (r *residue) start() {
	r.mend, r.put = mend{back: r.core.stage}, put{}
	r.core.to(mending, "an earlier slip may have left something")
}

// end goes back, with the reason when the mending has to wait.
func (r *residue) end(reason Reason) bool {
	back, why := r.mend.back, string(reason)
	if reason == "" {
		why = "nothing is left of it"
	}
	r.core.to(back, why)
	r.mend.over, r.mend.reason = true, reason
	return true
}

// step goes on with the mending.
func (r *residue) step() bool {
	d := r.leftover
	switch {
	case d == nil:
		return r.end("")
	case !r.port.up():
		return r.end(LinkDown)
	case r.mend.back == lost && r.task.waitedOut(r.core.now):
		return r.end(Offline)
	}
	switch r.mend.phase {
	case mendPad:
		switch ready, failed := r.padOut(); {
		case failed:
			return r.end(LinkDown)
		case ready:
			r.mend.phase = mendDrain
		}
	case mendDrain:
		if d.empty || !d.fenced && !r.line.asksInOrder() {
			d.assumed = d.assumed || !d.empty // nothing to ask
			d.empty, r.mend.phase = true, mendCut
			break
		}
		return r.drainOld(d)
	case mendFence, mendLeave:
		done, failed := r.putOver()
		switch {
		case failed:
			return r.end(LinkDown)
		case done && r.mend.phase == mendLeave:
			r.paper.noteCut(r.core.now)
			return r.over(d)
		case done:
			r.mend.phase = mendWait
		}
	case mendWait:
		return r.waitOld(d)
	case mendCut:
		if !d.torn || len(d.cut) == 0 {
			return r.over(d)
		}
		r.startPut(r.device.set.handOver(append(r.device.set.selected(nil), escpos.Reset+"\n"+string(d.cut)...)))
		r.mend.phase = mendLeave
	}
	return true
}

// over notes that nothing is left.
func (r *residue) over(d *leftover) bool {
	r.leftover = nil
	if !d.foreign {
		r.device.show.Empty = !d.assumed
	}
	return r.end("")
}

// drainOld sends a new fence: when it is answered, what was in the printer before has come out, or is gone.
func (r *residue) drainOld(d *leftover) bool {
	b := &r.line.book
	if d.epoch == r.port.epoch && r.core.now.Before(d.until) {
		r.mend.phase = mendWait
		return true
	}
	if d.tries == maxMends && d.foreign && r.device.known.Tier == 0 { // it never answers
		r.device.unordered, d.torn = true, false
		d.empty, d.assumed, r.mend.phase = true, true, mendCut
		return true
	}
	if d.tries == maxMends {
		r.device.alarm("the printer does not tell whether an earlier slip is still in it")
		d.empty, d.assumed, r.mend.phase = true, true, mendCut
		return true
	}
	d.tries++
	if d.tries > 1 { // it may be inside a command of unknown length
		d.pad, d.padded = mendPads[d.tries-2], 0
	}
	d.epoch = r.port.epoch
	var req []byte
	if d.tries > 1 {
		req, d.padded = make([]byte, d.pad), r.port.epoch
	}
	req = r.device.set.selected(req)
	if d.fenced {
		req = escpos.AppendFence(req, d.id.Plus(stepAgain))
	}
	if r.line.asksInOrder() {
		req = append(req, escpos.AskPaper+escpos.AskPaper...)
		if d.tries > 1 { // what was asked before and is not answered by now was lost with its data
			b.Order = 0
		}
		b.AskOrder(2)
	}
	d.until = r.core.now.Add(d.mech + againMargin)
	if d.foreign && r.device.known.Tier == 0 {
		d.until = r.core.now.Add(r.line.book.LineTime(len(req)) + answerTime)
	}
	r.startPut(req)
	r.mend.phase = mendFence
	return true
}

// waitOld waits for the answer.
func (r *residue) waitOld(d *leftover) bool {
	switch {
	case d.empty:
		r.mend.phase = mendCut
		return true
	case r.sensors.reason() != "":
		return r.end(r.sensors.reason())
	case r.task.cancel || !r.core.now.Before(d.until):
		return r.end(Offline)
	case r.line.book.Order == 0 && (!d.fenced || r.device.known.Tier == 'B' || r.device.known.Tier == 0 && r.task.cur == nil):
		// Where an id may never come it is enough that it has read everything, but not while a late proof is assumed for.
		d.empty, r.mend.phase = true, mendCut
		return true
	}
	r.core.at(d.until)
	return false
}
