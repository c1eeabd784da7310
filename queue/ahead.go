package queue

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
)

// An ahead is a copy with all that its delivery needs, read before its turn. What it says may be out of date when the
// turn comes: Begin compares it with the journal.
type ahead struct {
	d       Delivery
	c       record.CopyRow
	version int64        // of what marks depend on, before it was read
	at      time.Time    // when it was read
	stale   bool         // it waited too long to come out by itself
	gone    *atomic.Bool // the transaction that made it did not happen; nil: it is on disk
}

// aheadTime is how long a copy that was read ahead is good: an old one might have to wait for a person meanwhile.
const aheadTime = time.Second

func isGone(b *atomic.Bool) bool { return b != nil && b.Load() }

// rouse lets the worker look again.
func (w *worker) rouse() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.idle = false
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// rests notes that the journal held nothing for the printer, unless something came since it was asked.
func (w *worker) rests() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.idle = len(w.wake) == 0
}

// next prepares the printer's oldest copy that may come out. Error: ErrNotFound.
func (w *worker) next(ctx context.Context) (*ahead, error) {
	w.mu.Lock()
	a := w.ahead
	w.ahead = nil
	w.mu.Unlock()
	if a != nil && !isGone(a.gone) && a.version == w.q.db.Version() && time.Since(a.at) < aheadTime {
		return a, nil
	}
	for {
		a, err := w.read(ctx, 0)
		if err != nil || !a.stale {
			return a, err
		}
		if err := w.q.holdStale(ctx, w.printer); err != nil {
			return nil, err
		}
	}
}

// read asks the journal for the printer's oldest copy, but for one, that may come out.
func (w *worker) read(ctx context.Context, but int64) (*ahead, error) {
	s := w.q.db.Read(context.WithoutCancel(ctx)) // short, and watching a context costs more than the question
	a := &ahead{version: w.q.db.Version(), at: time.Now()}
	err := a.c.Scan(s.Row("SELECT "+record.CopyColumns+" FROM copies WHERE printer = ? AND "+record.IsRunnable+" AND seq <> ? ORDER BY ord, seq LIMIT 1", w.printer, but))
	if err != nil {
		return nil, record.NoRow(err)
	}
	row, err := record.JobBySeq(s, a.c.Job)
	if err != nil {
		return nil, err
	}
	now := w.q.now()
	if limit := w.q.o.staleAfter(row.Kind); limit > 0 && !a.c.Fresh && record.Age(now, a.c.Asked) > limit {
		a.stale = true
		return a, nil
	}
	j, err := s.Job(a.c.Job)
	if err != nil {
		return nil, err
	}
	return a, a.fill(s, w.q, &row, j, now)
}

// fill makes the delivery of the copy.
func (a *ahead) fill(s record.View, q *Queue, row *record.JobRow, j *job.Job, now time.Time) (err error) {
	a.d = Delivery{CopyID: s.CopyID(a.c.Seq, a.c.Asked), Job: j, Copy: a.c.Name, Printer: a.c.Printer}
	if a.d.Mark, err = q.markOf(s, &a.c, row, record.Millis(now)); err != nil || !a.c.Auto {
		return err
	}
	a.d.Auto, err = isAsked(s, &a.c)
	return err
}

// lookAhead reads the copy that follows the one at the printer and lets it be prepared. early says that the start of that one
// is not on disk yet. It reports false when there is none, or its number is not known yet.
func (w *worker) lookAhead(ctx context.Context, at *delivering, early bool) bool {
	a, err := w.read(ctx, at.c.Seq)
	if err != nil || a.stale {
		return false // it is asked again, and told of, in its turn
	}
	if early && a.c.Job == at.c.Job && a.c.Name == at.c.Name {
		return false
	}
	if w.q.o.Prepare != nil {
		w.prepare(a.d)
	}
	w.mu.Lock()
	w.ahead = a
	w.mu.Unlock()
	return true
}

// prepare keeps a template that panics from ending the daemon: it panics again in its turn, where it is told of.
func (w *worker) prepare(d Delivery) {
	defer func() { _ = recover() }()
	w.q.o.Prepare(d)
}

// forgetAhead drops what was read ahead: another copy may go first now.
func (w *worker) forgetAhead() {
	w.mu.Lock()
	w.ahead = nil
	w.mu.Unlock()
}

// offer hands the first new copy to its printer when that has no work, so that rendering and asking the printer go on while
// the disk works. It cannot begin before the transaction is on disk, or else in it: that is asked of the writer. offer gives the
// copy that was taken, 0 for none.
func (t *tx) offer() (copySeq int64) {
	o := t.First()
	if o == nil || t.Touched() {
		return 0 // its worker is woken when it is on disk
	}
	t.q.mu.Lock()
	w := t.q.workers[o.Copy.Printer]
	t.q.mu.Unlock()
	if w == nil || !w.isIdle() {
		return 0
	}
	a := &ahead{c: o.Copy, version: t.Version(), at: time.Now(), gone: &atomic.Bool{}}
	if a.fill(t, t.q, o.Row, o.Job, t.Now) != nil {
		return 0
	}
	t.Undo(func() { a.gone.Store(true) })
	if !w.take(a) {
		return 0
	}
	return a.c.Seq
}

func (w *worker) isIdle() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.idle
}

// take gives a worker without work a copy. It reports false when work has come meanwhile.
func (w *worker) take(a *ahead) bool {
	w.mu.Lock()
	took := w.idle
	if took {
		w.ahead = a
	}
	w.mu.Unlock()
	w.rouse()
	return took
}
