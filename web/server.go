// Package web is the counter page, the HTTP API and the feed of events, on loopback only.
//
// It owns no state beside the journal: after a crash everything it shows comes from there. Run follows
// the feed for metrics and the printers' stories; each open stream has one goroutine, which ends with its request.
package web

import (
	"context"
	"crypto/subtle"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/pin"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// Printers is what the page and the API know of printers; the daemon fills it.
type Printers interface {
	// Printers lists all configured printers as they are now. It does not block and touches no wire.
	Printers() []api.Printer
	// Command asks one printer for something that takes paper or time: test, probe, jam-cleared. It blocks until done.
	Command(ctx context.Context, name, command string) (string, error)
	// Changed gives a channel that is closed when a printer's status next changes.
	Changed() <-chan struct{}
}

// Previews draws a slip as it would come out; the daemon fills it.
type Previews interface {
	// Preview writes a PNG ("png") or text ("txt") of one copy of a job as it comes out with this mark.
	Preview(w io.Writer, j *job.Job, c job.CopyName, m job.Mark, format string) error
}

// Options are what a Server needs.
type Options struct {
	Journal  *queue.Queue
	Printers Printers
	Previews Previews
	Token    string // for programs
	PageKey  string // in the page's pairing link
	PinFile  string // bcrypt hash of the supervisor's PIN; may be missing
	Version  string
	Locale   string
	Demo     string // address of the virtual printer's control, in the demo only
	Logger   *slog.Logger
	Parse    func(data []byte) job.Result // reads a job; nil: job.Parse
	// Waiting names the sections of the configuration whose change waits for a restart; nil: none do.
	Waiting func() []string
	// Checks are further conditions of readiness by name, such as the drop folder; each is asked with a deadline.
	Checks map[string]func(ctx context.Context) error
}

// Server answers requests.
type Server struct {
	o     Options
	log   *slog.Logger
	pins  *pin.Guard
	watch watch
	meter *meter
	feed  *queue.Subscription // what Run counts: all since New
	api   []string            // patterns of the API, as registered
	mux   *http.ServeMux
	guard *http.CrossOriginProtection
}

// New makes a Server.
func New(o Options) *Server {
	if o.Parse == nil {
		o.Parse = job.Parse
	}
	s := &Server{o: o, log: o.Logger, pins: pin.NewGuard(o.PinFile), mux: http.NewServeMux(), guard: http.NewCrossOriginProtection()}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusForbidden, problem("cross_origin", "这个请求来自另一个网站，没有执行。", "Another site's page sent this request; it was not done.",
			"请在柜台页上操作。", "Use the counter page."))
	}))
	s.meter, s.feed = newMeter(s), o.Journal.Subscribe(-1)
	s.routes()
	return s
}

// Handler is the whole site. Requests that name another host than loopback are refused (DNS rebinding), and so are
// requests that another site's page sent.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		if !loopbackHost(r.Host) {
			fail(w, http.StatusForbidden, problem("wrong_host", "地址不对;请用 http://127.0.0.1 打开。", "This address is not the daemon's.", "用启动时显示的地址。", "Use the address shown at start."))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, job.MaxSize+1)
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

// program lets a request pass that carries the token, or the cookie of a paired page.
func (s *Server) program(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.Known(r) {
			fail(w, http.StatusUnauthorized, problem("not_permitted", "没有口令,不能操作。", "This request carries no valid token.",
				"程序请带 Authorization: Bearer(口令在数据文件夹的 token 文件里);页面请用 receiptd page 给出的链接打开。",
				"Programs send Authorization: Bearer with the content of DATA/token; open the page with the link that receiptd page prints."))
			return
		}
		next(w, r)
	}
}

// Known tells whether a request carries the token or the page's key.
func (s *Server) Known(r *http.Request) bool { return s.hasToken(r) || s.paired(r) }

func (s *Server) hasToken(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.EqualFold(scheme, "Bearer") && same(strings.TrimSpace(token), s.o.Token)
}

func same(a, b string) bool { return b != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// cookieName holds the page key of a paired browser.
const cookieName = "receiptd"

func (s *Server) paired(r *http.Request) bool {
	c, err := r.Cookie(cookieName)
	return err == nil && same(c.Value, s.o.PageKey)
}
