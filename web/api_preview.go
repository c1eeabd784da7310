package web

import (
	"bytes"
	"net/http"
	"slices"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

func (x *jobsAPI) previewRoutes(handle register) {
	handle("GET /v1/jobs/{id}/preview.png", x.getPreview("png"))
	handle("GET /v1/jobs/{id}/preview.txt", x.getPreview("txt"))
}

// getPreview draws one copy: as its first printing looks, or with next=1 as the print looks that would come next.
func (x *jobsAPI) getPreview(format string) http.HandlerFunc {
	types := map[string]string{"png": "image/png", "txt": "text/plain; charset=utf-8"}
	return func(w http.ResponseWriter, r *http.Request) {
		story, err := x.jobs.Show(r.Context(), r.PathValue("id"))
		if err != nil {
			failed(w, r, x.log, err)
			return
		}
		j, err := job.FromJSON(story.Job)
		if err != nil {
			failed(w, r, x.log, queue.ErrNotFound)
			return
		}
		name := job.CopyName(r.URL.Query().Get("copy"))
		if name == "" && len(story.Summary.Copies) > 0 {
			name = story.Summary.Copies[0].Name()
		}
		has := slices.ContainsFunc(story.Summary.Copies, func(c queue.CopyStatus) bool { return c.Name() == name })
		if !has || !j.AllowsCopy(name) {
			failed(w, r, x.log, queue.ErrNotFound)
			return
		}
		m := job.Mark{Kind: job.MarkOriginal, PrintNo: 1, At: j.CreatedAt}
		if r.URL.Query().Get("next") != "" {
			m = nextMark(story.Summary, name, m, who(r))
		}
		var buf bytes.Buffer
		if err := x.previews.Preview(&buf, j, name, m, format); err != nil {
			failed(w, r, x.log, err)
			return
		}
		w.Header().Set("Content-Type", types[format])
		_, _ = w.Write(buf.Bytes()) // the reader has gone: nobody to tell
	}
}

// nextMark is the mark of the print of a copy that would come next: first when nothing of it has left yet.
func nextMark(slip queue.Summary, name job.CopyName, first job.Mark, operator string) job.Mark {
	m := first
	for _, c := range slip.Copies {
		if c.Name() != name {
			continue
		}
		switch c.State {
		case queue.Queued, queue.Held, queue.Cancelled:
		default:
			m = job.Mark{Kind: job.MarkDuplicate, PrintNo: max(m.PrintNo, c.PrintNo+1), At: time.Now(), Operator: operator}
		}
	}
	m.Voided, m.Reversed = slip.Money == "voided", slip.Money == "reversed"
	return m
}
