package capture

import (
	"context"
	"io"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/queue"
)

// looked counts how often a connection is read.
type looked struct {
	net.Conn
	times atomic.Int64
}

// Read reads.
func (l *looked) Read(b []byte) (int, error) {
	l.times.Add(1)
	return l.Conn.Read(b)
}

// A connection of a program that says nothing costs nothing; one that wants to be told of the printer's status, or has begun a slip, is
// looked after.
func TestSilentConnectionSleeps(t *testing.T) {
	p, err := profile.Load("generic-80")
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		said string
		wake bool
	}{"nothing": {"", false}, "settings": {"\x1b@", false}, "status wanted": {"\x1da\xff", true}, "status no more": {"\x1da\xff\x1da\x00", false}, "a slip begun": {"Tea", true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ours, theirs := net.Pipe()
				l := &looked{Conn: ours}
				x := newConn(New(Options{Name: "till", Printer: "front", Profile: func() *profile.Profile { return p }}), l, 1)
				done := make(chan struct{})
				ctx, cancel := context.WithCancel(t.Context())
				go func() { defer close(done); x.serve(ctx) }()
				go func() { // answers are taken
					for b := make([]byte, 64); ; {
						if _, err := theirs.Read(b); err != nil {
							return
						}
					}
				}()
				if row.said != "" {
					if _, err := theirs.Write([]byte(row.said)); err != nil {
						t.Error(err)
					}
				}
				synctest.Wait()
				before := l.times.Load()
				time.Sleep(10 * time.Second)
				synctest.Wait()
				if woke := l.times.Load() > before; woke != row.wake {
					t.Errorf("read %d times in 10 s in which nothing came", l.times.Load()-before)
				}
				cancel() // it is woken for that, too
				<-done
			})
		})
	}
}

// stood is the connection of a process that stood still for a minute in the middle of a slip: it hears first that the time is over.
type stood struct {
	net.Conn
	x    *conn
	said int
}

// SetReadDeadline does nothing.
func (*stood) SetReadDeadline(time.Time) error { return nil }

// Read gives the one half, the time that is over, the other half, the end.
func (s *stood) Read(b []byte) (int, error) {
	s.said++
	switch s.said {
	case 1:
		return copy(b, "\x1b@Tea "), nil
	case 2:
		s.x.last = s.x.last.Add(-time.Minute)
		return 0, os.ErrDeadlineExceeded
	case 3:
		return copy(b, "4.00\n"), nil
	}
	return 0, io.EOF
}

// TestIdleWhileStopped: a slip is not torn where the process stood still, and its rest has come.
func TestIdleWhileStopped(t *testing.T) {
	x := newClocked(t)
	x.c.o.End = EndIdle
	c := x.conn()
	c.net = &stood{x: c}
	err := c.read(t.Context())
	c.end(t.Context(), err)
	if list, _, err := x.q.Jobs.List(t.Context(), queue.Filter{}); err != nil || len(list) != 1 {
		t.Errorf("%d slips, want one: %v", len(list), err)
	}
}
