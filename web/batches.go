package web

import (
	"net/http"
	"strconv"

	"github.com/receiptd/receiptd/queue"
)

func (h *history) batchRoutes(paired register) {
	paired("GET /batches", h.batchList)
	paired("GET /batches/{id}", h.batch)
	paired("GET /reversals/{id}", h.reversal)
}

// batchesBody lists the batches.
type batchesBody struct {
	Batches []queue.Batch
	Done    *doneView
}

func (h *history) batchList(w http.ResponseWriter, r *http.Request) {
	v := h.frame.view(r, "batches", "batches")
	list, err := h.batches.List(r.Context(), "")
	if err != nil {
		h.frame.broken(w, r, err)
		return
	}
	b := batchesBody{Batches: list}
	b.Done = done(r, h.jobs)
	v.Body = b
	h.frame.show(w, r, http.StatusOK, v)
}

// batchBody is one batch, where a supervisor settles it.
type batchBody struct {
	Batch      queue.Batch
	Tally      []queue.Tally
	Sums       []queue.Sum
	Pending    int // reversals that stand
	Settlement *queue.Summary
	Slips      []queue.Summary
	Next       string
	First      bool
}

func (h *history) batch(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		h.frame.broken(w, r, queue.ErrNotFound)
		return
	}
	b := batchBody{First: r.URL.Query().Get("cursor") == ""}
	if b.Batch, err = h.batches.Get(ctx, id); err != nil {
		h.frame.broken(w, r, err)
		return
	}
	if b.Tally, err = h.batches.Tally(ctx, id); err != nil {
		h.frame.broken(w, r, err)
		return
	}
	if b.Sums, err = h.batches.Sums(ctx, id); err != nil {
		h.frame.broken(w, r, err)
		return
	}
	if b.Slips, b.Next, err = h.jobs.List(ctx, queue.Filter{BatchID: id, Limit: slipsShown, Cursor: r.URL.Query().Get("cursor")}); err != nil {
		h.frame.broken(w, r, err)
		return
	}
	standing, err := h.jobs.Reversals(ctx, false)
	if err != nil {
		h.frame.broken(w, r, err)
		return
	}
	for _, x := range standing {
		if x.TerminalNo == b.Batch.TerminalNo && x.BatchNo == b.Batch.BatchNo {
			b.Pending++
		}
	}
	if b.Batch.Settlement != "" {
		if story, err := h.jobs.Show(ctx, b.Batch.Settlement); err == nil {
			b.Settlement = &story.Summary
		}
	}
	v := h.frame.view(r, "batch", "batch")
	v.Body = b
	h.frame.show(w, r, http.StatusOK, v)
}

// reversal is the page on which a supervisor records how a reversal ended.
func (h *history) reversal(w http.ResponseWriter, r *http.Request) {
	list, err := h.jobs.Reversals(r.Context(), false)
	if err != nil {
		h.frame.broken(w, r, err)
		return
	}
	for _, x := range list {
		if x.JobID == r.PathValue("id") {
			v := h.frame.view(r, "reversal", "reversal.resolve")
			v.Body = x
			h.frame.show(w, r, http.StatusOK, v)
			return
		}
	}
	h.frame.notice(w, r, http.StatusNotFound, notice{Title: words["reversal.gone"]})
}
