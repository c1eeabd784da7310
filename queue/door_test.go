package queue_test

import (
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

func known(o *queue.Options) { o.Known = func(name string) bool { return name == "front" } }

// A slip that wishes for a printer that does not exist still comes out, and its answer says so; a command for one is refused.
func TestUnknownPrinter(t *testing.T) {
	t.Parallel()
	s := newShop(t, known)
	a, err := s.q.Requests.Accept(t.Context(), queue.Arrival{Parsed: parse(t, `{"job_id":"d1","kind":"document","printer":"nowhere","payload":{"receiptline":"hello"}}`)})
	if err != nil || a.Outcome != queue.Accepted || len(a.Copies) != 1 || len(a.Warnings) != 1 || a.Warnings[0].Code != "printer_unknown" {
		t.Errorf("a document: %+v, %v", a, err)
	}
	a, err = s.q.Requests.Accept(t.Context(), queue.Arrival{Parsed: parse(t, `{"job_id":"c1","kind":"command","printer":"nowhere","payload":{"command":"reprint_job","target_job_id":"d1"}}`)})
	if err != nil || a.Outcome != queue.Refused || a.Errors[0].Code != "printer_unknown" {
		t.Errorf("a command: %+v, %v", a, err)
	}
}

// What is found wrong beyond the schema is a rejection with its reasons, alone and in a list.
func TestCheckAtTheDoor(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(o *queue.Options) {
		o.Check = func(j *job.Job) []job.Problem {
			if j.ID == "bad" {
				return []job.Problem{{Code: "document_bad", Line: 3}}
			}
			return nil
		}
	})
	arrival := func(id string) queue.Arrival {
		return queue.Arrival{File: id + ".json", Parsed: parse(t, `{"job_id":"`+id+`","kind":"document","payload":{"receiptline":"x"}}`)}
	}
	a, err := s.q.Requests.Accept(t.Context(), arrival("bad"))
	if err != nil || a.Outcome != queue.Rejected || a.JobID != "bad" || a.Errors[0].Line != 3 {
		t.Errorf("alone: %+v, %v", a, err)
	}
	answers, errs := s.q.Requests.AcceptAll(t.Context(), []queue.Arrival{arrival("good"), arrival("bad")})
	if errs[0] != nil || errs[1] != nil || answers[0].Outcome != queue.Accepted || answers[1].Outcome != queue.Rejected {
		t.Errorf("in a list: %+v, %v", answers, errs)
	}
}
