package dispatch

import (
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/queue/journal"
)

// Offer hands the first new copy to its printer when that has no work, so that rendering and asking the printer go on while
// the disk works. It cannot begin before the transaction is on disk, or else in it: that is asked of the writer, which waits a moment for
// it and says what that buys (see journal.Options.Offer and startTime there). Offer gives the copy that was taken, 0 for none. The
// journal's writer calls it.
func (d *Dispatcher) Offer(t *journal.Tx) (copySeq int64) {
	o := t.FirstCopy()
	if o == nil || t.MarksChanged() {
		return 0 // its worker is woken when it is on disk
	}
	w := d.worker(o.Copy.Printer)
	if w == nil || !w.isIdle() {
		return 0
	}
	a := &readAhead{row: o.Copy, version: t.MarksVersion(), readAt: time.Now(), undone: &atomic.Bool{}}
	if a.fill(t, d.rules, o.Row, o.Job, t.Now) != nil {
		return 0
	}
	t.OnRollback(func() { a.undone.Store(true) })
	if !w.giveIfIdle(a) {
		return 0
	}
	return a.row.Seq
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
