package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// tcpConn is a raw TCP printer. Nagle is off. TCP_USER_TIMEOUT is not set: with it Linux ends a connection whose
// window stays shut although the peer answers each probe (seen on 6.18), which is what a printer without paper does.
type tcpConn struct {
	c      *net.TCPConn
	name   string
	closed atomic.Bool
	once   sync.Once
	err    error
	rd, wr sync.Mutex // held during a call of that side
	limits sync.Mutex // held to set deadlines, so that none is set after Close set its own
}

// keepAlive finds a printer that lost power after about 40 s, while nothing is under way.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 10 * time.Second, Count: 3}

func openTCP(ctx context.Context, d Device, o Options) (Conn, error) {
	timeout := o.DialTimeout
	if timeout <= 0 {
		timeout = defaultDialTimeout
	}
	dialer := net.Dialer{Timeout: timeout, KeepAliveConfig: keepAlive}
	c, err := dialer.DialContext(ctx, "tcp", d.Address)
	if host, port, split := net.SplitHostPort(d.Address); err != nil && split == nil && isLocalName(host) && nameUnknown(err) {
		var a netip.Addr
		if a, err = lookupLocal(ctx, host); err == nil {
			c, err = dialer.DialContext(ctx, "tcp", net.JoinHostPort(a.String(), port))
		}
	}
	if err != nil {
		return nil, openError(d, err)
	}
	return &tcpConn{c: c.(*net.TCPConn), name: d.Address}, nil
}

// nameUnknown reports that the system knows no such name, or asked nobody who could.
func nameUnknown(err error) bool {
	var name *net.DNSError
	return errors.As(err, &name)
}

func (c *tcpConn) Caps() Caps { return Caps{BackChannel: true, Session: true} }

func (c *tcpConn) SetReadDeadline(t time.Time) error {
	return c.limit(t, c.c.SetReadDeadline)
}

func (c *tcpConn) SetWriteDeadline(t time.Time) error {
	return c.limit(t, c.c.SetWriteDeadline)
}

func (c *tcpConn) limit(t time.Time, set func(time.Time) error) error {
	c.limits.Lock()
	defer c.limits.Unlock()
	if c.closed.Load() {
		return closed("set deadline of", c.name)
	}
	return c.explain("set deadline of", set(t))
}

func (c *tcpConn) Read(p []byte) (int, error) {
	c.rd.Lock()
	defer c.rd.Unlock()
	if c.closed.Load() {
		return 0, closed("read", c.name)
	}
	n, err := c.c.Read(p)
	if n > 0 {
		return n, nil
	}
	if errors.Is(err, io.EOF) && !c.closed.Load() {
		err = fmt.Errorf("%w: %w", ErrEnded, err)
	}
	return 0, c.explain("read", err)
}

func (c *tcpConn) Write(p []byte) (int, error) {
	c.wr.Lock()
	defer c.wr.Unlock()
	if c.closed.Load() {
		return 0, closed("write", c.name)
	}
	n, err := c.c.Write(p)
	return n, c.explain("write", err)
}

func (c *tcpConn) explain(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case c.closed.Load() || errors.Is(err, net.ErrClosed):
		return closed(op, c.name)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &deadlineError{op, c.name, ""}
	}
	return lost(op, c.name, err)
}

// Drain waits until the printer's TCP has acknowledged every byte. Where the system cannot tell it returns at once.
func (c *tcpConn) Drain(deadline time.Time) error {
	c.wr.Lock()
	defer c.wr.Unlock()
	for pause := 200 * time.Microsecond; ; pause = min(pause*2, 10*time.Millisecond) {
		if c.closed.Load() {
			return closed("drain", c.name)
		}
		n, err := c.unacknowledged()
		if err != nil {
			return c.explain("drain", err)
		}
		if n == 0 {
			return nil
		}
		if past(deadline) {
			return &deadlineError{"drain", c.name, fmt.Sprintf("%d bytes are not acknowledged", n)}
		}
		time.Sleep(pause)
	}
}

// farewell is how long Close lets the peer answer our end of stream.
const farewell = 200 * time.Millisecond

// Close ends the stream in order when everything was acknowledged; otherwise it resets the connection, so that the
// system does not go on printing behind our back.
func (c *tcpConn) Close() error {
	c.once.Do(func() {
		now := time.Now()
		c.limits.Lock()
		c.closed.Store(true)
		_ = c.c.SetDeadline(now) // ends blocked calls; on a dead connection there are none
		c.limits.Unlock()
		c.rd.Lock()
		c.wr.Lock()
		defer c.rd.Unlock()
		defer c.wr.Unlock()
		if n, err := c.unacknowledged(); err != nil || n > 0 {
			_ = c.c.SetLinger(0)
		} else if c.c.CloseWrite() == nil {
			// Closing with unread replies would send a reset, which makes some printers drop their buffer.
			_ = c.c.SetReadDeadline(now.Add(farewell))
			_, _ = io.Copy(io.Discard, c.c)
		}
		if err := c.c.Close(); err != nil {
			c.err = fmt.Errorf("close %s: %w", c.name, err)
		}
	})
	return c.err
}
