package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// batchesBody lists the batches.
type batchesBody struct {
	Batches []queue.Batch
	Done    *doneView
}

func (s *Server) batches(w http.ResponseWriter, r *http.Request) {
	v := s.view(r, "batches", "batches")
	list, err := s.o.Journal.Batches(r.Context(), "")
	if err != nil {
		s.broken(w, r, err)
		return
	}
	b := batchesBody{Batches: list}
	if id := r.URL.Query().Get("done"); id != "" {
		b.Done = s.done(r.Context(), id, r.URL.Query().Get("twice") != "")
	}
	v.Body = b
	s.show(w, http.StatusOK, v)
}

// batchBody is one batch, where a supervisor settles it.
type batchBody struct {
	Batch      queue.Batch
	Tally      []queue.Tally
	Pending    int // reversals that stand
	Settlement *queue.Summary
	Slips      []queue.Summary
	Next       string
	First      bool
}

func (s *Server) batch(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		s.broken(w, r, queue.ErrNotFound)
		return
	}
	b := batchBody{First: r.URL.Query().Get("cursor") == ""}
	if b.Batch, err = s.o.Journal.Batch(ctx, id); err != nil {
		s.broken(w, r, err)
		return
	}
	if b.Tally, err = s.o.Journal.Tally(ctx, id); err != nil {
		s.broken(w, r, err)
		return
	}
	if b.Slips, b.Next, err = s.o.Journal.Jobs(ctx, queue.Filter{BatchID: id, Limit: slipsShown, Cursor: r.URL.Query().Get("cursor")}); err != nil {
		s.broken(w, r, err)
		return
	}
	standing, err := s.o.Journal.Reversals(ctx, false)
	if err != nil {
		s.broken(w, r, err)
		return
	}
	for _, x := range standing {
		if x.TerminalNo == b.Batch.TerminalNo && x.BatchNo == b.Batch.BatchNo {
			b.Pending++
		}
	}
	if b.Batch.Settlement != "" {
		if story, err := s.o.Journal.Show(ctx, b.Batch.Settlement); err == nil {
			b.Settlement = &story.Summary
		}
	}
	v := s.view(r, "batch", "batch")
	v.Body = b
	s.show(w, http.StatusOK, v)
}

// reversal is the page on which a supervisor records how a reversal ended.
func (s *Server) reversal(w http.ResponseWriter, r *http.Request) {
	list, err := s.o.Journal.Reversals(r.Context(), false)
	if err != nil {
		s.broken(w, r, err)
		return
	}
	for _, x := range list {
		if x.JobID == r.PathValue("id") {
			v := s.view(r, "reversal", "reversal.resolve")
			v.Body = x
			s.show(w, http.StatusOK, v)
			return
		}
	}
	s.notice(w, r, http.StatusNotFound, notice{Title: words["reversal.gone"]})
}

// printerBody is one printer.
type printerBody struct {
	Printer api.Printer
	Story   []printerMoment
	Demo    bool
	Faults  []fault
	Done    string
}

func (s *Server) printer(w http.ResponseWriter, r *http.Request) {
	p, ok := s.printerNamed(r.PathValue("name"))
	if !ok {
		s.broken(w, r, api.ErrNoPrinter)
		return
	}
	v := s.view(r, "printer", "printer")
	v.Title = p.Name
	v.Body = printerBody{Printer: p, Story: s.watch.story(p.Name), Demo: s.o.Demo != "", Faults: faults, Done: r.URL.Query().Get("asked")}
	s.show(w, http.StatusOK, v)
}

// doPrinter asks a printer for a test page, or tells it that a jam is cleared.
func (s *Server) doPrinter(w http.ResponseWriter, r *http.Request) {
	name, command := r.PostFormValue("printer"), r.PostFormValue("command")
	tester, _ := s.o.Printers.(Tester)
	err := api.ErrNoPrinter
	switch {
	case command == "test" && tester != nil:
		_, err = tester.TestPage(r.Context(), name)
	case command == "jam-cleared":
		_, err = s.o.Printers.Command(r.Context(), name, command)
	}
	switch {
	case errors.Is(err, api.ErrNoPrinter):
		s.broken(w, r, err)
	case err != nil:
		p := problem("printer_not_ready", "打印机没有做成这件事。", "The printer did not do it.", "看打印机的状态，处理好再试。", "See the printer's state, mend it and try again.")
		var notReady *api.NotReadyError
		if errors.As(err, &notReady) {
			p.Message = notReady.Text
		}
		s.notice(w, r, http.StatusConflict, notice{Title: words["refused"], Problems: []job.Problem{p}, Back: backOf(r)})
	default:
		http.Redirect(w, r, backOf(r)+"?asked="+command, http.StatusSeeOther)
	}
}
