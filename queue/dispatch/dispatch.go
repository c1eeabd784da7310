package dispatch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/rules"
)

// A Dispatcher feeds printers with the copies that wait for them. Its methods may be used by many goroutines.
type Dispatcher struct {
	common

	mu      sync.Mutex
	workers map[string]*worker // guarded by mu; by printer
}

// New gives a dispatcher for a journal that is about to be opened: see Use.
func New(r *rules.Rules, o Options) *Dispatcher {
	d := &Dispatcher{workers: map[string]*worker{}}
	d.Options, d.rules, d.paused.since = o, r, map[string]time.Time{}
	return d
}

// Use gives the dispatcher its journal.
func (d *Dispatcher) Use(db *journal.DB) { d.db = db }

// Run feeds the printers with what waits for them until ctx ends: to each its oldest copy, one at a time, the copies of
// a job one after the other. It returns nil when ctx ended and every worker has recorded its last result. A printer
// without work costs nothing: nothing is polled. It may be called again beside itself for other printers, each with a ctx of its
// own. The ctx of a delivery ends with this one: Dismiss ends a worker without disturbing it.
func (d *Dispatcher) Run(ctx context.Context, printers []string, deliver Deliver) error {
	var wg sync.WaitGroup
	errs := make([]error, len(printers))
	for i, p := range printers {
		offering, dismiss := context.WithCancel(ctx)
		w := newWorker(&d.common, p, deliver, ctx.Done(), dismiss)
		d.mu.Lock()
		if d.workers[p] != nil {
			d.mu.Unlock()
			dismiss()
			errs[i] = fmt.Errorf("printer %s has a worker already", p)
			continue
		}
		d.workers[p] = w
		d.mu.Unlock()
		wg.Go(func() {
			defer close(w.ended)
			defer dismiss()
			w.run(ctx, offering)
			d.mu.Lock()
			delete(d.workers, p)
			d.mu.Unlock()
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Wake lets a printer's worker look again at once: its printer became ready. It does not block.
func (d *Dispatcher) Wake(printer string) {
	if w := d.worker(printer); w != nil {
		w.turn.wakeUp()
	}
}

// Dismiss ends a printer's worker: it is offered no further copy, and the one at the printer ends as it would have. It returns
// when that is recorded, at once when there is no worker.
func (d *Dispatcher) Dismiss(printer string) {
	if w := d.worker(printer); w != nil {
		w.dismiss()
		<-w.ended
	}
}

// worker gives a printer's worker, nil for none.
func (d *Dispatcher) worker(printer string) *worker {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.workers[printer]
}

// GiveUp ends the delivery of a copy that is held at a printer: it becomes uncertain when something of it had left. To be called when
// what else waits there was moved: else the next copy might begin there before.
func (d *Dispatcher) GiveUp(printer string) {
	if at := d.at(printer); at != nil {
		at.giveUpHeld()
	}
}

// GiveUpWaiting takes back the copy that waits at a printer that is not ready, if nothing of it has left.
func (d *Dispatcher) GiveUpWaiting(printer string) {
	if at := d.at(printer); at != nil {
		at.giveUpUnbegun()
	}
}

// at gives the copy that is at a printer now, nil for none.
func (d *Dispatcher) at(printer string) *delivering {
	w := d.worker(printer)
	if w == nil {
		return nil
	}
	return w.current()
}

// Pause lets no copy begin at a printer, or lets it go on. The journal remembers it: see rules.Pause. What is at the printer comes
// back if nothing of it has left, else it comes out whole. It does not block, and any goroutine may call it.
func (d *Dispatcher) Pause(printer string, on bool, since time.Time) {
	d.paused.set(printer, on, since)
	if on {
		d.GiveUpWaiting(printer)
	}
	d.Wake(printer)
}

// Paused tells since when a printer is paused; ok is false when it is not.
func (d *Dispatcher) Paused(printer string) (since time.Time, ok bool) { return d.paused.of(printer) }

// Flush writes the results that are kept back, see kept, and returns when they are on disk.
func (d *Dispatcher) Flush() {
	d.mu.Lock()
	workers := make([]*worker, 0, len(d.workers))
	for _, w := range d.workers {
		workers = append(workers, w)
	}
	d.mu.Unlock()
	for _, w := range workers {
		w.kept.flush()
	}
}
