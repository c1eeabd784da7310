package printer

import (
	"context"
	"log/slog"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
)

const (
	lostTime = 3 * time.Second // how long Print waits for a lost link, in case the proof is still to come
	maxMends = 3               // fences in vain before a printer is believed to be empty
	minPad   = 32              // ends any command that is not a picture
)

// mendPads are the zeros before the second and the third fence.
var mendPads = [maxMends - 1]int{1024, 8192}

// A leftover is what an unproven attempt may have left in the printer: the rest of a binary command that it still
// waits for, data that it still prints, a torn piece. Nothing new is sent before that is out of the way.
type leftover struct {
	id    ID
	gsh   bool   // it had asked for its id
	pad   int    // zeros that end any command that may be unfinished
	cut   []byte // separates the torn piece from the next slip
	torn  bool   // its end was never proven
	empty bool   // the printer has nothing of it left
	bytes int    // how many of it may be there, at most
	hoped bool   // that is not known
	mech  time.Duration

	padded *wire // the link on which the zeros were sent
	epoch  *wire // the link on which the fence was sent
	tries  int
	until  time.Time
}

// mend gets what an unproven attempt left behind out of the way. It gives the reason when that has to wait.
func (p *Printer) mend(ctx context.Context) Reason {
	d := p.dirty
	if !p.idleWriter(ctx) {
		return LinkDown
	}
	if !p.padOut(ctx) {
		return LinkDown
	}
	if !d.empty {
		if reason := p.drainOld(ctx, d); reason != "" {
			return reason
		}
	}
	if d.torn && len(d.cut) > 0 {
		if !p.put(ctx, append([]byte(escpos.Reset+"\n"), d.cut...)) {
			return LinkDown
		}
		p.cutting(time.Now())
	}
	p.dirty = nil
	p.setEmpty(!d.hoped)
	return ""
}

// setEmpty notes whether the printer has told that nothing of an earlier slip is in it.
func (p *Printer) setEmpty(empty bool) {
	p.change(func(s *Status) { s.Empty = empty })
}

// padOut ends a command that the printer may be in the middle of. It comes before everything else on a link: a question
// would be taken for the command's parameters. It reports false when the zeros could not be sent.
func (p *Printer) padOut(ctx context.Context) bool {
	d := p.dirty
	if d == nil || d.pad == 0 || d.padded == p.w {
		return true
	}
	if !p.idleWriter(ctx) || !p.put(ctx, make([]byte, d.pad)) {
		return false
	}
	d.padded = p.w
	return true
}

// drainOld waits until the printer has answered a new fence: what was in it before has then come out, or is gone.
func (p *Printer) drainOld(ctx context.Context, d *leftover) Reason {
	if !d.gsh && !p.asksInOrder() {
		d.empty, d.hoped = true, true // nothing to ask
		return ""
	}
	w := p.w
	if d.epoch != w || !time.Now().Before(d.until) {
		if d.tries == maxMends {
			p.alarm("the printer does not tell whether an earlier slip is still in it")
			d.empty, d.hoped = true, true
			return ""
		}
		if d.tries++; d.tries > 1 { // it may be inside a command of unknown length
			d.pad, d.padded = mendPads[d.tries-2], nil
			if !p.padOut(ctx) {
				return LinkDown
			}
		}
		d.epoch = w
		var b []byte
		if d.gsh {
			b = escpos.AppendFence(b, d.id.Plus(stepAgain))
		}
		if p.asksInOrder() {
			b = append(b, escpos.AskPaper+escpos.AskPaper...)
			if d.tries > 1 { // what was asked before and is not answered by now was lost with its data
				w.inOrder = 0
			}
			w.inOrder = max(w.inOrder, 0) + 2
		}
		d.until = time.Now().Add(d.mech + againMargin)
		if !p.put(ctx, b) {
			return LinkDown
		}
	}
	for !d.empty {
		if reason := reasonOf(p.st); reason != "" {
			return reason
		}
		now := time.Now()
		if p.w != w {
			return LinkDown
		}
		if ctx.Err() != nil || !now.Before(d.until) {
			return Offline
		}
		// Where an id may never come it is enough that it has read everything, but not while a late proof is hoped for.
		if w.inOrder == 0 && (!d.gsh || p.known.Tier == 'B' || p.known.Tier == 0 && p.cur == nil) {
			d.empty = true
			break
		}
		p.step(ctx, d.until, nil)
	}
	return ""
}

// put writes b and waits until the driver has taken it. It reports false when the link went, ctx ended, or the driver
// takes nothing; what it has taken may then be the beginning of a command.
func (p *Printer) put(ctx context.Context, b []byte) bool {
	w := p.w
	for len(b) > 0 {
		n, ended := 0, false
		w.start(b[:min(len(b), 1024)], func(r written) { n, ended = r.n, true })
		for !ended && p.w == w {
			p.step(context.WithoutCancel(ctx), time.Time{}, nil)
		}
		if b = b[n:]; p.w != w || ctx.Err() != nil || n == 0 {
			if d := p.dirty; d != nil {
				d.pad, d.padded = max(d.pad, minPad), nil
			}
			return false
		}
	}
	return p.w == w
}

// lost waits a moment for the link to come back: the printer may have finished, and then its proof settles the
// attempt. Otherwise nobody can say what became of it.
func (p *Printer) lost(ctx context.Context, a *attempt) Outcome {
	o := Outcome{State: Uncertain, Reason: LinkDown, Tier: a.rung}
	if p.linkErr != nil {
		o.Message = p.linkErr.Error()
	}
	if a.off == 0 {
		o.State = NotSent // the driver took nothing
		return o
	}
	if !a.stopAt.IsZero() || a.rung == 'D' {
		return o
	}
	p.leave(a, false)
	limited, cancel := context.WithTimeout(ctx, lostTime)
	defer cancel()
	for limited.Err() == nil && a.f1.IsZero() {
		if p.w == nil {
			p.step(limited, p.retryAt, nil)
			if time.Now().Before(p.retryAt) || !p.open(limited) {
				continue
			}
		}
		if p.look(limited) && reasonOf(p.st) == "" && p.mend(limited) == "" {
			break
		}
		if p.w != nil {
			p.step(limited, time.Now().Add(pollBusy/4), nil)
		}
	}
	if !a.f1.IsZero() && a.owed <= 0 && !a.gap && (p.trusted() || a.behind) {
		if p.dirty != nil {
			p.dirty.torn = false
		}
		p.log.Info("proof came on a new link", slog.Int("epoch", p.Status().Epoch))
		return Outcome{State: Printed, Tier: 'A', At: a.f1}
	}
	return o
}
