package web

import (
	"embed"
	"html/template"
	"net/http"

	"github.com/receiptd/receiptd/queue"
)

//go:embed pages/*.html static/*
var files embed.FS

var pages = template.Must(template.ParseFS(files, "pages/*.html"))

func (s *Server) pageRoutes() {
	s.mux.HandleFunc("GET /pair", s.pair)
	s.mux.HandleFunc("GET /{$}", s.page)
	s.mux.Handle("GET /static/", http.FileServerFS(files))
}

// pair gives a browser the page key, once, through the link that the daemon prints.
func (s *Server) pair(w http.ResponseWriter, r *http.Request) {
	if !same(r.URL.Query().Get("key"), s.o.PageKey) {
		fail(w, http.StatusForbidden, problem("not_permitted", "配对链接不对或已过期。", "This pairing link is wrong or out of date.", "用 receiptd page 取新的链接。", "Get a new link with receiptd page."))
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: s.o.PageKey, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: 400 * 24 * 3600})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// page is the counter page.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	data := struct {
		Zh       bool
		Paired   bool
		Printers []PrinterStatus
		Jobs     []queue.Summary
	}{Zh: s.o.Locale != "en", Paired: s.paired(r), Printers: s.o.Printers.Printers()}
	if data.Paired {
		list, _, err := s.o.Journal.Jobs(r.Context(), queue.Filter{Batch: "current", Limit: 50})
		if err != nil {
			s.failed(w, r, err)
			return
		}
		data.Jobs = list
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := pages.ExecuteTemplate(w, "counter.html", data); err != nil {
		s.log.Error("the page cannot be written", "err", err)
	}
}
