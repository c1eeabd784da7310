package queue_test

import (
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// Each copy that came out is told once, in order, with what its paper says of itself: what was voided only afterwards is not voided there.
func TestPrinted(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := &paper{}
	s.run(p)
	_, began, err := s.q.Jobs.Printed(t.Context(), -1, 0)
	if err != nil {
		t.Fatal(err)
	}
	s.accept(slip{id: "a", more: `,"copies":["merchant"]`}.String())
	s.settled("a")
	s.wait(1e9)
	s.accept(slip{id: "v", typ: "sale_void", voucher: "105299", original: "105233", more: `,"copies":["merchant"]`}.String())
	s.settled("v")
	s.wait(1e9)
	s.accept(command("r", `"command":"reprint_by_voucher","voucher_no":"105233","terminal_no":"00012345","operator_no":"07","reason":"customer"`))
	until(t, "it was printed again", func() bool { return p.count() == 3 })
	s.wait(1e9)
	s.accept(settlement("s", "00012345", "000122", nightful, "settlement"))
	s.settled("s")
	until(t, "all are on disk", func() bool {
		list, _, err := s.q.Jobs.Printed(t.Context(), began, 10)
		return err == nil && len(list) == 4
	})
	p.mu.Lock()
	marks := append([]job.Mark(nil), p.marks...)
	p.mu.Unlock()
	if len(marks) != 4 || marks[0].Voided || !marks[2].Voided {
		t.Fatalf("%+v", marks)
	}
	after, told := began, []job.Mark{}
	for range 10 {
		list, upTo, err := s.q.Jobs.Printed(t.Context(), after, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			told = append(told, c.Marks)
			if c.Event <= after || len(c.Job) == 0 || c.CopyID == "" || c.State != queue.Printed {
				t.Errorf("%+v", c)
			}
		}
		after = upTo
	}
	if len(told) != len(marks) {
		t.Fatalf("%d of %d copies are told", len(told), len(marks))
	}
	for i := range told {
		told[i].At = marks[i].At // read to the millisecond
		if told[i] != marks[i] {
			t.Errorf("%d: told %+v, printed %+v", i, told[i], marks[i])
		}
	}
}

// A copy of which it was known late that it came out is told then, once.
func TestPrintedLate(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := &paper{next: []queue.Result{{State: queue.Uncertain, Bytes: 10}}}
	s.run(p)
	s.accept(slip{id: "a", more: `,"copies":["merchant"]`}.String())
	a := s.settled("a")
	count := func() int {
		list, _, err := s.q.Jobs.Printed(t.Context(), 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if n := count(); n != 0 {
		t.Errorf("%d copies came out", n)
	}
	if _, err := s.q.Decisions.Resolve(t.Context(), a.Copies[0].CopyID, true, "01"); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != 1 {
		t.Errorf("%d copies came out, want 1", n)
	}
	if _, err := s.q.Requests.Defective(t.Context(), "a", job.CopyMerchant, "blank", "01", false); err != nil {
		t.Fatal(err)
	}
	until(t, "two copies came out", func() bool { return count() == 2 })
}
