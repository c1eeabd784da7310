package web

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/plain"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// The printersAPI lets programs see printers and ask them for something.
type printersAPI struct {
	printers Printers
	printing *queue.Printing
	log      *slog.Logger
}

func (x *printersAPI) routes(handle register) {
	handle("GET /v1/printers", x.getPrinters)
	handle("GET /v1/printers/{name}", x.getPrinter)
	handle("POST /v1/printers/{name}/test", x.postTest)
	handle("POST /v1/printers/{name}/probe", x.postProbe)
	handle("POST /v1/printers/{name}/move", x.postMove)
	handle("POST /v1/printers/{name}/{command}", x.postPrinter)
}

// getPrinters lists all printers.
func (x *printersAPI) getPrinters(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, api.Printers{Printers: x.printers.Printers()})
}

func (x *printersAPI) getPrinter(w http.ResponseWriter, r *http.Request) {
	p, ok := printerNamed(x.printers, r.PathValue("name"))
	if !ok {
		failed(w, r, x.log, noPrinter(x.printers, r.PathValue("name")))
		return
	}
	reply(w, http.StatusOK, p)
}

// postPrinter takes the one command that has no path of its own: that a jam is cleared.
func (x *printersAPI) postPrinter(w http.ResponseWriter, r *http.Request) {
	p, ok := printerNamed(x.printers, r.PathValue("name"))
	switch {
	case !ok:
		failed(w, r, x.log, noPrinter(x.printers, r.PathValue("name")))
		return
	case r.PathValue("command") != "jam-cleared":
		fail(w, http.StatusNotFound, problem("command_unknown", "打印机没有这个操作。", "Printers have no such command.",
			"有 test、probe、move、pause、resume、cancel-waiting、jam-cleared。", "There are test, probe, move, pause, resume, cancel-waiting and jam-cleared."))
		return
	case !mayBeJammed(p):
		fail(w, http.StatusConflict, problem("no_jam", "这台打印机没有卡纸。", "This printer reports no jam.",
			"用 receiptd printer status 看它的状态。", "See its state with receiptd printer status."))
		return
	}
	message, err := x.printers.Command(r.Context(), r.PathValue("name"), r.PathValue("command"))
	if err != nil {
		x.printerFailed(w, r, err)
		return
	}
	reply(w, http.StatusOK, map[string]string{"message": message})
}

// mayBeJammed tells whether a printer reports a jam, or reports nothing that would rule one out.
func mayBeJammed(p api.Printer) bool {
	switch p.Reason {
	case "cutter", "error", "link_down", "offline":
		return true
	}
	return false
}

// tester gives the part of the daemon that tests printers.
func (x *printersAPI) tester(w http.ResponseWriter, r *http.Request) Tester {
	t, ok := x.printers.(Tester)
	if !ok {
		failed(w, r, x.log, noPrinter(x.printers, r.PathValue("name")))
		return nil
	}
	return t
}

func (x *printersAPI) postTest(w http.ResponseWriter, r *http.Request) {
	t := x.tester(w, r)
	if t == nil {
		return
	}
	result, err := t.TestPage(r.Context(), r.PathValue("name"))
	if err != nil {
		x.printerFailed(w, r, err)
		return
	}
	reply(w, http.StatusOK, result)
}

// postProbe streams one JSON object per line: {"step":...} as it goes, then {"result":...} or {"error":...}.
func (x *printersAPI) postProbe(w http.ResponseWriter, r *http.Request) {
	t := x.tester(w, r)
	if t == nil {
		return
	}
	started := false
	send := func(v any) {
		if !started {
			w.Header().Set("Content-Type", "application/x-ndjson")
			started = true
		}
		_ = json.NewEncoder(w).Encode(v) // the reader has gone: the probe goes on, its result is remembered
		_ = http.NewResponseController(w).Flush()
	}
	result, err := t.Probe(r.Context(), r.PathValue("name"), r.URL.Query().Get("cover") != "", func(step string) {
		send(map[string]string{"step": step})
	})
	switch {
	case err == nil:
		send(map[string]any{"result": result})
	case started:
		send(map[string]any{"error": printerProblem(err)})
	default:
		x.printerFailed(w, r, err)
	}
}

// postMove sends what waits for a printer to the printer ?to=.
func (x *printersAPI) postMove(w http.ResponseWriter, r *http.Request) {
	from, to := r.PathValue("name"), r.URL.Query().Get("to")
	if to == "" || to == from {
		p := problem("invalid", "没有写移到哪一台打印机。", "It does not say which other printer to move to.", "用 ?to=打印机名", "Use ?to=NAME")
		p.Pointer = "/to"
		fail(w, http.StatusUnprocessableEntity, p)
		return
	}
	known := map[string]bool{}
	for _, p := range x.printers.Printers() {
		known[p.Name] = true
	}
	// The old printer may have been taken out of the configuration: its slips still wait.
	if !known[to] {
		failed(w, r, x.log, noPrinter(x.printers, to))
		return
	}
	n, err := x.printing.Move(r.Context(), from, to, operatorOf(r.URL.Query().Get("operator_no")))
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	if n == 0 && !known[from] {
		failed(w, r, x.log, noPrinter(x.printers, from))
		return
	}
	reply(w, http.StatusOK, map[string]any{"from": from, "to": to, "moved": n})
}

// printerFailed answers a printer that would not.
func (x *printersAPI) printerFailed(w http.ResponseWriter, r *http.Request, err error) {
	var notReady *api.NotReadyError
	if errors.As(err, &notReady) {
		fail(w, http.StatusConflict, printerProblem(err))
		return
	}
	if errors.Is(err, api.ErrNoPrinter) {
		err = noPrinter(x.printers, r.PathValue("name"))
	}
	if errors.Is(err, api.ErrNoPrinter) || r.Context().Err() != nil {
		failed(w, r, x.log, err)
		return
	}
	fail(w, http.StatusInternalServerError, printerProblem(err))
}

func printerProblem(err error) job.Problem {
	var notReady *api.NotReadyError
	if errors.As(err, &notReady) {
		return problem("printer_not_ready", notReady.Text.Zh, notReady.Text.En, "照提示处理后再试。", "Do what it says, then try again.")
	}
	said := plain.Error(err)
	return problem("printer_failed", "没有做成："+said.Zh, "It was not done: "+said.En, "看打印机，再试一次。", "Look at the printer and try again.")
}
