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
	if w == nil || !w.turn.isIdle() {
		return 0
	}
	a := &readAhead{row: o.Copy, version: t.MarksVersion(), readAt: time.Now(), undone: &atomic.Bool{}}
	if a.fill(t, d.rules, o.Row, o.Job, t.Now) != nil {
		return 0
	}
	t.OnRollback(func() { a.undone.Store(true) })
	if !w.turn.offer(a) {
		return 0
	}
	return a.row.Seq
}
