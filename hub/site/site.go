// Package site is a hub's page, HTTP API and metrics: on loopback, and encrypted elsewhere where the configuration says so.
//
// It owns no state beside the hub's. Who asks shows the hub's own token, a token of a program with its rights, or a browser's cookie that
// the page's key was exchanged for. Everything that shops told is text to it and nothing else.
package site

import (
	"context"
	"embed"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/hub"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/internal/devices"
	"github.com/receiptd/receiptd/internal/httpd"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

//go:embed pages/*.html static/*
var files embed.FS

// A Centre is the hub as this package asks it.
type Centre interface {
	Status() hub.Status
	Submit(ctx context.Context, s hub.Submission) (hub.Submitted, error)
	Command(ctx context.Context, shop string, c wire.Command, operator string) (store.Command, error)
}

// Options are what a Site needs.
type Options struct {
	Hub     Centre
	Store   *store.Store
	Token   string        // of this hub: everything
	PageKey string        // in the page's link
	Tokens  *devices.List // of programs; nil: none
	English bool          // the page's language until somebody chooses
	Version string
	// Named tells whether a host that a browser names is this hub, beside loopback; only asked of encrypted connections. nil: none.
	Named  func(host string) bool
	Logger *slog.Logger // nil discards
	Now    func() time.Time
}

// A Site answers requests. Its methods may be used by many goroutines.
type Site struct {
	keys     *keys
	programs *programs
	mux      *http.ServeMux
	guard    *http.CrossOriginProtection
}

// New makes a Site.
func New(o Options) *Site {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Site{keys: &keys{token: o.Token, pageKey: o.PageKey, tokens: o.Tokens, names: o.Named}, mux: http.NewServeMux(), guard: http.NewCrossOriginProtection()}
	s.guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		httpd.Fail(w, http.StatusForbidden, problem("cross_origin", "这个请求来自另一个网站，没有执行。", "Another site's page sent this request; it was not done.", "请在总部页上操作。", "Use the hub's page."))
	}))
	refused, known := refusals{o.Logger}, &shops{hub: o.Hub, store: o.Store, version: o.Version, now: o.Now}
	s.programs = &programs{hub: o.Hub, store: o.Store, keys: s.keys, shops: known, refusals: refused, mux: s.mux}
	s.programs.register()
	(&page{hub: o.Hub, store: o.Store, keys: s.keys, shops: known, refusals: refused, english: o.English, log: o.Logger}).register(s.mux)
	s.mux.Handle("GET /static/", httpd.Files(files))
	return s
}

// Known tells a request of somebody with a key.
func (s *Site) Known(r *http.Request) bool { _, ok := s.keys.asker(r); return ok }

// Handler is the whole site. Requests that name another host are refused (DNS rebinding), and those that another site's page sent.
func (s *Site) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		if !s.keys.named(r) {
			httpd.Fail(w, http.StatusForbidden, problem("wrong_host", "地址不对。", "This address is not the hub's.", "用 receiptd hub page 给出的地址。", "Use the address that receiptd hub page prints."))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, job.MaxSize+1)
		s.guard.Handler(s.mux).ServeHTTP(w, r)
	})
}

// keys tells who asks, and whether that one may. Its methods may be used by many goroutines.
type keys struct {
	token   string                 // of this hub: everything
	pageKey string                 // what a paired browser shows
	tokens  *devices.List          // of programs; nil: none
	names   func(host string) bool // see Options.Named
}

func (k *keys) named(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = strings.Trim(r.Host, "[]")
	}
	if r.TLS != nil {
		return k.names != nil && k.names(host)
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// cookie is the name of a paired browser's key. A shop's page on the same machine has another one.
const cookie = "receiptd-hub"

// An asker is who sends a request.
type asker struct {
	name    string
	rights  []string
	browser bool
	alive   context.Context // nil: for ever
}

func (k *keys) asker(r *http.Request) (asker, bool) {
	if token, program := httpd.Bearer(r); program {
		if httpd.Same(token, k.token) {
			return asker{name: "token", rights: api.Rights}, true
		}
		if k.tokens != nil {
			d, alive, ok := k.tokens.Who(token)
			return asker{name: d.Name, rights: d.Rights, alive: alive}, ok && d.Program
		}
		return asker{}, false
	}
	c, err := r.Cookie(cookie)
	return asker{name: "page", rights: []string{api.RightLook, api.RightReprint}, browser: true}, err == nil && httpd.Same(c.Value, k.pageKey)
}

// allowed lets a request pass that shows a key with a right.
func (k *keys) allowed(right string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a, ok := k.asker(r)
		switch {
		case !ok:
			httpd.Fail(w, http.StatusUnauthorized, problem("not_permitted", "没有口令，不能操作。", "This request carries no valid token.", "带上 Authorization: Bearer（口令在总部数据文件夹的 token 文件里，或用 receiptd hub token add）。",
				"Send Authorization: Bearer with the content of token in the hub's data folder, or a token of receiptd hub token add."))
		case !slices.Contains(a.rights, right):
			httpd.Fail(w, http.StatusForbidden, problem("not_permitted", "这个口令没有这项权限："+right+"。", "This token does not have the right "+right+".", "用有这项权限的口令：receiptd hub token add 名字 --rights "+right+"。",
				"Use one that has: receiptd hub token add NAME --rights "+right+"."))
		case a.alive != nil:
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			defer context.AfterFunc(a.alive, cancel)()
			next(w, r.WithContext(ctx))
		default:
			next(w, r)
		}
	}
}

// formToken is what a page's form carries beside the cookie.
func (k *keys) formToken() string { return httpd.FormToken(k.pageKey, "hub form") }

func problem(code, zh, en, fixZh, fixEn string) job.Problem {
	return job.Problem{Code: code, Message: vocabulary.Text{Zh: zh, En: en}, Fix: vocabulary.Text{Zh: fixZh, En: fixEn}}
}

// refusals answers what could not be done.
type refusals struct{ log *slog.Logger }

// failed answers an error.
func (f refusals) failed(w http.ResponseWriter, r *http.Request, err error) {
	if status, list := f.problems(r, err); status != 0 {
		httpd.Fail(w, status, list...)
	}
}

// problems words an error and gives its status, 0 when the asker has gone.
func (f refusals) problems(r *http.Request, err error) (int, []job.Problem) {
	var wrong *hub.Wrong
	switch {
	case errors.As(err, &wrong):
		status := http.StatusUnprocessableEntity
		switch wrong.Problems[0].Code {
		case "shop_unknown":
			status = http.StatusNotFound
		case "not_permitted":
			status = http.StatusForbidden
		case "conflict", "shop_offline", "hub_offline":
			status = http.StatusConflict
		}
		return status, wrong.Problems
	case errors.Is(err, store.ErrNotFound):
		return http.StatusNotFound, []job.Problem{problem("not_found", "找不到。", "Not found.", "检查店名和号码。", "Check the shop's name and the number.")}
	case errors.Is(err, store.ErrFull):
		return http.StatusInsufficientStorage, []job.Problem{hub.StoreProblem(err)}
	case errors.Is(err, store.ErrBusy):
		return http.StatusServiceUnavailable, []job.Problem{hub.StoreProblem(err)}
	case r.Context().Err() != nil:
		return 0, nil
	}
	f.log.Error("a request failed", "path", r.URL.Path, "err", err)
	return http.StatusInternalServerError, []job.Problem{problem("internal", "内部错误，没有做成。", "Internal error; it was not done.", "再试一次；还不行请看日志。", "Try again; if it stays, see the log.")}
}
