// Package web is the counter page, the HTTP API and the feed of events, on loopback only.
//
// It owns no state beside the journal: after a crash everything it shows comes from there. Run follows
// the feed for metrics and the printers' stories; each open stream has one goroutine, which ends with its request.
package web

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/receiptd/receiptd/internal/pin"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// Options are what a Server needs.
type Options struct {
	Journal  *queue.Queue
	Printers Printers
	Previews Previews
	Token    string // for programs
	PageKey  string // in the page's pairing link
	PinFile  string // bcrypt hash of the supervisor's PIN; may be missing
	Version  string
	// Shop gives the shop's section in force; nil: Chinese, and no clock of its own.
	Shop   func() Shop
	Demo   string // address of the virtual printer's control, in the demo only
	Logger *slog.Logger
	Parse  func(data []byte) job.Result // reads a job; nil: job.Parse
	// Waiting names the sections of the configuration whose change waits for a restart; nil: none do.
	Waiting func() []string
	// SetUp is asked by the set-up page; nil: there is none.
	SetUp SetUp
	// Checks are further conditions of readiness by name, such as the drop folder; each is asked with a deadline.
	Checks map[string]func(ctx context.Context) error
	// Notify tells somebody outside; nil: nobody is told.
	Notify Notifier
	// Archive has the slips that came out as files; nil: there is none.
	Archive Archive
	Alarms  []Alarms // what needs a person beside what the journal and the printers tell
}

// Server answers requests: it puts the parts together and leads each request to its part.
type Server struct {
	door  *door
	frame *frame
	live  *live
	log   *slog.Logger
	api   []string // patterns of the API, as registered
	mux   *http.ServeMux
	guard *http.CrossOriginProtection
}

// New makes a Server.
func New(o Options) *Server {
	if o.Parse == nil {
		o.Parse = job.Parse
	}
	if o.Shop == nil {
		o.Shop = func() Shop { return Shop{} }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{log: o.Logger, mux: http.NewServeMux(), guard: http.NewCrossOriginProtection(),
		door: &door{token: o.Token, pageKey: o.PageKey, pins: pin.NewGuard(o.PinFile), log: o.Logger}}
	s.guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusForbidden, problem("cross_origin", "这个请求来自另一个网站，没有执行。", "Another site's page sent this request; it was not done.",
			"请在柜台页上操作。", "Use the counter page."))
	}))
	counts := newMeter(o.Journal, o.Printers, o.Version)
	counts.notifier, counts.archive = o.Notify, o.Archive
	s.live = &live{journal: o.Journal, printers: o.Printers, meter: counts, moments: &moments{}, feed: o.Journal.Subscribe(-1), log: o.Logger}
	s.programs(o)
	s.openToAll(o, counts)
	s.pages(o)
	return s
}

// program lets a pattern be answered to who shows the token or the cookie of a paired page.
func (s *Server) program(pattern string, h http.HandlerFunc) { s.open(pattern, s.door.program(h)) }

// open lets a pattern of the API be answered to everybody on this machine.
func (s *Server) open(pattern string, h http.HandlerFunc) {
	s.api = append(s.api, pattern)
	s.mux.HandleFunc(pattern, h)
}

// programs is the API.
func (s *Server) programs(o Options) {
	jobs := &jobsAPI{door: s.door, journal: o.Journal, previews: o.Previews, parse: o.Parse, log: s.log}
	jobs.routes(s.program)
	jobs.previewRoutes(s.program)
	jobs.reprintRoutes(s.program)
	jobs.slipRoutes(s.program)
	(&batchesAPI{door: s.door, journal: o.Journal, log: s.log}).routes(s.program)
	(&printersAPI{printers: o.Printers, journal: o.Journal, log: s.log}).routes(s.program)
	(&waitingAPI{door: s.door, printers: o.Printers, journal: o.Journal, log: s.log}).routes(s.program)
	(&journalAPI{journal: o.Journal, dir: filepath.Dir(o.PinFile), log: s.log}).routes(s.program)
	(&notifyAPI{notifier: o.Notify, log: s.log}).routes(s.program)
	(&archiveAPI{door: s.door, archive: o.Archive, log: s.log}).routes(s.program)
	(&configAPI{waiting: o.Waiting}).routes(s.program)
	(&setupAPI{door: s.door, setup: o.SetUp, log: s.log}).routes(s.program)
	s.live.routes(s.program)
}

// openToAll is what monitors and readers of the documents ask without a token.
func (s *Server) openToAll(o Options, counts *meter) {
	(&health{journal: o.Journal, printers: o.Printers, checks: o.Checks, version: o.Version}).routes(s.open)
	s.open("GET /metrics", counts.ServeHTTP)
	s.open("GET /openapi.json", getOpenAPI)
	s.open("GET /v1/schema", getSchema)
}

// pages are for browsers that were paired.
func (s *Server) pages(o Options) {
	f := &frame{door: s.door, journal: o.Journal, shop: o.Shop, version: o.Version, setup: o.SetUp != nil, log: s.log,
		alarms: &alarmList{journal: o.Journal, printers: o.Printers, more: append([]Alarms{overdueAlarms(o.Journal, o.Shop), archiveAlarms(o.Archive)}, o.Alarms...)}}
	s.frame = f
	paired := func(pattern string, h http.HandlerFunc) { s.mux.HandleFunc(pattern, f.page(h)) }
	s.mux.HandleFunc("GET /pair", f.pair)
	static := http.FileServerFS(files)
	s.mux.HandleFunc("GET /static/", func(w http.ResponseWriter, r *http.Request) { static.ServeHTTP(&unrouted{ResponseWriter: w}, r) })
	(&counter{frame: f, journal: o.Journal, alarms: f.alarms, backlogs: &backlogs{}}).routes(paired)
	past := &history{frame: f, journal: o.Journal}
	past.routes(paired)
	past.findRoutes(paired)
	past.batchRoutes(paired)
	forms := &actions{frame: f, door: s.door, journal: o.Journal}
	forms.routes(paired)
	forms.supervisedRoutes(paired)
	machines := &machines{frame: f, printers: o.Printers, journal: o.Journal, moments: s.live.moments, demo: o.Demo != ""}
	machines.routes(paired)
	machines.waitingRoutes(paired, forms.supervised)
	if o.SetUp != nil {
		(&setupPage{frame: f, door: s.door, setup: o.SetUp, printers: o.Printers, log: s.log}).routes(paired)
	}
	daily := &reports{frame: f, journal: o.Journal, previews: o.Previews, shop: o.Shop, parse: o.Parse, log: s.log}
	daily.pageRoutes(paired)
	daily.routes(s.program)
	(&demo{frame: f, address: o.Demo, log: s.log}).routes(paired)
	choiceRoutes(paired)
}

// Run follows printers and journal until ctx ends, for the printers' stories and the metrics. It returns nil.
func (s *Server) Run(ctx context.Context) error { return s.live.follow(ctx) }

// Known tells whether a request carries the token or the page's key.
func (s *Server) Known(r *http.Request) bool { return s.door.known(r) }

// Handler is the whole site. Requests that name another host than loopback are refused (DNS rebinding), and so are
// requests that another site's page sent.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		body := http.MaxBytesReader(w, r.Body, job.MaxSize+1)
		if wantsPage(r) {
			w = &visit{ResponseWriter: w, show: func(status int, problems []job.Problem) { s.frame.problems(w, r, status, problems) }}
		}
		if !loopbackHost(r.Host) {
			fail(w, http.StatusForbidden, problem("wrong_host", "地址不对;请用 http://127.0.0.1 打开。", "This address is not the daemon's.", "用启动时显示的地址。", "Use the address shown at start."))
			return
		}
		r.Body = body
		s.guard.Handler(http.HandlerFunc(s.route)).ServeHTTP(w, r)
	})
}

// route answers a path or method that nobody handles with a problem document too.
func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	if _, pattern := s.mux.Handler(r); pattern == "" {
		w = &unrouted{ResponseWriter: w}
	}
	s.mux.ServeHTTP(w, r)
}

// unrouted replaces the text of "not found" and "method not allowed".
type unrouted struct {
	http.ResponseWriter
	replaced bool
}

// WriteHeader writes the whole problem.
func (u *unrouted) WriteHeader(status int) {
	switch status {
	case http.StatusNotFound:
		fail(u.ResponseWriter, status, problem("not_found", "没有这个地址。", "There is no such path.", "接口见 /openapi.json。", "See /openapi.json."))
	case http.StatusMethodNotAllowed:
		fail(u.ResponseWriter, status, problem("method_not_allowed", "这个地址不能这样请求。", "This path does not take that method.", "接口见 /openapi.json。", "See /openapi.json."))
	default:
		u.ResponseWriter.WriteHeader(status)
		return
	}
	u.replaced = true
}

// Write drops the text that a problem replaced.
func (u *unrouted) Write(p []byte) (int, error) {
	if u.replaced {
		return len(p), nil
	}
	return u.ResponseWriter.Write(p)
}

func loopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
