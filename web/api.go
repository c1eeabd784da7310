package web

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

func (s *Server) routes() {
	open := func(pattern string, h http.HandlerFunc) {
		s.api = append(s.api, pattern)
		s.mux.HandleFunc(pattern, h)
	}
	handle := func(pattern string, h http.HandlerFunc) { open(pattern, s.program(h)) }
	handle("POST /v1/jobs", s.postJob)
	handle("GET /v1/jobs", s.getJobs)
	handle("GET /v1/jobs/{id}", s.getJob)
	handle("GET /v1/jobs/{id}/answer", s.getAnswer)
	handle("GET /v1/jobs/{id}/preview.png", s.getPreview("png"))
	handle("GET /v1/jobs/{id}/preview.txt", s.getPreview("txt"))
	handle("POST /v1/reprints", s.postReprint)
	handle("POST /v1/copies/{id}/resolve", s.postResolve)
	handle("GET /v1/batches", s.getBatches)
	handle("POST /v1/batches/{id}/settle", s.postBatch(s.o.Journal.CloseBatch))
	handle("POST /v1/batches/{id}/reopen", s.postBatch(s.o.Journal.ReopenBatch))
	handle("GET /v1/printers", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, api.Printers{Printers: s.o.Printers.Printers()})
	})
	handle("GET /v1/printers/{name}", s.getPrinter)
	handle("POST /v1/printers/{name}/{command}", s.postPrinter)
	handle("GET /v1/config", s.getConfig)
	handle("GET /v1/events", s.getEvents)
	s.commandRoutes(handle)
	open("GET /healthz", s.getHealth)
	open("GET /readyz", s.getReady)
	open("GET /metrics", s.meter.ServeHTTP)
	open("GET /openapi.json", getOpenAPI)
	open("GET /v1/schema", getSchema)
	s.pageRoutes()
}

// getConfig says how the configuration in force differs from the file.
func (s *Server) getConfig(w http.ResponseWriter, _ *http.Request) {
	waiting := []string{}
	if s.o.Waiting != nil {
		waiting = append(waiting, s.o.Waiting()...)
	}
	reply(w, http.StatusOK, map[string]any{"waits_for_restart": waiting})
}

// postJob takes a job as the drop folder does. It is idempotent by job_id.
func (s *Server) postJob(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	if err != nil && !errors.As(err, &large) {
		fail(w, http.StatusRequestTimeout, problem("not_read", "任务没有收全，没有接收。", "The job did not come in whole and was not taken.", "再发一次；同一个 job_id 不会打两遍。", "Send it again; the same job_id is never printed twice."))
		return
	}
	if err != nil {
		fail(w, http.StatusRequestEntityTooLarge, problem("too_large", "任务太大。", "The job is too large.", "一个任务最多 256 KiB。", "A job has at most 256 KiB."))
		return
	}
	s.accept(w, r, s.o.Parse(body))
}

func (s *Server) accept(w http.ResponseWriter, r *http.Request, parsed job.Result) {
	permitted, ok := s.permitted(w, r)
	if !ok {
		return
	}
	a, err := s.o.Journal.Accept(r.Context(), queue.Arrival{Parsed: parsed, Source: queue.SourceHTTP, Permitted: permitted})
	if err != nil {
		s.failed(w, r, err)
		return
	}
	answered(w, a)
}

func (s *Server) getJobs(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	limit, bad := listQuery(q)
	if bad != nil {
		fail(w, http.StatusUnprocessableEntity, *bad)
		return
	}
	list, next, err := s.o.Journal.Jobs(r.Context(), queue.Filter{Batch: q.Get("batch"), Terminal: q.Get("terminal"),
		State: q.Get("state"), Q: q.Get("q"), Limit: limit, Cursor: q.Get("cursor")})
	if err != nil {
		s.failed(w, r, err)
		return
	}
	reply(w, http.StatusOK, map[string]any{"jobs": list, "next": next})
}

// listQuery gives the limit of a list, 0 for the default, and what is wrong with the query.
func listQuery(q url.Values) (limit int, bad *job.Problem) {
	wrong := func(key, fixZh, fixEn string) (int, *job.Problem) {
		p := problem("invalid", key+" 不对："+q.Get(key), key+" is wrong: "+q.Get(key), fixZh, fixEn)
		p.Pointer = "/" + key
		return 0, &p
	}
	if text := q.Get("limit"); text != "" {
		var err error
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > 500 {
			return wrong("limit", "limit 是 1 到 500。", "limit is 1 to 500.")
		}
	}
	if text := q.Get("cursor"); text != "" {
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return wrong("cursor", "用上一页答的 next。", "Use next of the page before.")
		}
	}
	if text := q.Get("state"); text != "" && !api.KnownState(text) {
		return wrong("state", "用 queued、held、uncertain、printed 等，或 conflict。", "Use queued, held, uncertain, printed, ..., or conflict.")
	}
	return limit, nil
}

func (s *Server) getJob(w http.ResponseWriter, r *http.Request) {
	story, err := s.o.Journal.Show(r.Context(), r.PathValue("id"))
	if err != nil {
		s.failed(w, r, err)
		return
	}
	reply(w, http.StatusOK, story)
}

func (s *Server) getAnswer(w http.ResponseWriter, r *http.Request) {
	a, err := s.o.Journal.Answer(r.Context(), r.PathValue("id"))
	if err != nil {
		s.failed(w, r, err)
		return
	}
	reply(w, http.StatusOK, a)
}

// getPreview draws one copy: as its first printing looks, or with next=1 as the print looks that would come next.
func (s *Server) getPreview(format string) http.HandlerFunc {
	types := map[string]string{"png": "image/png", "txt": "text/plain; charset=utf-8"}
	return func(w http.ResponseWriter, r *http.Request) {
		story, err := s.o.Journal.Show(r.Context(), r.PathValue("id"))
		if err != nil {
			s.failed(w, r, err)
			return
		}
		j, err := job.FromJSON(story.Job)
		if err != nil {
			s.failed(w, r, queue.ErrNotFound)
			return
		}
		name := job.CopyName(r.URL.Query().Get("copy"))
		if name == "" && len(story.Summary.Copies) > 0 {
			name = story.Summary.Copies[0].Copy
		}
		has := slices.ContainsFunc(story.Summary.Copies, func(c queue.CopyStatus) bool { return c.Copy == name })
		if !has || !j.AllowsCopy(name) {
			s.failed(w, r, queue.ErrNotFound)
			return
		}
		m := job.Mark{Kind: job.MarkOriginal, PrintNo: 1, At: j.CreatedAt}
		if r.URL.Query().Get("next") != "" {
			m = nextMark(story.Summary, name, m, who(r))
		}
		var buf bytes.Buffer
		if err := s.o.Previews.Preview(&buf, j, name, m, format); err != nil {
			s.failed(w, r, err)
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
		if c.Copy != name {
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

// reprintRequest is the body of POST /v1/reprints.
type reprintRequest struct {
	Last            bool     `json:"last"`
	Settlement      bool     `json:"settlement"`
	Archive         bool     `json:"archive"`
	VoucherNo       string   `json:"voucher_no"`
	TargetJobID     string   `json:"target_job_id"`
	ExpectVoucherNo string   `json:"expect_voucher_no"`
	TerminalNo      string   `json:"terminal_no"`
	BatchNo         string   `json:"batch_no"`
	CaseNo          string   `json:"case_no"`
	Copies          []string `json:"copies"`
	OperatorNo      string   `json:"operator_no"`
	Reason          string   `json:"reason"`
	Printer         string   `json:"printer"`
	Counter         string   `json:"counter"`
}

// command names the command that the request means, "" when it names none or several slips.
func (q *reprintRequest) command() string {
	name, selectors := "", 0
	for _, x := range []struct {
		given bool
		name  string
	}{{q.Last, "reprint_last"}, {q.VoucherNo != "" && !q.Archive, "reprint_by_voucher"}, {q.Settlement, "reprint_settlement"},
		{q.TargetJobID != "", "reprint_job"}, {q.Archive, "archive_copy"}} {
		if x.given {
			name, selectors = x.name, selectors+1
		}
	}
	if selectors != 1 {
		return ""
	}
	return name
}

// postReprint turns the request into a command job, so that it goes the way of every command. The Idempotency-Key is its
// job id: a second click with the same key prints nothing more.
func (s *Server) postReprint(w http.ResponseWriter, r *http.Request) {
	var q reprintRequest
	if err := decodeBody(r, &q); err != nil {
		fail(w, http.StatusUnprocessableEntity, bodyProblem(err))
		return
	}
	if q.command() == "" {
		fail(w, http.StatusUnprocessableEntity, problem("invalid", "看不懂要补打什么。", "It is not clear what to reprint.",
			`只用其中一个:{"last":true}、{"voucher_no":"105233"}、{"settlement":true}、{"target_job_id":"..."},或 archive 加 voucher_no`,
			`Send exactly one of {"last":true}, {"voucher_no":"105233"}, {"settlement":true}, {"target_job_id":"..."}, or archive with voucher_no`))
		return
	}
	s.accept(w, r, commandJob(r, q.payload(), q.Printer, q.Counter))
}

// decodeBody reads a request's JSON: one object with known keys and nothing after it.
func decodeBody(r *http.Request, to any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(to); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("something follows the object")
	}
	return nil
}

// bodyProblem says what is wrong with a request's JSON, and names the key.
func bodyProblem(err error) job.Problem {
	var kind *json.UnmarshalTypeError
	p := problem("invalid", "请求不是完整的 JSON 对象。", "The request is not a complete JSON object.", "检查 JSON。", "Check the JSON.")
	if errors.As(err, &kind) && kind.Field != "" {
		p = problem("invalid", kind.Field+" 的类型不对："+kind.Value, kind.Field+" has the wrong type: "+kind.Value,
			"字段和类型见 /openapi.json。", "See /openapi.json for the keys and their types.")
		p.Pointer = "/" + kind.Field
	} else if quoted, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		key := strings.Trim(quoted, `"`)
		p = problem("invalid", "没有这个字段："+key, "There is no key "+key, "字段和类型见 /openapi.json。", "See /openapi.json for the keys and their types.")
		p.Pointer = "/" + key
	}
	return p
}

func (q *reprintRequest) payload() map[string]any {
	p := map[string]any{"command": q.command()}
	for k, v := range map[string]string{"voucher_no": q.VoucherNo, "target_job_id": q.TargetJobID, "expect_voucher_no": q.ExpectVoucherNo,
		"terminal_no": q.TerminalNo, "batch_no": q.BatchNo, "case_no": q.CaseNo, "operator_no": q.OperatorNo, "reason": q.Reason} {
		if v != "" {
			p[k] = v
		}
	}
	if len(q.Copies) > 0 {
		p["copies"] = q.Copies
	}
	return p
}

// commandJob makes a command a job, named by the request's Idempotency-Key.
func commandJob(r *http.Request, payload map[string]any, printer, counter string) job.Result {
	envelope := map[string]any{"job_id": cmp.Or(r.Header.Get("Idempotency-Key"), "http-"+rand.Text()[:20]), "kind": "command",
		"created_at": time.Now().Format(time.RFC3339), "payload": payload}
	if printer != "" {
		envelope["printer"] = printer
	}
	if counter != "" {
		envelope["counter"] = counter
	}
	data, err := json.Marshal(envelope)
	if err != nil {
		return job.Result{Errors: []job.Problem{problem("invalid", err.Error(), err.Error(), "", "")}}
	}
	return job.Parse(data)
}

// postResolve records what a person saw on the counter.
func (s *Server) postResolve(w http.ResponseWriter, r *http.Request) {
	var body struct {
		CameOut    *bool  `json:"came_out"`
		OperatorNo string `json:"operator_no"`
	}
	if err := decodeBody(r, &body); err != nil {
		fail(w, http.StatusUnprocessableEntity, bodyProblem(err))
		return
	}
	if body.CameOut == nil {
		fail(w, http.StatusUnprocessableEntity, problem("invalid", "没有说出纸没有。", "It does not say whether the slip came out.", `发送 {"came_out":true} 或 {"came_out":false}`, `Send {"came_out":true} or {"came_out":false}`))
		return
	}
	a, err := s.o.Journal.Resolve(r.Context(), r.PathValue("id"), *body.CameOut, operatorOf(body.OperatorNo))
	if err != nil {
		s.failed(w, r, err)
		return
	}
	answered(w, a)
}

// printerNamed gives one printer as it is now.
func (s *Server) printerNamed(name string) (api.Printer, bool) {
	list := s.o.Printers.Printers()
	i := slices.IndexFunc(list, func(p api.Printer) bool { return p.Name == name })
	if i < 0 {
		return api.Printer{}, false
	}
	return list[i], true
}

func (s *Server) getPrinter(w http.ResponseWriter, r *http.Request) {
	p, ok := s.printerNamed(r.PathValue("name"))
	if !ok {
		s.failed(w, r, api.ErrNoPrinter)
		return
	}
	reply(w, http.StatusOK, p)
}

// postPrinter takes the one command that has no path of its own: that a jam is cleared.
func (s *Server) postPrinter(w http.ResponseWriter, r *http.Request) {
	p, ok := s.printerNamed(r.PathValue("name"))
	switch {
	case !ok:
		s.failed(w, r, api.ErrNoPrinter)
		return
	case r.PathValue("command") != "jam-cleared":
		fail(w, http.StatusNotFound, problem("command_unknown", "打印机没有这个操作。", "Printers have no such command.",
			"有 test、probe、move、jam-cleared。", "There are test, probe, move and jam-cleared."))
		return
	case !mayBeJammed(p):
		fail(w, http.StatusConflict, problem("no_jam", "这台打印机没有卡纸。", "This printer reports no jam.",
			"用 receiptd printer status 看它的状态。", "See its state with receiptd printer status."))
		return
	}
	message, err := s.o.Printers.Command(r.Context(), r.PathValue("name"), r.PathValue("command"))
	if err != nil {
		s.printerFailed(w, r, err)
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
