package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/receiptd/receiptd/internal/pin"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// permitted tells whether the request carries the supervisor's PIN. A wrong one is answered here, and ok is false.
func (s *Server) permitted(w http.ResponseWriter, r *http.Request) (permitted, ok bool) {
	given := r.Header.Get("X-Supervisor-Pin")
	if given == "" {
		return false, true
	}
	p, err := s.checkPin(given)
	switch {
	case err != nil:
		s.failed(w, r, err)
	case p.Code != "":
		fail(w, http.StatusForbidden, p)
	default:
		return true, true
	}
	return false, false
}

// checkPin compares a PIN with the supervisor's and words why it is not right; no code means that it is.
func (s *Server) checkPin(number string) (job.Problem, error) {
	switch err := s.pins.Check(number); {
	case err == nil:
		return job.Problem{}, nil
	case errors.Is(err, pin.ErrNone):
		return problem("not_permitted", "还没有设主管密码。", "No supervisor's PIN is set.", "在这台机器上运行 receiptd supervisor set-pin。", "Run receiptd supervisor set-pin on this machine."), nil
	case errors.Is(err, pin.ErrTooMany):
		s.log.Warn("a supervisor's PIN was given while none is taken")
		return problem("not_permitted", "密码错了太多次,先停一分钟。", "Too many wrong PINs; wait a minute.", "一分钟后再试。", "Try again in a minute."), nil
	case errors.Is(err, pin.ErrWrong):
		s.log.Warn("a wrong supervisor's PIN was given")
		return problem("not_permitted", "主管密码不对。", "The supervisor's PIN is wrong.", "请主管重新输入。", "Ask the supervisor to enter it again."), nil
	default:
		return job.Problem{}, err
	}
}

func (s *Server) getBatches(w http.ResponseWriter, r *http.Request) {
	list, err := s.o.Journal.Batches(r.Context(), r.URL.Query().Get("batch_no"))
	if err != nil {
		s.failed(w, r, err)
		return
	}
	reply(w, http.StatusOK, map[string]any{"batches": list})
}

// postBatch closes or reopens a batch by hand, with the supervisor's PIN.
func (s *Server) postBatch(turn func(ctx context.Context, id int64, operator string) (queue.Answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		permitted, ok := s.permitted(w, r)
		if !ok {
			return
		}
		if !permitted {
			fail(w, http.StatusForbidden, problem("not_permitted", "这一步要主管密码。", "This needs the supervisor's PIN.", "请主管输入密码(X-Supervisor-Pin)。", "Send the PIN as X-Supervisor-Pin."))
			return
		}
		id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		if err != nil {
			s.failed(w, r, queue.ErrNotFound)
			return
		}
		a, err := turn(r.Context(), id, operatorOf(r.URL.Query().Get("operator_no")))
		if err != nil {
			s.failed(w, r, err)
			return
		}
		answered(w, a)
	}
}
