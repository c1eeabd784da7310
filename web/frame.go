package web

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/httpd"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

//go:embed pages/*.html static/*
var files embed.FS

// pages are parsed when the first browser comes: most of the day nobody looks.
var pages = sync.OnceValues(func() (*template.Template, error) {
	return template.New("").Funcs(pageFuncs).ParseFS(files, "pages/*.html")
})

// pageFuncs is what the pages ask that does not depend on who looks, or in which language.
var pageFuncs = template.FuncMap{
	"pair": pair, "once": once, "ready": ready, "inPieces": inPieces, "copyNames": copyNames, "latest": latest, "onPaper": onPaper, "waits": waits,
}

// A frame is what all pages have in common: who looks at them and may, in which language, and how they are written.
type frame struct {
	door    *door
	jobs    *queue.Jobs
	shop    func() Shop
	version string
	setup   bool // there is a set-up page
	devices bool // and one of devices
	log     *slog.Logger
	alarms  *alarmList
	// stranger shows a browser that is not paired how it is; nil: by the link of receiptd page.
	stranger http.HandlerFunc
}

func (f *frame) view(r *http.Request, page, title string) *view {
	shop := f.shop()
	v := &view{Zh: shop.Locale != "en", Zone: shop.Zone, labels: shop.PrinterLabel, Page: page, Form: f.door.formToken(r), Path: r.URL.RequestURI(), Now: time.Now(), Version: f.version, Devices: f.devices, door: f.door, Posted: r.Method == http.MethodPost}
	v.asker, v.Paired = f.door.paired(r)
	v.SetUp = f.setup && v.Allows(api.AllowSetup)
	if c, err := r.Cookie(langCookie); err == nil {
		v.Zh = c.Value != "en"
	}
	v.Operator, v.Terminal = choice(r, operatorCookie), choice(r, terminalCookie) // terminals looks at it
	v.Title = v.T(title)
	return v
}

// terminals fills in the counter's terminal and those to choose from. One that has had no batch for days is not shown in
// the choice, so it does not hide everything else either: then all are meant.
func (f *frame) terminals(ctx context.Context, v *view) error {
	var err error
	if v.Terminals, err = f.jobs.Terminals(ctx); err != nil {
		return err
	}
	if !slices.Contains(v.Terminals, v.Terminal) {
		v.Terminal = ""
	}
	return nil
}

// show writes a page. It is rendered before the first byte leaves, so that an error is one page and not half of one.
func (f *frame) show(w http.ResponseWriter, r *http.Request, status int, v *view) {
	var buf bytes.Buffer
	f.alarmed(r, v)
	all, err := pages()
	if err == nil {
		err = all.ExecuteTemplate(&buf, v.Page, v)
	}
	if err != nil {
		f.log.Error("the page cannot be written", "page", v.Page, "err", err)
		http.Error(w, words["internal"].Zh+"\n"+words["internal"].En, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = buf.WriteTo(w) // the reader has gone: nobody to tell
}

// A notice is a page that only says something.
type notice struct {
	Title    job.Text
	Problems []job.Problem
	Warnings []job.Problem
	Back     string // a path of this site
}

func (f *frame) notice(w http.ResponseWriter, r *http.Request, status int, n notice) {
	v := f.view(r, "notice", "title")
	if n.Back == "" {
		n.Back = "/"
	}
	v.Body = n
	f.show(w, r, status, v)
}

// problems is a page that says what an API client gets as a problem document, in both languages: see visit.
func (f *frame) problems(w http.ResponseWriter, r *http.Request, status int, problems []job.Problem) {
	if r.Method == http.MethodHead {
		w.WriteHeader(status)
		return
	}
	title := words["refused"]
	if status == http.StatusNotFound {
		title, problems = words["notfound"], []job.Problem{{Message: words["notfound.how"]}}
	}
	f.notice(w, r, status, notice{Title: title, Problems: problems})
}

// broken shows what the journal would not do.
func (f *frame) broken(w http.ResponseWriter, r *http.Request, err error) {
	status, p := problemOf(r, f.log, err)
	title := words["refused"]
	if errors.Is(err, queue.ErrNotFound) {
		title = words["notfound"]
		p = job.Problem{Message: words["notfound.how"]}
	}
	if status != 0 {
		f.notice(w, r, status, notice{Title: title, Problems: []job.Problem{p}})
	}
}

// page lets a paired browser pass that has the pattern's right; a form must carry the page's token too.
func (f *frame) page(pattern string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a, ok := f.door.paired(r)
		if !ok && f.stranger != nil {
			f.stranger(w, r)
			return
		}
		if !ok {
			f.show(w, r, http.StatusForbidden, f.view(r, "unpaired", "title"))
			return
		}
		if p := f.door.forbids(a, needs[pattern]); p != nil {
			f.notice(w, r, http.StatusForbidden, notice{Title: words["refused"], Problems: []job.Problem{*p}, Back: httpd.Back(r)})
			return
		}
		if r.Method == http.MethodPost && !httpd.Same(r.PostFormValue("form"), f.door.formToken(r)) {
			f.notice(w, r, http.StatusForbidden, notice{Title: words["expired"], Problems: []job.Problem{{Message: words["expired.how"]}}})
			return
		}
		f.door.answer(a, w, r, next)
	}
}

// pair gives a browser the page key through the link that the daemon prints.
func (f *frame) pair(w http.ResponseWriter, r *http.Request) {
	if !httpd.Same(r.URL.Query().Get("key"), f.door.pageKey) {
		fail(w, http.StatusForbidden, problem("not_permitted", "配对链接不对或已过期。", "This pairing link is wrong or out of date.", "用 receiptd page 取新的链接。", "Get a new link with receiptd page."))
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: f.door.pageKey, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: 400 * 24 * 3600})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// alarmed fills in what a page makes heard, if it has not done so itself: a page that cannot be told still opens.
func (f *frame) alarmed(r *http.Request, v *view) {
	if !v.Paired || v.Alarms != nil || f.alarms == nil {
		return
	}
	b, err := f.alarms.read(r.Context())
	if err == nil {
		v.Alarms, err = f.alarms.of(r.Context(), b)
	}
	if err != nil && r.Context().Err() == nil {
		f.log.Error("what needs a person cannot be read", "err", err)
	}
}
