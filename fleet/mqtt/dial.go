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
	"time"

	"github.com/eclipse/paho.golang/packets"
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

// dial opens a connection that may be written to by many goroutines.
func (l *Line) dial(ctx context.Context) (net.Conn, error) {
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
	if u.Scheme == "wss" {
		return dialWeb(ctx, u, t)
	}
	d := tls.Dialer{NetDialer: &net.Dialer{KeepAlive: 30 * time.Second}, Config: t}
	conn, err := d.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, err
	}
	return packets.NewThreadSafeConn(conn), nil
}

func dialWeb(ctx context.Context, u *url.URL, t *tls.Config) (net.Conn, error) {
	d := websocket.Dialer{TLSClientConfig: t, Subprotocols: []string{"mqtt"}, Proxy: http.ProxyFromEnvironment}
	ws, resp, err := d.DialContext(ctx, u.String(), nil)
	if resp != nil && resp.Body != nil {
		resp.Body.Close()
	}
	if err != nil {
		return nil, err
	}
	return &webConn{Conn: ws}, nil
}

// A webConn is a stream of bytes over a web socket. Its lock is taken by who writes a packet.
type webConn struct {
	*websocket.Conn
	sync.Mutex
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
