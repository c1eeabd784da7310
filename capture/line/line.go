package line

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

// The ways in, as they begin in `listen`.
const (
	Pipe     = "fifo://"   // a named pipe
	Terminal = "pty://"    // a pseudo-terminal under a name
	Serial   = "serial://" // a port of this machine
)

// Is reports whether listen names such a way in.
func Is(listen string) bool {
	return strings.HasPrefix(listen, Pipe) || strings.HasPrefix(listen, Terminal) || strings.HasPrefix(listen, Serial)
}

// ErrTaken is for a pipe or a pseudo-terminal that another receiptd reads: each would get a part of every slip.
var ErrTaken = errors.New("another receiptd takes what is printed here")

// A ForeignError is for a file that another user has made, by a receiptd started by hand perhaps, and that receiptd may not open. Nothing was
// read or changed.
type ForeignError struct {
	Path string
	Err  error // what the system said
}

// Error names the file.
func (e *ForeignError) Error() string { return "another user has made this file: " + e.Err.Error() }

// Unwrap gives what the system said.
func (e *ForeignError) Unwrap() error { return e.Err }

// A stream is the open device.
type stream interface {
	io.ReadWriteCloser // a read ends with os.ErrDeadlineExceeded; a write never waits for long
	SetReadDeadline(t time.Time) error
	// now reads what has come, without waiting: 0 for nothing.
	now(b []byte) (int, error)
	// moved errs when programs do not reach it under its name any more.
	moved() error
}

// A Listener gives one connection at a time: all that comes until the device fails, or until the connection is closed. What comes behind
// that is the next one's.
type Listener struct {
	name   addr
	open   func() (stream, error)
	turn   chan struct{} // holds a token while there is no connection
	closed chan struct{}
	once   sync.Once
	s      stream // open between connections, nil when it has to be opened; whoever has the token or is the connection may touch it
}

const (
	// openAgain is how long it is waited before a device that cannot be opened is tried again.
	openAgain = time.Second
	// lookAgain is how often it is looked whether programs still reach it.
	lookAgain = time.Second
)

// Listen opens a way in. group names who may write to a pipe or a pseudo-terminal that it makes; empty: receiptd's own group. A serial port that
// is not there yet is waited for. Errors: ErrTaken, a *ForeignError.
func Listen(listen, group string) (*Listener, error) {
	l := &Listener{name: addr(listen), turn: make(chan struct{}, 1), closed: make(chan struct{})}
	path := ""
	switch {
	case strings.HasPrefix(listen, Pipe):
		path = strings.TrimPrefix(listen, Pipe)
		l.open = func() (stream, error) { return openPipe(path, group) }
	case strings.HasPrefix(listen, Terminal):
		path = strings.TrimPrefix(listen, Terminal)
		l.open = func() (stream, error) { return openTerminal(path, group) }
	default:
		d, err := Port(listen)
		if err != nil {
			return nil, err
		}
		l.open = func() (stream, error) { return openSerial(d) }
	}
	switch s, err := l.open(); {
	case err == nil:
		l.s = s
	case path != "":
		return nil, err
	}
	l.turn <- struct{}{}
	return l, nil
}

// Accept waits until there is no connection, and gives one.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
		return nil, net.ErrClosed
	case <-l.turn:
	}
	if l.s == nil {
		s, err := l.open()
		if err != nil {
			select {
			case <-l.closed:
				err = net.ErrClosed
			case <-time.After(openAgain):
			}
			l.turn <- struct{}{}
			return nil, err
		}
		l.s = s
	}
	select {
	case <-l.closed:
		l.release()
		return nil, net.ErrClosed
	default:
	}
	return &Conn{l: l, s: l.s}, nil
}

// Close ends Accept. The device is closed with its connection, which may still read what has come.
func (l *Listener) Close() error {
	l.once.Do(func() {
		close(l.closed)
		select {
		case <-l.turn:
			l.release()
		default: // a connection, or Accept, has it
		}
	})
	return nil
}

// release ends what nobody reads any more. Only who has the token may call it; the token stays with it.
func (l *Listener) release() {
	if l.s != nil {
		_ = l.s.Close() // it is over either way
		l.s = nil
	}
}

// Addr is the way in.
func (l *Listener) Addr() net.Addr { return l.name }

type addr string

// Network is none of those of the network.
func (addr) Network() string { return "line" }

// String is as it stands in `listen`.
func (a addr) String() string { return string(a) }

// A Conn is what comes over a line. Read, ReadNow and Close belong to one goroutine; the deadlines and Write to any.
type Conn struct {
	l      *Listener
	s      stream
	failed bool // the device is to be opened again
	looked time.Time

	mu    sync.Mutex
	until time.Time // guarded by mu
}

// Read waits for what comes. A device that failed, or that stands under its name no more, ends it with a *net.OpError, when all that had come
// is read.
func (c *Conn) Read(b []byte) (int, error) {
	for {
		now := time.Now()
		if now.Sub(c.looked) >= lookAgain {
			c.looked = now
			if err := c.s.moved(); err != nil {
				if n, _ := c.s.now(b); n > 0 { // it is told of when nothing more is there
					c.looked = time.Time{}
					return n, nil
				}
				return 0, c.over(err)
			}
		}
		if err := c.wait(now.Add(lookAgain)); err != nil {
			return 0, c.over(err)
		}
		n, err := c.s.Read(b)
		switch {
		case n > 0:
			return n, nil
		case err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded):
			c.mu.Lock()
			over := !c.until.IsZero() && !time.Now().Before(c.until)
			c.mu.Unlock()
			if over {
				return 0, err
			}
		default:
			return 0, c.over(err)
		}
	}
}

// wait bounds the next read.
func (c *Conn) wait(most time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.until.IsZero() && c.until.Before(most) {
		most = c.until
	}
	return c.s.SetReadDeadline(most)
}

// over says that the device is to be opened again.
func (c *Conn) over(err error) error {
	c.failed = true
	return &net.OpError{Op: "read", Net: c.l.name.Network(), Addr: c.l.name, Err: err}
}

// ReadNow reads what has come, without waiting: 0 for nothing.
func (c *Conn) ReadNow(b []byte) (int, error) { return c.s.now(b) }

// Write sends an answer, where the way leads back.
func (c *Conn) Write(b []byte) (int, error) { return c.s.Write(b) }

// Close leaves the line to the next connection.
func (c *Conn) Close() error {
	if c.failed {
		c.l.release()
	}
	c.l.turn <- struct{}{} // there is one token, and it was this connection's
	select {
	case <-c.l.closed: // Close of the listener has perhaps found no token
		select {
		case <-c.l.turn:
			c.l.release()
		default:
		}
	default:
	}
	return nil
}

// LocalAddr is the way in.
func (c *Conn) LocalAddr() net.Addr { return c.l.name }

// RemoteAddr is the way in, too.
func (c *Conn) RemoteAddr() net.Addr { return c.l.name }

// SetDeadline is for reads: writes do not wait.
func (c *Conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// SetReadDeadline bounds Read, also one under way.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = t
	if t.IsZero() {
		return nil // the next look is soon enough
	}
	return c.s.SetReadDeadline(t)
}

// SetWriteDeadline does nothing: writes do not wait.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }
