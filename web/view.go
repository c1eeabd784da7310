package web

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

//go:embed pages/*.html static/*
var files embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{"pair": pair}).ParseFS(files, "pages/*.html"))

// A part is what a template within a page gets: who looks, and what is shown. Its field has three names, so that the
// template reads as what it shows.
type part struct {
	View *view
	Body any
}

// Slips and Done name the body.
func (p part) Slips() any { return p.Body }

// Done is nil when nothing was asked for.
func (p part) Done() *doneView {
	d, _ := p.Body.(*doneView)
	return d
}

func pair(v *view, body any) part { return part{View: v, Body: body} }

// A view is what every page knows about who looks at it. Templates call its methods for words.
type view struct {
	Zh        bool
	Page      string // the template that fills it
	Title     string
	Paired    bool
	Form      string // a page form's token
	Operator  string
	Terminal  string   // of this counter; "" is all
	Terminals []string // filled by terminals
	Path      string   // of this page, to come back to
	Search    string
	Now       time.Time
	Version   string
	Body      any
}

// Names of the cookies that hold a browser's choices; none of them is a secret.
const (
	langCookie     = "receiptd-lang"
	operatorCookie = "receiptd-operator"
	terminalCookie = "receiptd-terminal"
)

func (s *Server) view(r *http.Request, page, title string) *view {
	v := &view{Zh: s.o.Locale != "en", Page: page, Paired: s.paired(r), Form: s.formToken(), Path: r.URL.RequestURI(), Now: time.Now(), Version: s.o.Version}
	if c, err := r.Cookie(langCookie); err == nil {
		v.Zh = c.Value != "en"
	}
	v.Operator, v.Terminal = choice(r, operatorCookie), choice(r, terminalCookie) // terminals looks at it
	v.Title = v.T(title)
	return v
}

// terminals fills in the counter's terminal and those to choose from. One that has had no batch for days is not shown in
// the choice, so it does not hide everything else either: then all are meant.
func (s *Server) terminals(ctx context.Context, v *view) error {
	var err error
	if v.Terminals, err = s.o.Journal.Terminals(ctx); err != nil {
		return err
	}
	if !slices.Contains(v.Terminals, v.Terminal) {
		v.Terminal = ""
	}
	return nil
}

// choice reads a cookie that a form of ours set.
func choice(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	text, err := url.QueryUnescape(c.Value)
	if err != nil || len(text) > 80 {
		return ""
	}
	return text
}

func choose(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: url.QueryEscape(value), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: 400 * 24 * 3600})
}

// show writes a page. It is rendered before the first byte leaves, so that an error is one page and not half of one.
func (s *Server) show(w http.ResponseWriter, status int, v *view) {
	var buf bytes.Buffer
	if err := pages.ExecuteTemplate(&buf, v.Page, v); err != nil {
		s.log.Error("the page cannot be written", "page", v.Page, "err", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = buf.WriteTo(w) // the reader has gone: nobody to tell
}

// Lang is the language of the page for its lang attribute.
func (v *view) Lang() string {
	if v.Zh {
		return "zh-CN"
	}
	return "en"
}

// T gives one of the page's texts, with its values put in.
func (v *view) T(key string, args ...any) string {
	text := v.Text(words[key])
	if len(args) > 0 {
		return fmt.Sprintf(text, args...)
	}
	return text
}

// Text gives a text in the language of the page.
func (v *view) Text(t job.Text) string {
	if v.Zh {
		return t.Zh
	}
	return t.En
}

// V words a code of the API; what has no word is shown as it is.
func (v *view) V(kind string, code any) string {
	c := fmt.Sprint(code)
	if text := v.Text(value(kind, c)); text != "" || c == "" {
		return text
	}
	return c
}

// Why words a reason; one that is not ours comes out as another reason.
func (v *view) Why(reason string) string {
	if reason == "" {
		return ""
	}
	if text := v.Text(value("reason", reason)); text != "" {
		return text
	}
	return v.Text(value("reason", "other"))
}

// State words a copy's state with its proof and reason.
func (v *view) State(c queue.CopyStatus) string {
	text := v.V("state", c.State)
	if c.State == queue.Printed && c.Proof == queue.ProofPerson {
		text = v.Text(vocabulary.Form(vocabulary.KindState, string(c.State), "person"))
	}
	if c.Reason != "" && c.State != queue.Printed {
		text += v.join(v.Why(c.Reason))
	}
	return text
}

func (v *view) join(text string) string {
	if v.Zh {
		return "：" + text
	}
	return ": " + text
}

// Money writes an amount with its currency, as people read it.
func (v *view) Money(minor int64, currency string) string {
	if currency == "" {
		return ""
	}
	text := job.FormatAmount(minor, currency)
	if currency == "CNY" {
		if minor < 0 {
			return "-¥" + text[1:]
		}
		return "¥" + text
	}
	return currency + " " + text
}

// Clock writes a time of the day, with its date when that is not today. A terminal's time is written as its paper says it.
func (v *view) Clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if t.Format(time.DateOnly) == v.Now.In(t.Location()).Format(time.DateOnly) {
		return t.Format("15:04:05")
	}
	return t.Format("2006-01-02 15:04")
}

// Span writes a duration in whole seconds, minutes or hours.
func (v *view) Span(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second)).Round(time.Second)
	unit := func(n int, zh, en string) string {
		if v.Zh {
			return fmt.Sprintf("%d%s", n, zh)
		}
		return fmt.Sprintf("%d %s", n, en)
	}
	switch {
	case d < time.Minute:
		return unit(int(d.Seconds()), "秒", "s")
	case d < time.Hour:
		return unit(int(d.Minutes()), "分钟", "min")
	}
	return unit(int(d.Hours()), "小时", "h")
}

// Kind words what a slip is.
func (v *view) Kind(s queue.Summary) string {
	if text := v.Text(value("type", s.Type)); text != "" {
		return text
	}
	return v.V("kind", s.Kind)
}

// Key names a request for one more print of a slip as this page shows it. Whoever asks for the same from the same view -
// the second click, another browser - has the same key, so only one print comes of it; once something has changed the key
// is another.
func (v *view) Key(s queue.Summary, what any) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s|%s|%v|", s.JobID, s.BatchState, what)
	for _, c := range s.Copies {
		fmt.Fprintf(h, "%s %s %d|", c.CopyID, c.State, c.PrintNo)
	}
	return "page-" + hex.EncodeToString(h.Sum(nil))[:20]
}

// formToken is the token that a page form must carry beside the cookie.
func (s *Server) formToken() string {
	m := hmac.New(sha256.New, []byte(s.o.PageKey))
	m.Write([]byte("page form"))
	return hex.EncodeToString(m.Sum(nil))
}
