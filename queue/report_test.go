package queue_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/queue"
)

// facts writes a report's figures, one a line.
func facts(r *queue.Report) string {
	var b strings.Builder
	for _, x := range r.Slips {
		fmt.Fprintf(&b, "%s %s %s %d %d %d\n", x.Kind, x.Type, x.Currency, x.Count, x.Counted, x.Amount)
	}
	for _, x := range r.LeftOut {
		fmt.Fprintf(&b, "left %s %d\n", x.Why, x.Count)
	}
	for _, x := range r.Sums {
		fmt.Fprintf(&b, "sum %s %d %d %d\n", x.Currency, x.Slips, x.LeftOut, x.Amount)
	}
	for _, x := range r.Batches {
		for _, s := range x.Sums {
			said := "none"
			if s.Settlement != nil {
				said = fmt.Sprint(*s.Settlement)
			}
			fmt.Fprintf(&b, "batch %s %s %d says %s\n", x.BatchNo, x.State, s.Amount, said)
		}
	}
	for _, x := range r.Notable {
		fmt.Fprintf(&b, "%s %s %d\n", x.What, x.VoucherNo, x.Amount)
	}
	for _, x := range r.Reprints {
		fmt.Fprintf(&b, "again %s %s %d\n", x.Operator, x.Why, x.Copies)
	}
	for _, x := range r.Doubts {
		fmt.Fprintf(&b, "doubt %s %s %s %s %s\n", x.JobID, x.Copy, x.Ended, x.Proof, x.Operator)
	}
	for _, x := range r.Printers {
		fmt.Fprintf(&b, "printer %s %d %d mm bad %d", x.Printer, x.Copies, x.PaperMM, x.Bad)
		for _, t := range x.Troubles {
			fmt.Fprintf(&b, " %s %d", t.Reason, t.Seconds)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// A day's report has what came, signed, what was voided and unknown, reprints by operator, doubts with their ends, the printer's bad
// minutes and the paper. Its batch's report says the same of the slips, and a day before has nothing.
func TestReport(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	from := s.now().Truncate(time.Second)
	one := `,"copies":["merchant"]`
	p := &paper{next: []queue.Result{
		{State: queue.Printed, Proof: queue.ProofPrinted, Bytes: 9, Paper: 100},
		{State: queue.Uncertain, Reason: "link_down", Bytes: 9, Paper: 50},
	}}
	s.run(p)
	s.accept(slip{id: "a", voucher: "1", amount: 1000, more: one}.String())
	s.settled("a")
	s.accept(slip{id: "b", voucher: "2", amount: 500, more: one}.String())
	doubt := s.settled("b")
	if _, err := s.q.Decisions.Resolve(t.Context(), doubt.Copies[0].CopyID, true, "03"); err != nil {
		t.Fatal(err)
	}
	s.accept(slip{id: "v", typ: "sale_void", voucher: "3", original: "000001", amount: 1000, more: one}.String())
	s.accept(slip{id: "r", typ: "refund", voucher: "4", amount: 200, more: one}.with(`"original":{"reference_no":"224512345678","transacted_on":"2026-08-10"}`))
	s.accept(slip{id: "u", result: "unknown", voucher: "5", amount: 700}.String())
	s.settled("r")
	s.accept(command("again", `"command":"reprint_by_voucher","voucher_no":"2","terminal_no":"00012345","operator_no":"07"`))
	until(t, "it was printed again", func() bool { return p.count() == 5 })
	s.accept(settlement("s", "00012345", "000122", nightful, "settlement"))
	s.settled("s")
	s.wait(time.Minute)
	want := []string{
		"transaction sale CNY 3 1 500", "transaction sale_void CNY 1 0 0", "transaction refund CNY 1 1 -200",
		"left voided 1", "left takes_back 1", "left unknown 1", "sum CNY 2 3 300",
		"voided 000001 1000", "unknown 000005 700", "again 07 duplicate 1", "doubt b merchant printed person 03",
	}
	day, err := s.q.Reports.Day(t.Context(), from, s.now())
	if err != nil {
		t.Fatal(err)
	}
	batch, err := s.q.Reports.Batch(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*queue.Report{"day": &day, "batch": &batch} {
		lines := strings.Split(facts(r), "\n")
		for _, line := range want {
			if !slices.Contains(lines, line) {
				t.Errorf("%s: no line %q in\n%s", name, line, facts(r))
			}
		}
		if len(r.Batches) != 1 || len(r.Batches[0].Sums) != 1 || r.Batches[0].Sums[0].Amount != 300 || r.Batches[0].Sums[0].Settlement == nil {
			t.Errorf("%s: %+v", name, r.Batches)
		}
		if len(r.Printers) != 1 || r.Printers[0].PaperMM != 150 || r.Printers[0].Copies != r.Printers[0].Unknown+2 {
			t.Errorf("%s: %+v", name, r.Printers)
		}
	}
	before, err := s.q.Reports.Day(t.Context(), from.Add(-24*time.Hour), from.Add(-time.Second))
	if err != nil || facts(&before) != "" {
		t.Errorf("the day before: %v\n%s", err, facts(&before))
	}
}

// The minutes in which slips waited for a printer count once, however many waited, and only those of the report's time.
func TestReportOfTrouble(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	from := s.now()
	p := &paper{next: slices.Repeat([]queue.Result{{State: queue.Queued, Reason: "paper_out"}}, 10000)}
	stop := s.run(p)
	s.accept(slip{id: "a", more: `,"copies":["merchant"]`}.String())
	until(t, "held", func() bool { c := s.answer("a").Copies; return len(c) == 1 && c[0].State == queue.Held })
	stop()
	s.wait(10 * time.Minute)
	middle := s.now()
	s.wait(5 * time.Minute)
	s.run(&paper{})
	until(t, "printed", func() bool { return s.answer("a").Copies[0].State == queue.Printed })
	s.wait(time.Hour)
	for name, x := range map[string]struct {
		from, to time.Time
		want     int64
	}{"all": {from, s.now(), 900}, "the first part": {from, middle, 600}, "the second": {middle, s.now(), 300}} {
		r, err := s.q.Reports.Day(t.Context(), x.from, x.to)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Printers) != 1 || r.Printers[0].Bad < x.want-2 || r.Printers[0].Bad > x.want+2 || r.Printers[0].Troubles[0].Reason != "paper_out" {
			t.Errorf("%s: %+v, want %d", name, r.Printers, x.want)
		}
	}
}

// A doubt about a reprint ends with who answered it, not with who had asked for the reprint; and the copy that follows, of which both
// requests hear, is told once in the slip's story.
func TestDoubtOfAReprintEndsWithWhoAnswered(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	from := s.now().Truncate(time.Second)
	p := &paper{next: []queue.Result{
		{State: queue.Printed, Proof: queue.ProofPrinted, Bytes: 9, Paper: 100},
		{State: queue.Uncertain, Reason: "link_down", Bytes: 9, Paper: 50},
	}}
	s.run(p)
	s.accept(slip{id: "a", voucher: "1", amount: 1000, more: `,"copies":["merchant"]`}.String())
	s.settled("a")
	s.accept(command("again", `"command":"reprint_by_voucher","voucher_no":"1","terminal_no":"00012345","operator_no":"07"`))
	until(t, "it is uncertain", func() bool {
		c := s.answer("again").Copies
		return len(c) == 1 && c[0].State == queue.Uncertain
	})
	s.accept(command("no", `"command":"resolve_uncertain","target_job_id":"a","copy":"merchant","came_out":false,"operator_no":"03"`))
	until(t, "one more came", func() bool { return p.count() == 3 })
	s.settled("no")
	r, err := s.q.Reports.Day(t.Context(), from, s.now().Add(time.Second))
	if err != nil || !strings.Contains(facts(&r), "doubt a merchant cancelled none 03\n") {
		t.Errorf("%v\n%s", err, facts(&r))
	}
	story, err := s.q.Jobs.Show(t.Context(), "a")
	told := map[string]int{}
	for _, l := range story.Lines {
		if l.Event.State != "" {
			told[l.Event.CopyID+" "+string(l.Event.State)]++
		}
	}
	for what, n := range told {
		if n > 1 {
			t.Errorf("%s is told %d times", what, n)
		}
	}
	if err != nil || len(told) < 8 {
		t.Errorf("%v: %d things are told", err, len(told))
	}
}

// A reversal is named with its amount and how it stands, once, although several notices tell of it: mostly there is no slip of what it takes
// back, for the sale had no answer. Where there is one it stands for both.
func TestReportOfReversals(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	from := s.now().Truncate(time.Second)
	s.run(&paper{})
	s.accept(reversal("r1", "pending", "000007", "2026-08-11T12:00:00+08:00"))
	s.accept(reversal("r2", "succeeded", "000007", "2026-08-11T12:01:00+08:00"))
	s.accept(reversal("r3", "pending", "000008", "2026-08-11T12:02:00+08:00"))
	s.accept(slip{id: "a", voucher: "9", amount: 5000}.String())
	s.accept(reversal("r4", "succeeded", "000009", "2026-08-11T12:03:00+08:00"))
	s.wait(time.Minute)
	day, err := s.q.Reports.Day(t.Context(), from, s.now())
	if err != nil {
		t.Fatal(err)
	}
	batch, err := s.q.Reports.Batch(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*queue.Report{"day": &day, "batch": &batch} {
		got := facts(r)
		for _, line := range []string{"reversed 000007 5000\n", "reversal_pending 000008 5000\n", "reversed 000009 5000\n"} {
			if strings.Count(got, line) != 1 || len(r.Notable) != 3 {
				t.Errorf("%s: %q is there %d times in\n%s", name, line, strings.Count(got, line), got)
			}
		}
	}
}
