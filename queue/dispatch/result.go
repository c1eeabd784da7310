package dispatch

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/rules"
)

// Waits between tries, of a worker whose printer is not ready too.
const (
	firstWait = 100 * time.Millisecond
	lastWait  = 2 * time.Second
)

// ended is the end of a delivery, with whether the copy's own transaction happened.
type ended struct {
	rules.Ended
	undone *atomic.Bool // see readAhead
}

// A recorder writes what became of the copies of one printer. Any goroutine may use it.
type recorder struct {
	*common
	printer string
	stop    <-chan struct{} // closed when Run shall end
}

// write takes a result into a transaction, unless the job that it is about was not taken.
func (r recorder) write(t *journal.Tx, o ended) error {
	if rolledBack(o.undone) {
		return nil
	}
	return r.rules.Record(t, r.printer, o.Ended)
}

// record writes a result. It tries until it is on disk; when Run shall end, only a few times: a result that is not on
// disk is uncertain at the next start, which is true then.
func (r recorder) record(o ended) {
	tries := 0
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		err := r.db.Do(context.Background(), func(t *journal.Tx) error { return r.write(t, o) })
		if err == nil || errors.Is(err, journal.ErrClosed) {
			return
		}
		r.Logger.Error("a result cannot be written", "printer", r.printer, "error", err)
		if tries++; tries > 3 {
			select {
			case <-r.stop:
				return
			default:
			}
		}
		time.Sleep(wait)
	}
}

// background writes something that nobody waits for.
func (r recorder) background(what string, fn func(*journal.Tx) error) {
	if err := r.db.Do(context.Background(), fn); err != nil && !errors.Is(err, journal.ErrClosed) {
		r.Logger.Error("the journal cannot be written", "act", what, "error", err)
	}
}

// resultDelay is how long a proven result may wait to share the next attempt's commit.
const resultDelay = 20 * time.Millisecond

// kept is the proven result of the copy before, which waits for the next attempt's commit, for a moment. Any goroutine may use it.
type kept struct {
	recorder
	writing chan struct{} // of one element, which is in it while the result is written

	mu     sync.Mutex  // guards what follows
	result *ended      // not yet on disk; nil for none
	timer  *time.Timer // flushes result
}

// keep holds a result back.
func (k *kept) keep(o ended) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.result = &o
	k.timer = time.AfterFunc(resultDelay, k.flush)
}

// take takes the result, which the caller writes; nil for none.
func (k *kept) take() *ended {
	k.mu.Lock()
	defer k.mu.Unlock()
	o := k.result
	k.result = nil
	if k.timer != nil {
		k.timer.Stop()
		k.timer = nil
	}
	return o
}

// putBack gives back what was taken and could not be written.
func (k *kept) putBack(o *ended) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if o != nil && k.result == nil {
		k.result = o
	}
}

// flush writes the result now. It returns when that is on disk, also when the timer was faster and is still at it.
func (k *kept) flush() {
	k.writing <- struct{}{}
	defer func() { <-k.writing }()
	if o := k.take(); o != nil {
		k.record(*o)
	}
}
