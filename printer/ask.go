package printer

import (
	"context"
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
	w.start(escpos.AppendStatus(nil, n), nil)
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
		ok = p.lookInOrder(ctx, escpos.ReportAll, func() bool { return !p.frameAt.IsZero() })
	case p.prof.FenceGSR:
		before := p.w.inOrder
		p.w.inOrder++
		ok = p.lookInOrder(ctx, escpos.AskPaper, func() bool { return p.w != nil && p.w.inOrder <= before })
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
// automatic status tells of them: some printers find out only when they print.
func (p *Printer) lookRealTime(ctx context.Context) bool {
	b, ok := p.question(ctx, escpos.AskPrinter)
	if !ok {
		return false
	}
	p.st.Answer(escpos.AskPrinter, b)
	more := []byte{escpos.AskOffline, escpos.AskError, escpos.AskRoll}
	if !p.st.Offline {
		more = more[2:]
		if p.w.asb {
			more = nil
		}
	}
	for _, n := range more {
		if b, ok = p.question(ctx, n); !ok {
			return false
		}
		p.st.Answer(n, b)
	}
	p.heard(p.st, time.Now())
	return true
}

// lookInOrder sends a request that only a printer that is online answers.
func (p *Printer) lookInOrder(ctx context.Context, request string, answered func() bool) bool {
	w := p.w
	if !p.idleWriter(ctx) {
		return false
	}
	p.frameAt = time.Time{}
	w.start([]byte(request), nil)
	for deadline := later(w.freeAt, time.Now()).Add(answerTime); !answered(); {
		if p.w != w || ctx.Err() != nil || !time.Now().Before(deadline) {
			return false
		}
		p.step(ctx, deadline, nil)
	}
	return p.w == w
}

// aidCutter lets a jammed cutter go on, but only after the cover was opened and closed or a person said that the jam
// is cleared: no sensor tells that fingers are out.
func (p *Printer) aidCutter() {
	now := time.Now()
	if !p.st.Cutter || p.w == nil || p.w.busy || p.st.CoverOpen || now.Before(p.goOnAt) {
		return
	}
	if !p.jamCleared && !p.coverSeen {
		return
	}
	if p.goOns == maxFailures {
		p.jamCleared, p.coverSeen = false, false
		p.alarm("the cutter is still stuck")
		return
	}
	p.goOns++
	p.goOnAt = now.Add(2 * pollBusy)
	p.pollAt = now.Add(answerTime)
	p.w.start([]byte(escpos.GoOn), nil)
}

// JamCleared tells that a person took the paper out of the cutter and that fingers are out of it. The printer is then
// let go on. It does not wait for that; ctx is not used beyond handing it over.
func (p *Printer) JamCleared(ctx context.Context) error {
	select {
	case p.jam <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	default: // one such word is already on its way
	}
	return nil
}
