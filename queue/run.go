package queue

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/record"
)

// Waits of a worker whose printer is not ready.
const (
	firstWait = 100 * time.Millisecond
	lastWait  = 2 * time.Second
	// resultDelay is how long a proven result may wait to share the next attempt's commit.
	resultDelay = 20 * time.Millisecond
	// maxSkips is how often a copy whose mark changed under it is tried again at once.
	maxSkips = 5
)

// A worker feeds one printer.
type worker struct {
	q       *Queue
	printer string
	deliver Deliver
	wake    chan struct{}   // of one element
	stop    <-chan struct{} // closed when Run shall end
	dismiss func()          // no further copy is offered
	gone    chan struct{}   // closed when it has ended
	writing chan struct{}   // of one element, which is in it while a kept result is written

	mu     sync.Mutex
	result *outcome // of the copy before, not yet on disk
	timer  *time.Timer
	now    *delivering // the copy at the printer
	ahead  *ahead      // the copy that goes next; nil when the journal must be asked
	idle   bool        // nothing waits, and nothing has come since
	skips  int
}

// delivering is a copy that is at the printer now.
type delivering struct {
	c       record.CopyRow
	proof   int64 // 0 until begun
	cancel  context.CancelFunc
	held    State
	reason  string
	skipped bool
	version int64        // of what marks depend on, when the mark was made
	gone    *atomic.Bool // see ahead; nil: it is on disk
	ahead   sync.WaitGroup
}

// An outcome is a result with what it is about.
type outcome struct {
	copy  int64
	proof int64 // 0: not begun
	gone  *atomic.Bool
	Result
}

// Run feeds the printers with what waits for them until ctx ends: to each its oldest copy, one at a time, the copies of
// a job one after the other. It returns nil when ctx ended and every worker has recorded its last result. A printer
// without work costs nothing: nothing is polled. It may be called again beside itself for other printers, each with a ctx of its
// own. The ctx of a delivery ends with this one: Dismiss ends a worker without disturbing it.
func (q *Queue) Run(ctx context.Context, printers []string, deliver Deliver) error {
	var wg sync.WaitGroup
	errs := make([]error, len(printers))
	for i, p := range printers {
		offering, dismiss := context.WithCancel(ctx)
		w := &worker{q: q, printer: p, deliver: deliver, wake: make(chan struct{}, 1), stop: ctx.Done(), dismiss: dismiss, gone: make(chan struct{}), writing: make(chan struct{}, 1)}
		q.mu.Lock()
		if q.workers[p] != nil {
			q.mu.Unlock()
			dismiss()
			errs[i] = fmt.Errorf("printer %s has a worker already", p)
			continue
		}
		q.workers[p] = w
		q.mu.Unlock()
		wg.Go(func() {
			defer close(w.gone)
			defer dismiss()
			w.run(ctx, offering)
			q.mu.Lock()
			delete(q.workers, p)
			q.mu.Unlock()
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Wake lets a printer's worker look again at once: its printer became ready. It does not block.
func (q *Queue) Wake(printer string) {
	q.mu.Lock()
	w := q.workers[printer]
	q.mu.Unlock()
	if w != nil {
		w.rouse()
	}
}

// Dismiss ends a printer's worker: it is offered no further copy, and the one at the printer ends as it would have. It returns
// when that is recorded, at once when there is no worker.
func (q *Queue) Dismiss(printer string) {
	q.mu.Lock()
	w := q.workers[printer]
	q.mu.Unlock()
	if w != nil {
		w.dismiss()
		<-w.gone
	}
}

// run delivers until offering ends; a delivery under way lasts as long as ctx.
func (w *worker) run(ctx, offering context.Context) {
	wait := firstWait
	var lastJob int64
	for offering.Err() == nil {
		a, err := w.next(ctx)
		if err != nil && offering.Err() == nil && !errors.Is(err, record.ErrNotFound) {
			w.q.log.Error("the journal cannot be read", "printer", w.printer, "error", err)
		}
		if err != nil {
			w.flush()
			if errors.Is(err, record.ErrNotFound) {
				w.rests()
				w.pause(offering, 0)
				wait = firstWait
			} else {
				w.pause(offering, wait)
				wait = min(2*wait, lastWait)
			}
			continue
		}
		if a.c.Job == lastJob && w.q.o.CopyPause != nil {
			w.rest(offering, w.q.o.CopyPause(w.printer))
			if offering.Err() != nil {
				break
			}
		}
		if w.one(ctx, a) {
			lastJob = a.c.Job
			wait = firstWait
			continue
		}
		w.pause(offering, wait)
		wait = min(2*wait, lastWait)
	}
	w.flush()
}

// pause waits until the worker is woken, or for d when d is not 0.
func (w *worker) pause(ctx context.Context, d time.Duration) {
	var c <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		c = t.C
	}
	select {
	case <-w.wake:
	case <-c:
	case <-ctx.Done():
	}
}

// rest waits for d without being woken.
func (w *worker) rest(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	w.flush()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// one delivers a copy and reports whether the worker may go on at once.
func (w *worker) one(ctx context.Context, a *ahead) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	d, c := a.d, a.c
	at := &delivering{c: c, cancel: cancel, held: c.State, reason: c.Reason, version: a.version, gone: a.gone}
	w.mu.Lock()
	w.now = at
	w.mu.Unlock()
	d.Begin = func(ctx context.Context) (record.ProofID, error) { return w.begin(ctx, at, d.Mark) }
	d.Report = func(s State, reason string) { w.report(at, s, reason) }
	r := w.safely(ctx, d, at)
	at.ahead.Wait()
	w.mu.Lock()
	w.now = nil
	o := outcome{copy: c.Seq, proof: at.proof, gone: a.gone, Result: r}
	w.mu.Unlock()
	if o.At.IsZero() {
		o.At = w.q.now()
	}
	proven := r.Err == nil && o.proof != 0 && (r.State == Printed || r.State == Processed || r.State == Sent)
	if proven {
		w.keep(o)
		return true
	}
	w.forgetAhead()
	w.flush()
	same := r.MoveTo == "" && c.State == Held && c.Reason == r.Reason && at.held == Held && at.reason == r.Reason
	if o.proof != 0 || r.Err != nil || !same {
		w.record(o)
	}
	if at.skipped {
		w.skips++
		return w.skips < maxSkips
	}
	w.skips = 0
	return r.Err != nil || r.State != Queued
}

// safely keeps a driver or template that panics from ending the daemon. What had begun is uncertain then, what had not
// is given up loudly.
func (w *worker) safely(ctx context.Context, d Delivery, at *delivering) (r Result) {
	defer func() {
		if p := recover(); p != nil {
			w.q.log.Error("a delivery failed", "printer", w.printer, "panic", p, "stack", string(debug.Stack()))
			w.mu.Lock()
			defer w.mu.Unlock()
			if r = (Result{State: Uncertain, Reason: "error"}); at.proof == 0 {
				r = Result{Err: fmt.Errorf("internal error: %v", p)}
			}
		}
	}()
	return w.deliver(ctx, d)
}

// begin puts the start of an attempt on disk, together with the result of the copy before. What was asked of the disk is waited
// for, also when ctx ends meanwhile: a start that nobody knows of would look like a slip at the printer.
func (w *worker) begin(ctx context.Context, at *delivering, m job.Mark) (record.ProofID, error) {
	if err := ctx.Err(); err != nil {
		return record.ProofID{}, fmt.Errorf("begin copy: %w", err)
	}
	ctx = context.WithoutCancel(ctx)
	w.mu.Lock()
	if at.proof != 0 || w.now != at {
		w.mu.Unlock()
		return record.ProofID{}, errors.New("an attempt begins once")
	}
	before := w.takeResult()
	w.mu.Unlock()
	begun := make(chan bool, 1)
	defer func() { begun <- at.proof != 0 }()
	at.ahead.Go(func() {
		if !w.lookAhead(ctx, at, true) && <-begun { // while the disk works; what comes with the same commit shows behind it
			w.lookAhead(ctx, at, false)
		}
	})
	var proof int64
	err := w.q.start(ctx, at.c.Seq, func(t *tx) error {
		proof = 0 // it may run twice, and what it found the first time may be gone
		if before != nil {
			if err := t.record(w.printer, *before); err != nil {
				return err
			}
		}
		if isGone(at.gone) {
			return nil
		}
		var err error
		proof, err = t.begin(w.printer, at.c.Seq, m, at.version)
		if errors.Is(err, ErrSkip) {
			proof = 0 // the result of the copy before must be kept
			return nil
		}
		return err
	})
	if err != nil {
		w.mu.Lock()
		if before != nil && w.result == nil {
			w.result = before
		}
		w.mu.Unlock()
		return record.ProofID{}, fmt.Errorf("begin copy: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if proof == 0 {
		at.skipped = true
		return record.ProofID{}, ErrSkip
	}
	at.proof, at.held, at.reason = proof, Sending, ""
	return record.ProofIDOf(proof), nil
}

// report notes that a copy is held or goes on, without waiting for the disk.
func (w *worker) report(at *delivering, s State, reason string) {
	if s != Held && s != Sending {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now != at || at.held == s && at.reason == reason || s == Sending && at.proof == 0 {
		return
	}
	at.held, at.reason = s, reason
	go w.q.background("note a held copy", func(t *tx) error {
		w.mu.Lock()
		stale := w.now != at || at.held != s || at.reason != reason || isGone(at.gone)
		w.mu.Unlock()
		if stale {
			return nil
		}
		c, err := record.CopyBySeq(t, at.c.Seq)
		if err != nil || c.State == s && c.Reason == reason || !c.Pending() {
			return err
		}
		why := causeHold
		if s == Sending {
			why = causeGoOn
		}
		return t.setState(&c, why, s, reason, ProofNone, "")
	})
}

// background writes something that nobody waits for.
func (q *Queue) background(what string, fn func(*tx) error) {
	if err := q.do(context.Background(), fn); err != nil && !errors.Is(err, journal.ErrClosed) {
		q.log.Error("the journal cannot be written", "act", what, "error", err)
	}
}

// keep holds a proven result back for the next attempt's commit, for a moment.
func (w *worker) keep(o outcome) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.result = &o
	w.timer = time.AfterFunc(resultDelay, w.flush)
}

// takeResult takes the kept result. The lock is held.
func (w *worker) takeResult() *outcome {
	o := w.result
	w.result = nil
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	return o
}

// flush writes the kept result now. It returns when that is on disk, also when the timer was faster and is still at it.
func (w *worker) flush() {
	w.writing <- struct{}{}
	defer func() { <-w.writing }()
	w.mu.Lock()
	o := w.takeResult()
	w.mu.Unlock()
	if o != nil {
		w.record(*o)
	}
}

// record writes a result. It tries until it is on disk; when Run shall end, only a few times: a result that is not on
// disk is uncertain at the next start, which is true then.
func (w *worker) record(o outcome) {
	tries := 0
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		err := w.q.do(context.Background(), func(t *tx) error { return t.record(w.printer, o) })
		if err == nil || errors.Is(err, journal.ErrClosed) {
			return
		}
		w.q.log.Error("a result cannot be written", "printer", w.printer, "error", err)
		if tries++; tries > 3 {
			select {
			case <-w.stop:
				return
			default:
			}
		}
		time.Sleep(wait)
	}
}
