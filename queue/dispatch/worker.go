package dispatch

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/queue/rules"
	"github.com/receiptd/receiptd/vocabulary"
)

// Waits of a worker whose printer is not ready.
const (
	firstWait = 100 * time.Millisecond
	lastWait  = 2 * time.Second
	// maxSkips is how often a copy whose mark changed under it is tried again at once.
	maxSkips = 5
)

// A worker feeds one printer. Its own goroutine runs it; timers, the printer's reports, the writer's offers and whoever wakes it come
// beside that.
type worker struct {
	d       *Dispatcher
	printer string
	deliver Deliver
	wake    chan struct{}   // of one element
	stop    <-chan struct{} // closed when Run shall end
	dismiss func()          // no further copy is offered
	ended   chan struct{}   // closed when it has ended
	writing chan struct{}   // of one element, which is in it while a kept result is written
	skips   int             // the worker's goroutine alone

	mu     sync.Mutex  // guards what follows
	result *ended      // of the copy before, not yet on disk
	timer  *time.Timer // flushes result
	now    *delivering // the copy at the printer
	next   *readAhead  // the copy that goes next; nil when the journal must be asked
	idle   bool        // nothing waits, and nothing has come since
}

// delivering is a copy that is at the printer now.
type delivering struct {
	row     record.CopyRow
	version int64        // of what marks depend on, when the mark was made
	undone  *atomic.Bool // see readAhead; nil: it is on disk
	cancel  context.CancelFunc
	reading sync.WaitGroup // the goroutine that reads ahead meanwhile

	// Guarded by the worker's mu.
	proof   int64            // 0 until begun
	state   vocabulary.State // as the printer last reported it
	reason  vocabulary.Reason
	skipped bool
	begins  bool // its start is being written: it is given up no more
	givenUp bool // it may not begin any more
}

// ended is the end of a delivery, with whether the copy's own transaction happened.
type ended struct {
	rules.Ended
	undone *atomic.Bool
}

// run delivers until offering ends; a delivery under way lasts as long as ctx.
func (w *worker) run(ctx, offering context.Context) {
	wait := firstWait
	var lastJob int64
	for offering.Err() == nil {
		if w.d.isPaused(w.printer) {
			w.flush()
			w.forgetAhead()
			w.pause(offering, 0)
			continue
		}
		a, err := w.nextCopy(ctx)
		if err != nil && offering.Err() == nil && !errors.Is(err, record.ErrNotFound) {
			w.d.log.Error("the journal cannot be read", "printer", w.printer, "error", err)
		}
		if err != nil {
			w.flush()
			if errors.Is(err, record.ErrNotFound) {
				w.noteIdle()
				w.pause(offering, 0)
				wait = firstWait
			} else {
				w.pause(offering, wait)
				wait = min(2*wait, lastWait)
			}
			continue
		}
		if a.row.Job == lastJob && w.d.o.CopyPause != nil {
			w.rest(offering, w.d.o.CopyPause(w.printer))
			if offering.Err() != nil {
				break
			}
		}
		if w.deliverOne(ctx, a) {
			lastJob = a.row.Job
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

// deliverOne delivers a copy and reports whether the worker may go on at once.
func (w *worker) deliverOne(ctx context.Context, a *readAhead) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	d, c := a.delivery, a.row
	at := &delivering{row: c, cancel: cancel, state: c.State, reason: c.Reason, version: a.version, undone: a.undone}
	w.mu.Lock()
	w.now = at
	w.mu.Unlock()
	d.Begin = func(ctx context.Context) (record.ProofID, error) { return w.begin(ctx, at, d.Mark) }
	d.Report = func(s vocabulary.State, reason vocabulary.Reason) { w.report(at, s, reason) }
	r := w.guarded(ctx, d, at)
	at.reading.Wait()
	w.mu.Lock()
	w.now = nil
	o := ended{rules.Ended{Copy: c.Seq, Attempt: at.proof, Result: r}, a.undone}
	same := r.MoveTo == "" && c.State == vocabulary.StateHeld && c.Reason == r.Reason && at.state == vocabulary.StateHeld && at.reason == r.Reason
	skipped := at.skipped
	w.mu.Unlock()
	if o.At.IsZero() {
		o.At = w.d.o.Now()
	}
	proven := r.Err == nil && o.Attempt != 0 && r.State.OnPaper()
	if proven {
		w.keep(o)
		return true
	}
	w.forgetAhead()
	w.flush()
	if o.Attempt != 0 || r.Err != nil || !same {
		w.record(o)
	}
	if skipped {
		w.skips++
		return w.skips < maxSkips
	}
	w.skips = 0
	return r.Err != nil || r.State != vocabulary.StateQueued
}

// guarded keeps a driver or template that panics from ending the daemon. What had begun is uncertain then, what had not
// is given up loudly.
func (w *worker) guarded(ctx context.Context, d Delivery, at *delivering) (r rules.Result) {
	defer func() {
		if p := recover(); p != nil {
			w.d.log.Error("a delivery failed", "printer", w.printer, "panic", p, "stack", string(debug.Stack()))
			w.mu.Lock()
			defer w.mu.Unlock()
			if r = (rules.Result{State: vocabulary.StateUncertain, Reason: "error"}); at.proof == 0 {
				r = rules.Result{Err: fmt.Errorf("internal error: %v", p)}
			}
		}
	}()
	return w.deliver(ctx, d)
}
