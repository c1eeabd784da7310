package printer

import (
	"context"
	"log/slog"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
)

// An attempt is a slip on its way. Its data are content, fence F1, last cut, fence F2 (and, where ids are not known to
// come back, two GS r behind them: two, since a stray byte on the line looks like the answer to one).
type attempt struct {
	Attempt
	rung     byte // tier to work on
	gsh, gsr bool // what is asked for at the end

	id     ID
	data   []byte
	stops  []int     // offsets in data between complete commands, ascending; the last is its end
	paced  bool      // longer than the printer's buffer: sent from stop to stop
	acks   bool      // at each stop but the last stands a GS r, answered when the printer has read so far
	timed  bool      // it goes by time, since there are no such answers or they stay away
	beats  bool      // at each stop but the last stands a DLE EOT: see lineBeat
	owed   int       // such questions sent and not answered
	owedBy time.Time // when the last answer must have come
	off    int       // bytes that the driver took
	given  int       // bytes handed to the writer
	flow   int       // stops whose GS r was sent

	fullAt time.Time     // since when the printer's buffer is believed to be full; zero when it is not
	t0     time.Time     // before the first byte
	sentAt time.Time     // when the last byte will have left the line
	mech   time.Duration // the least the mechanism needs for the paper length
	idBy   time.Time     // when a proof is overdue
	calmAt time.Time     // when everything must have come out, if it was read
	pollAt time.Time
	stopAt time.Time // stopped: until then a proof is waited for

	asked      int       // GS r inside the content: a probe's
	readAt     time.Time // when the first answer to a GS r came
	f1, f2, f3 time.Time // when the ids came back
	read       bool      // the printer has read everything, and was not held since
	failed     bool      // the printer said that it dropped the slip for want of paper
	again      bool      // the fences were asked for anew
	resumed    bool      // it was held and went on
	lateID     bool      // F1 came too early to prove printing

	held      Reason
	heldAt    time.Time
	clears    int // how often ClearBuffers was sent
	clearedBy time.Time
	cleared   bool   // it was acknowledged
	spent     bool   // the answers in order had all come before it was held: they say nothing about afterwards
	left      bool   // what it may have left behind is noted
	reset     bool   // the printer seems to have lost its memory
	alarm     string // for the outcome
}

// A tail is what comes behind a proven slip: its cut.
type tail struct {
	id    ID
	until time.Time
}

// past is an attempt that is over.
type past struct {
	id   ID
	open bool // its end is not known, and its id would tell
}

// Print makes one attempt to print one copy and returns when its outcome is known, or soon after ctx ended. One
// attempt is made at a time; others wait for it. Nothing is ever sent twice from here: a caller that prints again
// does so with a new attempt, marked unless the State was NotSent.
func (p *Printer) Print(ctx context.Context, a Attempt) Outcome {
	o := Outcome{State: NotSent, Reason: Stopped, At: time.Now()}
	p.hand(ctx, func(ctx context.Context) {
		o = p.attempt(ctx, &attempt{Attempt: a})
		if o.At.IsZero() {
			o.At = time.Now()
		}
	})
	return o
}

// attempt is Print on Run's goroutine.
func (p *Printer) attempt(ctx context.Context, a *attempt) Outcome {
	if reason := p.preflight(ctx); reason != "" {
		if ctx.Err() != nil {
			return Outcome{State: NotSent, Reason: Stopped}
		}
		p.waiting = true
		p.pollAt = sooner(p.pollAt, time.Now().Add(pollBusy))
		return Outcome{State: NotSent, Reason: reason, Message: p.Status().Error}
	}
	p.waiting = false
	id, err := a.Begin(ctx)
	if err != nil {
		return Outcome{State: NotSent, Message: "begin attempt: " + err.Error()}
	}
	a.id = id
	p.compose(a)
	if ctx.Err() != nil {
		return Outcome{State: NotSent, Reason: Stopped}
	}
	p.cur = a
	p.show()
	o := p.carry(ctx, a)
	p.cur = nil
	o.Bytes = a.off
	if !a.f1.IsZero() {
		o.Bytes = len(a.data) // the end of the write may not have been told yet
	}
	o.Torn = o.State == Cancelled || o.State == Uncertain && a.off > 0
	p.conclude(a, &o)
	p.show()
	p.pollAt = time.Now().Add(pollIdle)
	if reasonOf(p.st) != "" || p.mute() || p.dirty != nil {
		p.pollAt = time.Now().Add(pollBusy)
	}
	return o
}

// asksInOrder says whether GS r is worth asking.
func (p *Printer) asksInOrder() bool { return p.prof.FenceGSR && p.rung() <= 'B' || p.rung() == 'B' }

// preflight finds out whether a slip may begin now, and says why not. Being connected is not enough: network printers
// accept connections that they do not serve.
func (p *Printer) preflight(ctx context.Context) Reason {
	for try := 0; ; try++ {
		if !p.open(ctx) {
			return LinkDown
		}
		w := p.w
		if p.rung() != 'D' && (time.Since(p.heardAt) > freshTime || p.mute() || reasonOf(p.st) != "") && !p.look(ctx) {
			if p.w == w || try > 0 {
				return Offline
			}
			continue // a connection kept for later had died meanwhile: a fresh one is worth a try
		}
		if reason := reasonOf(p.st); reason != "" {
			return reason
		}
		if p.dirty != nil {
			return p.mend(ctx)
		}
		return ""
	}
}

// compose lays out the bytes of the attempt.
func (p *Printer) compose(a *attempt) {
	a.rung = p.rung()
	a.gsh = a.rung == 'A'
	// An id that this device has never sent back may never come: then GS r has to speak.
	a.gsr = a.rung == 'B' || a.gsh && p.prof.FenceGSR && (p.known.Tier != 'A' || p.known.Failures > 0)
	a.mech = p.mechanics(a.Slip.Dots)

	limit := p.window()
	size := len(a.Slip.Content) + len(a.Slip.Cut) + 40
	a.data = make([]byte, 0, size+size/limit*8)
	a.paced = size > limit
	a.acks = a.paced && p.asksInOrder()
	a.timed = a.paced && !a.acks
	a.beats = p.w.caps.BitsPerSec > 0 && a.rung != 'D' && p.prof.StatusDLE
	part := size
	if a.paced {
		part = limit / 2
	}
	if a.beats {
		part = min(part, int(lineBeat/p.w.lineTime(1)))
	}
	p.portion(a, part)
	if a.gsh {
		a.data = escpos.AppendFence(a.data, a.id)
	}
	if len(a.Slip.Cut) > 0 {
		a.data = append(a.data, a.Slip.Cut...)
		if a.gsh {
			a.data = escpos.AppendFence(a.data, a.id.Plus(stepCut))
		}
	}
	if a.gsr {
		a.data = append(a.data, escpos.AskPaper+escpos.AskPaper...)
	}
	a.stops = append(a.stops, len(a.data))
}

// portion takes over content in portions of at most size bytes, between complete commands where that is possible.
func (p *Printer) portion(a *attempt, size int) {
	rest := a.Slip.Content
	for len(rest) > 0 {
		n := escpos.Portion(rest, size)
		a.data = append(a.data, rest[:n]...)
		if rest = rest[n:]; len(rest) > 0 {
			if a.acks {
				a.data = append(a.data, escpos.AskPaper...)
			}
			if a.beats {
				a.data = escpos.AppendStatus(a.data, escpos.AskPrinter)
			}
			a.stops = append(a.stops, len(a.data))
		}
	}
}

// lineBeat is how often a printer on a serial line is asked for a sign of life while a slip goes out. When it is switched
// off and on the line stays: without this it could lose the beginning of a slip, read the rest with the fence, and
// send the id of a slip that never came out. Printers need longer than this to start.
const lineBeat = 500 * time.Millisecond

// window is how many bytes may be in the printer's buffer: what is left keeps room for status questions.
func (p *Printer) window() int {
	size := p.prof.BufferBytes
	if size <= 0 {
		size = 4096
	}
	return max(size-max(p.prof.Reserve, 128)-64, 512)
}

// mechanics is the least time the mechanism needs for so many dots of paper.
func (p *Printer) mechanics(dots int) time.Duration {
	speed, dpi := p.prof.SpeedMMS, p.prof.DPI
	if speed <= 0 {
		speed = 300 // no receipt printer of today is faster by much
	}
	if dpi <= 0 {
		dpi = 203
	}
	return time.Duration(float64(dots) * 25.4 / float64(dpi) / float64(speed) * float64(time.Second))
}

// conclude notes what the outcome of an attempt means for what comes next.
func (p *Printer) conclude(a *attempt, o *Outcome) {
	if o.Alarm == "" {
		o.Alarm = a.alarm
	}
	p.alarm(o.Alarm)
	p.remember(past{id: a.id, open: o.State == Uncertain && a.owed <= 0})
	o.Cut = !a.f2.IsZero() || a.rung != 'D' && len(a.Slip.Cut) == 0 && !a.f1.IsZero()
	switch o.State {
	case Printed, Processed, Sent:
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
			p.tail = &tail{id: a.id.Plus(stepCut), until: time.Now().Add(cutTime + a.mech)}
		}
	case Uncertain, Cancelled:
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
	p.dirty = &leftover{
		id: a.id, gsh: a.gsh, cut: a.Slip.Cut, torn: a.f2.IsZero(), mech: a.mech, empty: empty || !a.f3.IsZero(),
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
			return
		case a.id.Plus(stepCut): // implies the first, which a printer may leave out when the second is ready as well
			a.f2 = at
			if a.f1.IsZero() {
				a.f1 = at
			}
			return
		case a.id.Plus(stepHold):
			a.f3 = at
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
		return
	}
	if d := p.dirty; d != nil && (id == d.id || id == d.id.Plus(stepCut)) {
		d.torn = false
	}
	p.lateProof(id, at)
}

// lateProof takes in an id of an attempt that is over, perhaps one of an earlier process. Unknown ids may be the first
// or the second of their block: the journal knows.
func (p *Printer) lateProof(id ID, at time.Time) {
	for i := range p.past {
		e := &p.past[i]
		switch id {
		case e.id, e.id.Plus(stepCut):
			if e.open && !p.early() {
				e.open = false
				p.log.Info("late proof")
				p.cfg.OnProof(e.id, at)
			}
			return
		case e.id.Plus(stepHold), e.id.Plus(stepAgain):
			return
		}
	}
	if !p.early() {
		p.cfg.OnProof(id, at)
		p.cfg.OnProof(id.Plus(-stepCut), at)
	}
}
