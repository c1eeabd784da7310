package queue

import (
	"context"
	"slices"
	"strconv"
)

// SetHook lets a test stop the process around a commit.
func SetHook(q *Queue, hook func(point string)) {
	done := make(chan struct{})
	q.w.ops <- &op{fn: func(t *tx) error { t.w.hook = hook; close(done); return nil }, done: make(chan error, 1)}
	<-done
}

// ProofIDs and counters, for tests of their arithmetic.
const ProofIDs = proofIDs

func ProofIDOf(counter int64) ProofID { return proofID(counter) }

func CounterOf(id ProofID, last int64) (int64, bool) { return id.counter(last) }

// IsOpen is the condition of what waits or is at a printer.
const IsOpen = isOpen

// SetProof moves the counter, to see it wrap.
func SetProof(q *Queue, n int64) {
	done := make(chan struct{})
	q.w.ops <- &op{fn: func(t *tx) error { t.w.proof = n; close(done); return nil }, done: make(chan error, 1)}
	<-done
}

// LimitPages makes the file system look full to SQLite; 0 lifts it.
func LimitPages(q *Queue, more int) {
	done := make(chan struct{})
	q.w.ops <- &op{fn: func(t *tx) error {
		defer close(done)
		n := 1 << 30
		if more >= 0 {
			if err := t.row("PRAGMA page_count").Scan(&n); err != nil {
				return err
			}
			n += more
		}
		return t.w.conn.script(context.Background(), "PRAGMA max_page_count = "+strconv.Itoa(n))
	}, done: make(chan error, 1)}
	<-done
}

// Exec changes the journal behind the queue's back.
func Exec(q *Queue, query string) error {
	return q.w.do(context.Background(), func(t *tx) error { return t.exec(query) })
}

// FailCommit makes the next transaction that offers a copy fail after its last statement, as a full or broken disk does.
func FailCommit(q *Queue) {
	own := true // the commit that sets the hook
	SetHook(q, func(point string) {
		switch {
		case point == "after commit":
			own = false
		case !own:
			q.w.hook = nil
			_ = q.w.conn.script(context.Background(), "ROLLBACK")
		}
	})
}

// Given tells the last numbers of jobs and copies.
func Given(q *Queue) (job, copy int64) {
	done := make(chan struct{})
	q.w.ops <- &op{fn: func(t *tx) error { job, copy = t.job, t.copy; close(done); return nil }, done: make(chan error, 1)}
	<-done
	return job, copy
}

// Tidy does now what is done when nothing was written for a while.
func Tidy(q *Queue) error { return q.checkpoint(context.Background()) }

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
	c := copyRow{state: from, printNo: printNo, reason: had}
	return c.legal(cause(why), to) == nil
}

// Force takes a step that nobody takes.
func Force(q *Queue, copySeq int64, to State) error {
	return q.w.do(context.Background(), func(t *tx) error {
		c, err := copyBySeq(t, copySeq)
		if err != nil {
			return err
		}
		return t.setState(&c, causeRelease, to, "", ProofNone, "")
	})
}
