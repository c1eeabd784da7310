package dispatch

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/queue/rules"
)

// A readAhead is a copy with all that its delivery needs, read while the one before it is at the printer, so that it can be rendered
// meanwhile: of a burst about a tenth more jobs come out in the same time (medians of 18 runs in turns: 8 and 10 %), and no printer waits
// for its next slip's rendering. What it says may be out of date when its turn comes: Begin compares it with the journal.
type readAhead struct {
	delivery Delivery
	row      record.CopyRow
	version  int64        // of what marks depend on, before it was read
	readAt   time.Time    // when it was read
	stale    bool         // it waited too long to come out by itself
	undone   *atomic.Bool // the transaction that made it was rolled back; nil: it is on disk
}

// readAheadTime is how long a copy that was read ahead is good: an old one might have to wait for a person meanwhile.
const readAheadTime = time.Second

func rolledBack(b *atomic.Bool) bool { return b != nil && b.Load() }

// wakeUp lets the worker look again.
func (w *worker) wakeUp() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.idle = false
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// noteIdle notes that the journal held nothing for the printer, unless something came since it was asked.
func (w *worker) noteIdle() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.idle = len(w.wake) == 0
}

// nextCopy prepares the printer's oldest copy that may come out. Error: ErrNotFound.
func (w *worker) nextCopy(ctx context.Context) (*readAhead, error) {
	w.mu.Lock()
	a := w.next
	w.next = nil
	w.mu.Unlock()
	if a != nil && !rolledBack(a.undone) && a.version == w.d.db.MarksVersion() && time.Since(a.readAt) < readAheadTime {
		return a, nil
	}
	for {
		a, err := w.readNext(ctx, 0)
		if err != nil || !a.stale {
			return a, err
		}
		if err := w.d.rules.HoldStale(ctx, w.printer); err != nil {
			return nil, err
		}
	}
}

// readNext asks the journal for the printer's oldest copy, but for one, that may come out.
func (w *worker) readNext(ctx context.Context, but int64) (*readAhead, error) {
	s := w.d.db.Read(context.WithoutCancel(ctx)) // short, and watching a context costs more than the query
	a := &readAhead{version: w.d.db.MarksVersion(), readAt: time.Now()}
	err := a.row.Scan(s.Row("SELECT "+record.CopyColumns+" FROM copies WHERE printer = ? AND "+record.IsRunnable+" AND seq <> ? ORDER BY ord, seq LIMIT 1", w.printer, but))
	if err != nil {
		return nil, record.NoRow(err)
	}
	row, err := record.JobBySeq(s, a.row.Job)
	if err != nil {
		return nil, err
	}
	now := w.d.o.Now()
	if limit := w.d.rules.StaleAfter(row.Kind); limit > 0 && !a.row.Fresh && record.Age(now, a.row.Asked) > limit {
		a.stale = true
		return a, nil
	}
	j, err := s.Job(a.row.Job)
	if err != nil {
		return nil, err
	}
	return a, a.fill(s, w.d.rules, &row, j, now)
}

// fill makes the delivery of the copy.
func (a *readAhead) fill(s record.View, r *rules.Rules, row *record.JobRow, j *job.Job, now time.Time) (err error) {
	a.delivery = Delivery{CopyID: s.CopyID(a.row.Seq, a.row.Asked), Job: j, Copy: a.row.Name, Printer: a.row.Printer}
	if a.delivery.Mark, err = r.Mark(s, &a.row, row, record.Millis(now)); err != nil || !a.row.Auto {
		return err
	}
	a.delivery.Auto, err = rules.IsAsked(s, &a.row)
	return err
}

// lookAhead reads the copy that follows the one at the printer and lets it be prepared. early says that the start of that one
// is not on disk yet. It reports false when there is none, or its number is not known yet.
func (w *worker) lookAhead(ctx context.Context, at *delivering, early bool) bool {
	a, err := w.readNext(ctx, at.row.Seq)
	if err != nil || a.stale {
		return false // it is asked again, and told of, in its turn
	}
	if early && a.row.Job == at.row.Job && a.row.Name == at.row.Name {
		return false
	}
	if w.d.o.Prepare != nil {
		w.prepare(a.delivery)
	}
	w.mu.Lock()
	w.next = a
	w.mu.Unlock()
	return true
}

// prepare keeps a template that panics from ending the daemon: it panics again in its turn, where it is told of.
func (w *worker) prepare(d Delivery) {
	defer func() { _ = recover() }()
	w.d.o.Prepare(d)
}

// forgetAhead drops what was read ahead: another copy may go first now.
func (w *worker) forgetAhead() {
	w.mu.Lock()
	w.next = nil
	w.mu.Unlock()
}
