package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// operatorMax is shorter than a card number, so that none can be typed here.
const operatorMax = 12

// operatorOf gives an operator's number as it may be kept.
func operatorOf(text string) string {
	text = strings.TrimSpace(text)
	if r := []rune(text); len(r) > operatorMax {
		return string(r[:operatorMax])
	}
	return text
}

// who is the operator on shift in this browser.
func who(r *http.Request) string { return operatorOf(choice(r, operatorCookie)) }

// order puts a command of the page through the journal, the way every command goes.
func (s *Server) order(r *http.Request, payload map[string]any, permitted bool) (queue.Answer, error) {
	if op := who(r); op != "" {
		payload["operator_no"] = op
	}
	if key := r.PostFormValue("key"); key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	return s.o.Journal.Accept(r.Context(), queue.Arrival{Parsed: commandJob(r, payload, "", ""), Source: queue.SourceHTTP, Permitted: permitted})
}

// finish shows what became of a form's request: back to where it came from, or why it was not done.
func (s *Server) finish(w http.ResponseWriter, r *http.Request, a queue.Answer, err error) {
	if err != nil {
		s.broken(w, r, err)
		return
	}
	twice := a.Outcome == queue.Duplicate
	if a.Outcome == queue.Conflict && len(a.Errors) > 0 && a.Errors[0].Code == "job_id_reused" {
		// Another operator asked for the same from the same view.
		if first, err := s.o.Journal.Answer(r.Context(), a.JobID); err == nil {
			a, twice = first, true
		}
	}
	if a.Outcome != queue.Accepted && a.Outcome != queue.Duplicate {
		s.notice(w, r, http.StatusConflict, notice{Title: words["refused"], Problems: a.Errors, Back: backOf(r)})
		return
	}
	if a.JobID == "" && len(a.Warnings) > 0 {
		s.notice(w, r, http.StatusOK, notice{Title: words["done"], Warnings: a.Warnings, Back: backOf(r)})
		return
	}
	back, err := url.Parse(backOf(r))
	if err != nil {
		back = &url.URL{Path: "/"}
	}
	q := back.Query()
	for _, name := range []string{"done", "twice", "print", "cursor"} {
		q.Del(name)
	}
	if a.JobID != "" {
		q.Set("done", a.JobID)
	}
	if twice {
		q.Set("twice", "1")
	}
	back.RawQuery = q.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

// doReprint prints a slip once more: the last one, as the page showed it, or the very slip that was looked at.
func (s *Server) doReprint(w http.ResponseWriter, r *http.Request) {
	p := map[string]any{}
	switch {
	case r.PostFormValue("expect_voucher_no") != "":
		p["command"], p["expect_voucher_no"], p["terminal_no"] = job.ReprintLast, r.PostFormValue("expect_voucher_no"), r.PostFormValue("terminal_no")
	default:
		p["command"], p["target_job_id"] = job.ReprintJob, r.PostFormValue("target_job_id")
	}
	if c := r.PostFormValue("copy"); c != "" {
		p["copies"] = []string{c}
	}
	a, err := s.order(r, p, false)
	s.finish(w, r, a, err)
}

// doResolve takes the answer to "did it come out?".
func (s *Server) doResolve(w http.ResponseWriter, r *http.Request) {
	a, err := s.o.Journal.Resolve(r.Context(), r.PostFormValue("copy_id"), r.PostFormValue("came_out") == "yes", who(r))
	s.finish(w, r, a, err)
}

// doRelease answers the question about slips that waited too long.
func (s *Server) doRelease(w http.ResponseWriter, r *http.Request) {
	if _, err := s.o.Journal.Release(r.Context(), r.PostFormValue("printer"), r.PostFormValue("print") == "yes", who(r)); err != nil {
		s.broken(w, r, err)
		return
	}
	http.Redirect(w, r, backOf(r), http.StatusSeeOther)
}

func (s *Server) doDefective(w http.ResponseWriter, r *http.Request) {
	a, err := s.order(r, map[string]any{"command": job.MarkDefective, "target_job_id": r.PostFormValue("target_job_id"), "copy": r.PostFormValue("copy"),
		"reason": "blank_slip"}, false)
	s.finish(w, r, a, err)
}

func (s *Server) doCancel(w http.ResponseWriter, r *http.Request) {
	a, err := s.order(r, map[string]any{"command": job.Cancel, "target_job_id": r.PostFormValue("target_job_id")}, false)
	s.finish(w, r, a, err)
}

// supervised checks the form's PIN; when it is not right, that is shown here.
func (s *Server) supervised(w http.ResponseWriter, r *http.Request) bool {
	pin := r.PostFormValue("pin")
	p := problem("not_permitted", "这一步要主管密码。", "This needs the supervisor's PIN.", "请主管输入密码。", "Let the supervisor enter it.")
	if pin != "" {
		var err error
		if p, err = s.checkPin(pin); err != nil {
			s.broken(w, r, err)
			return false
		}
		if p.Code == "" {
			return true
		}
	}
	s.notice(w, r, http.StatusForbidden, notice{Title: words["refused"], Problems: []job.Problem{p}, Back: backOf(r)})
	return false
}

func (s *Server) doBatch(turn func(ctx context.Context, id int64, operator string) (queue.Answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.supervised(w, r) {
			return
		}
		id, err := strconv.ParseInt(r.PostFormValue("batch"), 10, 64)
		if err != nil {
			s.broken(w, r, queue.ErrNotFound)
			return
		}
		a, err := turn(r.Context(), id, cmp.Or(operatorOf(r.PostFormValue("operator_no")), who(r)))
		s.finish(w, r, a, err)
	}
}

func (s *Server) doReversal(w http.ResponseWriter, r *http.Request) {
	if !s.supervised(w, r) {
		return
	}
	a, err := s.order(r, map[string]any{"command": job.ResolveReversal, "terminal_no": r.PostFormValue("terminal_no"),
		"batch_no": r.PostFormValue("batch_no"), "voucher_no": r.PostFormValue("voucher_no"),
		"resolution": r.PostFormValue("resolution"), "case_no": strings.TrimSpace(r.PostFormValue("case_no"))}, true)
	s.finish(w, r, a, err)
}

func (s *Server) doArchive(w http.ResponseWriter, r *http.Request) {
	if !s.supervised(w, r) {
		return
	}
	a, err := s.order(r, map[string]any{"command": job.ArchiveCopy, "terminal_no": r.PostFormValue("terminal_no"), "batch_no": r.PostFormValue("batch_no"),
		"voucher_no": r.PostFormValue("voucher_no"), "case_no": strings.TrimSpace(r.PostFormValue("case_no"))}, true)
	s.finish(w, r, a, err)
}
