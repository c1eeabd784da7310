package queue_test

import (
	"slices"
	"testing"
	"time"

	"github.com/receiptd/receiptd/queue"
)

// TestClockJumps moves the clock years forward and back between the steps of a day: nothing is printed twice unmarked, nothing
// is lost, the order of arrival stands, and what looks old waits for a person and not for ever.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	const years = 3 * 365 * 24 * time.Hour
	b := &begun{}
	s := newShop(t)
	stop := s.runWith(b.deliver, "default")
	s.accept(slip{id: "a", voucher: "000001"}.String())
	s.wantState("a", 1, "printed")
	s.wait(-years)
	s.accept(slip{id: "b", voucher: "000002"}.String())
	s.wantState("b", 1, "printed")
	if a := s.accept(last("again", "")); a.TargetJobID != "b" {
		t.Errorf("the last slip is the one that came last, not %q", a.TargetJobID)
	}
	s.wantState("again", 1, "printed")
	stop()
	s.accept(slip{id: "c", voucher: "000003"}.String())
	s.wait(2 * years) // it seems to have waited for years
	s.reopen()
	if _, err := s.q.Retention.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.runWith(b.deliver, "default")
	s.wantState("c", 0, "held stale")
	s.wait(-2 * years) // and now it is from the future
	s.accept(slip{id: "d", voucher: "000004"}.String())
	s.wantState("d", 1, "printed")
	for _, id := range []string{"a", "b", "c", "d"} {
		if a := s.answer(id); a.Outcome != queue.Accepted || len(a.Copies) != 2 {
			t.Errorf("%s: %+v", id, a)
		}
	}
	want := []string{"a merchant original", "a cardholder original", "b merchant original", "b cardholder original",
		"b merchant duplicate", "b cardholder duplicate", "d merchant original", "d cardholder original"}
	if got := b.list(); !slices.Equal(got, want) {
		t.Errorf("printed %q", got)
	}
}
