package queue_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// portion takes a portion of a long slip; n 0 is the first.
func (s *shop) portion(head string, n int, last bool) {
	s.t.Helper()
	id, c := head, job.Capture{Name: "till", Stream: fmt.Appendf(nil, "portion %d", n), Long: true}
	if n > 0 {
		id, c.Long, c.Of, c.Portion, c.Last = fmt.Sprintf("%s.%d", head, n), false, head, n, last
	}
	r := job.Parser{}.Captured(job.Job{ID: id, CreatedAt: s.now()}, c, []job.Block{{Type: job.BlockText, Text: id}}, nil)
	if a := s.arrive(queue.Arrival{Parsed: r, Source: queue.SourceCapture}); a.Outcome != queue.Accepted || (len(a.Copies) == 1) != (n == 0) {
		s.t.Fatalf("%+v", a)
	}
}

// TestLongSlip: a crash in the middle of a long slip leaves no whole one: what had begun is uncertain, what had not waits for a person. One
// that came whole comes out.
func TestLongSlip(t *testing.T) {
	s := newShop(t)
	for i, head := range []string{"begun", "half", "whole", "first"} {
		s.portion(head, 0, false)
		for n := 1; n < 3 && i < 3; n++ {
			s.portion(head, n, n == 2 && head == "whole")
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var spare, id queue.ProofID
	run := func() {
		_ = s.q.Printing.Run(ctx, []string{"default"}, func(ctx context.Context, d queue.Delivery) queue.Result {
			var err error
			if id, err = d.Begin(ctx); err == nil {
				spare, err = d.Spare(ctx)
			}
			if err != nil || spare == id || spare == (queue.ProofID{}) {
				t.Error(id, spare, err)
			}
			cancel()
			return queue.Result{State: queue.Uncertain, Reason: "stopped", Bytes: 1}
		})
	}
	run()
	s.reopen()
	s.wantState("half", 0, "held half")
	s.wantState("first", 0, "held half")
	s.wantState("whole", 0, "queued")
	if a := s.answer("begun").Copies[0]; a.State != queue.Uncertain {
		t.Errorf("%+v", a)
	}
	if err := s.q.Printing.Settle(t.Context(), spare, s.now()); err == nil {
		t.Error("an id that proves a portion proves the slip")
	}
	list, err := s.q.Jobs.Portions(t.Context(), "half")
	if err != nil || len(list) != 2 || list[1].ID != "half.2" || string(list[1].Document.Capture.Stream) != "portion 2" {
		t.Errorf("%v %v", list, err)
	}
	if _, err := s.q.Decisions.ReleaseHalf(t.Context(), "default", true, "01"); err != nil {
		t.Fatal(err)
	}
	s.reopen() // a person's word is not forgotten
	s.wantState("half", 0, "queued")
	all, _, err := s.q.Jobs.List(t.Context(), queue.Filter{})
	if err != nil || len(all) != 4 {
		t.Errorf("%d slips in the list: %v", len(all), err)
	}
	if err := s.q.Printing.Settle(t.Context(), id, s.now()); err != nil {
		t.Error(err)
	}
	s.wantState("begun", 0, "printed")
}
