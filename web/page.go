package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

func (s *Server) pageRoutes() {
	s.mux.HandleFunc("GET /pair", s.pair)
	s.mux.HandleFunc("GET /{$}", s.counter)
	s.mux.Handle("GET /static/", http.FileServerFS(files))
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /voucher":          s.voucher,
		"GET /search":           s.search,
		"GET /slips/{id}":       s.slip,
		"GET /batches":          s.batches,
		"GET /batches/{id}":     s.batch,
		"GET /reversals/{id}":   s.reversal,
		"GET /printers/{name}":  s.printer,
		"GET /demo/{picture}":   s.demoPicture,
		"POST /do/reprint":      s.doReprint,
		"POST /do/resolve":      s.doResolve,
		"POST /do/release":      s.doRelease,
		"POST /do/defective":    s.doDefective,
		"POST /do/cancel":       s.doCancel,
		"POST /do/settle":       s.doBatch(s.o.Journal.CloseBatch),
		"POST /do/reopen":       s.doBatch(s.o.Journal.ReopenBatch),
		"POST /do/reversal":     s.doReversal,
		"POST /do/archive":      s.doArchive,
		"POST /do/printer":      s.doPrinter,
		"POST /do/demo":         s.doDemo,
		"POST /choose/shift":    s.chooseShift,
		"POST /choose/terminal": s.chooseTerminal,
		"POST /choose/language": s.chooseLanguage,
	} {
		s.mux.HandleFunc(pattern, s.page(h))
	}
}

// page lets a paired browser pass; a form must carry the page's token too.
func (s *Server) page(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.paired(r) {
			s.show(w, http.StatusForbidden, s.view(r, "unpaired", "title"))
			return
		}
		if r.Method == http.MethodPost && !same(r.PostFormValue("form"), s.formToken()) {
			s.notice(w, r, http.StatusForbidden, notice{Title: words["expired"], Problems: []job.Problem{{Message: words["expired.how"]}}})
			return
		}
		next(w, r)
	}
}

// pair gives a browser the page key through the link that the daemon prints.
func (s *Server) pair(w http.ResponseWriter, r *http.Request) {
	if !same(r.URL.Query().Get("key"), s.o.PageKey) {
		fail(w, http.StatusForbidden, problem("not_permitted", "配对链接不对或已过期。", "This pairing link is wrong or out of date.", "用 receiptd page 取新的链接。", "Get a new link with receiptd page."))
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: s.o.PageKey, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: 400 * 24 * 3600})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// A notice is a page that only says something.
type notice struct {
	Title    job.Text
	Problems []job.Problem
	Warnings []job.Problem
	Back     string // a path of this site
}

func (s *Server) notice(w http.ResponseWriter, r *http.Request, status int, n notice) {
	v := s.view(r, "notice", "title")
	if n.Back == "" {
		n.Back = "/"
	}
	v.Body = n
	s.show(w, status, v)
}

// broken shows what the journal would not do.
func (s *Server) broken(w http.ResponseWriter, r *http.Request, err error) {
	status, p := s.problemOf(r, err)
	title := words["refused"]
	if errors.Is(err, queue.ErrNotFound) {
		title = words["notfound"]
		p = job.Problem{Message: words["notfound.how"]}
	}
	if status != 0 {
		s.notice(w, r, status, notice{Title: title, Problems: []job.Problem{p}})
	}
}

// backOf gives the page that a form wants to come back to: always a path of this site.
func backOf(r *http.Request) string {
	back := r.PostFormValue("back")
	control := func(r rune) bool { return r < 0x20 || r == 0x7f } // browsers drop a tab, and /<tab>/host is //host
	u, err := url.Parse(back)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") ||
		strings.Contains(back, "\\") || strings.ContainsFunc(back, control) {
		return "/"
	}
	return back
}

func (s *Server) chooseLanguage(w http.ResponseWriter, r *http.Request) {
	lang := "zh"
	if r.PostFormValue("lang") == "en" {
		lang = "en"
	}
	choose(w, langCookie, lang)
	http.Redirect(w, r, backOf(r), http.StatusSeeOther)
}

func (s *Server) chooseShift(w http.ResponseWriter, r *http.Request) {
	choose(w, operatorCookie, operatorOf(r.PostFormValue("operator_no")))
	http.Redirect(w, r, backOf(r), http.StatusSeeOther)
}

func (s *Server) chooseTerminal(w http.ResponseWriter, r *http.Request) {
	choose(w, terminalCookie, r.PostFormValue("terminal_no"))
	http.Redirect(w, r, backOf(r), http.StatusSeeOther)
}
