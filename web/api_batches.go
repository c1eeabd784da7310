package web

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/receiptd/receiptd/queue"
)

// The batchesAPI shows batches and reversals to programs, and lets a supervisor close and reopen a batch.
type batchesAPI struct {
	door      *door
	batches   *queue.Batches
	jobs      *queue.Jobs
	decisions *queue.Decisions
	log       *slog.Logger
}

func (x *batchesAPI) routes(handle register) {
	handle("GET /v1/batches", x.getBatches)
	handle("GET /v1/batches/{id}", x.getBatch)
	handle("GET /v1/batches/{id}/export", x.getExport)
	handle("POST /v1/batches/{id}/settle", x.postBatch(x.decisions.CloseBatch))
	handle("POST /v1/batches/{id}/reopen", x.postBatch(x.decisions.ReopenBatch))
	handle("GET /v1/reversals", x.getReversals)
}

func (x *batchesAPI) getBatches(w http.ResponseWriter, r *http.Request) {
	list, err := x.batches.List(r.Context(), r.URL.Query().Get("batch_no"))
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	reply(w, http.StatusOK, map[string]any{"batches": list})
}

// batchStory is one batch with receiptd's own count and what happened to it.
type batchStory struct {
	Batch queue.Batch     `json:"batch"`
	Tally []queue.Tally   `json:"tally"`
	Sums  []queue.Sum     `json:"sums"`
	Jobs  []queue.Summary `json:"jobs"`
	Next  string          `json:"next,omitempty"`
	Lines []queue.Line    `json:"lines"`
}

func (x *batchesAPI) getBatch(w http.ResponseWriter, r *http.Request) {
	if _, bad := listQuery(r.URL.Query()); bad != nil {
		fail(w, http.StatusUnprocessableEntity, *bad)
		return
	}
	var b batchStory
	err := batchID(r, func(id int64) (err error) {
		ctx := r.Context()
		if b.Batch, err = x.batches.Get(ctx, id); err != nil {
			return err
		}
		if b.Tally, err = x.batches.Tally(ctx, id); err != nil {
			return err
		}
		if b.Sums, err = x.batches.Sums(ctx, id); err != nil {
			return err
		}
		if b.Lines, err = x.batches.Lines(ctx, id); err != nil {
			return err
		}
		b.Jobs, b.Next, err = x.jobs.List(ctx, queue.Filter{BatchID: id, Limit: 500, Cursor: r.URL.Query().Get("cursor")})
		return err
	})
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	reply(w, http.StatusOK, b)
}

// batchID calls do with the batch that the path names.
func batchID(r *http.Request, do func(id int64) error) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return queue.ErrNotFound
	}
	return do(id)
}

// getExport streams one batch as ?format=json or csv, with ?rows=copies (the default) or slips.
func (x *batchesAPI) getExport(w http.ResponseWriter, r *http.Request) {
	format := cmp.Or(r.URL.Query().Get("format"), "json")
	types := map[string]string{"json": "application/json; charset=utf-8", "csv": "text/csv; charset=utf-8"}
	if types[format] == "" {
		fail(w, http.StatusUnprocessableEntity, problem("invalid", "导出格式只有 json 和 csv。", "The format is json or csv.", "用 ?format=csv", "Use ?format=csv"))
		return
	}
	rows := cmp.Or(r.URL.Query().Get("rows"), "copies")
	export, name := x.batches.Export, "batch"
	switch rows {
	case "copies":
	case "slips":
		export, name = x.batches.ExportSlips, "batch-slips"
	default:
		fail(w, http.StatusUnprocessableEntity, problem("invalid", "导出的行只有 copies（每联一行）和 slips（每笔一行）。", "The rows are copies (one for each copy) or slips (one for each transaction).", "用 ?rows=slips", "Use ?rows=slips"))
		return
	}
	err := batchID(r, func(id int64) error {
		if _, err := x.batches.Get(r.Context(), id); err != nil {
			return err
		}
		w.Header().Set("Content-Type", types[format])
		w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%s-%d.%s", name, id, format))
		if err := export(r.Context(), id, w, format); err != nil {
			x.log.Error("an export broke off", "batch", id, "err", err)
			panic(http.ErrAbortHandler) // the reader must not take half a batch for a whole one
		}
		return nil
	})
	if err != nil {
		failed(w, r, x.log, err)
	}
}

// postBatch closes or reopens a batch by hand, with the supervisor's PIN.
func (x *batchesAPI) postBatch(turn func(ctx context.Context, id int64, operator string) (queue.Answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !x.door.supervised(w, r) {
			return
		}
		id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		if err != nil {
			failed(w, r, x.log, queue.ErrNotFound)
			return
		}
		a, err := turn(r.Context(), id, operatorOf(r.URL.Query().Get("operator_no")))
		if err != nil {
			failed(w, r, x.log, err)
			return
		}
		answered(w, a)
	}
}

// getReversals lists the standing alarms; ?all=1 lists those that are over too.
func (x *batchesAPI) getReversals(w http.ResponseWriter, r *http.Request) {
	list, err := x.jobs.Reversals(r.Context(), r.URL.Query().Get("all") != "")
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	if list == nil {
		list = []queue.Reversal{}
	}
	reply(w, http.StatusOK, map[string]any{"reversals": list})
}
