package printer

import (
	"context"
	"time"
)

// An attempt is a slip on its way. Its data are content, fence F1, last cut, fence F2 (and, where ids are not known to
// come back or what they mean is not known, two GS r behind each of them).
type attempt struct {
	Attempt
	rung     byte // tier to work on
	gsh, gsr bool // what is asked for at the end

	id       ID
	data     []byte
	stops    []stop        // in data between complete commands, ascending; the last is its end
	paced    bool          // longer than the printer's buffer: sent in portions
	acks     bool          // at the end of each portion but the last stands a GS r, answered when the printer has read so far
	timed    bool          // it goes by time, since there are no such answers or they stay away
	beats    bool          // at each stop but the last stands a DLE EOT: see lineBeat
	clocked  bool          // one such question at a time
	patience time.Duration // for their answers
	owed     int           // such questions sent and not answered
	owedBy   time.Time     // when the last answer must have come
	off      int           // bytes that the driver took
	given    int           // bytes handed to the writer
	flow     int           // stops that were handed over

	fullAt time.Time     // since when the printer's buffer is believed to be full; zero when it is not
	t0     time.Time     // before the first byte
	sentAt time.Time     // when the last byte will have left the line
	mech   time.Duration // the least the mechanism needs for the paper length
	idBy   time.Time     // when a proof is overdue
	calmAt time.Time     // when everything must have come out, if it was read
	pollAt time.Time
	stopAt time.Time // stopped: until then a proof is waited for

	wire       *wire     // the link it is sent on
	asked      int       // GS r behind the fences
	more       int       // GS r asked later
	answers    int       // answers to GS r that came
	stale      int       // GS r of earlier slips without an answer when this one began
	gap        bool      // part of the slip was lost in the printer, or may have been: no answer tells any more
	f1, f2, f3 time.Time // when the ids came back
	behind     bool      // an id came later than the answers to questions behind it: it tells of paper, not of reading
	read       bool      // the printer has read everything, and was not held since
	failed     bool      // the printer said that it dropped the slip for want of paper
	again      bool      // the fences were asked for anew
	resumed    bool      // it was held and went on
	rest       bool      // some of it left while it was held
	lateID     bool      // F1 came too early to prove printing, or may have

	held      Reason
	heldAt    time.Time
	clears    int // how often ClearBuffers was sent
	clearedBy time.Time
	cleared   bool   // it was acknowledged
	unseen    bool   // it was asked so seldom since it was held that it may have been off in between
	blank     bool   // when it was held no answer was open that only a printer with its memory gives
	spent     bool   // the answers in order had all come before it was held: they say nothing about afterwards
	left      bool   // what it may have left behind is noted
	reset     bool   // the printer seems to have lost its memory
	alarm     string // for the outcome
}

// A stop is a place in an attempt's data between complete commands.
type stop struct {
	at   int
	full bool // a portion ends here
}

// A tail is what comes behind a proven slip: its cut.
type tail struct {
	id    ID
	cut   []byte
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
			switch {
			case p.w == w:
				return Offline
			case try > 0:
				return LinkDown // it is accepted, and ended before a word
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
