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

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/devices"
	"github.com/receiptd/receiptd/internal/httpd"
	"github.com/receiptd/receiptd/internal/pin"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// Options are what a Server needs.
type Options struct {
	Queue    *queue.Queue
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
	Erase   Eraser // removes a person's data; nil: nothing does
	// Centre tells of the connection to the fleet; nil: there is none.
	Centre Centre
	Alarms []Alarms // what needs a person beside what the journal and the printers tell
	// Devices are who may come in from the shop's network, and programs with a token of their own; nil: nobody.
	Devices *devices.List
	// Network is the page on the shop's network; nil: there is none.
	Network Network
	// Allow names what the shop allows on its network beside the ordinary, with the PIN: see api.Allowable.
	Allow []string
}

// Server answers requests: it puts the parts together and leads each request to its part.
type Server struct {
	here *site // for this machine
	lan  *site // for the shop's network; nil: there is none
	live *live
	log  *slog.Logger
}

// A site is one way in: pages and API behind one door.
type site struct {
	door  *door
	frame *frame
	live  *live
	log   *slog.Logger
	api   []string // patterns of the API, as registered
	asked []string // patterns for who is known
	mux   *http.ServeMux
	guard *http.CrossOriginProtection
	named func(host string) bool // whether a Host header names this site
	wrong job.Problem            // for one that does not
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
	counts := newMeter(o.Queue, o.Printers, o.Version)
	counts.notifier, counts.archive, counts.centre = o.Notify, o.Archive, o.Centre
	s := &Server{log: o.Logger, live: &live{events: o.Queue.Events, printers: o.Printers, meter: counts, moments: &moments{}, feed: o.Queue.Events.Subscribe(-1), log: o.Logger}}
	pins := pin.NewGuard(o.PinFile)
	s.here = s.site(o, &door{token: o.Token, pageKey: o.PageKey, pins: pins, devices: o.Devices, allow: o.Allow, log: o.Logger})
	s.here.named, s.here.wrong = loopbackHost, problem("wrong_host", "地址不对;请用 http://127.0.0.1 打开。", "This address is not the daemon's.", "用启动时显示的地址。", "Use the address shown at start.")
	s.here.atTheMachine(o)
	if o.Network != nil && o.Devices != nil {
		s.lan = s.site(o, &door{pins: pins, devices: o.Devices, lan: true, allow: o.Allow, log: o.Logger})
		s.lan.named = func(hostport string) bool { return o.Network.Answers(hostOf(hostport)) }
		s.lan.wrong = problem("wrong_host", "地址不对：这台机器没有这个名字或地址。", "This machine has no such name or address.", "用收银机“设备”页上的地址。", "Use an address from the page \"Devices\" at the till.")
		s.lan.onTheNetwork(o)
	}
	return s
}

// site makes what stands behind a door.
func (s *Server) site(o Options, d *door) *site {
	x := &site{door: d, live: s.live, log: s.log, mux: http.NewServeMux(), guard: http.NewCrossOriginProtection()}
	x.guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusForbidden, problem("cross_origin", "这个请求来自另一个网站，没有执行。", "Another site's page sent this request; it was not done.",
			"请在柜台页上操作。", "Use the counter page."))
	}))
	x.programs(o)
	x.monitors(o, s.live.meter)
	x.pages(o)
	return x
}

// program lets a pattern be answered to who shows a token or the cookie of a paired page, and has the right.
func (x *site) program(pattern string, h http.HandlerFunc) {
	x.asked = append(x.asked, pattern)
	x.open(pattern, x.door.program(pattern, h))
}

// open lets a pattern of the API be answered to everybody.
func (x *site) open(pattern string, h http.HandlerFunc) {
	x.api = append(x.api, pattern)
	x.mux.HandleFunc(pattern, h)
}

// paired lets a pattern be answered to who shows the cookie of a paired page, and has the right.
func (x *site) paired(pattern string, h http.HandlerFunc) {
	x.asked = append(x.asked, pattern)
	x.mux.HandleFunc(pattern, x.frame.page(pattern, h))
}

// programs is the API.
func (x *site) programs(o Options) {
	q := o.Queue
	jobs := &jobsAPI{door: x.door, requests: q.Requests, decisions: q.Decisions, jobs: q.Jobs, previews: o.Previews, parse: o.Parse, log: x.log}
	jobs.routes(x.program)
	jobs.previewRoutes(x.program)
	jobs.reprintRoutes(x.program)
	jobs.slipRoutes(x.program)
	(&batchesAPI{door: x.door, batches: q.Batches, jobs: q.Jobs, decisions: q.Decisions, log: x.log}).routes(x.program)
	(&printersAPI{printers: o.Printers, printing: q.Printing, log: x.log}).routes(x.program)
	(&waitingAPI{door: x.door, printers: o.Printers, waiting: q.Waiting, printing: q.Printing, log: x.log}).routes(x.program)
	(&drawerAPI{jobs: jobs, drawers: q.Drawers, decisions: q.Decisions, log: x.log}).routes(x.program)
	(&journalAPI{journal: q.Journal, dir: filepath.Dir(o.PinFile), log: x.log}).routes(x.program)
	(&notifyAPI{notifier: o.Notify, log: x.log}).routes(x.program)
	(&eraseAPI{door: x.door, eraser: o.Erase, log: x.log}).routes(x.program)
	(&archiveAPI{door: x.door, archive: o.Archive, log: x.log}).routes(x.program)
	(&fleetAPI{centre: o.Centre}).routes(x.program)
	(&configAPI{waiting: o.Waiting}).routes(x.program)
	(&setupAPI{door: x.door, setup: o.SetUp, log: x.log}).routes(x.program)
	x.live.routes(x.program)
	(&devicesAPI{door: x.door, list: o.Devices, network: o.Network, log: x.log}).routes(x.program)
}

// monitors is what monitors and readers of the documents ask: on this machine without a token.
func (x *site) monitors(o Options, counts *meter) {
	open := x.open
	if x.door.lan {
		open = x.program
	}
	(&health{journal: o.Queue.Journal, waiting: o.Queue.Waiting, printers: o.Printers, checks: o.Checks, version: o.Version}).routes(open)
	open("GET /metrics", counts.ServeHTTP)
	open("GET /openapi.json", getOpenAPI)
	open("GET /v1/schema", getSchema)
}

// pages are for browsers that were paired. A pattern that the network may not ask for is refused there by the door.
func (x *site) pages(o Options) {
	q := o.Queue
	f := &frame{door: x.door, jobs: q.Jobs, shop: o.Shop, version: o.Version, setup: o.SetUp != nil && x.door.offers(api.AllowSetup), devices: o.Devices != nil && !x.door.lan, log: x.log,
		alarms: &alarmList{journal: q.Journal, jobs: q.Jobs, waiting: q.Waiting, drawers: q.Drawers, printers: o.Printers, more: append([]Alarms{overdueAlarms(q.Waiting, o.Shop), archiveAlarms(o.Archive)}, o.Alarms...)}}
	x.frame = f
	paired := x.paired
	static := httpd.Files(files)
	x.mux.HandleFunc("GET /static/", func(w http.ResponseWriter, r *http.Request) { static.ServeHTTP(&unrouted{ResponseWriter: w}, r) })
	(&counter{frame: f, jobs: q.Jobs, batches: q.Batches, alarms: f.alarms, backlogs: &backlogs{}, notifier: o.Notify}).routes(paired)
	past := &history{frame: f, jobs: q.Jobs, batches: q.Batches}
	past.routes(paired)
	past.findRoutes(paired)
	past.batchRoutes(paired)
	(&drawerPage{frame: f, drawers: q.Drawers}).routes(paired)
	forms := &actions{frame: f, door: x.door, requests: q.Requests, decisions: q.Decisions, jobs: q.Jobs}
	forms.routes(paired)
	forms.supervisedRoutes(paired)
	machines := &machines{frame: f, printers: o.Printers, waiting: q.Waiting, printing: q.Printing, moments: x.live.moments, demo: o.Demo != ""}
	machines.routes(paired)
	machines.waitingRoutes(paired, f.supervised)
	if x.door.offers(api.AllowPIN) {
		(&pinPage{frame: f, door: x.door, log: x.log}).routes(paired)
	}
	if f.setup {
		(&setupPage{frame: f, door: x.door, setup: o.SetUp, printers: o.Printers, log: x.log}).routes(paired)
	}
	daily := &reports{frame: f, reports: q.Reports, requests: q.Requests, jobs: q.Jobs, previews: o.Previews, shop: o.Shop, parse: o.Parse, log: x.log}
	daily.pageRoutes(paired)
	daily.routes(x.program)
	(&demo{frame: f, address: o.Demo, log: x.log}).routes(paired)
	choiceRoutes(paired)
}

// atTheMachine is what there is on this machine only.
func (x *site) atTheMachine(o Options) {
	x.mux.HandleFunc("GET /pair", x.frame.pair)
	if o.Devices != nil {
		(&devicesPage{frame: x.frame, door: x.door, list: o.Devices, network: o.Network, log: x.log}).routes(x.paired)
	}
}

// onTheNetwork is what there is on the shop's network only: how a device is paired, and how it comes to trust the certificate.
func (x *site) onTheNetwork(o Options) {
	j := &joining{frame: x.frame, list: o.Devices, network: o.Network, log: x.log}
	x.frame.stranger = j.ask
	j.routes(func(pattern string, h http.HandlerFunc) { x.mux.HandleFunc(pattern, h) })
}

// Run follows printers and journal until ctx ends, for the printers' stories and the metrics. It returns nil.
func (s *Server) Run(ctx context.Context) error { return s.live.follow(ctx) }

// Known tells whether a request to this machine carries a token or the page's key.
func (s *Server) Known(r *http.Request) bool { return s.here.door.known(r) }

// KnownOnNetwork tells whether a request from the network carries what a paired device or a program has.
func (s *Server) KnownOnNetwork(r *http.Request) bool { return s.lan.door.known(r) }

// Handler is the whole site for this machine. Requests that name another host than loopback are refused (DNS rebinding), and so are
// requests that another site's page sent.
func (s *Server) Handler() http.Handler { return s.here.handler() }

// NetworkHandler is the site for the shop's network, nil when there is none. Every request without encryption is refused, and those that
// name another host than this machine, or come from another site's page.
func (s *Server) NetworkHandler() http.Handler {
	if s.lan == nil {
		return nil
	}
	return s.lan.handler()
}

func (x *site) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		body := http.MaxBytesReader(w, r.Body, job.MaxSize+1)
		if wantsPage(r) {
			w = &visit{ResponseWriter: w, show: func(status int, problems []job.Problem) { x.frame.problems(w, r, status, problems) }}
		}
		if x.door.lan && r.TLS == nil || !x.named(r.Host) {
			fail(w, http.StatusForbidden, x.wrong)
			return
		}
		r.Body = body
		x.guard.Handler(http.HandlerFunc(x.route)).ServeHTTP(w, r)
	})
}

// route answers a path or method that nobody handles with a problem document too.
func (x *site) route(w http.ResponseWriter, r *http.Request) {
	if _, pattern := x.mux.Handler(r); pattern == "" {
		w = &unrouted{ResponseWriter: w}
	}
	x.mux.ServeHTTP(w, r)
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

// hostOf is the host of a Host header, without its port.
func hostOf(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		return strings.Trim(hostport, "[]")
	}
	return host
}

func loopbackHost(hostport string) bool {
	host := hostOf(hostport)
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
