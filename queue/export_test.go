package queue

import (
	"context"

	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/record"
)

// SetHook lets a test stop the process around a commit.
func SetHook(q *Queue, hook func(point string)) { journal.HooksOf(q.Journal.db).SetHook(hook) }

// ProofIDs and counters, for tests of their arithmetic.
const ProofIDs = record.ProofIDs

func ProofIDOf(counter int64) record.ProofID { return record.ProofIDOf(counter) }

func CounterOf(id record.ProofID, last int64) (int64, bool) { return id.Counter(last) }

// IsOpen is the condition of what waits or is at a printer.
const IsOpen = record.IsOpen

// SetProof moves the counter, to see it wrap.
func SetProof(q *Queue, n int64) { journal.HooksOf(q.Journal.db).SetProof(n) }

// LimitPages makes the file system look full to SQLite; 0 lifts it.
func LimitPages(q *Queue, more int) { journal.HooksOf(q.Journal.db).LimitPages(more) }

// Exec changes the journal behind the queue's back.
func Exec(q *Queue, query string) error {
	return q.Journal.db.Do(context.Background(), func(t *journal.Tx) error { return t.Exec(query) })
}

// FailCommit makes the next transaction that offers a copy fail after its last statement, as a full or broken disk does.
func FailCommit(q *Queue) { journal.HooksOf(q.Journal.db).FailCommit() }

// Given tells the last numbers of jobs and copies.
func Given(q *Queue) (job, copy int64) { return journal.HooksOf(q.Journal.db).Given() }

// Hold keeps the journal from tidying itself until release is called.
func Hold(q *Queue) (release func()) { return journal.HooksOf(q.Journal.db).Hold() }

// Tidy does now what is done when nothing was written for a while, and again while somebody who reads kept it from being done whole.
func Tidy(q *Queue) error {
	for {
		if whole, err := q.Journal.db.Checkpoint(context.Background()); whole || err != nil {
			return err
		}
	}
}
