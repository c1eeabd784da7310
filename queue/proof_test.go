package queue_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/receiptd/receiptd/queue"
)

// TestUnsettled: what the latest attempt may have left in a printer is told to whoever drives it next, after a stop as
// after a crash, until something came out behind it.
func TestUnsettled(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	check := func(want queue.ProofID, when string) {
		t.Helper()
		if id, err := s.q.Printing.Unsettled(t.Context(), "default"); err != nil || id != want {
			t.Errorf("%s: %q %v, want %q", when, id, err, want)
		}
	}
	check(queue.ProofID{}, "before anything was printed")
	p := &paper{next: failing(queue.Uncertain, "stopped")}
	s.accept(slip{id: "a", more: `,"copies":["merchant"]`}.String())
	stop := s.run(p)
	s.wantState("a", 0, "uncertain stopped")
	stop()
	check(p.ids[0], "in the same process")
	s.reopen()
	check(p.ids[0], "in the next")
	s.accept(slip{id: "b", voucher: "000002", more: `,"copies":["merchant"]`}.String())
	stop = s.run(p)
	s.wantState("b", 0, "printed")
	stop()
	check(queue.ProofID{}, "after the next slip")
}

// TestLateProof is the life of an uncertain copy whose proof comes after all.
func TestLateProof(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	uncertain := func(t *testing.T) (*shop, *paper) {
		s := newShop(t)
		p := &paper{next: failing(queue.Uncertain, "link_down")}
		s.accept(slip{id: "a", more: `,"copies":["merchant"]`}.String())
		stop := s.run(p)
		s.wantState("a", 0, "uncertain link_down")
		stop()
		return s, p
	}
	settle := func(s *shop, id queue.ProofID) {
		s.t.Helper()
		if err := s.q.Printing.Settle(ctx, id, s.now()); err != nil {
			s.t.Fatal(err)
		}
	}
	t.Run("settles the copy", func(t *testing.T) {
		s, p := uncertain(t)
		s.reopen() // on any epoch
		settle(s, p.ids[0])
		settle(s, p.ids[0])
		a := s.answer("a")
		if len(a.Copies) != 1 || a.Copies[0].State != queue.Printed || a.Copies[0].Proof != queue.ProofPrinted {
			t.Errorf("%+v", a.Copies)
		}
	})
	t.Run("cancels an unsent marked copy", func(t *testing.T) {
		s, p := uncertain(t)
		if a, err := s.q.Decisions.Resolve(ctx, s.answer("a").Copies[0].CopyID, false, "07"); err != nil || len(a.Copies) != 2 {
			t.Fatal(a, err)
		}
		settle(s, p.ids[0])
		a := s.answer("a")
		if a.Copies[0].State != queue.Printed || a.Copies[1].State != queue.Cancelled || a.Copies[1].Reason != "late_proof" {
			t.Errorf("%+v", a.Copies)
		}
	})
	t.Run("leaves a marked copy that is out", func(t *testing.T) {
		s, p := uncertain(t)
		if _, err := s.q.Decisions.Resolve(ctx, s.answer("a").Copies[0].CopyID, false, "07"); err != nil {
			t.Fatal(err)
		}
		s.run(p)
		s.wantState("a", 1, "printed")
		settle(s, p.ids[0])
		if a := s.answer("a"); a.Copies[0].State != queue.Printed || a.Copies[1].State != queue.Printed {
			t.Errorf("%+v", a.Copies)
		}
	})
	t.Run("of a person's yes", func(t *testing.T) {
		s, p := uncertain(t)
		id := s.answer("a").Copies[0].CopyID
		a, err := s.q.Decisions.Resolve(ctx, id, true, "07")
		if err != nil || a.Copies[0].Proof != queue.ProofPerson {
			t.Fatal(a, err)
		}
		settle(s, p.ids[0])
		if a, err = s.q.Decisions.Resolve(ctx, id, false, "07"); err != nil || a.Outcome != queue.Refused {
			t.Errorf("%+v %v", a, err)
		}
	})
	t.Run("of nobody", func(t *testing.T) {
		s, p := uncertain(t)
		for _, id := range []queue.ProofID{{}, {0x10, 4, 1, 0}, {'~', '~', '~', '~'}, {p.ids[0][0], p.ids[0][1], p.ids[0][2], p.ids[0][3] ^ 1}} {
			if err := s.q.Printing.Settle(ctx, id, s.now()); !errors.Is(err, queue.ErrNotFound) {
				t.Errorf("%v: %v", id, err)
			}
		}
		if _, err := s.q.Decisions.Resolve(ctx, "01K00000000000000000000000", true, ""); !errors.Is(err, queue.ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestProofIDs(t *testing.T) {
	seen := map[queue.ProofID]bool{}
	for i := range int64(5000) {
		c := queue.ProofIDs - 10000 + 4*i // across the end
		id := queue.ProofIDOf(c)
		if seen[id] {
			t.Fatalf("%v twice", id)
		}
		seen[id] = true
		if slices.ContainsFunc(id[:], func(b byte) bool { return b < 0x20 || b > 0x7e }) {
			t.Fatalf("% x", id)
		}
		if got, ok := queue.CounterOf(id, c+400); !ok || got != c {
			t.Fatalf("%d came back as %d", c, got)
		}
	}
}

// TestProofCounterSurvives shows that no id comes twice, across restarts and attempts of which nothing left.
func TestProofCounterSurvives(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	var ids []queue.ProofID
	try := func(r queue.Result) (stop func()) {
		return s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
			p, err := d.Begin(ctx)
			if err != nil { // it is stopped: no id was given
				return queue.Result{State: queue.Queued}
			}
			ids = append(ids, p)
			return r
		}, "default")
	}
	for i := range 4 {
		id := fmt.Sprint("o", i)
		s.accept(order(id, id, "new"))
		stop := try(queue.Result{State: queue.Queued, Reason: "link_down"})
		s.wantState(id, 0, "held link_down")
		stop()
		s.reopen()
		stop = try(printed)
		s.wantState(id, 0, "printed")
		stop()
		s.reopen()
	}
	for i, a := range ids {
		if slices.Contains(ids[i+1:], a) {
			t.Errorf("id % x twice", a)
		}
	}
}
