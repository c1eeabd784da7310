package site

import (
	"bytes"
	"context"
	"crypto/rand"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/internal/httpd"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// pages are parsed when the first browser comes: most of the day nobody looks.
var pages = sync.OnceValues(func() (*template.Template, error) { return template.New("").ParseFS(files, "pages/*.html") })

// unpaired is the page for a browser that shows no key.
const unpaired = "unpaired"

// langCookie holds the language that somebody chose.
const langCookie = "receiptd-hub-lang"

// A view is what a page shows.
type view struct {
	Zh      bool
	Title   string
	Page    string
	Form    string
	Path    string
	Now     time.Time
	Status  Status
	Q, Show string
	Total   int // shops, whatever is shown
	Lines   []ShopLine
	Shop    *ShopLine
	Slips   []store.Slip
	Jobs    []store.Job
	Asked   []store.Command
	Job     string // the one that is looked for
	Problem []job.Problem
	CmdID   string // of the reprint that a form asks for: sent twice it is done once
}

// T words a text of the page.
func (v *view) T(key string) string { return v.Say(words[key]) }

// Say gives a text in the page's language.
func (v *view) Say(t job.Text) string {
	if v.Zh {
		return t.Zh
	}
	return t.En
}

// Lang is the page's language for the browser.
func (v *view) Lang() string {
	if v.Zh {
		return "zh-CN"
	}
	return "en"
}

// W words a code; one that is not known is shown as it came.
func (v *view) W(kind string, code any) string {
	text := codeText(code)
	if t := vocabulary.Word(vocabulary.Kind(kind), text); t != (job.Text{}) {
		return v.Say(t)
	}
	return text
}

func codeText(code any) string {
	switch c := code.(type) {
	case string:
		return c
	case vocabulary.State:
		return string(c)
	case vocabulary.Reason:
		return string(c)
	case vocabulary.Proof:
		return string(c)
	case vocabulary.MarkKind:
		return string(c)
	case vocabulary.Readiness:
		return string(c)
	case vocabulary.Outcome:
		return string(c)
	case store.JobState:
		return string(c)
	}
	return ""
}

// State words where a job of the centre stands.
func (v *view) State(s store.JobState) string { return v.T("job." + string(s)) }

// Clock is a time as people read it.
func (v *view) Clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.Local()
	if t.Format(time.DateOnly) == v.Now.Local().Format(time.DateOnly) {
		return t.Format("15:04:05")
	}
	return t.Format("01-02 15:04")
}

// Waiting is what waits for a shop's printers.
func (v *view) Waiting(x ShopLine) (n int) {
	for i := range x.State.Printers {
		n += x.State.Printers[i].Waiting
	}
	return n
}

// Reasons are what people may give for a reprint.
func (v *view) Reasons() []string { return reasons }

var reasons = []string{"no_paper", "blank_slip", "lost", "customer_request"}

// Cmd words what a command asks for.
func (v *view) Cmd(c string) string {
	if t, ok := words["cmd."+c]; ok {
		return v.Say(t)
	}
	return c
}

// Result words what became of a command.
func (v *view) Result(c store.Command) string {
	switch {
	case c.Open:
		return v.T("cmd.open")
	case c.Reply == nil:
		return v.T("cmd.none")
	case c.Reply.OK && (c.Reply.Answer == nil || c.Reply.Answer.Taken()):
		return v.T("cmd.ok")
	case c.Reply.Problem != nil:
		return v.Say(c.Reply.Problem.Message) + " " + v.Say(c.Reply.Problem.Fix)
	case c.Reply.Answer != nil:
		text := v.W("outcome", c.Reply.Answer.Outcome)
		for _, e := range c.Reply.Answer.Errors {
			text += " " + e.Code
		}
		return text
	}
	return v.T("cmd.refused")
}

// A page answers browsers. Its methods may be used by many goroutines.
type page struct {
	hub      Centre
	store    *store.Store
	keys     *keys
	shops    *shops
	refusals refusals
	english  bool // until somebody chooses
	log      *slog.Logger
}

// register adds all that a browser may ask for.
func (p *page) register(mux *http.ServeMux) {
	mux.HandleFunc("GET /pair", p.pair)
	mux.HandleFunc("GET /{$}", p.paired(p.fleetPage))
	mux.HandleFunc("GET /rows", p.paired(p.fleetPage))
	mux.HandleFunc("GET /shops/{shop}", p.paired(p.shopPage))
	mux.HandleFunc("POST /shops/{shop}/reprint", p.paired(p.reprint))
	mux.HandleFunc("POST /language", p.paired(p.language))
}

// pair gives a browser the page's key through the link that receiptd hub page prints.
func (p *page) pair(w http.ResponseWriter, r *http.Request) {
	if !httpd.Same(r.URL.Query().Get("key"), p.keys.pageKey) {
		httpd.Fail(w, http.StatusForbidden, problem("not_permitted", "链接不对或已过期。", "This link is wrong or out of date.", "用 receiptd hub page 取新的链接。", "Get a new link with receiptd hub page."))
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: p.keys.pageKey, Path: "/", HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode, MaxAge: 400 * 24 * 3600})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// paired lets a paired browser pass; a form must carry the page's token too.
func (p *page) paired(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a, ok := p.keys.asker(r)
		if !ok || !a.browser {
			p.show(w, http.StatusForbidden, p.view(r, unpaired))
			return
		}
		if r.Method == http.MethodPost && !httpd.Same(r.PostFormValue("form"), p.keys.formToken()) {
			v := p.view(r, "notice")
			v.Problem = []job.Problem{{Message: words["expired"], Fix: words["expired.how"]}}
			p.show(w, http.StatusForbidden, v)
			return
		}
		next(w, r)
	}
}

func (p *page) view(r *http.Request, name string) *view {
	v := &view{Zh: !p.english, Page: name, Path: r.URL.RequestURI(), Now: p.shops.now()}
	if c, err := r.Cookie(langCookie); err == nil {
		v.Zh = c.Value != "en"
	}
	v.Title = v.T("title")
	if name == unpaired { // whoever asks learns nothing of this hub, and gets nothing that a form could be sent with
		return v
	}
	v.Form, v.Status.Status = p.keys.formToken(), p.hub.Status()
	return v
}

// show writes a page whole, or an error.
func (p *page) show(w http.ResponseWriter, status int, v *view) {
	var buf bytes.Buffer
	all, err := pages()
	if err == nil {
		err = all.ExecuteTemplate(&buf, v.Page, v)
	}
	if err != nil {
		p.log.Error("the page cannot be written", "page", v.Page, "err", err)
		http.Error(w, words["internal"].Zh+"\n"+words["internal"].En, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = buf.WriteTo(w) // the reader has gone: nobody to tell
}

// broken shows what could not be done.
func (p *page) broken(w http.ResponseWriter, r *http.Request, err error) {
	status, list := p.refusals.problems(r, err)
	if status == 0 {
		return
	}
	v := p.view(r, "notice")
	v.Problem = list
	p.show(w, status, v)
}

func (p *page) language(w http.ResponseWriter, r *http.Request) {
	lang := "zh"
	if r.PostFormValue("lang") == "en" {
		lang = "en"
	}
	http.SetCookie(w, &http.Cookie{Name: langCookie, Value: lang, Path: "/", SameSite: http.SameSiteStrictMode, MaxAge: 400 * 24 * 3600})
	http.Redirect(w, r, httpd.Back(r), http.StatusSeeOther)
}

// fleetPage shows all shops, those first that need somebody; /rows is the part that the page's script exchanges.
func (p *page) fleetPage(w http.ResponseWriter, r *http.Request) {
	v := p.view(r, "fleet")
	if r.URL.Path == "/rows" {
		v.Page = "rows"
	}
	var err error
	if v.Status, v.Lines, err = p.shops.overview(r.Context()); err != nil {
		p.broken(w, r, err)
		return
	}
	v.Total = len(v.Lines)
	v.Q, v.Show = strings.TrimSpace(r.URL.Query().Get("q")), r.URL.Query().Get("show")
	if !slices.Contains(levels, v.Show) {
		v.Show = ""
	}
	v.Lines = slices.DeleteFunc(v.Lines, func(l ShopLine) bool {
		return v.Show != "" && l.Level != v.Show || !strings.Contains(strings.ToLower(l.Name), strings.ToLower(v.Q))
	})
	p.show(w, http.StatusOK, v)
}

func (p *page) shopPage(w http.ResponseWriter, r *http.Request) {
	v := p.view(r, "shop")
	if err := p.fill(r.Context(), v, r.PathValue("shop"), strings.TrimSpace(r.URL.Query().Get("job"))); err != nil {
		p.broken(w, r, err)
		return
	}
	p.show(w, http.StatusOK, v)
}

// fill reads what the page of a shop shows.
func (p *page) fill(ctx context.Context, v *view, shop, jobID string) error {
	x, err := p.shops.line(ctx, shop)
	if err != nil {
		return err
	}
	v.Shop, v.Job, v.Title, v.CmdID = &x, jobID, x.Name, "p-"+strings.ToLower(rand.Text()[:16])
	if v.Slips, err = p.store.Slips(ctx, shop, jobID, 60); err != nil {
		return err
	}
	if v.Jobs, err = p.store.Jobs(ctx, store.Filter{Shop: shop, JobID: jobID, Limit: 60}); err != nil {
		return err
	}
	v.Asked, err = p.store.Commands(ctx, shop, 10)
	return err
}

// reprint asks a shop for a reprint and leads back to its page, which shows what came of it.
func (p *page) reprint(w http.ResponseWriter, r *http.Request) {
	shop := r.PathValue("shop")
	c := wire.Command{CmdID: r.PostFormValue("cmd_id"), Cmd: wire.CmdReprint, JobID: strings.TrimSpace(r.PostFormValue("job_id")), VoucherNo: strings.TrimSpace(r.PostFormValue("voucher_no")), Reason: r.PostFormValue("reason")}
	if !slices.Contains(reasons, c.Reason) {
		v := p.view(r, "notice")
		v.Problem = []job.Problem{{Message: words["reason.missing"], Fix: words["reason.missing.how"]}}
		p.show(w, http.StatusUnprocessableEntity, v)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 12*time.Second)
	defer cancel()
	if _, err := p.hub.Command(ctx, shop, c, r.PostFormValue("operator")); err != nil {
		p.broken(w, r, err)
		return
	}
	http.Redirect(w, r, "/shops/"+url.PathEscape(shop)+"#asked", http.StatusSeeOther)
}
