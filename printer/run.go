package printer

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
)

const (
	openTime   = 5 * time.Second        // how long opening the link may take
	firstRetry = 250 * time.Millisecond // until a lost link is opened again, doubled each time
	lastRetry  = 5 * time.Second
	pollBusy   = time.Second // between questions while something waits
	pollIdle   = 30 * time.Second
	pollUnwell = 5 * time.Second  // a printer that is offline does not tell by itself when the cause changes
	silentTime = 10 * time.Second // unanswered questions for so long: the link is dead
	graceTime  = 1000 * time.Millisecond
)

// errSilent is why a link was given up whose printer no longer answers.
var errSilent = errors.New("the printer does not answer")

// actor is what only Run's goroutine touches.
type actor struct {
	timer *time.Timer
	known Known
	doubt bool // its ids came back, and nothing shows that they tell of paper

	w        *wire
	linkErr  error     // why there is no link; nil when it was given back
	retryAt  time.Time // when to open it again
	retry    time.Duration
	closedAt time.Time // when it was given back or given up
	usedAt   time.Time // when the link was last of use to someone

	st          escpos.Status
	heardAt     time.Time // when it last said how it is, on this epoch
	frame       escpos.Status
	frameAt     time.Time // when automatic status last came, on this epoch
	silentSince time.Time // when it was first asked in vain; zero when it answers
	asked, got  byte      // the open question, 0 for none, and its answer, 0 for none yet
	resync      bool      // a question went unanswered: its answer may still come, and be taken for another's
	pollAt      time.Time

	coverSeen, jamCleared bool // since the cutter jammed: the cover was open; a person said so
	wentOn                bool // GoOn was sent, and what came of it is not known yet
	goOnAt                time.Time

	unread int       // bytes of real-time requests that a printer which is offline has in its buffer
	askAt  time.Time // when it may be asked again
	cause  byte      // its last answer why it is offline, 0 when it is not

	cutBy   time.Time // when the last cut will be over
	cur     *attempt
	tail    *tail     // the cut behind the last proven slip
	dirty   *leftover // what an unproven attempt may have left in the printer
	past    []past    // attempts that are over
	waiting bool      // someone wants to print

	probing bool // what was known and pinned does not count
	fence   ID   // of a probe
	fenced  bool // it came back
}

// A request is work that a caller hands to Run.
type request struct {
	do   func(ctx context.Context)
	done chan struct{}
}

// Run keeps the link and serves Print, Probe and JamCleared until ctx ends; it then returns nil. An attempt under way
// is given a moment for its proof. Call it once.
func (p *Printer) Run(ctx context.Context) error {
	defer close(p.stopped)
	p.timer = time.NewTimer(time.Hour)
	defer p.timer.Stop()
	defer p.giveBack()
	p.inherit()
	p.open(ctx)
	for ctx.Err() == nil {
		until := p.upkeep(ctx)
		if q := p.step(ctx, until, p.requests); q != nil {
			q.do(ctx)
			close(q.done)
			p.usedAt = time.Now()
		}
	}
	return nil
}

// hand gives work to Run and waits until it is done. It reports false, and nothing was done, when ctx ended or Run has
// returned before the work began.
func (p *Printer) hand(ctx context.Context, do func(ctx context.Context)) bool {
	q := &request{done: make(chan struct{})}
	q.do = func(run context.Context) {
		both, cancel := context.WithCancel(run)
		defer cancel()
		defer context.AfterFunc(ctx, cancel)()
		do(both)
	}
	select {
	case p.requests <- q:
		<-q.done
		return true
	case <-ctx.Done():
	case <-p.stopped:
	}
	return false
}

// upkeep does what is due while no slip is printed and says when it wants to be called again.
func (p *Printer) upkeep(ctx context.Context) time.Time {
	now := time.Now()
	if p.w == nil {
		due := p.retryAt
		if !p.waiting && !p.jamCleared && p.cfg.IdleClose > 0 { // it is looked at again only when it was not well
			if p.linkErr == nil && reasonOf(p.st) == "" {
				return time.Time{}
			}
			due = later(due, p.closedAt.Add(pollIdle))
		}
		if now.Before(due) {
			return due
		}
		p.open(ctx)
		return now
	}
	p.aidCutter()
	p.endTail(now)
	if p.rung() != 'D' && !now.Before(p.pollAt) {
		p.look(ctx)
		p.watch(ctx)
		p.pollAt = time.Now().Add(pollIdle)
		if reasonOf(p.st) != "" {
			p.pollAt = time.Now().Add(pollUnwell)
		}
		if p.waiting || p.dirty != nil || p.st.Cutter || p.mute() {
			p.pollAt = time.Now().Add(pollBusy)
		}
		if p.st.Offline && !p.mute() {
			p.pollAt = later(p.pollAt, p.askAt)
		}
		if p.cfg.IdleClose > 0 && p.mute() && time.Since(p.silentSince) > silentTime {
			p.hangUp(errSilent)
		}
		return now
	}
	next := p.pollAt
	if p.rung() == 'D' {
		next = time.Time{}
	}
	if p.tail != nil {
		return sooner(next, p.tail.until)
	}
	if p.cfg.IdleClose > 0 && !p.waiting && !p.mute() {
		if closeAt := p.usedAt.Add(p.cfg.IdleClose); now.Before(closeAt) {
			return sooner(next, closeAt)
		}
		p.giveBack()
		return now
	}
	return next
}

// watch ends the wait once the printer is ready again, and asks it to tell of changes by itself before that.
func (p *Printer) watch(ctx context.Context) {
	if p.w == nil || p.mute() {
		return
	}
	if reasonOf(p.st) == "" && (p.dirty == nil || p.mend(ctx) == "") && p.waiting {
		p.waiting = false
		p.show()
	}
	if p.w != nil && p.prof.StatusASB && !p.w.asked && p.dirty == nil && p.idleWriter(ctx) {
		w := p.w
		w.asked = true
		w.request(escpos.ReportAll, false, func() { w.asked = false })
	}
}

// open opens the link, if it is not open, and looks how the printer is.
func (p *Printer) open(ctx context.Context) bool {
	if p.w != nil {
		return true
	}
	limited, cancel := context.WithTimeout(ctx, openTime)
	conn, err := p.cfg.Open(limited)
	cancel()
	if err != nil {
		p.failed(err)
		return false
	}
	p.w = newWire(conn)
	p.linkErr, p.retry, p.usedAt = nil, 0, time.Now()
	p.st, p.heardAt, p.silentSince = escpos.Status{}, time.Time{}, time.Time{}
	p.frame, p.frameAt, p.resync, p.asked, p.cause = escpos.Status{}, time.Time{}, false, 0, 0
	p.pollAt = time.Now()
	p.change(func(s *Status) { s.Epoch++; s.Error = "" })
	if p.rung() == 'D' {
		p.waiting = false
		p.show()
	}
	return true
}

// failed notes that the link is not there and when to try again.
func (p *Printer) failed(err error) {
	p.linkErr, p.closedAt = err, time.Now()
	p.coverSeen, p.jamCleared, p.wentOn = false, false, false // who knows what happens until it is back
	p.retry = min(max(2*p.retry, firstRetry), lastRetry)
	p.retryAt = time.Now().Add(p.retry)
	p.log.Debug("no link", slog.Any("error", err))
	p.change(func(s *Status) { s.Error = err.Error() })
	p.show()
}

// hangUp ends a link that is no good. What the printer had said before counts.
func (p *Printer) hangUp(err error) {
	w := p.w
	if w == nil {
		return
	}
	p.w = nil
	if e := w.close(); e != nil {
		p.log.Debug("close link", slog.Any("error", e))
	}
	for more := true; more; {
		select {
		case got := <-w.in:
			got.err = nil
			p.receive(w, got)
		case r := <-w.wrote:
			if w.then != nil {
				w.then(r)
			}
		default:
			more = false
		}
	}
	p.dropTail()
	p.failed(err)
}

// giveBack closes a link that nobody needs, once everything has left it.
func (p *Printer) giveBack() {
	if p.w == nil {
		return
	}
	if err := p.w.conn.Drain(time.Now().Add(graceTime)); err != nil {
		p.log.Debug("drain link", slog.Any("error", err))
	}
	w := p.w
	p.w, p.closedAt = nil, time.Now()
	if err := w.close(); err != nil {
		p.log.Debug("close link", slog.Any("error", err))
	}
	p.show()
}

// step waits for one event and takes it in: a reply, the end of a write, a request of a caller, ctx, or the time.
func (p *Printer) step(ctx context.Context, until time.Time, requests <-chan *request) *request {
	var in <-chan inbound
	var wrote <-chan written
	if p.w != nil {
		in, wrote = p.w.in, p.w.wrote
	}
	var due <-chan time.Time
	if !until.IsZero() {
		p.timer.Reset(time.Until(until))
		due = p.timer.C
	}
	select {
	case got := <-in:
		p.receive(p.w, got)
	case r := <-wrote:
		p.finish(r)
	case <-p.jam:
		p.jamCleared = p.st.Cutter
	case q := <-requests:
		return q
	case <-due:
	case <-ctx.Done():
	}
	return nil
}

// finish takes in the end of a write.
func (p *Printer) finish(r written) {
	w := p.w
	w.busy = false
	if w.then != nil {
		w.then(r)
	}
	late := errors.Is(r.err, os.ErrDeadlineExceeded)
	if r.err != nil && (!late || w.whole && r.n > 0) { // what is left of a request would be taken for something else
		p.hangUp(r.err)
	}
}

// receive takes in what the printer said on w.
func (p *Printer) receive(w *wire, got inbound) {
	for _, r := range got.replies {
		if p.pinned() == 'D' {
			break // a person says that what comes back means nothing
		}
		switch r.Kind {
		case escpos.RealTime:
			switch {
			case p.asked != 0:
				p.got = r.Byte
			case p.cur != nil && p.cur.owed > 0: // a sign of life within a slip; answers come in the order of questions
				p.cur.owed--
				p.heardAt = got.at
				if p.cur.owed == 0 && p.mute() { // it was late
					p.silentSince, p.resync = time.Time{}, false
					p.show()
				}
			}
		case escpos.Auto:
			w.asb = true
			p.frame, p.frameAt = escpos.FromFrame(r.Frame), got.at
			if !p.frame.Offline {
				p.reads()
			}
			p.heard(p.frame, got.at)
		case escpos.InOrder:
			w.inOrder--
			p.reads()
			if a := p.cur; a != nil {
				a.answers++
			}
		case escpos.Done:
			p.reads()
			p.proof(r.ID, got.at)
		case escpos.Failed:
			p.log.Warn("the printer reports no paper for a fence")
			p.pollAt = got.at
			if a := p.cur; a != nil && (r.ID == a.id || r.ID == a.id.Plus(stepCut)) {
				a.failed, a.read, a.pollAt = true, false, got.at
			}
		case escpos.Cleared:
			if p.cur != nil {
				p.cur.cleared = true
			}
		}
	}
	if got.err != nil {
		p.hangUp(got.err)
	}
}

// reads notes that the printer takes bytes out of its buffer: what it is asked costs no room now, and a hold may be over.
func (p *Printer) reads() {
	p.unread, p.cause, p.askAt = 0, 0, time.Time{}
	if p.cur != nil && p.cur.held != "" {
		p.cur.pollAt = time.Now()
	}
}

// sooner is the earlier of two times, of which a zero one means never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// later is the later of two times.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
