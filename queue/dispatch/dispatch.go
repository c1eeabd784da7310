package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/rules"
	"github.com/receiptd/receiptd/vocabulary"
)

// Options tunes a Dispatcher. Logger and Now are needed.
type Options struct {
	Logger *slog.Logger
	Now    func() time.Time

	// CopyPause is the pause between two copies of one job at a printer; nil is none.
	CopyPause func(printer string) time.Duration
	// Prepare is shown, while a copy is at a printer, the one that probably follows, so that it can be rendered meanwhile.
	// Begin and Report of that Delivery are nil. nil: nobody is told.
	Prepare func(d Delivery)
}

// A Dispatcher feeds printers with the copies that wait for them. Its methods may be used by many goroutines.
type Dispatcher struct {
	o     Options
	log   *slog.Logger
	rules *rules.Rules
	db    *journal.DB // set once by Use, before a worker runs

	mu      sync.Mutex
	workers map[string]*worker   // guarded by mu; by printer
	paused  map[string]time.Time // guarded by mu; by printer: since when nothing may begin there
}

// New gives a dispatcher for a journal that is about to be opened: see Use.
func New(r *rules.Rules, o Options) *Dispatcher {
	return &Dispatcher{o: o, log: o.Logger, rules: r, workers: map[string]*worker{}, paused: map[string]time.Time{}}
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
		w := &worker{d: d, printer: p, deliver: deliver, wake: make(chan struct{}, 1), stop: ctx.Done(), dismiss: dismiss, ended: make(chan struct{}), writing: make(chan struct{}, 1)}
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
		w.wakeUp()
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
	w := d.worker(printer)
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now != nil && w.now.state == vocabulary.StateHeld {
		w.now.cancel()
	}
}

// Flush writes the results that are kept back, see worker.keep, and returns when they are on disk.
func (d *Dispatcher) Flush() {
	d.mu.Lock()
	workers := make([]*worker, 0, len(d.workers))
	for _, w := range d.workers {
		workers = append(workers, w)
	}
	d.mu.Unlock()
	for _, w := range workers {
		w.flush()
	}
}
