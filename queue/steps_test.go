package queue_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/queue"
)

var allStates = []queue.State{queue.Queued, queue.Sending, queue.Printed, queue.Processed, queue.Sent, queue.Held, queue.Uncertain, queue.Defective, queue.Cancelled}

// TestSteps asks the table of steps for what must hold of every one of them, whatever is added.
func TestSteps(t *testing.T) {
	ends := []queue.State{queue.Printed, queue.Processed, queue.Sent}
	back := []queue.State{queue.Queued, queue.Held, queue.Sending}
	causes, reached := map[string]bool{}, map[queue.State]bool{}
	for _, why := range queue.Causes() {
		causes[why] = true
		taken := false
		for _, from := range allStates {
			for _, to := range allStates {
				for _, no := range []int{0, 1} {
					for _, had := range []string{"", "stale", "not_out"} {
						if !queue.Legal(from, to, why, no, had) {
							continue
						}
						taken = true
						reached[to] = true
						switch {
						case from == queue.Defective:
							t.Errorf("%s: from %s to %s: what was reported is over", why, from, to)
						case slices.Contains(ends, to) && no == 0:
							t.Errorf("%s: from %s to %s without a print number", why, from, to)
						case slices.Contains(back, to) && no != 0 && !slices.Contains(back, from):
							t.Errorf("%s: from %s to %s: what has begun and ended is never sent again", why, from, to)
						case to == queue.Queued && no != 0:
							t.Errorf("%s: from %s to %s with a print number", why, from, to)
						case from == queue.Cancelled && (to != queue.Printed || had != "not_out"):
							t.Errorf("%s: from %s to %s", why, from, to)
						}
					}
				}
			}
		}
		if !taken {
			t.Errorf("no step has the cause %q", why)
		}
	}
	for _, s := range allStates {
		if !reached[s] {
			t.Errorf("nothing becomes %s", s)
		}
	}
	for _, s := range queue.Steps() {
		if s.Why == "" || !slices.Contains([]string{"receiptd", "printer", "person", "software"}, s.By) {
			t.Errorf("%+v", s)
		}
	}
	if len(causes) < 20 {
		t.Errorf("only %d causes", len(causes))
	}
}

// TestIllegalStepIsRefused tries to print again what is printed: the journal keeps it as it is and says why.
func TestIllegalStepIsRefused(t *testing.T) {
	s := newShop(t)
	s.run(&paper{})
	s.accept(slip{id: "a"}.String())
	s.settled("a")
	if err := queue.Force(s.q, 1, queue.Queued); err == nil || !strings.Contains(err.Error(), "no legal step") {
		t.Errorf("%v", err)
	}
	if a := s.answer("a"); a.Copies[0].State != queue.Printed {
		t.Errorf("%+v", a)
	}
	if err := s.q.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
