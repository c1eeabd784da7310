package printer

import (
	"log/slog"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
)

// conclude notes what the outcome of an attempt means for what comes next.
func (p *Printer) conclude(a *attempt, o *Outcome) {
	if o.Alarm == "" {
		o.Alarm = a.alarm
	}
	p.alarm(o.Alarm)
	p.remember(past{id: a.id, open: o.State == Uncertain && a.owed <= 0 && !a.gap && !a.blind()})
	o.Cut = !a.f2.IsZero() || a.rung != 'D' && len(a.Slip.Cut) == 0 && !a.f1.IsZero()
	switch o.State {
	case Printed, Processed, Sent:
		if o.State != Sent {
			p.setEmpty(true)
		}
		if len(a.Slip.Cut) > 0 {
			p.cutting(a.calmAt.Add(-calmMargin))
			if !a.f1.IsZero() && !a.lateID {
				p.cutting(a.f1)
			}
		}
		p.change(func(s *Status) {
			if o.State != Sent {
				s.LastProof = o.At
			}
		})
		if a.gsh && !a.f1.IsZero() && !o.Cut {
			p.tail = &tail{id: a.id.Plus(stepCut), cut: a.Slip.Cut, until: time.Now().Add(cutTime + a.mech)}
			if p.w == nil {
				p.dropTail()
			}
		}
	case Uncertain, Cancelled:
		if o.State == Cancelled && p.w != nil {
			p.w.inOrder = 0 // what was asked went with the slip
		}
		p.leave(a, o.State == Cancelled)
	}
	p.log.Debug("attempt over", slog.String("state", string(o.State)), slog.String("reason", string(o.Reason)),
		slog.Int("bytes", o.Bytes), slog.String("tier", string(o.Tier)))
}

// leave notes what an attempt without a proof may have left in the printer; empty when nothing can be.
func (p *Printer) leave(a *attempt, empty bool) {
	p.tail = nil
	if a.left {
		return // its mending has begun
	}
	a.left = true
	p.setEmpty(false)
	p.dirty = &leftover{
		id: a.id, gsh: a.gsh, cut: a.Slip.Cut, torn: a.f2.IsZero(), bytes: a.off, mech: a.mech, empty: empty || !a.f3.IsZero(),
	}
	if a.off < len(a.data) || p.w == nil { // what the driver took may be lost as well
		p.dirty.pad = max(escpos.Largest(a.Slip.Content), minPad)
	}
}

const (
	cutTime = 5 * time.Second        // how long a cut and the feed before it may take
	cutMean = 500 * time.Millisecond // how long a cut takes, without the feed
)

// cutting notes that what was sent up to now ends with a cut: the next slip's paper moves after it.
func (p *Printer) cutting(from time.Time) {
	p.cutBy = from.Add(cutMean + p.mechanics(p.prof.CutFeedDots))
}

// endTail gives up waiting for the proof behind the last cut.
func (p *Printer) endTail(now time.Time) {
	if p.tail == nil || now.Before(p.tail.until) {
		return
	}
	if reasonOf(p.st) != "" && p.w != nil { // a stuck cutter says so by itself
		p.tail.until = now.Add(cutTime)
		return
	}
	p.tail = nil
	p.alarm("the last slip came out but its cut was not confirmed")
}

// dropTail is for a link that goes while the proof behind a cut is awaited: the printer may be in the middle of the cut's
// command, which would swallow the beginning of the next slip, and may not have cut.
func (p *Printer) dropTail() {
	if p.tail == nil {
		return
	}
	if p.dirty == nil {
		p.dirty = &leftover{id: p.tail.id.Plus(-stepCut), gsh: true, pad: minPad, cut: p.tail.cut, torn: true, empty: true}
	}
	p.tail = nil
}

// maxPast bounds how many attempts are remembered for ids that come late.
const maxPast = 64

func (p *Printer) remember(e past) {
	if len(p.past) == maxPast {
		p.past = append(p.past[:0], p.past[1:]...)
	}
	p.past = append(p.past, e)
}

// proof takes in an id that came back.
func (p *Printer) proof(id ID, at time.Time) {
	if a := p.cur; a != nil {
		switch id {
		case a.id:
			a.f1 = at
			p.compare(a, a.asked/2*min(1, len(a.Slip.Cut)))
			return
		case a.id.Plus(stepCut): // implies the first, which a printer may leave out when the second is ready as well
			a.f2 = at
			p.compare(a, 0)
			if a.f1.IsZero() {
				a.f1 = at
			}
			return
		case a.id.Plus(stepHold):
			a.f3 = at
			p.passed()
			return
		}
	}
	if p.probing && id == p.fence {
		p.fenced = true
		return
	}
	if p.tail != nil && id == p.tail.id {
		p.tail = nil
		return
	}
	if d := p.dirty; d != nil && id == d.id.Plus(stepAgain) {
		d.empty = true
		p.passed()
		return
	}
	if d := p.dirty; d != nil && (id == d.id || id == d.id.Plus(stepCut)) {
		d.torn = false
	}
	p.lateProof(id, at)
}

// passed forgets the questions in order that stand before a fence which came back: what they did not answer by now is
// lost. Two stand behind it.
func (p *Printer) passed() {
	if p.w != nil {
		p.w.inOrder = min(p.w.inOrder, 2)
	}
}

// lateProof takes in an id of an attempt that is over, perhaps one of an earlier process. Unknown ids may be the first
// or the second of their block: the journal knows.
func (p *Printer) lateProof(id ID, at time.Time) {
	for i := range p.past {
		e := &p.past[i]
		switch id {
		case e.id, e.id.Plus(stepCut):
			if e.open && p.trusted() {
				e.open = false
				p.log.Info("late proof")
				p.cfg.OnProof(e.id, at)
			}
			return
		case e.id.Plus(stepHold), e.id.Plus(stepAgain):
			return
		}
	}
	if p.trusted() {
		p.cfg.OnProof(id, at)
		p.cfg.OnProof(id.Plus(-stepCut), at)
	}
}
