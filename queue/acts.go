package queue

import (
	"context"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/dispatch"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/queue/rules"
	"github.com/receiptd/receiptd/vocabulary"
)

// Accept takes one request and gives its answer, which is on disk when Accept returns, a refusal's too. It may be
// retried with the same arrival after any error: what was taken is not taken twice. Requests made at the same time
// share one fsync. Error: ErrFull, when nothing can be taken for now.
func (q *Queue) Accept(ctx context.Context, a rules.Arrival) (answer.Answer, error) {
	return q.rules.Accept(ctx, a)
}

// AcceptAll is Accept for several arrivals in order, in one transaction: the order of the list is the order of arrival.
// When an arrival fails, each is asked alone, so that it costs only itself; errs[i] belongs to list[i] and is nil for what
// was answered.
func (q *Queue) AcceptAll(ctx context.Context, list []rules.Arrival) (answers []answer.Answer, errs []error) {
	return q.rules.AcceptAll(ctx, list)
}

// Alarm writes down something a person should see that no printer said: reason is its code, detail says what to do. JobID
// names the slip that showed it, "" for none.
func (q *Queue) Alarm(ctx context.Context, jobID string, reason vocabulary.Reason, detail string) error {
	return q.rules.Alarm(ctx, jobID, reason, detail)
}

// Overdue notes of copies that they are not out although they should be, once for each, as long as they are not.
func (q *Queue) Overdue(ctx context.Context, seqs []int64) error { return q.rules.Overdue(ctx, seqs) }

// CloseBatch settles a batch by hand, for software that drops no settlement job. Its warnings say what is still open.
// The caller has checked the operator's permission. Error: ErrNotFound.
func (q *Queue) CloseBatch(ctx context.Context, id int64, operator string) (answer.Answer, error) {
	return q.rules.CloseBatch(ctx, id, operator)
}

// ReopenBatch takes a settlement back, for one that was dropped or clicked in error. When the terminal has gone on with
// another batch this one becomes superseded: reprintable, and closed again by a person. Error: ErrNotFound.
func (q *Queue) ReopenBatch(ctx context.Context, id int64, operator string) (answer.Answer, error) {
	return q.rules.ReopenBatch(ctx, id, operator)
}

// Do gives a command that did not come as a job file: from the page or the command line. id is its idempotency key, ""
// makes one; counter and printer may be empty. permitted says that the asker may give commands that need a permission.
func (q *Queue) Do(ctx context.Context, id string, c job.Command, counter, printer string, permitted bool) (answer.Answer, error) {
	return q.rules.Do(ctx, id, c, counter, printer, permitted)
}

// KeepElectronic stores the file of an electronic copy as it was made, unless there is one already. Error: ErrNotFound.
func (q *Queue) KeepElectronic(ctx context.Context, jobID string, no int, file []byte) error {
	return q.rules.KeepElectronic(ctx, jobID, no, file)
}

// Cancel stops the copies of a job, or one of them, of which nothing has left.
func (q *Queue) Cancel(ctx context.Context, jobID string, name job.CopyName, operator string) (answer.Answer, error) {
	return q.rules.Cancel(ctx, jobID, name, operator)
}

// Defective notes that a copy came out blank or illegible and queues a marked one.
func (q *Queue) Defective(ctx context.Context, jobID string, name job.CopyName, reason vocabulary.Reason, operator string, permitted bool) (answer.Answer, error) {
	return q.rules.Defective(ctx, jobID, name, reason, operator, permitted)
}

// Rehome sends what waits for a printer that is no longer there, copy by copy, to where the routes send such a copy now. That is
// then the printer that should print it: no copy says that it comes from another. It gives the number of copies by printer.
func (q *Queue) Rehome(ctx context.Context, gone string) (map[string]int, error) {
	return q.rules.Rehome(ctx, gone)
}

// Purge removes what retention no longer keeps, in small steps between which others write: slips of batches settled
// longer ago than RetentionMonths, orders and documents older than PersonalDays, answered files with them. It removes
// nothing of an open batch, nothing that still waits for a printer or a person, and nothing for a clock that jumped: the
// terminals' own times must agree. It gives the number of jobs removed; nothing of them is left in the journal's files.
func (q *Queue) Purge(ctx context.Context) (removed int, err error) { return q.rules.Purge(ctx) }

// Retain lets retention remove old records, every six hours until ctx ends.
func (q *Queue) Retain(ctx context.Context) { q.rules.Retain(ctx) }

// Erase removes what the journal holds of a person by the number of an order; the rows, amounts and stories of its jobs stay, and the journal
// can be verified as before. Nothing of it is left in the journal's files. It gives the ids of the jobs. Errors: ErrNotFound, ErrNotOut.
func (q *Queue) Erase(ctx context.Context, orderNo, operator string) ([]string, error) {
	return q.rules.Erase(ctx, orderNo, operator)
}

// Resolve takes a person's answer to "did it come out?" about one uncertain copy: yes makes it printed (proof: person),
// no queues one more, marked. Error: ErrNotFound. A copy that is not uncertain is refused.
func (q *Queue) Resolve(ctx context.Context, copyID string, cameOut bool, operator string) (answer.Answer, error) {
	return q.rules.Resolve(ctx, copyID, cameOut, operator)
}

// Release answers the question about copies held as stale: print them (marked late), or drop them. No ids: all of the
// printer. It gives the number of copies it changed.
func (q *Queue) Release(ctx context.Context, printer string, print bool, operator string, copyIDs ...string) (int, error) {
	return q.rules.Release(ctx, printer, print, operator, copyIDs...)
}

// ReleaseHalf is Release for slips whose program broke off in the middle.
func (q *Queue) ReleaseHalf(ctx context.Context, printer string, print bool, operator string) (int, error) {
	return q.rules.ReleaseHalf(ctx, printer, print, operator)
}

// Unsettled gives the id of the latest attempt at a printer when its end is not known or it was cancelled in the printer:
// what it left unfinished there must be ended before anything else is printed. The zero id: there is none.
func (q *Queue) Unsettled(ctx context.Context, printer string) (record.ProofID, error) {
	return q.rules.Unsettled(ctx, printer)
}

// Run feeds the printers with what waits for them until ctx ends: to each its oldest copy, one at a time, the copies of
// a job one after the other. It returns nil when ctx ended and every worker has recorded its last result. A printer
// without work costs nothing: nothing is polled. It may be called again beside itself for other printers, each with a ctx of its
// own. The ctx of a delivery ends with this one: Dismiss ends a worker without disturbing it.
func (q *Queue) Run(ctx context.Context, printers []string, deliver dispatch.Deliver) error {
	return q.dispatch.Run(ctx, printers, deliver)
}

// Wake lets a printer's worker look again at once: its printer became ready. It does not block.
func (q *Queue) Wake(printer string) { q.dispatch.Wake(printer) }

// Dismiss ends a printer's worker: it is offered no further copy, and the one at the printer ends as it would have. It returns
// when that is recorded, at once when there is no worker.
func (q *Queue) Dismiss(printer string) { q.dispatch.Dismiss(printer) }

// Settle takes a proof that arrived outside its delivery: the printer answered the id of an attempt that is uncertain.
// id is the attempt's base id. The copy becomes printed, on any link epoch, and a marked copy that was to stand in for
// it is cancelled if nothing of it has left. Error: ErrNotFound for an id that no attempt had.
func (q *Queue) Settle(ctx context.Context, id ProofID, at time.Time) error {
	q.dispatch.Flush() // a result that is kept back says more than that the attempt has begun
	return q.rules.LateProof(ctx, id, at)
}

// Move sends what waits for a printer to another one. The copy that is at the printer now is given up: it becomes
// uncertain when something of it had left. It gives the number of copies moved.
func (q *Queue) Move(ctx context.Context, from, to, operator string) (int, error) {
	n, err := q.rules.Move(ctx, from, to, operator)
	if err == nil {
		q.dispatch.GiveUp(from)
	}
	return n, err
}

// Pause lets nothing more begin at a printer until it is resumed, whatever happens to the machine meanwhile: what waits keeps waiting,
// a slip of which something has left comes out whole. on false lets it go on. It reports whether anything changed.
func (q *Queue) Pause(ctx context.Context, printer string, on bool, operator string) (bool, error) {
	changed, since, err := q.rules.Pause(ctx, printer, on, operator)
	if err == nil {
		q.dispatch.Pause(printer, on, since)
	}
	return changed, err
}

// Paused tells since when a person has paused a printer; ok is false when it is not. It reads no disk.
func (q *Queue) Paused(printer string) (since time.Time, ok bool) { return q.dispatch.Paused(printer) }

// CancelWaiting cancels what waits for a printer and of which nothing has left, as far as it was asked for by then. It gives the
// number of copies cancelled. The caller has checked the operator's permission.
func (q *Queue) CancelWaiting(ctx context.Context, printer string, then time.Time, operator string) (int, error) {
	n, err := q.rules.CancelWaiting(ctx, printer, then, operator)
	if err == nil && n > 0 {
		q.dispatch.GiveUpWaiting(printer)
	}
	return n, err
}

// MarkWritten notes that this revision of a file's answer stands in the results folder. It does not block: the note goes
// to disk within a second; lost in a crash it costs one needless rewrite.
func (q *Queue) MarkWritten(file string, revision int64) { q.written.Mark(file, revision) }
