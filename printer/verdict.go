package printer

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
)

// verdict looks at an attempt that was sent in full, to a printer that is not held. It gives the outcome when that is
// known, else when to look again.
func (p *Printer) verdict(ctx context.Context, a *attempt) (Outcome, time.Time) {
	if a.rung == 'D' {
		return p.drained(a), time.Now()
	}
	now := time.Now()
	if a.owed > 0 {
		return Outcome{}, a.owedBy
	}
	p.answers(a)
	if !a.f1.IsZero() && !a.lateID { // whether it proves shows behind the cut, and whether anything is missing soon
		known := a.f1.Add(proofMargin)
		if a.missing() {
			known = a.f1.Add(calmMargin)
		}
		return Outcome{}, sooner(known, later(a.pollAt, now))
	}
	settled := a.read && (!a.gsh || a.lateID) || !a.gsh && !a.gsr
	switch {
	case settled && now.Before(a.calmAt):
		return Outcome{}, sooner(a.calmAt, later(a.pollAt, now))
	case settled:
		return p.processed(ctx, a), now
	case !a.f3.IsZero() && a.f1.IsZero():
		return p.unproven(a), now // fences come back in order: the first one's slip is gone
	case now.Before(a.idBy):
		return Outcome{}, sooner(a.idBy, later(a.pollAt, now))
	case a.read:
		return p.processed(ctx, a), now
	case !a.again:
		p.fenceAgain(a)
		return Outcome{}, later(a.pollAt, now)
	}
	return p.overdue(ctx, a), now
}

// answers looks whether the printer has answered everything that was asked in order.
func (p *Printer) answers(a *attempt) {
	asked := a.gsr && !a.spent || a.again
	switch {
	case a.read || !asked || a.reset || a.failed:
	case a.lateID && !a.f3.IsZero():
		a.read = true
	case p.w.inOrder > 0:
	case a.resumed && a.again && a.gsh && !a.lateID: // answers to the new questions; the slip's own id is missing
	case p.w.inOrder == 0:
		a.read = true
		a.calm(time.Now())
	case !a.again: // more bytes than questions: one of them was noise, and may have stood for an answer
		p.fenceAgain(a)
	}
}

// drained is the outcome for a link that cannot tell anything.
func (p *Printer) drained(a *attempt) Outcome {
	err := p.w.conn.Drain(later(a.sentAt, time.Now()).Add(graceTime))
	switch {
	case err == nil:
		return Outcome{State: Sent, Tier: 'D'}
	case errors.Is(err, os.ErrDeadlineExceeded): // the printer takes nothing: it goes on by itself
		if a.held == "" && a.Report != nil {
			a.Report(Held, Offline)
		}
		a.held = Offline
	default:
		p.hangUp(err)
	}
	return Outcome{}
}

// fenceAgain asks anew whether the printer has come to the end.
func (p *Printer) fenceAgain(a *attempt) {
	if p.w.busy {
		return
	}
	w, inOrder, idBy := p.w, p.w.inOrder, a.idBy
	a.again, a.f3 = true, time.Time{}
	var b []byte
	if a.gsh {
		b = escpos.AppendFence(b, a.id.Plus(stepHold))
	}
	if p.asksInOrder() {
		b = append(b, escpos.AskPaper+escpos.AskPaper...)
		w.inOrder = max(w.inOrder, 0) + 2
		a.more += 2
	}
	added := w.inOrder - inOrder
	a.idBy = later(a.idBy, time.Now().Add(againMargin+slowness*a.mech))
	w.request(string(b), false, func() { a.again, a.idBy, w.inOrder = false, idBy, w.inOrder-added })
}

// processed is the outcome of an attempt that was read, or of which nothing better can be known: when the status is
// clean now.
func (p *Printer) processed(ctx context.Context, a *attempt) Outcome {
	w := p.w
	if !p.look(context.WithoutCancel(ctx)) || reasonOf(p.st) != "" {
		if p.w == w && p.mute() && !w.busy {
			p.unanswered(a)
		}
		return Outcome{} // judged afresh
	}
	if a.reset {
		return p.unproven(a)
	}
	if !a.gsh && !a.gsr {
		return Outcome{State: Sent, Tier: 'C'}
	}
	switch {
	case a.lateID:
		p.answered('A')
	case a.gsh:
		a.alarm = p.silent('B')
	default:
		p.answered('B')
	}
	return Outcome{State: Processed, Tier: 'B'}
}

// unproven is the outcome when the printer answers but not for this slip.
func (p *Printer) unproven(a *attempt) Outcome {
	reason := ProofLost
	if a.resumed || a.reset || a.failed {
		reason = PowerLost
	}
	return Outcome{State: Uncertain, Reason: reason, Tier: a.rung}
}

// overdue is the outcome when neither the first nor the second asking was answered.
func (p *Printer) overdue(ctx context.Context, a *attempt) Outcome {
	if !p.look(context.WithoutCancel(ctx)) || reasonOf(p.st) != "" {
		return Outcome{}
	}
	seen := p.known.Tier != 0 || p.pinned() != 0
	if a.resumed || a.reset || a.failed {
		return p.unproven(a)
	}
	a.alarm = p.silent('C')
	if seen {
		return p.unproven(a)
	}
	return Outcome{State: Sent, Tier: 'C'} // it has never answered a fence: all that can be said is that it is well
}

// proven is the outcome once the attempt's own id came back. An id that comes sooner than the mechanism can have printed
// proves only that the printer has read; so may any id of a device that was never seen to wait for its paper.
func (p *Printer) proven(a *attempt, now time.Time) Outcome {
	switch {
	case p.pinned() == 'A':
	case a.f1.Sub(a.t0) < a.mech*9/10, p.known.Early:
		if !p.known.Early {
			k := p.known
			k.Early = true
			p.learn(k)
			a.alarm = "proof came before the printer can have printed: it counts as processed until a probe or proof = \"A\" says otherwise"
		}
		a.late()
		return Outcome{}
	case p.known.Behind:
	case a.behind:
		k := p.known
		k.Behind = true
		p.doubt = false
		p.learn(k)
	case a.held != "" || a.gsr && len(a.Slip.Cut) > 0 && a.f2.IsZero() && p.w == a.wire && now.Before(a.f1.Add(proofMargin)):
		return Outcome{} // the proof behind the cut may show it
	default:
		p.doubted(a)
		a.late()
		return Outcome{}
	}
	p.answered('A')
	p.heardAt = later(p.heardAt, a.f1) // a printer that has just finished printing is well
	return Outcome{State: Printed, Tier: 'A', At: a.f1}
}

// compare looks whether an id came back later than the answers to the questions behind it, of which all but left have
// come: then the printer had read on while it still printed. Nothing that delays answers on their way changes their order.
func (p *Printer) compare(a *attempt, left int) {
	if a.gsr && a.flow == len(a.stops) && p.w != nil && p.w == a.wire && p.w.inOrder <= left+a.more {
		a.behind = true
	}
}

// doubted notes that nothing shows what the ids of this device prove, and tells it once.
func (p *Printer) doubted(a *attempt) {
	if p.doubt || p.probing {
		return
	}
	p.doubt = true
	p.showTier()
	a.alarm = "nothing shows that its proof waits for the paper: it counts as processed until a slip, a probe or proof = \"A\" says otherwise"
}

// late takes the id for a proof of reading.
func (a *attempt) late() {
	a.lateID, a.read = true, true
	a.calm(a.f1)
}

// calm puts off the time when everything must have come out, for a printer that had read everything at the time at. When
// its paper held it back by then, it is slower than its family and goes on for a while: most have a quarter still before them.
func (a *attempt) calm(at time.Time) {
	rest := min(at.Sub(a.t0)/4, at.Sub(a.sentAt))
	a.calmAt = later(a.calmAt, at.Add(rest+calmMargin))
}
