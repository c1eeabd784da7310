package dispatch

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/queue/journal"
)

// Offer hands the first new copy to its printer when that has no work, so that rendering and asking the printer go on while
// the disk works. It cannot begin before the transaction is on disk, or else in it: that is asked of the writer, which waits a moment for
// it and says what that buys (see journal.Options.Offer and startTime there). Offer gives the copy that was taken, if one was. The
// journal's writer calls it.
func (d *Dispatcher) Offer(t *journal.Tx) journal.Offered {
	o := t.FirstCopy()
	if o == nil || t.MarksChanged() {
		return journal.Offered{} // its worker is woken when it is on disk
	}
	w := d.worker(o.Copy.Printer)
	if w == nil || !w.turn.isIdle() {
		return journal.Offered{}
	}
	over := make(chan struct{})
	a := &readAhead{row: o.Copy, version: t.MarksVersion(), readAt: time.Now(), undone: &atomic.Bool{}, over: sync.OnceFunc(func() { close(over) })}
	if a.fill(t, d.rules, o.Row, o.Job, t.Now) != nil {
		return journal.Offered{}
	}
	t.OnRollback(func() { a.undone.Store(true) })
	if !w.turn.offer(a) {
		return journal.Offered{}
	}
	return journal.Offered{Copy: a.row.Seq, Over: over}
}
