package web

import (
	"net/http"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// The history is what the pages show of the past: slips, what was looked for, batches, reversals. It reads only.
type history struct {
	frame   *frame
	jobs    *queue.Jobs
	batches *queue.Batches
}

func (h *history) routes(paired register) { paired("GET /slips/{id}", h.slip) }

// slipBody is one slip with its pictures and its story.
type slipBody struct {
	Slip    queue.Summary
	Story   queue.Story
	Done    *doneView
	Armed   bool           // opened to be printed: Enter prints it
	IsLast  bool           // it is what "reprint last" means
	Reprint bool           // its rules let it be printed again
	Archive bool           // only a retrieval copy is possible
	Files   []slipLink     // electronic copies that were made
	Firsts  []job.CopyName // copies that were never printed and may be, as the first of their name
}

// Names are the names of the copies by their ids.
func (b *slipBody) Names() map[string]job.CopyName {
	names := map[string]job.CopyName{}
	for _, c := range b.Slip.Copies {
		names[c.CopyID] = c.Name()
	}
	return names
}

// slip is the page of one slip.
func (h *history) slip(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	story, err := h.jobs.Show(ctx, r.PathValue("id"))
	if err == nil && story.Summary.Kind == job.KindCommand {
		err = queue.ErrNotFound
	}
	if err != nil {
		h.frame.broken(w, r, err)
		return
	}
	v := h.frame.view(r, "slip", "slip")
	b := &slipBody{Slip: story.Summary, Story: story}
	settled := b.Slip.BatchState == queue.BatchSettled && b.Slip.Kind == job.KindTransaction
	b.Archive = settled && len(b.Slip.Copies) > 0
	b.Reprint = !settled && len(b.Slip.Copies) > 0 && b.Slip.Outcome == queue.Accepted
	b.Firsts = story.Firsts
	if made, err := h.jobs.Electronic(ctx, b.Slip.JobID); err == nil {
		b.Files = linksOf(made)
	}
	b.Armed = b.Reprint && r.URL.Query().Get("print") != ""
	if last, err := h.jobs.Last(ctx, b.Slip.TerminalNo); err == nil {
		b.IsLast = last.JobID == b.Slip.JobID
	}
	b.Done = done(r, h.jobs)
	v.Body = b
	h.frame.show(w, r, http.StatusOK, v)
}
