package dispatch

import (
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/queue/journal"
)

// Offer hands the first new copy to its printer when that has no work, so that rendering and asking the printer go on while
// the disk works. It cannot begin before the transaction is on disk, or else in it: that is asked of the writer. offer gives the
// copy that was taken, 0 for none.
func (d *Dispatcher) Offer(t *journal.Tx) (copySeq int64) {
	o := t.First()
	if o == nil || t.Touched() {
		return 0 // its worker is woken when it is on disk
	}
	w := d.worker(o.Copy.Printer)
	if w == nil || !w.isIdle() {
		return 0
	}
	a := &readAhead{c: o.Copy, version: t.Version(), at: time.Now(), undone: &atomic.Bool{}}
	if a.fill(t, d.rules, o.Row, o.Job, t.Now) != nil {
		return 0
	}
	t.Undo(func() { a.undone.Store(true) })
	if !w.giveIfIdle(a) {
		return 0
	}
	return a.c.Seq
}

func (w *worker) isIdle() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.idle
}

// giveIfIdle gives a worker without work a copy. It reports false when work has come meanwhile.
func (w *worker) giveIfIdle(a *readAhead) bool {
	w.mu.Lock()
	given := w.idle
	if given {
		w.next = a
	}
	w.mu.Unlock()
	w.wakeUp()
	return given
}
