package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/queue"
)

// An Eraser removes what is kept of a person; the daemon fills it.
type Eraser interface {
	// Erase removes it by the number of an order, or by the id of a job. Errors: queue.ErrNotFound, queue.ErrNotOut.
	Erase(ctx context.Context, orderNo, jobID, operator string) (api.Erased, error)
}

// The eraseAPI lets a supervisor erase a person's data.
type eraseAPI struct {
	door   *door
	eraser Eraser // nil: there is none
	log    *slog.Logger
}

func (x *eraseAPI) routes(handle register) { handle("POST /v1/erase", x.postErase) }

func (x *eraseAPI) postErase(w http.ResponseWriter, r *http.Request) {
	var q struct {
		OrderNo    string `json:"order_no"`
		JobID      string `json:"job_id"`
		OperatorNo string `json:"operator_no"`
	}
	if err := decodeBody(r, &q); err != nil {
		fail(w, http.StatusUnprocessableEntity, bodyProblem(err))
		return
	}
	if !x.door.supervised(w, r) {
		return
	}
	if (q.OrderNo == "") == (q.JobID == "") {
		fail(w, http.StatusUnprocessableEntity, problem("invalid", "要写订单号，或任务号。", "An order number is needed, or a job's id.", "写 order_no；文档和转接的小票没有订单号的，写 job_id。", "Give order_no; for a document or a captured slip without one, job_id."))
		return
	}
	done, err := api.Erased{}, queue.ErrNotFound
	if x.eraser != nil {
		done, err = x.eraser.Erase(r.Context(), q.OrderNo, q.JobID, operatorOf(q.OperatorNo))
	}
	switch {
	case err == nil:
		reply(w, http.StatusOK, done)
	case errors.Is(err, queue.ErrNotOut):
		fail(w, http.StatusConflict, problem("not_yet_printed", "这个订单还有小票没出来，或不知道出没出来。", "A slip of this order is not out yet, or nobody knows whether it is.",
			"先处理那张小票：打出来、取消，或回答出没出来。", "Deal with that slip first: let it out, cancel it, or answer whether it came out."))
	default:
		failed(w, r, x.log, err)
	}
}
