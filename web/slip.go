package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// slipBody is one slip with its pictures and its story.
type slipBody struct {
	Slip    queue.Summary
	Story   queue.Story
	Done    *doneView
	Armed   bool // opened to be printed: Enter prints it
	IsLast  bool // it is what "reprint last" means
	Reprint bool // its rules let it be printed again
	Archive bool // only a retrieval copy is possible
}

// slip is the page of one slip.
func (s *Server) slip(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	story, err := s.o.Journal.Show(ctx, r.PathValue("id"))
	if err == nil && story.Summary.Kind == job.KindCommand {
		err = queue.ErrNotFound
	}
	if err != nil {
		s.broken(w, r, err)
		return
	}
	v := s.view(r, "slip", "slip")
	b := &slipBody{Slip: story.Summary, Story: story}
	settled := b.Slip.BatchState == queue.BatchSettled && b.Slip.Kind == job.KindTransaction
	b.Archive = settled && len(b.Slip.Copies) > 0
	b.Reprint = !settled && len(b.Slip.Copies) > 0 && b.Slip.Outcome == queue.Accepted
	b.Armed = b.Reprint && r.URL.Query().Get("print") != ""
	if last, err := s.o.Journal.Last(ctx, b.Slip.TerminalNo); err == nil {
		b.IsLast = last.JobID == b.Slip.JobID
	}
	if id := r.URL.Query().Get("done"); id != "" {
		b.Done = s.done(ctx, id, r.URL.Query().Get("twice") != "")
	}
	v.Body = b
	s.show(w, http.StatusOK, v)
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
func (s *Server) voucher(w http.ResponseWriter, r *http.Request) {
	v := s.view(r, "list", "voucher")
	if err := s.terminals(r.Context(), v); err != nil {
		s.broken(w, r, err)
		return
	}
	if r.URL.Query().Get("last") != "" {
		last, err := s.o.Journal.Last(r.Context(), v.Terminal)
		if err != nil {
			s.notLast(w, r, v, err)
			return
		}
		http.Redirect(w, r, "/slips/"+last.JobID+"?print=1", http.StatusSeeOther)
		return
	}
	no := strings.TrimSpace(r.URL.Query().Get("no"))
	if no == "" || len(no) > 6 || strings.Trim(no, "0123456789") != "" {
		s.notice(w, r, http.StatusUnprocessableEntity, notice{Title: words["voucher.bad"]})
		return
	}
	found, others, err := s.byVoucher(r, v.Terminal, no)
	if err != nil {
		s.broken(w, r, err)
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
	s.show(w, status, v)
}

func (s *Server) notLast(w http.ResponseWriter, r *http.Request, v *view, err error) {
	if !errors.Is(err, queue.ErrNotFound) {
		s.broken(w, r, err)
		return
	}
	say := words["last.why"]
	if v.Terminal == "" && len(v.Terminals) > 1 {
		say = words["terminal.ask"]
	}
	s.notice(w, r, http.StatusNotFound, notice{Title: words["last.none"], Problems: []job.Problem{{Message: say}}})
}

// byVoucher finds the slips of a voucher in the open batches - one for each terminal and batch, the latest revision that
// has paper - and, when there are none, whatever else has these digits.
func (s *Server) byVoucher(r *http.Request, terminal, no string) (found, others []queue.Summary, err error) {
	list, _, err := s.o.Journal.Jobs(r.Context(), queue.Filter{Batch: "current", Terminal: terminal, Kind: job.KindTransaction, Q: no, Limit: 100})
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
	others, _, err = s.o.Journal.Jobs(r.Context(), queue.Filter{Terminal: terminal, Q: no, Limit: slipsShown})
	return nil, others, err
}

// search lists what has an amount, last four digits, time or order number.
func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	v := s.view(r, "list", "search.title")
	if err := s.terminals(r.Context(), v); err != nil {
		s.broken(w, r, err)
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
		if b.Slips, b.Next, err = s.o.Journal.Jobs(r.Context(), f); err != nil {
			s.broken(w, r, err)
			return
		}
	}
	if len(b.Slips) == 0 {
		b.Say = v.T("search.help")
	}
	v.Search, v.Body = q, b
	s.show(w, http.StatusOK, v)
}
