package daemon

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/receiptd/receiptd/notify"
	"github.com/receiptd/receiptd/templates"
)

// Running is what a reload may stop: the printers with their workers, and the watch over the folder of templates. Its methods are called
// by one goroutine at a time: by the start, then by reload, at the end by the stop.
type running struct {
	now          *inForce
	printing     *printing
	homeless     *homeless
	notifier     *notify.Notifier
	centre       *centre
	above, below context.Context // of workers and of printers: a worker ends before its printer
	fail         func(error)     // tells that a part broke and everything is to end
	workers      sync.WaitGroup  // and the watch over templates
	links        sync.WaitGroup
	stop         map[*station]func() // ends a printer, after its slip on the wire came out or had to be given up
	unwatch      func()
}

// startAll runs what the setup in force holds.
func (r *running) startAll() {
	n := r.now.Load()
	for _, s := range n.stations {
		r.start(s)
	}
	r.watch(n.templates)
	r.tell(n)
}

// tell tells the receivers and the fleet of a setup from now on.
func (r *running) tell(n *setup) {
	r.centre.use(r.above, n.cfg.Fleet)
	if err := r.notifier.Use(r.above, receivers(n.cfg)); err != nil && r.above.Err() == nil {
		r.printing.log.Error("nobody outside is told of anything: the journal does not know whom", "err", err)
	}
}

// start runs a printer and its worker.
func (r *running) start(s *station) {
	work, stopWork := context.WithCancel(r.above)
	link, stopLink := context.WithCancel(r.below)
	worked, linked := make(chan struct{}), make(chan struct{})
	r.links.Go(func() {
		defer close(linked)
		if err := s.printer.Run(link); err != nil {
			r.fail(fmt.Errorf("printer %s: %w", s.name, err))
		}
	})
	q := r.printing.queue
	r.workers.Go(func() {
		defer close(worked)
		if err := q.Run(work, []string{s.name}, r.printing.deliverTo(s)); err != nil {
			r.fail(fmt.Errorf("queue: %w", err))
		}
	})
	r.stop[s] = func() {
		s.leaving.ask()
		q.Dismiss(s.name)
		stopWork()
		<-worked
		stopLink()
		<-linked
	}
}

// watch takes changed templates into use until the next watch.
func (r *running) watch(set *templates.Set) {
	ctx, cancel := context.WithCancel(r.above)
	done := make(chan struct{})
	r.workers.Go(func() {
		defer close(done)
		if err := r.printing.alarms.watchTemplates(ctx, set); err != nil && ctx.Err() == nil {
			r.fail(fmt.Errorf("templates: %w", err))
		}
	})
	r.unwatch = func() { cancel(); <-done }
}

// change goes over to a new setup: what is no longer wanted ends first, so that two printers may swap their devices.
func (r *running) change(ctx context.Context, n *setup) {
	old := r.now.Load()
	var ending sync.WaitGroup
	for _, s := range old.stations {
		if !slices.Contains(n.stations, s) {
			ending.Go(r.stop[s])
			delete(r.stop, s)
		}
	}
	ending.Wait()
	r.now.Store(n)
	for _, s := range n.stations {
		if r.stop[s] == nil {
			r.start(s)
		}
	}
	if n.templates != old.templates {
		r.unwatch()
		r.watch(n.templates)
	}
	r.tell(n)
	r.homeless.rehome(ctx)
	r.printing.changed.send() // the watch looks at what waits by the new times, whatever it waited for
}

// end waits for the workers, whose slips on the wire have a moment to be proven, then ends the printers.
func (r *running) end(stopBelow func()) {
	r.workers.Wait()
	stopBelow()
	r.links.Wait()
}
