package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/evidence"
	"github.com/receiptd/receiptd/printer/session"
)

// nextPoll is when to look again. While the line is taken that is when it becomes free.
func (d *delivery) nextPoll(a *attempt) time.Time {
	if d.line.book.Busy() {
		return time.Time{}
	}
	soon := d.core.now.Add(20 * time.Millisecond)
	if a.byTime() && a.t.Off() < len(a.plan.data) && a.t.Holding() == "" {
		return soon
	}
	if open, _ := d.device.evidence(a).Outstanding(); open > 0 {
		soon = d.core.now.Add(200 * time.Millisecond) // nothing can be asked before
	}
	return later(a.pollAt, soon)
}

// poll sends what is due between complete commands: help for the cutter, the request to clear the buffers, a status question.
// It reports true when the attempt is to be judged afresh.
func (d *delivery) poll(a *attempt) bool {
	b, holding := &d.line.book, a.t.Holding()
	open, _ := d.device.evidence(a).Outstanding()
	if b.Busy() || a.facts.Tier == 'D' || open > 0 || !a.atStop() && (holding == "" || d.line.stalled.IsZero() || !a.between()) || a.t.Began().IsZero() && holding == "" || !a.frameBy.IsZero() {
		return false
	}
	d.questions.freeCutter()
	if b.Busy() {
		return false
	}
	clears, _ := a.t.Clears()
	if holding == PaperOut && d.device.set.clears && clears < maxClears && !d.core.now.Before(a.clearedBy) && d.device.evidence(a).FirstAt().IsZero() {
		a.clearedBy = d.core.now.Add(2 * pollBusy)
		a.pollAt = a.clearedBy
		d.line.note(evidence.Entry{Kind: evidence.Asked, What: evidence.Clearing, N: 1})
		d.questions.realTime(escpos.ClearBuffers)
		b.Undo = evidence.Clearing
		return false
	}
	if d.core.now.Before(a.pollAt) {
		return false
	}
	a.pollAt = d.core.now.Add(pollBusy)
	d.asker.start(forPoll)
	return true
}

// looked notes a question that was not answered in time: the printer may have been switched off, and whoever answers later may
// know nothing of what was sent.
func (d *delivery) looked(why lookWhy, ok bool) {
	a := d.task.cur
	if ok && d.sensors.reason() == "" && !d.line.stalled.IsZero() {
		d.resume()
	}
	if why == forPoll && d.sensors.st.Offline && !d.sensors.mute() {
		a.pollAt = later(a.pollAt, d.questions.askAt)
	}
	if ok || !d.port.up() || !d.sensors.mute() || why == forClaim && d.line.book.Busy() {
		return
	}
	d.line.note(evidence.Entry{Kind: evidence.Unanswered, What: evidence.Poll})
	limit := silentTime
	if !d.line.stalled.IsZero() && !d.line.book.Caps.Session { // it says busy, which is more than nothing
		limit = stallTime
	}
	if why == forPoll && d.core.now.Sub(d.sensors.silentSince) > limit {
		d.port.hangUp(errSilent)
	}
}

// resume lets a line go on whose printer says again and again that it is well and that holds everything back all the same: its XON was
// lost.
func (d *delivery) resume() {
	if d.line.online++; d.line.flow && d.line.online >= onlineTimes && d.core.now.Sub(d.line.stalled) >= stuckTime {
		d.line.online = 0
		d.device.alarm("the printer says that it is well and its line stays busy: it lost an XON, or a wire of its cable; it goes on")
		d.core.emit(effect{kind: doResume})
	}
}

// fenceAgain asks anew whether the printer has come to the end.
func (d *delivery) fenceAgain(a *attempt) {
	b, n := &d.line.book, 0
	req := d.device.set.selected(nil)
	if a.facts.Fences {
		req = escpos.AppendFence(req, a.id.Plus(stepHold))
	}
	if d.line.asksInOrder() {
		req = append(req, escpos.AskPaper+escpos.AskPaper...)
		n = 2
		was := b.Order
		b.AskOrder(n)
		d.line.orderSent = b.Order - was
	}
	d.line.note(evidence.Entry{Kind: evidence.Asked, What: evidence.Anew, N: n})
	asking := d.line.orderSent
	d.line.send(session.Request, d.device.set.handOver(req), false)
	b.Undo, d.line.orderSent = evidence.Anew, asking
}
