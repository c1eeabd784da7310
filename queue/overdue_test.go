package queue_test

import (
	"slices"
	"testing"
	"time"

	"github.com/receiptd/receiptd/queue"
)

// TestLateSlipTellsWhy: a slip that waits behind another one is late for the reason for which that one is held.
func TestLateSlipTellsWhy(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.run(&paper{next: slices.Repeat([]queue.Result{{State: queue.Queued, Reason: "paper_out"}}, 10000)})
	s.accept(order("o1", "77", "new"))
	until(t, "held", func() bool { return s.answer("o1").Copies[0].State == queue.Held })
	s.accept(order("o2", "78", "new"))
	list, err := s.q.Waiting.Watched(t.Context(), queue.Limits{"order": time.Second}, 10)
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	if err := s.q.Alarms.Overdue(t.Context(), []int64{list[0].Seq, list[1].Seq}); err != nil {
		t.Fatal(err)
	}
	late, err := s.q.Waiting.Overdue(t.Context(), nil, 10)
	if err != nil || len(late) != 2 || late[1].JobID != "o2" || late[1].State != queue.Queued || late[1].Reason != "paper_out" {
		t.Errorf("%+v %v", late, err)
	}
}
