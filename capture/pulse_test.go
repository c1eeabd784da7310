package capture

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/queue"
)

// A clocked is a capture whose time a test sets.
type clocked struct {
	t   *testing.T
	c   *Capture
	q   *queue.Queue
	now time.Time
	n   int64
}

func newClocked(t *testing.T) *clocked {
	t.Helper()
	p, err := profile.Load("generic-80")
	if err != nil {
		t.Fatal(err)
	}
	x := &clocked{t: t, now: time.Date(2026, 8, 11, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return x.now }
	if x.q, err = queue.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), queue.Options{Ballast: -1, Now: clock}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.q.Close() })
	x.c = New(Options{
		Name: "till", Printer: "front", Drawer: DrawerPass, Profile: func() *profile.Profile { return p },
		Requests: x.q.Requests, Jobs: x.q.Jobs, Events: x.q.Events, Now: clock,
	})
	return x
}

// conn is a connection that stays open.
func (x *clocked) conn() *conn {
	x.n++
	c := newConn(x.c, nil, x.n)
	c.waiting = newWaiting(c)
	return c
}

// says sends something over a connection, behind which nothing comes for a while.
func (x *clocked) says(c *conn, what string) {
	x.t.Helper()
	if err := c.feed(x.t.Context(), []byte(what)); err != nil {
		x.t.Fatal(err)
	}
	if !c.reader.Begun() {
		if err := c.takePulse(x.t.Context()); err != nil {
			x.t.Fatal(err)
		}
	}
}

func (x *clocked) openings(want int) {
	x.t.Helper()
	list, err := x.q.Drawers.List(x.t.Context(), 100)
	if err != nil || len(list) != want {
		x.t.Errorf("%v: %d openings, want %d", err, len(list), want)
	}
}

const (
	noSale = "\x1bp\x00\x19\xfa"
	tea    = "\x1b@Tea 4.00\n\x1dV\x42\x00"
)

// TestPulseBehindResend: the pulse behind a slip that had come before came with it; the next one, and one minutes later, is a person's.
func TestPulseBehindResend(t *testing.T) {
	x := newClocked(t)
	x.says(x.conn(), tea+noSale)
	x.openings(1)
	x.now = x.now.Add(10 * time.Second)
	c := x.conn()
	x.says(c, tea+noSale)
	x.openings(1)
	x.now = x.now.Add(time.Second)
	x.says(c, noSale)
	x.openings(2)
	x.now = x.now.Add(10 * time.Second)
	c = x.conn()
	x.says(c, tea)
	x.now = x.now.Add(10 * time.Second)
	x.says(c, noSale)
	x.openings(3)
}

// TestPulseRetried: the same pulse over another connection is a retry for a moment only; over its own it is another.
func TestPulseRetried(t *testing.T) {
	x := newClocked(t)
	c := x.conn()
	x.says(c, noSale)
	x.openings(1)
	x.now = x.now.Add(pulseAgain - time.Millisecond)
	x.says(x.conn(), noSale)
	x.openings(1)
	x.says(c, noSale)
	x.openings(2)
	x.now = x.now.Add(pulseAgain)
	x.says(x.conn(), noSale)
	x.openings(3)
}
