package printer_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
)

// Bytes of a USB printer port (USB printer class 1.1).
const (
	portWell     = 0x18
	portPaperOut = 0x38
	portOff      = 0x08 // not selected
)

// usblp is a USB printer of class 7/1/1 behind the kernel's driver: the driver takes a piece and holds it until the printer has taken
// it, the printer tells nothing but its port's status.
type usblp struct {
	mu      sync.Mutex
	changed chan struct{} // closed when something has
	status  byte
	failed  error // of the status
	asks    int
	stuck   bool // it takes nothing
	piece   []byte
	paper   bytes.Buffer
	limit   time.Time
	closed  bool
}

func (u *usblp) Caps() link.Caps                 { return link.Caps{} }
func (u *usblp) Read([]byte) (int, error)        { return 0, link.ErrNoBackChannel }
func (u *usblp) SetReadDeadline(time.Time) error { return nil }
func (u *usblp) SetWriteDeadline(t time.Time) error {
	return u.do(func() { u.limit = t })
}

// do changes something.
func (u *usblp) do(f func()) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	f()
	if !u.stuck {
		u.paper.Write(u.piece)
		u.piece = nil
	}
	if u.changed != nil {
		close(u.changed)
	}
	u.changed = make(chan struct{})
	return nil
}

// wait waits until the driver is free.
func (u *usblp) wait(limit time.Time) error {
	for {
		u.mu.Lock()
		free, closed, changed := len(u.piece) == 0, u.closed, u.changed
		u.mu.Unlock()
		switch {
		case closed:
			return os.ErrClosed
		case free:
			return nil
		case !time.Now().Before(limit):
			return os.ErrDeadlineExceeded
		}
		select {
		case <-changed:
		case <-time.After(time.Until(limit)):
		}
	}
}

func (u *usblp) Write(p []byte) (n int, err error) {
	for n < len(p) {
		u.mu.Lock()
		limit := u.limit
		u.mu.Unlock()
		if err := u.wait(limit); err != nil {
			return n, err
		}
		part := p[n:min(n+1000, len(p))]
		_ = u.do(func() { u.piece = bytes.Clone(part) })
		n += len(part)
	}
	return n, nil
}

func (u *usblp) Drain(limit time.Time) error { return u.wait(limit) }
func (u *usblp) Close() error                { return u.do(func() { u.closed = true }) }

func (u *usblp) PortStatus() (byte, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.asks++
	return u.status, u.failed
}

// set changes the printer.
func (u *usblp) set(status byte, stuck bool) { _ = u.do(func() { u.status, u.stuck = status, stuck }) }

// printed is what the printer has got.
func (u *usblp) printed() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.paper.String()
}

// usbBench is a printer behind u.
func usbBench(t *testing.T, u *usblp, config func(*printer.Config)) *bench {
	t.Helper()
	return newBench(t, options{profile: "generic-58", edit: func(p *profile.Profile) {
		p.FenceGSH, p.FenceGSR, p.StatusDLE, p.StatusASB = false, false, false, false
	},
		config: func(c *printer.Config) {
			c.Open = func(context.Context) (link.Conn, error) {
				_ = u.do(func() { u.closed = false })
				return u, nil
			}
			if config != nil {
				config(c)
			}
		}})
}

// TestPortStatusConstant: a port that always says the same is believed nothing, whatever it says, and nothing waits for it.
func TestPortStatusConstant(t *testing.T) {
	for _, c := range []struct {
		name   string
		status byte
		failed error
	}{{"paper empty", portPaperOut, nil}, {"not selected", portOff, nil}, {"nothing at all", 0, nil}, {"all at once", 0xff, nil}, {"no answer", 0, errors.New("broken pipe")}} {
		bubble(t, c.name, func(t *testing.T) {
			u := &usblp{status: c.status, failed: c.failed}
			b := usbBench(t, u, nil)
			for _, tag := range []string{"one", "two"} {
				time.Sleep(time.Minute)
				want(t, b.print(tag, 40), printer.Sent, "")
			}
			if s := b.p.Status(); s.State != printer.Ready || s.PortStatus || len(b.reports()) > 0 {
				t.Errorf("status %+v, reports %v", s, b.reports())
			}
			u.mu.Lock()
			defer u.mu.Unlock()
			if u.asks == 0 {
				t.Error("it was never asked")
			}
		})
	}
}

// TestPortStatusSeen: once a bit was seen to change it counts; only that bit does.
func TestPortStatusSeen(t *testing.T) {
	bubble(t, "paper", func(t *testing.T) {
		store := storeMap{}
		u := &usblp{status: portWell}
		b := usbBench(t, u, func(c *printer.Config) { c.Store = store })
		time.Sleep(10 * time.Second)
		want(t, b.print("first", 5), printer.Sent, "")
		time.Sleep(10 * time.Second)
		u.set(portPaperOut, true)
		time.Sleep(6 * time.Second)
		if s := b.p.Status(); s.State != printer.OnHold || s.Reason != printer.PaperOut || !s.PortStatus {
			t.Errorf("without paper: %+v", s)
		}
		want(t, b.print("none", 5), printer.NotSent, printer.PaperOut)
		u.set(portWell, false)
		time.Sleep(2 * time.Second)
		if s := b.p.Status(); s.State != printer.Ready {
			t.Errorf("with a new roll: %+v", s)
		}
		want(t, b.print("second", 5), printer.Sent, "")
		if k := store["test://front"]; k.PortBits != 0x20 {
			t.Errorf("learned: %+v", k)
		}
		if strings.Contains(u.printed(), "none row") || !whole(u.printed(), "second", 5) {
			t.Errorf("paper:\n%s", u.printed())
		}
	})
	bubble(t, "another bit", func(t *testing.T) {
		u := &usblp{status: portPaperOut}
		b := usbBench(t, u, nil)
		time.Sleep(10 * time.Second)
		u.set(portPaperOut&^0x10, true)
		time.Sleep(6 * time.Second)
		if s := b.p.Status(); s.State != printer.OnHold || s.Reason != printer.Offline {
			t.Errorf("not selected: %+v", s)
		}
		u.set(portPaperOut, false)
		time.Sleep(2 * time.Second)
		want(t, b.print("slip", 5), printer.Sent, "") // its paper sensor was never seen to change
	})
}

// TestPortStatusInTheMiddle: the paper ends in the middle of a slip: it is held for that, goes on, and is sent once. A port that was
// never seen to change is asked as well once the printer takes no more.
func TestPortStatusInTheMiddle(t *testing.T) {
	for _, c := range []struct {
		name  string
		known byte
		rows  int
	}{{"known", 0x20, 200}, {"not known", 0, 200}, {"known, all in the driver", 0x20, 5}, {"not known, all in the driver", 0, 5}} {
		bubble(t, c.name, func(t *testing.T) {
			u := &usblp{status: portWell}
			b := usbBench(t, u, func(cfg *printer.Config) {
				cfg.Store = storeMap{"test://front": {PortBits: c.known}}
			})
			time.Sleep(time.Minute)
			done := make(chan printer.Outcome, 1)
			u.set(portWell, true)
			go func() { done <- b.print("slip", c.rows) }()
			time.Sleep(100 * time.Millisecond)
			u.set(portPaperOut, true)
			time.Sleep(40 * time.Minute)
			if s := b.p.Status(); s.State != printer.OnHold || s.Reason != printer.PaperOut {
				t.Errorf("without paper: %+v", s)
			}
			u.mu.Lock()
			if u.asks > 40*60+100 {
				t.Errorf("asked %d times in 40 minutes", u.asks)
			}
			u.mu.Unlock()
			u.set(portWell, false)
			want(t, <-done, printer.Sent, "")
			if n := strings.Count(u.printed(), rowText("slip", 0, c.rows)); n != 1 || !whole(u.printed(), "slip", c.rows) {
				t.Errorf("%d times on paper:\n%s", n, u.printed())
			}
			held := strings.Join(b.reports(), ",")
			if !strings.Contains(held, "held paper_out") || strings.Count(held, "sending") > 1 {
				t.Errorf("reports %q", held)
			}
		})
	}
}

// TestPortStatusNotWanted: what a person pinned, or a link that tells more, leaves the port alone.
func TestPortStatusNotWanted(t *testing.T) {
	bubble(t, "pinned", func(t *testing.T) {
		u := &usblp{status: portWell}
		b := usbBench(t, u, func(c *printer.Config) {
			c.Proof, c.Store = "D", storeMap{"test://front": {PortBits: 0x20}}
		})
		u.set(portPaperOut, false)
		time.Sleep(time.Minute)
		want(t, b.print("slip", 5), printer.Sent, "")
		if u.asks > 0 || b.p.Status().PortStatus {
			t.Errorf("asked %d times, %+v", u.asks, b.p.Status())
		}
	})
	bubble(t, "a printer that answers", func(t *testing.T) {
		var u *usblp
		b := newBench(t, options{config: func(c *printer.Config) {
			through(c, func(conn link.Conn) link.Conn {
				u = &usblp{status: portPaperOut}
				return struct {
					link.Conn
					link.PortStatus
				}{conn, u}
			})
		}})
		if o := b.print("slip", 5); o.Tier > 'B' || u.asks > 0 {
			t.Errorf("%+v, asked %d times", o, u.asks)
		}
	})
}
