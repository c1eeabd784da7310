package queue_test

import (
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// inPieces prints a sale whose paper ends in the middle and goes on on the new roll.
func inPieces(t *testing.T) (s *shop, p *paper, c queue.CopyStatus) {
	s = newShop(t)
	p = &paper{next: []queue.Result{{State: queue.Printed, Proof: queue.ProofPrinted, Reason: "in_pieces", Bytes: 100}}}
	s.run(p)
	s.accept(slip{id: "a", more: `,"copies":["merchant"]`}.String())
	c = s.settled("a").Copies[0]
	if c.State != queue.Printed || c.Pieces != 2 || c.Reason != "in_pieces" {
		t.Fatalf("%+v", c)
	}
	if n := asked(s); n != 1 {
		t.Fatalf("%d questions", n)
	}
	return s, p, c
}

// asked counts the slips about whose pieces a person is asked.
func asked(s *shop) int {
	s.t.Helper()
	list, _, err := s.q.Jobs.List(s.t.Context(), queue.Filter{State: "in_pieces"})
	if err != nil {
		s.t.Fatal(err)
	}
	return len(list)
}

func TestTwoPiecesAreKept(t *testing.T) {
	s, p, c := inPieces(t)
	a, err := s.q.Decisions.Resolve(t.Context(), c.CopyID, true, "01")
	if err != nil || len(a.Copies) != 1 || a.Copies[0].State != queue.Printed || a.Copies[0].Proof != queue.ProofPrinted || a.Copies[0].Pieces != 2 {
		t.Fatalf("%+v %v", a, err)
	}
	if n := asked(s); n != 0 || p.count() != 1 {
		t.Errorf("%d questions, %d slips", n, p.count())
	}
	if a, err := s.q.Decisions.Resolve(t.Context(), c.CopyID, false, "01"); err != nil || a.Outcome != queue.Refused {
		t.Errorf("answered twice: %+v %v", a, err)
	}
}

func TestTwoPiecesAreReplacedByAWholeOne(t *testing.T) {
	s, p, c := inPieces(t)
	if _, err := s.q.Decisions.Resolve(t.Context(), c.CopyID, false, "01"); err != nil {
		t.Fatal(err)
	}
	until(t, "the whole one", func() bool { return p.count() == 2 })
	a := s.settled("a")
	if len(a.Copies) != 2 || a.Copies[0].State != queue.Defective || a.Copies[0].Pieces != 2 || a.Copies[1].Mark != job.MarkDuplicate || a.Copies[1].State != queue.Printed ||
		a.Copies[1].PrintNo != 2 || a.Copies[1].Pieces != 0 {
		t.Errorf("%+v", a.Copies)
	}
	if n := asked(s); n != 0 {
		t.Errorf("%d questions", n)
	}
}

// TestTwoPiecesByCommand answers from the drop folder, and after the settlement gives no new slip.
func TestTwoPiecesByCommand(t *testing.T) {
	s, p, _ := inPieces(t)
	s.accept(settlement("s", "00012345", "000122", "2026-08-11T22:00:00+08:00", "settlement"))
	s.settled("s")
	a := s.accept(command("r", `"command":"resolve_uncertain","target_job_id":"a","copy":"merchant","came_out":false,"operator_no":"01"`))
	if a.Outcome != queue.Accepted || len(a.Copies) != 0 || len(a.Warnings) != 1 || a.Warnings[0].Code != "batch_settled" {
		t.Errorf("%+v", a)
	}
	if a := s.answer("a"); a.Copies[0].State != queue.Defective || p.count() != 2 {
		t.Errorf("%+v, %d slips", a.Copies, p.count())
	}
}
