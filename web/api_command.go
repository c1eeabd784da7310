package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// A Tester prints test pages and measures proof; what fills Printers may also be one.
type Tester interface {
	// TestPage prints a page with ruler, characters, codes and cut, and tells how it ended.
	TestPage(ctx context.Context, name string) (api.TestPage, error)
	// Probe prints 20 cm and measures which proof the printer gives. report is told of each step; cover asks a person to
	// open and close the cover meanwhile.
	Probe(ctx context.Context, name string, cover bool, report func(step string)) (api.Probe, error)
}

// commandRoutes are what the command line asks for beside the page.
func (s *Server) commandRoutes(handle func(pattern string, h http.HandlerFunc)) {
	handle("GET /v1/reversals", s.getReversals)
	handle("GET /v1/batches/{id}", s.getBatch)
	handle("GET /v1/batches/{id}/export", s.getExport)
	handle("POST /v1/printers/{name}/test", s.postTest)
	handle("POST /v1/printers/{name}/probe", s.postProbe)
	handle("POST /v1/printers/{name}/move", s.postMove)
	handle("GET /v1/journal/backup", s.getBackup)
	handle("POST /v1/journal/verify", s.postVerify)
	handle("POST /v1/journal/acknowledge", s.postAcknowledge)
}

// getReversals lists the standing alarms; ?all=1 lists those that are over too.
func (s *Server) getReversals(w http.ResponseWriter, r *http.Request) {
	list, err := s.o.Journal.Reversals(r.Context(), r.URL.Query().Get("all") != "")
	if err != nil {
		s.failed(w, r, err)
		return
	}
	if list == nil {
		list = []queue.Reversal{}
	}
	reply(w, http.StatusOK, map[string]any{"reversals": list})
}

// batchStory is one batch with receiptd's own count and what happened to it.
type batchStory struct {
	Batch queue.Batch     `json:"batch"`
	Tally []queue.Tally   `json:"tally"`
	Jobs  []queue.Summary `json:"jobs"`
	Next  string          `json:"next,omitempty"`
	Lines []queue.Line    `json:"lines"`
}

func (s *Server) getBatch(w http.ResponseWriter, r *http.Request) {
	if _, bad := listQuery(r.URL.Query()); bad != nil {
		fail(w, http.StatusUnprocessableEntity, *bad)
		return
	}
	var b batchStory
	err := s.batchID(r, func(id int64) (err error) {
		ctx := r.Context()
		if b.Batch, err = s.o.Journal.Batch(ctx, id); err != nil {
			return err
		}
		if b.Tally, err = s.o.Journal.Tally(ctx, id); err != nil {
			return err
		}
		if b.Lines, err = s.o.Journal.BatchLines(ctx, id); err != nil {
			return err
		}
		b.Jobs, b.Next, err = s.o.Journal.Jobs(ctx, queue.Filter{BatchID: id, Limit: 500, Cursor: r.URL.Query().Get("cursor")})
		return err
	})
	if err != nil {
		s.failed(w, r, err)
		return
	}
	reply(w, http.StatusOK, b)
}

// batchID calls do with the batch that the path names.
func (s *Server) batchID(r *http.Request, do func(id int64) error) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return queue.ErrNotFound
	}
	return do(id)
}

// getExport streams one batch as ?format=json or csv.
func (s *Server) getExport(w http.ResponseWriter, r *http.Request) {
	format := cmp.Or(r.URL.Query().Get("format"), "json")
	types := map[string]string{"json": "application/json; charset=utf-8", "csv": "text/csv; charset=utf-8"}
	if types[format] == "" {
		fail(w, http.StatusUnprocessableEntity, problem("invalid", "导出格式只有 json 和 csv。", "The format is json or csv.", "用 ?format=csv", "Use ?format=csv"))
		return
	}
	err := s.batchID(r, func(id int64) error {
		if _, err := s.o.Journal.Batch(r.Context(), id); err != nil {
			return err
		}
		w.Header().Set("Content-Type", types[format])
		w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=batch-%d.%s", id, format))
		if err := s.o.Journal.Export(r.Context(), id, w, format); err != nil {
			s.log.Error("an export broke off", "batch", id, "err", err)
			panic(http.ErrAbortHandler) // the reader must not take half a batch for a whole one
		}
		return nil
	})
	if err != nil {
		s.failed(w, r, err)
	}
}

// tester gives the part of the daemon that tests printers.
func (s *Server) tester(w http.ResponseWriter, r *http.Request) Tester {
	t, ok := s.o.Printers.(Tester)
	if !ok {
		s.failed(w, r, api.ErrNoPrinter)
		return nil
	}
	return t
}

func (s *Server) postTest(w http.ResponseWriter, r *http.Request) {
	t := s.tester(w, r)
	if t == nil {
		return
	}
	result, err := t.TestPage(r.Context(), r.PathValue("name"))
	if err != nil {
		s.printerFailed(w, r, err)
		return
	}
	reply(w, http.StatusOK, result)
}

// postProbe streams one JSON object per line: {"step":...} as it goes, then {"result":...} or {"error":...}.
func (s *Server) postProbe(w http.ResponseWriter, r *http.Request) {
	t := s.tester(w, r)
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
		s.printerFailed(w, r, err)
	}
}

// postMove sends what waits for a printer to the printer ?to=.
func (s *Server) postMove(w http.ResponseWriter, r *http.Request) {
	from, to := r.PathValue("name"), r.URL.Query().Get("to")
	if to == "" || to == from {
		p := problem("invalid", "没有写移到哪一台打印机。", "It does not say which other printer to move to.", "用 ?to=打印机名", "Use ?to=NAME")
		p.Pointer = "/to"
		fail(w, http.StatusUnprocessableEntity, p)
		return
	}
	known := map[string]bool{}
	for _, p := range s.o.Printers.Printers() {
		known[p.Name] = true
	}
	// The old printer may have been taken out of the configuration: its slips still wait.
	if !known[to] {
		s.failed(w, r, api.ErrNoPrinter)
		return
	}
	n, err := s.o.Journal.Move(r.Context(), from, to, operatorOf(r.URL.Query().Get("operator_no")))
	if err != nil {
		s.failed(w, r, err)
		return
	}
	if n == 0 && !known[from] {
		s.failed(w, r, api.ErrNoPrinter)
		return
	}
	reply(w, http.StatusOK, map[string]any{"from": from, "to": to, "moved": n})
}

// printerFailed answers a printer that would not.
func (s *Server) printerFailed(w http.ResponseWriter, r *http.Request, err error) {
	var notReady *api.NotReadyError
	if errors.As(err, &notReady) {
		fail(w, http.StatusConflict, printerProblem(err))
		return
	}
	if errors.Is(err, api.ErrNoPrinter) || r.Context().Err() != nil {
		s.failed(w, r, err)
		return
	}
	fail(w, http.StatusInternalServerError, printerProblem(err))
}

func printerProblem(err error) job.Problem {
	var notReady *api.NotReadyError
	if errors.As(err, &notReady) {
		return problem("printer_not_ready", notReady.Text.Zh, notReady.Text.En, "照提示处理后再试。", "Do what it says, then try again.")
	}
	return problem("printer_failed", "没有做成："+err.Error(), "It was not done: "+err.Error(), "看打印机，再试一次。", "Look at the printer and try again.")
}

// getBackup streams a whole copy of the journal.
func (s *Server) getBackup(w http.ResponseWriter, r *http.Request) {
	dir, err := os.MkdirTemp(filepath.Dir(s.o.PinFile), ".backup-")
	if err != nil {
		s.failed(w, r, fmt.Errorf("backup: %w", err))
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "journal.db")
	if err := s.o.Journal.Backup(r.Context(), path); err != nil {
		s.failed(w, r, err)
		return
	}
	f, err := os.Open(path)
	if err != nil {
		s.failed(w, r, fmt.Errorf("backup: %w", err))
		return
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		s.failed(w, r, fmt.Errorf("backup: %w", err))
		return
	}
	w.Header().Set("Content-Type", "application/vnd.sqlite3")
	w.Header().Set("Content-Length", strconv.FormatInt(st.Size(), 10))
	_, _ = io.Copy(w, f) // a reader that has gone sees a short body
}

// postVerify reads the whole journal and says what is wrong with it, if anything.
func (s *Server) postVerify(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	found := ""
	if err := s.o.Journal.Verify(r.Context()); errors.Is(err, queue.ErrCorrupt) {
		found = err.Error()
	} else if err != nil {
		s.failed(w, r, err)
		return
	}
	reply(w, http.StatusOK, map[string]any{"ok": found == "", "found": found, "seconds": time.Since(begun).Seconds()})
}

// postAcknowledge notes that a person knows what the journal lost.
func (s *Server) postAcknowledge(w http.ResponseWriter, r *http.Request) {
	lost, err := s.o.Journal.Acknowledge(r.Context(), who(r))
	if err != nil {
		s.failed(w, r, err)
		return
	}
	reply(w, http.StatusOK, map[string]any{"lost": lost})
}
