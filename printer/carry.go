package printer

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
)

const (
	proofMargin = 3 * time.Second        // beyond three times the mechanism's least time a proof is overdue
	againMargin = 5 * time.Second        // for fences asked for anew, and after a hold
	calmMargin  = 300 * time.Millisecond // how long the status must stay clean once everything must have come out
	frameMargin = 300 * time.Millisecond // how late automatic status may come behind a real-time answer
	slowness    = 7                      // a printer may be this many times slower still before silence means something
	maxClears   = 3
	startTime   = time.Second      // no printer that was switched off and on is back sooner
	stallTime   = 10 * time.Minute // a line that takes nothing and says nothing for so long is dead
)

// carry sends the attempt and waits for its proof.
func (p *Printer) carry(ctx context.Context, a *attempt) Outcome {
	stop := ctx
	for {
		if ctx.Err() != nil && a.stopAt.IsZero() {
			a.stopAt = time.Now().Add(graceTime)
			stop = context.WithoutCancel(ctx) // it must not wake us again
		}
		o, next := p.judge(ctx, a)
		if o.State != "" {
			return o
		}
		p.feed(a)
		if a.owed > 0 {
			next = sooner(next, later(a.owedBy, time.Now().Add(time.Millisecond)))
		}
		if next = sooner(next, a.stopAt); !next.IsZero() {
			next = later(next, time.Now().Add(time.Millisecond)) // what is due may wait for a write: no spinning meanwhile
		}
		p.step(stop, next, nil)
	}
}

// judge looks where the attempt stands. It gives the outcome when that is known, else when to look again.
func (p *Printer) judge(ctx context.Context, a *attempt) (Outcome, time.Time) {
	now := time.Now()
	if a.gap {
		return Outcome{State: Uncertain, Reason: PowerLost, Tier: a.rung}, now
	}
	written := p.w == nil || !p.w.busy || a.off == len(a.data) // how the last portion went is told soon
	if !a.f1.IsZero() && written && !a.lateID && a.owed <= 0 && !a.blind() {
		if a.missing() && !p.probing {
			if a.gap = now.Sub(a.f1) >= calmMargin; a.gap {
				return Outcome{State: Uncertain, Reason: PowerLost, Tier: a.rung}, now
			}
		} else if o := p.proven(a, now); o.State != "" {
			return o, now
		}
	}
	if a.cleared && a.clears > 0 {
		return Outcome{State: Cancelled, Reason: a.held, Tier: a.rung}, now
	}
	if p.w == nil {
		a.gap = a.gap || a.blind()
		return p.lost(ctx, a), now
	}
	if a.owed > 0 && !p.w.busy && !now.Before(a.owedBy) {
		if a.clocked { // a network may have lost it
			return Outcome{State: Uncertain, Reason: ProofLost, Tier: a.rung}, now
		}
		return Outcome{State: Uncertain, Reason: PowerLost, Tier: a.rung}, now
	}
	if a.reset && a.held == "" && a.off < len(a.data) {
		return Outcome{State: Uncertain, Reason: PowerLost, Tier: a.rung}, now // what is missing on the paper is known to nobody
	}
	if !a.stopAt.IsZero() && !now.Before(a.stopAt) {
		return Outcome{State: Uncertain, Reason: Stopped, Tier: a.rung}, now
	}
	if reason := reasonOf(p.st); reason != "" || a.held != "" {
		if reason != "" {
			p.hold(a, reason)
		} else if o := p.goOn(ctx, a); o.State != "" {
			return o, now
		}
		if p.w == nil {
			return Outcome{}, now
		}
	}
	if o, waits := p.asks(ctx, a); waits {
		return o, now
	}
	if a.off < len(a.data) || a.held != "" {
		return Outcome{}, p.nextPoll(a)
	}
	return p.verdict(ctx, a)
}

// missing says, once the slip's id came back, whether an answer from inside the slip did not: that part was thrown away in
// the printer. Two such answers are never open while more is sent, so at most one is missing; those to GS r behind the slip
// come in pairs.
func (a *attempt) missing() bool {
	if !a.acks || a.timed {
		return false
	}
	more := a.answers - a.acksBefore(len(a.stops)-1)
	return more < 0 || a.gsr && a.stale == 0 && more%2 == 1
}

// acksBefore counts the GS r at the first n stops.
func (a *attempt) acksBefore(n int) (acks int) {
	for _, s := range a.stops[:n] {
		if s.full {
			acks++
		}
	}
	return acks
}

// feed hands the next portion to the writer, as long as the printer's buffer has room.
func (p *Printer) feed(a *attempt) {
	w := p.w
	if w == nil || w.busy || a.off >= len(a.data) || a.clears > 0 || a.reset {
		return
	}
	var end int
	switch {
	case a.off < a.given: // the driver did not take all of a portion
		end = a.given
	case a.held != "":
		end = a.nextStop() // what has begun is ended, so that questions can pass
	default:
		end = p.room(a)
	}
	if end <= a.off {
		return
	}
	if a.t0.IsZero() {
		a.t0 = time.Now()
		a.stale = max(w.inOrder, 0)
		w.inOrder, a.wire = a.stale, w
		a.pollAt = a.t0.Add(pollBusy)
	}
	p.count(a, end)
	a.owedBy = later(w.freeAt, time.Now()).Add(w.lineTime(end - a.off)).Add(a.patience)
	began, told := time.Now(), a.held != ""
	w.start(a.data[a.off:end], func(r written) {
		// It may have been switched off and on: what it had read is gone then, and nothing that comes later tells.
		a.gap = a.gap || r.busy >= startTime && !told && a.held == "" && a.heldAt.Before(began)
		a.rest = a.rest || r.n > 0 && a.held != ""
		p.took(a, r)
	})
	if end == len(a.data) {
		a.sentAt = later(w.freeAt, time.Now())
		begin := later(a.t0, p.cutBy)
		after := a.sentAt
		if a.paced { // the sending may have waited, and what is in the buffer now is still to be printed
			after = after.Add(a.mech * 5 / 4 * time.Duration(p.window()) / time.Duration(end))
		}
		a.calmAt = later(begin.Add(a.mech*5/4), after).Add(calmMargin)
		a.idBy = later(begin.Add(a.mech*3), a.sentAt).Add(proofMargin)
		if w.asb && p.idTells(a) {
			a.pollAt = a.calmAt
		}
	}
}

// count notes which GS r go out with the bytes up to end. What the driver does not take is handed over again, so each
// is counted once.
func (p *Printer) count(a *attempt, end int) {
	for a.given < end {
		s := a.stops[a.flow]
		a.given = min(s.at, end)
		if s.at > end {
			return
		}
		a.flow++
		if a.flow == len(a.stops) {
			p.w.inOrder += a.asked
			return
		}
		if a.acks && s.full {
			p.w.inOrder++
		}
		if a.beats {
			a.owed++
		}
	}
}

// nextStop is where the driver next stands between complete commands; off itself when it does so now.
func (a *attempt) nextStop() int {
	if a.off == 0 {
		return 0
	}
	return a.stops[a.stopFrom(a.off)].at
}

// stopFrom gives the first stop at or behind an offset.
func (a *attempt) stopFrom(off int) int {
	i, _ := slices.BinarySearchFunc(a.stops, off, func(s stop, off int) int { return s.at - off })
	return i
}

// room is how far the attempt may be sent now.
func (p *Printer) room(a *attempt) int {
	end := len(a.data)
	if a.paced {
		end = p.portionRoom(a)
	}
	if a.clocked {
		i := a.flow // up to the next sign of life, which is asked for when the one before has come
		if a.owed <= 0 {
			i++
		}
		if i < len(a.stops)-1 {
			end = min(end, a.stops[i].at-beatBytes)
		}
	}
	return end
}

// portionRoom is how far a paced attempt may be sent now: two portions may be in the printer.
func (p *Printer) portionRoom(a *attempt) int {
	i := a.stopFrom(a.off + 1)
	begins := i > 0 && a.stops[i-1] == (stop{a.off, true})
	last := i - 2 // the end of the portion before the last
	for last >= 0 && !a.stops[last].full {
		last--
	}
	for !a.stops[i].full {
		i++
	}
	switch {
	case !begins:
	case !a.timed && p.w.inOrder < 2:
		a.fullAt = time.Time{}
	case !a.timed && a.fullAt.IsZero():
		a.fullAt = time.Now()
		return a.off
	case a.stale > 0 && a.answers >= a.acksBefore(a.flow) && time.Since(a.fullAt) > a.mech+proofMargin: // those are lost
		p.w.inOrder, a.stale, a.fullAt = 0, 0, time.Time{}
	case !a.timed && (a.resumed || a.answers > 0): // it does answer: when it stops doing so, what was in its buffer is gone
		a.reset = time.Since(a.fullAt) > againMargin+slowness*a.mech
		return a.off
	case !a.timed && time.Since(a.fullAt) < a.mech+proofMargin:
		return a.off
	case last >= 0: // without answers to go by, no faster than the mechanism reads
		a.timed = true
		share := a.mech * time.Duration(a.stops[last].at) / time.Duration(len(a.data))
		if time.Since(a.t0) < share*3/2 {
			return a.off
		}
	}
	return a.stops[i].at
}

// took notes what the driver took of a portion.
func (p *Printer) took(a *attempt, r written) {
	a.off += r.n
	a.owedBy = later(a.owedBy, time.Now().Add(a.patience))
	if errors.Is(r.err, os.ErrDeadlineExceeded) && r.n == 0 {
		a.pollAt = later(a.pollAt, time.Now())
		if silence := time.Since(later(p.heardAt, a.t0)); silence > stallTime && a.held == "" {
			p.hangUp(errSilent)
		}
	}
}

// atStop says whether the driver stands between complete commands, where a question may go out.
func (a *attempt) atStop() bool {
	return a.nextStop() == a.off
}

// nextPoll is when to look again. While the line is taken that is when it becomes free.
func (p *Printer) nextPoll(a *attempt) time.Time {
	if p.w != nil && p.w.busy {
		return time.Time{}
	}
	soon := time.Now().Add(20 * time.Millisecond)
	if a.timed && a.off < len(a.data) && a.held == "" {
		return soon
	}
	return later(a.pollAt, soon)
}

// asks sends what is due between complete commands: a status question, help for the cutter, the request to clear the
// buffers. It reports true when time has passed, so that the attempt is judged afresh.
func (p *Printer) asks(ctx context.Context, a *attempt) (Outcome, bool) {
	w := p.w
	now := time.Now()
	if w.busy || a.rung == 'D' || a.owed > 0 || !a.atStop() || a.t0.IsZero() && a.held == "" {
		return Outcome{}, false
	}
	p.aidCutter()
	if w.busy {
		return Outcome{}, false
	}
	if a.held == PaperOut && p.clears() && a.clears < maxClears && !now.Before(a.clearedBy) && a.f1.IsZero() {
		a.clears++
		a.clearedBy = now.Add(2 * pollBusy)
		a.pollAt = a.clearedBy
		p.realTime(escpos.ClearBuffers, func() { a.clears-- })
		return Outcome{}, false
	}
	if now.Before(a.pollAt) {
		return Outcome{}, false
	}
	a.pollAt = now.Add(pollBusy)
	a.unseen = a.unseen || a.held != "" && !w.asb && p.pause() > pollBusy
	quiet := context.WithoutCancel(ctx)
	answered := p.look(quiet)
	if p.st.Offline && !p.mute() {
		a.pollAt = later(a.pollAt, p.askAt)
	}
	if !answered && p.w == w && p.mute() {
		p.unanswered(a)
		if time.Since(p.silentSince) > silentTime {
			p.hangUp(errSilent)
		}
	}
	return Outcome{}, true
}

// unanswered notes that a question was not answered in time: the printer may have been switched off, and whoever answers
// later may know nothing of what was sent. In the middle of a slip the answer may still come, as those of beats may: a
// network that stood still for a moment keeps it, a printer that was off does not. A slip that is read may still have to come out.
func (p *Printer) unanswered(a *attempt) {
	switch {
	case a.held != "":
		a.reset = true
	case a.off < len(a.data), p.w.inOrder <= 0 && !p.idTells(a):
		a.owed++
		a.owedBy = later(a.owedBy, time.Now().Add(proofMargin))
	}
}

// blind says that some of the slip left while it is held, perhaps to a printer that was switched off and on: until that shows, its
// ids tell nothing.
func (a *attempt) blind() bool { return a.held != "" && a.rest }

// idTells says whether the slip's own id will tell that it has come out.
func (p *Printer) idTells(a *attempt) bool {
	return a.gsh && !a.lateID && p.trusted()
}

// hold notes that the printer cannot go on now. What it has, it keeps.
func (p *Printer) hold(a *attempt, reason Reason) {
	if a.held == reason {
		return
	}
	if a.held == "" {
		a.heldAt = time.Now()
		if p.frameAt.After(a.t0) && p.frameAt.Before(a.heldAt) {
			a.heldAt = p.frameAt
		}
		a.read, a.unseen, a.blank = false, false, p.w.inOrder <= 0
		a.spent = a.spent || a.off == len(a.data) && p.w.inOrder <= 0
		a.pollAt = time.Now().Add(pollBusy)
	}
	a.held = reason
	if a.Report != nil {
		a.Report(Held, reason)
	}
}

// goOn ends a hold. A printer that was switched off and on meanwhile has forgotten what it had, and that it was to tell
// of changes by itself: the latter shows.
func (p *Printer) goOn(ctx context.Context, a *attempt) Outcome {
	w := p.w
	if w.asb && reasonOf(p.frame) != "" {
		for until := time.Now().Add(frameMargin); p.w == w && time.Now().Before(until) && reasonOf(p.frame) != ""; {
			p.step(context.WithoutCancel(ctx), until, nil)
		}
		if p.w != w || reasonOf(p.st) != "" {
			return Outcome{}
		}
		a.reset = a.reset || reasonOf(p.frame) != "" && !a.t0.IsZero()
	}
	a.reset = a.reset || a.unseen && a.blank && !a.t0.IsZero()
	a.gap = a.gap || a.reset && a.rest
	if a.gap || a.off < len(a.data) && (a.reset || a.clears > 0) {
		return Outcome{State: Uncertain, Reason: PowerLost, Tier: a.rung}
	}
	now := time.Now()
	rest := max(0, a.mech*5/4-a.heldAt.Sub(a.t0))
	a.held, a.resumed, a.fullAt = "", true, time.Time{}
	a.calmAt = later(a.calmAt, now.Add(rest+pollBusy))
	a.idBy = later(a.idBy, now.Add(rest+againMargin))
	a.pollAt = now.Add(pollBusy)
	if a.Report != nil {
		a.Report(Sending, "")
	}
	return Outcome{}
}
