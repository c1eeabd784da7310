package queue

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

// SetProof moves the counter, to see it wrap.
func SetProof(q *Queue, n int64) {
	done := make(chan struct{})
	q.w.ops <- &op{fn: func(t *tx) error { t.w.proof = n; close(done); return nil }, done: make(chan error, 1)}
	<-done
}
