package dispatch

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/queue/rules"
	"github.com/receiptd/receiptd/vocabulary"
)

// maxSkips is how often a copy whose mark changed under it is tried again at once.
const maxSkips = 5

// A worker feeds one printer. Its own goroutine runs it; timers, the printer's reports, the writer's offers and whoever wakes it come
// beside that, and use its parts.
type worker struct {
	reader
	deliver Deliver
	dismiss func()        // no further copy is offered
	ended   chan struct{} // closed when it has ended
	skips   int           // the worker's goroutine alone
	turn    turn
	kept    kept

	mu  sync.Mutex
	now *delivering // the copy at the printer; guarded by mu
}

func newWorker(c *common, printer string, deliver Deliver, stop <-chan struct{}, dismiss func()) *worker {
	return &worker{
		reader: reader{c, printer}, deliver: deliver, dismiss: dismiss, ended: make(chan struct{}), turn: turn{wake: make(chan struct{}, 1)},
		kept: kept{recorder: recorder{c, printer, stop}, writing: make(chan struct{}, 1)},
	}
}

// current gives the copy at the printer, nil for none. Any goroutine may ask.
func (w *worker) current() *delivering {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *worker) setCurrent(at *delivering) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = at
}

// run delivers until offering ends; a delivery under way lasts as long as ctx.
func (w *worker) run(ctx, offering context.Context) {
	wait := firstWait
	var lastJob int64
	for offering.Err() == nil {
		if w.paused.has(w.printer) {
			w.kept.flush()
			w.turn.put(nil)
			w.pause(offering, 0)
			continue
		}
		a, err := w.next(ctx, w.turn.take())
		if err != nil && offering.Err() == nil && !errors.Is(err, record.ErrNotFound) {
			w.Logger.Error("the journal cannot be read", "printer", w.printer, "error", err)
		}
		if err != nil {
			w.kept.flush()
			if errors.Is(err, record.ErrNotFound) {
				w.turn.noteIdle()
				w.pause(offering, 0)
				wait = firstWait
			} else {
				w.pause(offering, wait)
				wait = min(2*wait, lastWait)
			}
			continue
		}
		if a.row.Job == lastJob && w.CopyPause != nil {
			w.rest(offering, w.CopyPause(w.printer))
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
	w.kept.flush()
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
	case <-w.turn.wake:
	case <-c:
	case <-ctx.Done():
	}
}

// rest waits for d without being woken.
func (w *worker) rest(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	w.kept.flush()
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
	at := &delivering{
		reader: w.reader, kept: &w.kept, turn: &w.turn, row: c, cancel: cancel, version: a.version, undone: a.undone, attempt: attempt{state: c.State, reason: c.Reason},
	}
	w.setCurrent(at)
	d.Begin = func(ctx context.Context) (record.ProofID, error) { return at.begin(ctx, d.Mark) }
	d.Report = at.report
	r := w.guarded(ctx, d, at)
	if a.over != nil {
		a.over()
	}
	at.reading.Wait()
	w.setCurrent(nil)
	end := at.end()
	o := ended{rules.Ended{Copy: c.Seq, Attempt: end.proof, Result: r}, a.undone}
	same := r.MoveTo == "" && c.State == vocabulary.StateHeld && c.Reason == r.Reason && end.state == vocabulary.StateHeld && end.reason == r.Reason
	if o.At.IsZero() {
		o.At = w.Now()
	}
	proven := r.Err == nil && o.Attempt != 0 && r.State.OnPaper()
	if proven {
		w.kept.keep(o)
		return true
	}
	w.turn.put(nil)
	w.kept.flush()
	if o.Attempt != 0 || r.Err != nil || !same {
		w.kept.record(o)
	}
	if end.skipped {
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
			w.Logger.Error("a delivery failed", "printer", w.printer, "panic", p, "stack", string(debug.Stack()))
			if r = (rules.Result{State: vocabulary.StateUncertain, Reason: "error"}); !at.begun() {
				r = rules.Result{Err: fmt.Errorf("internal error: %v", p)}
			}
		}
	}()
	return w.deliver(ctx, d)
}
