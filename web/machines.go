package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/httpd"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// The machines are the printers' pages.
type machines struct {
	frame    *frame
	printers Printers
	waiting  *queue.Waiting
	printing *queue.Printing
	moments  *moments
	demo     bool // the virtual printer is shown with its faults
}

func (m *machines) routes(paired register) {
	paired("GET /printers/{name}", m.printer)
	paired("POST /do/printer", m.doPrinter)
}

// printerBody is one printer.
type printerBody struct {
	Printer api.Printer
	Story   []printerMoment
	Waiting []queue.Outstanding // what waits for it and of which nothing has left
	Count   int                 // of them
	Demo    bool
	Faults  []fault
	Done    string
	Dropped string // how many were cancelled, "" when nobody asked
}

func (m *machines) printer(w http.ResponseWriter, r *http.Request) {
	p, ok := printerNamed(m.printers, r.PathValue("name"))
	if !ok {
		m.frame.broken(w, r, api.ErrNoPrinter)
		return
	}
	v := m.frame.view(r, "printer", "printer")
	v.Title = v.Printer(p.Name)
	waiting, count, err := m.unbegun(r.Context(), p.Name)
	if err != nil {
		m.frame.broken(w, r, err)
		return
	}
	body := printerBody{Printer: p, Waiting: waiting, Count: count, Story: m.moments.story(p.Name), Demo: m.demo, Faults: faults, Done: r.URL.Query().Get("asked")}
	if n, err := strconv.Atoi(r.URL.Query().Get("cancelled")); err == nil {
		body.Dropped = strconv.Itoa(n)
	}
	v.Body = body
	m.frame.show(w, r, http.StatusOK, v)
}

// doPrinter asks a printer for a test page, or tells it that a jam is cleared.
func (m *machines) doPrinter(w http.ResponseWriter, r *http.Request) {
	name, command := r.PostFormValue("printer"), r.PostFormValue("command")
	tester, _ := m.printers.(Tester)
	err := api.ErrNoPrinter
	switch {
	case command == "test" && tester != nil:
		_, err = tester.TestPage(r.Context(), name)
	case command == "jam-cleared":
		_, err = m.printers.Command(r.Context(), name, command)
	}
	switch {
	case errors.Is(err, api.ErrNoPrinter):
		m.frame.broken(w, r, err)
	case err != nil:
		p := problem("printer_not_ready", "打印机没有做成这件事。", "The printer did not do it.", "看打印机的状态，处理好再试。", "See the printer's state, mend it and try again.")
		var notReady *api.NotReadyError
		if errors.As(err, &notReady) {
			p.Message = notReady.Text
		}
		m.frame.notice(w, r, http.StatusConflict, notice{Title: words["refused"], Problems: []job.Problem{p}, Back: httpd.Back(r)})
	default:
		http.Redirect(w, r, httpd.Back(r)+"?asked="+command, http.StatusSeeOther)
	}
}

// unbegun gives what waits for a printer and may be cancelled: nothing of it has left.
func (m *machines) unbegun(ctx context.Context, printer string) (list []queue.Outstanding, count int, err error) {
	list, err = m.waiting.Unbegun(ctx, printer)
	for _, o := range list {
		count += o.Count
	}
	return list, count, err
}
