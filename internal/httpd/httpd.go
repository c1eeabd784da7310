// Package httpd is an HTTP server that cannot be crowded out: the connections open at once are bounded, in all and for those
// who have shown no key, and no peer holds one by being slow.
//
// It owns the sockets that it accepted, keeps nothing on disk and starts no goroutine beside those of net/http. Where
// there is no room for a newcomer, the connection that has been of no use for longest is closed in its place, so that whoever
// has a key gets in however many others hold connections.
package httpd

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"
)

// How long a peer may take. A stream of events has no end of its own, so that neither request nor response has a limit as a
// whole; each step has one.
const (
	headerTime = 5 * time.Second
	bodyTime   = 30 * time.Second
	writeTime  = 30 * time.Second // for one write of at most some kilobytes
	idleTime   = 2 * time.Minute
	maxHeader  = 64 << 10
)

// DefaultMax is how many connections are open at once where the system sets no narrower limit.
const DefaultMax = 512

// Options are what a Server needs.
type Options struct {
	Handler http.Handler
	// Known tells a request of somebody with a key, whose connection is the last to be closed; nil: nobody has one.
	Known  func(*http.Request) bool
	Max    int // connections open at once; 0: DefaultMax
	Logger *slog.Logger
	Base   context.Context // of all requests; nil: the background
	TLS    *tls.Config     // nil: connections are not encrypted
}

// A Server answers requests. Its methods may be called from several goroutines.
type Server struct {
	known func(*http.Request) bool
	next  http.Handler
	crowd *crowd
	tls   *tls.Config
	http  http.Server
}

// New makes a Server.
func New(o Options) *Server {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Known == nil {
		o.Known = func(*http.Request) bool { return false }
	}
	if o.Max == 0 {
		o.Max = DefaultMax
	}
	s := &Server{known: o.Known, next: o.Handler, crowd: newCrowd(o.Max, o.Logger), tls: o.TLS}
	s.http = http.Server{
		Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeader,
		ErrorLog: log.New(logged{o.Logger}, "", 0),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, below(c))
		},
		ConnState: s.crowd.note,
	}
	if o.Base != nil {
		s.http.BaseContext = func(net.Listener) context.Context { return o.Base }
	}
	return s
}

// A logged writes what net/http has to say into the log. A handshake that failed is a stranger's or a browser's that does not trust the
// certificate yet: there may be any number of them.
type logged struct{ to *slog.Logger }

// Write writes one line.
func (l logged) Write(p []byte) (int, error) {
	level, text := slog.LevelWarn, strings.TrimSpace(string(p))
	if strings.HasPrefix(text, "http: TLS handshake error") {
		level = slog.LevelDebug
	}
	l.to.Log(context.Background(), level, text)
	return len(p), nil
}

// Serve answers the requests that come in at l, until Shutdown or Close: then its error is http.ErrServerClosed.
func (s *Server) Serve(l net.Listener) error {
	l = &listener{l, s.crowd}
	if s.tls != nil {
		l = tls.NewListener(l, s.tls) // a handshake may take headerTime
	}
	return s.http.Serve(l)
}

// Shutdown takes no more connections and waits for the open requests until ctx ends.
func (s *Server) Shutdown(ctx context.Context) error { return s.http.Shutdown(ctx) }

// endTime is how long End waits for open requests.
const endTime = time.Second

// End takes no more connections, gives the open requests a moment, and closes what is open then. ctx may have ended.
func (s *Server) End(ctx context.Context) {
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	if s.Shutdown(end) != nil {
		s.Close()
	}
}

// Close closes everything at once.
func (s *Server) Close() error { return s.http.Close() }

type connKey struct{}

// below is the connection under its encryption.
func below(c net.Conn) net.Conn {
	if encrypted, ok := c.(*tls.Conn); ok {
		return encrypted.NetConn()
	}
	return c
}

// serve notes whose connection it is, and bounds how long the body may take.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if c, ok := r.Context().Value(connKey{}).(*conn); ok {
		s.crowd.begin(c, s.known(r), r.Method == http.MethodGet || r.Method == http.MethodHead)
		defer s.crowd.end(c)
	}
	if r.ContentLength != 0 {
		rc := http.NewResponseController(w)
		if rc.SetReadDeadline(time.Now().Add(bodyTime)) == nil {
			r.Body = &body{r.Body, rc}
		}
	}
	s.next.ServeHTTP(w, r)
}

// A body is a request's body with a deadline, which goes when all of it has come: the handler may take longer.
type body struct {
	io.ReadCloser
	rc *http.ResponseController
}

// Read reads on.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.rc.SetReadDeadline(time.Time{}) // it was set before
	}
	return n, err
}

// A listener lets connections in as the crowd has room.
type listener struct {
	net.Listener
	crowd *crowd
}

// Accept waits for a connection, and for room.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.crowd.admit(c), nil
}
