package web

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/report"
)

// The reports tell what receiptd did in a day or a batch: to programs, and on a page.
type reports struct {
	frame    *frame
	reports  *queue.Reports
	requests *queue.Requests
	jobs     *queue.Jobs
	previews Previews
	shop     func() Shop
	parse    func([]byte) job.Result
	log      *slog.Logger
}

func (x *reports) routes(handle register) {
	handle("GET /v1/report", x.getReport)
	handle("POST /v1/report/print", x.postPrint)
}

func (x *reports) pageRoutes(paired register) {
	paired("GET /report", x.page)
	paired("POST /do/report", x.doPrint)
}

// errDay says that a day cannot be read.
var errDay = errors.New("the day is not written 2026-08-11")

// read puts the report together that a request asks for: ?batch=ID, or ?day=2026-08-11 by the shop's clock; without both it is of today.
func (x *reports) read(ctx context.Context, q url.Values) (api.Report, error) {
	if id := q.Get("batch"); id != "" {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return api.Report{}, queue.ErrNotFound
		}
		return x.reports.Batch(ctx, n)
	}
	zone := cmp.Or(x.shop().Zone, time.Local)
	day := time.Now().In(zone)
	if text := q.Get("day"); text != "" {
		var err error
		if day, err = time.ParseInLocation(time.DateOnly, text, zone); err != nil {
			return api.Report{}, errDay
		}
	}
	from := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
	r, err := x.reports.Day(ctx, from, from.AddDate(0, 0, 1))
	r.Day = from.Format(time.DateOnly)
	return r, err
}

// words are the report's words for a program, which may name a language, else the shop's.
func (x *reports) words(lang string) report.Words {
	shop := x.shop()
	return report.Words{Zh: cmp.Or(lang, shop.Locale) != "en", Zone: shop.Zone, Label: shop.PrinterLabel}
}

// document gives the report as a job, and reads it as every job is read.
func (x *reports) document(r *api.Report, w report.Words, id, printer string) (*job.Job, job.Result, error) {
	data, err := report.Document(r, w, id, printer, time.Now())
	if err != nil {
		return nil, job.Result{}, err
	}
	res := x.parse(data)
	if res.Job == nil {
		return nil, res, errors.New("the report is no document")
	}
	return res.Job, res, nil
}

func (x *reports) failed(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errDay) {
		fail(w, http.StatusUnprocessableEntity, problem("invalid", "日期要写成 2026-08-11。", "The day is written 2026-08-11.", "改好再试。", "Write it so."))
		return
	}
	failed(w, r, x.log, err)
}

// getReport gives a report as ?format=json, csv or pdf.
func (x *reports) getReport(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	format := cmp.Or(q.Get("format"), "json")
	types := map[string]string{"json": "application/json; charset=utf-8", "csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}
	if types[format] == "" {
		fail(w, http.StatusUnprocessableEntity, problem("invalid", "格式只有 json、csv 和 pdf。", "The format is json, csv or pdf.", "改 format。", "Change format."))
		return
	}
	rep, err := x.read(r.Context(), q)
	if err != nil {
		x.failed(w, r, err)
		return
	}
	if format == "json" {
		reply(w, http.StatusOK, rep)
		return
	}
	var made bytes.Buffer
	if format == "csv" {
		err = report.CSV(&made, &rep)
	} else {
		var j *job.Job
		if j, _, err = x.document(&rep, x.words(q.Get("lang")), "report", ""); err == nil {
			err = x.previews.Preview(&made, j, job.CopyDocument, job.Mark{Kind: job.MarkOriginal, PrintNo: 1, At: j.CreatedAt}, "pdf")
		}
	}
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	w.Header().Set("Content-Type", types[format])
	w.Header().Set("Content-Disposition", `attachment; filename="report-`+cmp.Or(rep.Day, "batch-"+url.PathEscape(q.Get("batch")))+"."+format+`"`)
	_, _ = made.WriteTo(w) // the reader has gone: nobody to tell
}

// print prints a report on a receipt printer, as a document.
func (x *reports) print(r *http.Request, q url.Values, lang string) (queue.Answer, error) {
	rep, err := x.read(r.Context(), q)
	if err != nil {
		return queue.Answer{}, err
	}
	_, res, err := x.document(&rep, x.words(lang), cmp.Or(r.Header.Get("Idempotency-Key"), "report-"+rand.Text()[:20]), q.Get("printer"))
	if err != nil {
		return queue.Answer{}, err
	}
	return x.requests.Accept(r.Context(), queue.Arrival{Parsed: res, Source: queue.SourceHTTP})
}

func (x *reports) postPrint(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Day     string `json:"day"`
		Batch   int64  `json:"batch"`
		Printer string `json:"printer"`
		Lang    string `json:"lang"`
	}
	if err := decodeBody(r, &q); err != nil && !errors.Is(err, io.EOF) {
		fail(w, http.StatusUnprocessableEntity, bodyProblem(err))
		return
	}
	of := url.Values{"day": {q.Day}, "printer": {q.Printer}}
	if q.Batch != 0 {
		of.Set("batch", strconv.FormatInt(q.Batch, 10))
	}
	a, err := x.print(r, of, q.Lang)
	if err != nil {
		x.failed(w, r, err)
		return
	}
	answered(w, a)
}

// reportBody is the page of a report.
type reportBody struct {
	Title        string
	Tables       []reportTable
	Day          string       // "" of a batch
	Before, Next string       // the days beside it
	Query        template.URL // what the report is of, for links
	Batch        string
	More         bool
	Done         *doneView
}

// A reportTable knows which of its columns are numbers.
type reportTable struct {
	report.Table
	Number map[int]bool
}

func (x *reports) page(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	rep, err := x.read(r.Context(), q)
	if errors.Is(err, errDay) {
		err = queue.ErrNotFound
	}
	if err != nil {
		x.frame.broken(w, r, err)
		return
	}
	v := x.frame.view(r, "report", "report")
	words := x.words("")
	words.Zh = v.Zh
	b := reportBody{Title: report.Title(&rep, words), Day: rep.Day, Batch: q.Get("batch"), More: rep.More, Done: done(r, x.jobs)}
	b.Query = template.URL(url.Values{"batch": {b.Batch}}.Encode())
	if rep.Day != "" {
		b.Query = template.URL(url.Values{"day": {rep.Day}}.Encode())
		b.Before = rep.From.AddDate(0, 0, -1).Format(time.DateOnly)
		if next := rep.From.AddDate(0, 0, 1); next.Before(time.Now()) {
			b.Next = next.Format(time.DateOnly)
		}
	}
	for _, t := range report.Tables(&rep, words) {
		numbers := map[int]bool{}
		for _, i := range t.Right {
			numbers[i] = true
		}
		b.Tables = append(b.Tables, reportTable{t, numbers})
	}
	v.Title = b.Title
	v.Body = b
	x.frame.show(w, r, http.StatusOK, v)
}

// doPrint prints the report of a page.
func (x *reports) doPrint(w http.ResponseWriter, r *http.Request) {
	of := url.Values{}
	for _, name := range []string{"day", "batch"} {
		if value := r.PostFormValue(name); value != "" {
			of.Set(name, value)
		}
	}
	if key := r.PostFormValue("key"); key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	lang := "en"
	if x.frame.view(r, "report", "report").Zh {
		lang = "zh-CN"
	}
	a, err := x.print(r, of, lang)
	if err != nil {
		x.frame.broken(w, r, err)
		return
	}
	x.frame.finish(w, r, "", a, nil)
}
