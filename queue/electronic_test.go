package queue_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

func electronic(id, target, more string) string {
	return command(id, `"command":"electronic_copy","target_job_id":"`+target+`","operator_no":"02"`+more)
}

// makeElectronic asks for an electronic copy as somebody with or without a permission.
func (s *shop) makeElectronic(text string, permitted bool) queue.Answer {
	s.t.Helper()
	return s.arrive(queue.Arrival{Parsed: parse(s.t, text), Source: queue.SourceHTTP, Permitted: permitted})
}

// files tells a job's electronic copies, one a line.
func (s *shop) files(id string) string {
	s.t.Helper()
	list, err := s.q.Jobs.Electronic(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range list {
		b.WriteString(string(e.Name()) + " " + string(rune('0'+e.No)) + " " + e.Mark.Archive)
		for word, on := range map[string]bool{"voided": e.Mark.Voided, "possible": e.Mark.Possible} {
			if on {
				b.WriteString(" " + word)
			}
		}
		if e.Mark.Electronic != e.No || e.Mark.PrintNo != 1 || e.Mark.Operator != "02" || e.JobID != "a" && id == "a" {
			s.t.Errorf("%+v", e)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Electronic copies are numbered, free until settlement, and from then on a retrieval copy with permission and case number. They are
// no paper: the number of the next slip on paper stays what it was.
func TestElectronicCopies(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := &paper{}
	s.run(p)
	s.accept(slip{id: "a"}.String())
	s.settled("a")
	for i, want := range []queue.Outcome{queue.Accepted, queue.Duplicate} {
		if a := s.makeElectronic(electronic("e1", "a", ""), false); a.Outcome != want || len(a.Copies) != 0 {
			t.Errorf("%d: %+v", i, a)
		}
	}
	s.makeElectronic(electronic("e2", "a", `,"copy":"merchant"`), false)
	if got, want := s.files("a"), "cardholder 1 \nmerchant 2 \n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got, want := s.files("e2"), "merchant 2 \n"; got != want {
		t.Errorf("of the command: %s", got)
	}
	for _, bad := range []struct{ text, code string }{
		{electronic("b1", "none", ""), "job_unknown"}, {electronic("b2", "a", `,"copy":"kitchen"`), "copy_unknown"}, {electronic("b3", "e1", ""), "job_unknown"},
	} {
		if a := s.makeElectronic(bad.text, true); a.Outcome != queue.Refused || a.Errors[0].Code != bad.code {
			t.Errorf("%s: %+v", bad.code, a)
		}
	}
	s.accept(slip{id: "v", typ: "sale_void", voucher: "105299", original: "105233"}.String())
	s.accept(settlement("s", "00012345", "000122", nightful, "settlement"))
	if a := s.makeElectronic(electronic("e3", "a", ""), true); a.Outcome != queue.Refused || a.Errors[0].Code != "batch_settled" {
		t.Errorf("settled, no case: %+v", a)
	}
	if a := s.makeElectronic(electronic("e4", "a", `,"case_no":"TD1"`), false); a.Outcome != queue.Refused || a.Errors[0].Code != "not_permitted" {
		t.Errorf("settled, no permission: %+v", a)
	}
	if a := s.makeElectronic(electronic("e5", "a", `,"case_no":"TD1"`), true); a.Outcome != queue.Accepted {
		t.Errorf("settled, permitted: %+v", a)
	}
	if a := s.makeElectronic(electronic("e6", "s", ""), false); a.Outcome != queue.Accepted { // a settlement slip is free, as on paper
		t.Errorf("settlement slip: %+v", a)
	}
	if got, want := s.files("a"), "cardholder 1 \nmerchant 2 \ncardholder 3 TD1 voided\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	story, err := s.q.Jobs.Show(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, l := range story.Lines {
		if strings.Contains(l.Text.Zh, "电子存根 · 第 ") && strings.Contains(l.Text.En, "electronic copy · file ") {
			told++
		}
	}
	if told != 3 {
		t.Errorf("%d of 3 are told: %+v", told, story.Lines)
	}
	for _, c := range s.answer("a").Copies {
		if c.PrintNo != 1 {
			t.Errorf("a file counted as paper: %+v", c)
		}
	}
	if err := s.q.Journal.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// What was made once stays as it was made, over a restart too.
func TestElectronicFileStays(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.accept(slip{id: "a"}.String())
	s.makeElectronic(electronic("e1", "a", ""), false)
	if file, err := s.q.Jobs.ElectronicFile(t.Context(), "a", 1); err != nil || file != nil {
		t.Fatalf("%q %v", file, err)
	}
	for _, text := range []string{"first", "second"} {
		if err := s.q.Requests.KeepElectronic(t.Context(), "a", 1, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	s.reopen()
	if file, err := s.q.Jobs.ElectronicFile(t.Context(), "a", 1); err != nil || !bytes.Equal(file, []byte("first")) {
		t.Errorf("%q %v", file, err)
	}
	if _, err := s.q.Jobs.ElectronicFile(t.Context(), "a", 2); err == nil {
		t.Error("a file that nobody asked for")
	}
}

// A slip of unknown result has no paper and no file.
func TestNoFileOfAnUnknownResult(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.accept(slip{id: "a", result: string(job.Unknown)}.String())
	if a := s.makeElectronic(electronic("e", "a", ""), true); a.Outcome != queue.Refused {
		t.Errorf("%+v", a)
	}
}
