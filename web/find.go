package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

func (h *history) findRoutes(paired register) {
	paired("GET /voucher", h.voucher)
	paired("GET /search", h.search)
}

// listBody is a list of slips that were looked for.
type listBody struct {
	Head  string
	Say   string
	Slips []queue.Summary
	Next  string
	All   bool
}

// voucher finds the slip of a voucher, or of "last", and shows it before anything is printed.
func (h *history) voucher(w http.ResponseWriter, r *http.Request) {
	v := h.frame.view(r, "list", "voucher")
	if err := h.frame.terminals(r.Context(), v); err != nil {
		h.frame.broken(w, r, err)
		return
	}
	if r.URL.Query().Get("last") != "" {
		last, err := h.jobs.Last(r.Context(), v.Terminal)
		if err != nil {
			h.notLast(w, r, v, err)
			return
		}
		http.Redirect(w, r, "/slips/"+last.JobID+"?print=1", http.StatusSeeOther)
		return
	}
	no := strings.TrimSpace(r.URL.Query().Get("no"))
	if no == "" || len(no) > 6 || strings.Trim(no, "0123456789") != "" {
		h.frame.notice(w, r, http.StatusUnprocessableEntity, notice{Title: words["voucher.bad"]})
		return
	}
	found, others, err := h.byVoucher(r, v.Terminal, no)
	if err != nil {
		h.frame.broken(w, r, err)
		return
	}
	if len(found) == 1 {
		http.Redirect(w, r, "/slips/"+found[0].JobID+"?print=1", http.StatusSeeOther)
		return
	}
	padded := job.NormalVoucher(no)
	b := listBody{Head: v.T("voucher.many", padded), Slips: found}
	status := http.StatusOK
	if len(found) == 0 {
		status = http.StatusNotFound
		b = listBody{Head: v.T("voucher.none", padded), Say: v.T("voucher.gaps"), Slips: others, All: true}
		if len(others) > 0 {
			b.Say += " " + v.T("voucher.other") + v.join("")
		}
	}
	v.Search, v.Body = no, b
	h.frame.show(w, r, status, v)
}

func (h *history) notLast(w http.ResponseWriter, r *http.Request, v *view, err error) {
	if !errors.Is(err, queue.ErrNotFound) {
		h.frame.broken(w, r, err)
		return
	}
	if v.Unchosen() {
		h.frame.notice(w, r, http.StatusConflict, notice{Title: words["terminal.ask"]})
		return
	}
	h.frame.notice(w, r, http.StatusNotFound, notice{Title: words["last.none"], Problems: []job.Problem{{Message: words["last.why"]}}})
}

// byVoucher finds the slips of a voucher in the open batches - one for each terminal and batch, the latest revision that
// has paper - and, when there are none, whatever else has these digits.
func (h *history) byVoucher(r *http.Request, terminal, no string) (found, others []queue.Summary, err error) {
	list, _, err := h.jobs.List(r.Context(), queue.Filter{Batch: "current", Terminal: terminal, Kind: job.KindTransaction, Q: no, Limit: 100})
	if err != nil {
		return nil, nil, err
	}
	seen := map[int64]bool{}
	for _, x := range list {
		if x.VoucherNo == job.NormalVoucher(no) && x.Outcome == queue.Accepted && len(x.Copies) > 0 && !seen[x.Batch] {
			seen[x.Batch] = true
			found = append(found, x)
		}
	}
	if len(found) > 0 {
		return found, nil, nil
	}
	others, _, err = h.jobs.List(r.Context(), queue.Filter{Terminal: terminal, Q: no, Limit: slipsShown})
	return nil, others, err
}

// search lists what has an amount, last four digits, time or order number.
func (h *history) search(w http.ResponseWriter, r *http.Request) {
	v := h.frame.view(r, "list", "search.title")
	if err := h.frame.terminals(r.Context(), v); err != nil {
		h.frame.broken(w, r, err)
		return
	}
	q := strings.TrimSpace(r.URL.Query().Get("q"))
	b := listBody{Head: v.T("search.title"), All: r.URL.Query().Get("batch") == "all"}
	f := queue.Filter{Q: q, Terminal: v.Terminal, Limit: slipsShown, Cursor: r.URL.Query().Get("cursor"), Batch: "current"}
	if b.All {
		f.Batch = "all"
	}
	if q != "" {
		var err error
		if b.Slips, b.Next, err = h.jobs.List(r.Context(), f); err != nil {
			h.frame.broken(w, r, err)
			return
		}
	}
	if len(b.Slips) == 0 {
		b.Say = v.T("search.help")
	}
	v.Search, v.Body = q, b
	h.frame.show(w, r, http.StatusOK, v)
}
