package daemon

import (
	"context"
	"log/slog"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/pause"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/notify"
	"github.com/receiptd/receiptd/queue"
)

const (
	watchRest  = time.Second // after something happened, before the watch looks: it shall not stand in the way of a slip
	watchEvery = time.Minute // looks of its own, where there is something that tells nothing by itself
	watchShare = 50          // a look may take a fiftieth of the time, however much waits
	watchedMax = 200         // slips that are looked at in one look, and that are told one by one
)

// A watcher notices what takes too long: slips that are not out in time, and what [[notify]] tells of. What it has noticed stands in the
// journal; what it counts by itself begins anew with each start. Only run, in one goroutine, uses its fields.
type watcher struct {
	now      *inForce
	queue    *queue.Queue
	printers interface {
		Printers() []api.Printer
		Changed() <-chan struct{}
	}
	notifier *notify.Notifier
	clock    clockWatch
	room     func(dir string) (bytes, files int64, err error) // nil: asks the machine
	notReady map[string]time.Time                             // printers that are not ready, since when: as this machine counts time, not as its clock shows it
	diskLow  bool                                             // it was at the last look
	log      *slog.Logger
}

// run looks each time that something happened, and when the time of something ends, until ctx ends.
func (w *watcher) run(ctx context.Context) error {
	w.notReady = map[string]time.Time{}
	for ctx.Err() == nil {
		listening, done := context.WithCancel(ctx)
		events := w.event(listening)
		changed := w.printers.Changed()
		began := time.Now()
		next, err := w.look(ctx)
		if err != nil && ctx.Err() == nil {
			w.log.Error("it cannot be looked what takes too long", "err", err)
			next = watchEvery
		}
		if pause.For(ctx, max(watchRest, watchShare*time.Since(began))) {
			w.await(ctx, next, events, changed)
		}
		done()
		<-events
	}
	return nil
}

// event gives a channel that closes at the journal's next event. The goroutine ends then, or with ctx.
func (w *watcher) event(ctx context.Context) <-chan struct{} {
	next := w.queue.Events.Subscribe(-1)
	ch := make(chan struct{})
	go func() {
		_, _ = next.Next(ctx)
		close(ch)
	}()
	return ch
}

// await waits for the next thing to look at; next is when a time ends, 0 for never.
func (w *watcher) await(ctx context.Context, next time.Duration, events, changed <-chan struct{}) {
	var timer <-chan time.Time
	if next > 0 {
		t := time.NewTimer(next)
		defer t.Stop()
		timer = t.C
	}
	happened := false
	select {
	case <-events:
		happened = true
	case <-changed:
		happened = true
	case <-timer:
	case <-ctx.Done():
	}
	if happened {
		pause.For(ctx, watchRest)
	}
}

// limits are the times of the configuration within which slips should be out.
func limits(w config.Watch) queue.Limits {
	out := queue.Limits{}
	for kind, d := range map[job.Kind]config.Duration{job.KindTransaction: w.Transaction, job.KindReversal: w.Reversal, job.KindSettlement: w.Settlement,
		job.KindOrder: w.Order, job.KindDocument: w.Document} {
		if d > 0 {
			out[kind] = time.Duration(d)
		}
	}
	return out
}

// look notes what is overdue and what is to be told, and gives how long it is until the time of something ends, 0 for never.
func (w *watcher) look(ctx context.Context) (next time.Duration, err error) {
	cfg := w.now.Load().cfg
	last, err := w.queue.Waiting.LastCopy(ctx)
	if err != nil {
		return 0, err
	}
	w.clock.look(last)
	next, err = w.overdue(ctx, limits(cfg.Watch))
	if err != nil {
		return 0, err
	}
	if !w.notifier.Any() {
		return next, nil
	}
	if next == 0 || next > watchEvery {
		next = watchEvery
	}
	soon, err := w.tell(ctx, cfg)
	if soon > 0 {
		next = min(next, soon)
	}
	return next, err
}

// overdue notes the slips whose time is over, and gives when the time of the next one ends.
func (w *watcher) overdue(ctx context.Context, l queue.Limits) (time.Duration, error) {
	list, err := w.queue.Waiting.Watched(ctx, l, watchedMax)
	if err != nil {
		return 0, err
	}
	var late []int64
	var next time.Duration
	for _, t := range list {
		left := t.Limit - w.clock.age(t.Seq, t.Since)
		if left <= 0 {
			late = append(late, t.Seq)
			continue
		}
		if left = min(left, watchEvery) + 10*time.Millisecond; next == 0 || left < next { // the clock is looked at meanwhile
			next = left
		}
	}
	if len(late) == 0 {
		return next, nil
	}
	if len(list) == watchedMax {
		next = watchRest // there may be more
	}
	w.log.Warn("slips are not out in time", "count", len(late))
	return next, w.queue.Alarms.Overdue(ctx, late)
}
