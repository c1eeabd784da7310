package queue_test

import (
	"testing"

	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/queue/record"
)

// TestUnsettledReadsOnce: the latest attempt at a printer is found without reading all attempts again at each start, and what is
// noted for that never hides a newer one, nor an older one when the noted one was removed.
func TestUnsettledReadsOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	const step = record.ProofStep
	first := int64(step)
	db := s.raw()
	defer db.Close()
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatal(err)
		}
	}
	attempt := func(n int64, printer string, outcome queue.State) {
		exec("INSERT INTO attempts (proof, copy, printer, started, outcome) VALUES (?, 1, ?, 0, ?)", first+n*step, printer, outcome)
	}
	check := func(want int64, when string) {
		t.Helper()
		id := queue.ProofID{}
		if want != 0 {
			id = record.ProofIDOf(first + want*step)
		}
		if got, err := s.q.Printing.Unsettled(t.Context(), "spare"); err != nil || got != id {
			t.Errorf("%s: %q %v, want %q", when, got, err, id)
		}
	}
	attempt(1, "spare", queue.Uncertain)
	attempt(2, "spare", queue.Uncertain)
	check(2, "few attempts")
	exec("WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 1500) INSERT INTO attempts (proof, copy, printer, started, outcome) SELECT ? + i * ?, 1, 'busy', 0, 'printed' FROM n", first, step)
	check(2, "before it is noted")
	exec("UPDATE attempts SET printer = 'spare', outcome = 'uncertain' WHERE proof = ?", first+700*step)
	check(2, "what was looked through is not read again")
	exec("UPDATE attempts SET outcome = 'printed' WHERE proof = ?", first+2*step)
	check(0, "the noted one was proven late")
	exec("DELETE FROM attempts WHERE proof = ?", first+2*step)
	check(700, "the noted one was removed")
	exec("DELETE FROM attempts WHERE printer = 'spare'")
	check(0, "all were removed")
	attempt(1501, "spare", queue.Uncertain)
	check(1501, "a new one")
	s.reopen()
	check(1501, "a new one, in the next process")
}
