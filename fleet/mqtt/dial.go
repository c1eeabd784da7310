package mqtt

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// ErrBroker says that an address is none of a broker over TLS.
var ErrBroker = errors.New("a broker's address is like tls://HOST:8883 or wss://HOST/mqtt, without a user or a password")

// ParseBroker reads the address of a broker.
func ParseBroker(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme == "tls" && u.Path != "" {
		return nil, ErrBroker
	}
	switch u.Scheme {
	case "tls":
		u.Host = net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "8883"))
	case "wss":
	default:
		return nil, ErrBroker
	}
	return u, nil
}

// dial opens a connection that may be written to by many goroutines. alert is asked when it fails.
func (l *Line) dial(ctx context.Context, alert *alert) (net.Conn, error) {
	u, err := ParseBroker(l.o.Broker)
	if err != nil {
		return nil, err
	}
	t, err := l.o.TLS()
	if err != nil {
		return nil, &Failure{Code: CodeFiles, cause: err}
	}
	t = t.Clone()
	t.ServerName = cmp.Or(t.ServerName, u.Hostname())
	d := net.Dialer{KeepAlive: 30 * time.Second}
	open := func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := d.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &meteredConn{Conn: conn, bytes: &l.bytes}, nil
	}
	secure := func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := open(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		c := tls.Client(conn, t)
		if err := c.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, err
		}
		return &alertConn{Conn: c, alert: alert}, nil
	}
	if u.Scheme == "wss" {
		return dialWeb(ctx, u, websocket.Dialer{TLSClientConfig: t, NetDialContext: open}, secure)
	}
	return secure(ctx, "tcp", u.Host)
}

// A meteredConn counts what goes over the line, below TLS.
type meteredConn struct {
	net.Conn
	bytes *atomic.Int64
}

// Read counts.
func (c *meteredConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}

// Write counts.
func (c *meteredConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.bytes.Add(int64(n))
	return n, err
}

// An alert is what the broker said of our certificate. With TLS 1.3 it says so when we believe the handshake to be over: often the first
// thing that we see of it is that we cannot write any more.
type alert struct {
	mu  sync.Mutex // guards what follows
	err error
}

func (a *alert) hear(err error) {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.err = err
}

// or gives what the broker said, and else err.
func (a *alert) or(err error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return cmp.Or(a.err, err)
}

// An alertConn hears what the broker said before it went.
type alertConn struct {
	net.Conn
	alert *alert
}

// Read listens for an alert.
func (c *alertConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.alert.hear(err)
	return n, err
}

// Write asks, where it cannot write, what the broker said.
func (c *alertConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err != nil {
		_ = c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		_, _ = c.Read(make([]byte, 1)) // only its error counts: the connection is over
	}
	return n, err
}

// A leaving connection tells that it is closed. Its lock is taken by who writes a packet.
type leaving struct {
	net.Conn
	sync.Mutex
	once sync.Once
	left chan struct{} // closed with the connection
}

// Close tells before it closes.
func (c *leaving) Close() error {
	c.once.Do(func() { close(c.left) })
	return c.Conn.Close()
}

// dialWeb opens a web socket, through a proxy where the environment names one.
func dialWeb(ctx context.Context, u *url.URL, d websocket.Dialer, secure func(ctx context.Context, network, addr string) (net.Conn, error)) (net.Conn, error) {
	d.Subprotocols, d.Proxy = []string{"mqtt"}, http.ProxyFromEnvironment
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "https", Host: u.Host}}); err == nil && proxy == nil {
		d.NetDialTLSContext = secure // with a proxy the dialler would take the way to the proxy for the one to the broker
	}
	ws, resp, err := d.DialContext(ctx, u.String(), nil)
	if resp != nil && resp.Body != nil {
		resp.Body.Close()
	}
	if err != nil {
		return nil, err
	}
	return &webConn{Conn: ws}, nil
}

// A webConn is a stream of bytes over a web socket.
type webConn struct {
	*websocket.Conn
	rest io.Reader // of the message that is being read
}

// SetDeadline sets both.
func (c *webConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// Write sends one message.
func (c *webConn) Write(p []byte) (int, error) {
	if err := c.WriteMessage(websocket.BinaryMessage, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Read reads what comes, whatever its messages are.
func (c *webConn) Read(p []byte) (int, error) {
	for {
		if c.rest == nil {
			_, r, err := c.NextReader()
			if err != nil {
				return 0, err
			}
			c.rest = r
		}
		n, err := c.rest.Read(p)
		if errors.Is(err, io.EOF) {
			if c.rest = nil; n == 0 {
				continue
			}
			err = nil
		}
		return n, err
	}
}
