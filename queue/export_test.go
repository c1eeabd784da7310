package queue

import (
	"context"
	"slices"

	"github.com/receiptd/receiptd/queue/record"
)

// SetHook lets a test stop the process around a commit.
func SetHook(q *Queue, hook func(point string)) { q.db.SetHook(hook) }

// ProofIDs and counters, for tests of their arithmetic.
const ProofIDs = record.ProofIDs

func ProofIDOf(counter int64) record.ProofID { return record.ProofIDOf(counter) }

func CounterOf(id record.ProofID, last int64) (int64, bool) { return id.Counter(last) }

// IsOpen is the condition of what waits or is at a printer.
const IsOpen = record.IsOpen

// SetProof moves the counter, to see it wrap.
func SetProof(q *Queue, n int64) { q.db.SetProof(n) }

// LimitPages makes the file system look full to SQLite; 0 lifts it.
func LimitPages(q *Queue, more int) { q.db.LimitPages(more) }

// Exec changes the journal behind the queue's back.
func Exec(q *Queue, query string) error {
	return q.do(context.Background(), func(t *tx) error { return t.Exec(query) })
}

// FailCommit makes the next transaction that offers a copy fail after its last statement, as a full or broken disk does.
func FailCommit(q *Queue) { q.db.FailCommit() }

// Given tells the last numbers of jobs and copies.
func Given(q *Queue) (job, copy int64) { return q.db.Given() }

// Tidy does now what is done when nothing was written for a while.
func Tidy(q *Queue) error { return q.db.Checkpoint(context.Background()) }

// Causes lists the causes of the table of steps, each once.
func Causes() []string {
	var list []string
	for _, s := range steps {
		if !slices.Contains(list, string(s.cause)) {
			list = append(list, string(s.cause))
		}
	}
	return list
}

// Legal asks the table of steps.
func Legal(from, to State, why string, printNo int, had string) bool {
	c := record.CopyRow{State: from, PrintNo: printNo, Reason: had}
	return legal(&c, cause(why), to) == nil
}

// Force takes a step that nobody takes.
func Force(q *Queue, copySeq int64, to State) error {
	return q.do(context.Background(), func(t *tx) error {
		c, err := record.CopyBySeq(t, copySeq)
		if err != nil {
			return err
		}
		return t.setState(&c, causeRelease, to, "", ProofNone, "")
	})
}
