package printer

import (
	"context"
	"errors"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
)

const (
	answerTime = 800 * time.Millisecond // a real-time question is answered at once; this is for slow networks
	settleTime = 60 * time.Millisecond  // after a lost answer: how long surplus answers may still come
	freshTime  = time.Second            // how long a clean status is good enough to begin a slip
)

// question asks one real-time question and waits for its answer. It reports false when none came in time, when the
// link went, or when ctx ended. Call it only between complete commands.
func (p *Printer) question(ctx context.Context, n byte) (byte, bool) {
	if p.resync && n != escpos.AskPrinter {
		return 0, false
	}
	w := p.w
	if !p.idleWriter(ctx) {
		return 0, false
	}
	p.asked, p.got = n, 0
	defer func() { p.asked = 0 }()
	p.realTime(string(escpos.AppendStatus(nil, n)), nil)
	for deadline := later(w.freeAt, time.Now()).Add(answerTime); p.got == 0; {
		if p.w != w || ctx.Err() != nil || !time.Now().Before(deadline) {
			p.resync = true
			return 0, false
		}
		p.step(ctx, deadline, nil)
	}
	if p.resync { // an older answer may have been in the way: the last one counts
		p.resync = false
		for quiet := time.Now().Add(settleTime); p.w == w && ctx.Err() == nil && time.Now().Before(quiet); {
			p.step(ctx, quiet, nil)
		}
	}
	return p.got, p.w == w
}

// idleWriter waits until nothing is being written.
func (p *Printer) idleWriter(ctx context.Context) bool {
	w := p.w
	for deadline := time.Now().Add(answerTime); w != nil && w.busy; {
		if p.w != w || ctx.Err() != nil || !time.Now().Before(deadline) {
			return false
		}
		p.step(ctx, deadline, nil)
	}
	return w != nil && p.w == w
}

// look asks the printer how it is and notes it. It reports false when it does not answer; then nothing is known, and
// the last status stands.
func (p *Printer) look(ctx context.Context) bool {
	if p.w == nil || !p.padOut(ctx) {
		return false
	}
	var ok bool
	switch {
	case p.prof.StatusDLE:
		ok = p.lookRealTime(ctx)
	case p.prof.StatusASB:
		ok = p.lookInOrder(ctx, escpos.ReportAll, 0, func() bool { return !p.frameAt.IsZero() })
	case p.prof.FenceGSR:
		before := p.w.inOrder
		ok = p.lookInOrder(ctx, escpos.AskPaper, 1, func() bool { return p.w != nil && p.w.inOrder <= before })
		if ok {
			p.heard(escpos.Status{}, time.Now())
		}
	default:
		ok = true
	}
	if !ok && ctx.Err() == nil && p.w != nil && p.silentSince.IsZero() {
		p.silentSince = time.Now()
		p.show()
	}
	return ok
}

// lookRealTime asks DLE EOT 1, and the others when that one says offline. The roll's sensors are asked as well where no
// automatic status tells of them: some printers find out only when they print. A printer that is offline is asked again
// only after a pause; what it said stands meanwhile.
func (p *Printer) lookRealTime(ctx context.Context) bool {
	if p.st.Offline && !p.mute() && time.Now().Before(p.askAt) {
		return true
	}
	b, ok := p.question(ctx, escpos.AskPrinter)
	if !ok {
		return false
	}
	p.st.Answer(escpos.AskPrinter, b)
	switch {
	case p.st.Offline:
		ok = p.askCause(ctx)
	case !p.w.asb:
		ok = p.answer(ctx, escpos.AskRoll)
	}
	if !ok {
		return false
	}
	if !p.st.Offline {
		p.reads()
	}
	p.heard(p.st, time.Now())
	p.askAt = time.Now().Add(p.pause())
	return true
}

// askCause asks why the printer is offline; automatic status does not tell of a cover that opens then. What else it has told
// stands while its answer is the same. When room gets short, only a jam is worth the question: it waits for the cover.
func (p *Printer) askCause(ctx context.Context) bool {
	if p.cause != 0 && !p.st.Cutter && p.pause() > pollBusy {
		return true
	}
	b, ok := p.question(ctx, escpos.AskOffline)
	if !ok || b == p.cause {
		return ok
	}
	p.st.Answer(escpos.AskOffline, b)
	if !p.answer(ctx, escpos.AskError) || !p.answer(ctx, escpos.AskRoll) {
		return false
	}
	p.cause = b
	return true
}

// answer asks one question and notes the answer.
func (p *Printer) answer(ctx context.Context, n byte) bool {
	b, ok := p.question(ctx, n)
	if ok {
		p.st.Answer(n, b)
	}
	return ok
}

// realTime sends a real-time request, which a printer that says busy takes as well; undo, which may be nil, is called when
// it could not be sent.
func (p *Printer) realTime(b string, undo func()) {
	p.unread += len(b)
	p.w.request(b, true, func() {
		p.unread -= len(b)
		if undo != nil {
			undo()
		}
	})
}

// pause is how long a printer that is offline is left alone between questions. It reads nothing, so each question stays
// in its buffer, and when that is full nothing more can be asked. The first part of the room is used up at once, so that
// a change of paper is seen as it happens. Then the pauses grow to a minute, and the last part lasts for days.
func (p *Printer) pause() time.Duration {
	room := p.spare()
	rest := room * 3 / 4
	if p.cur != nil { // it may have to be seen that it was switched off
		rest = room / 2
	}
	over := p.unread - (room - rest)
	if over <= 0 {
		return pollBusy
	}
	doubled := min(24*over/rest, 6) + max(40*over/rest-30, 0)
	return pollBusy << min(doubled, 16)
}

// spare is the room for questions in the buffer of a printer that reads nothing, bytes.
func (p *Printer) spare() int {
	size := p.bufferBytes() - 32 // help for the cutter, the request to clear
	switch {
	case p.cur != nil:
		size -= min(len(p.cur.data), p.window())
	case p.dirty != nil && !p.dirty.empty:
		size -= min(p.dirty.bytes+p.dirty.pad, p.window())
	}
	return max(size, 32)
}

// lookInOrder sends a request that only a printer that is online answers; so many answers to GS r will come.
func (p *Printer) lookInOrder(ctx context.Context, request string, counts int, answered func() bool) bool {
	w := p.w
	if !p.idleWriter(ctx) {
		return false
	}
	p.frameAt = time.Time{}
	w.inOrder += counts
	w.request(request, false, func() { w.inOrder -= counts })
	for deadline := later(w.freeAt, time.Now()).Add(answerTime); !answered(); {
		if p.w != w || ctx.Err() != nil || !time.Now().Before(deadline) {
			return false
		}
		p.step(ctx, deadline, nil)
	}
	return p.w == w
}

// aidCutter lets a jammed cutter go on, but only after the cover was opened and closed or a person said that the jam
// is cleared, and once each time: no sensor tells that fingers are out.
func (p *Printer) aidCutter() {
	now := time.Now()
	if !p.st.Cutter || p.w == nil || p.w.busy || p.st.CoverOpen || now.Before(p.goOnAt) {
		return
	}
	cleared, seen := p.jamCleared, p.coverSeen
	if !cleared && !seen {
		if p.wentOn && !p.heardAt.Before(p.goOnAt) {
			p.wentOn = false
			p.alarm("the cutter is still stuck")
		}
		return
	}
	p.jamCleared, p.coverSeen, p.wentOn = false, false, true
	p.goOnAt = now.Add(2 * pollBusy)
	p.pollAt, p.askAt = p.goOnAt, p.goOnAt
	if p.cur != nil {
		p.cur.pollAt = p.goOnAt
	}
	p.realTime(escpos.GoOn, func() { p.jamCleared, p.coverSeen, p.wentOn = cleared, seen, false })
}

// ErrNoJam is what JamCleared returns when no jammed cutter is known of: nothing is done then.
var ErrNoJam = errors.New("the printer reports no jammed cutter")

// JamCleared tells that a person took the paper out of the cutter and that fingers are out of it. The printer is then
// let go on, once. It does not wait for that; ctx is not used beyond handing it over. It returns ErrNoJam when there is no
// jam, or the printer cannot be reached.
func (p *Printer) JamCleared(ctx context.Context) error {
	if !p.Status().Jammed {
		return ErrNoJam
	}
	select {
	case p.jam <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	default: // one such word is already on its way
	}
	return nil
}
