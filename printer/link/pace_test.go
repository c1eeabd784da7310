package link

import (
	"errors"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeTTY is a port with a line of exact speed and a printer behind it, in the time of a synctest bubble. The kernel
// hides its last bytes in a FIFO, as USB adapters do.
type fakeTTY struct {
	perByte time.Duration
	hidden  int // bytes that Queued does not see

	mu       sync.Mutex
	started  time.Time
	lastIdle time.Time // when the line has sent all it was given
	sent     int       // bytes handed over
	dsr, cts bool
	in       []byte
	gone     bool
	wakes    [3]chan struct{}
}

func newFakeTTY(perByte time.Duration) *fakeTTY {
	f := &fakeTTY{perByte: perByte, hidden: 16, dsr: true, cts: true}
	for i := range f.wakes {
		f.wakes[i] = make(chan struct{}, 1)
	}
	return f
}

func (f *fakeTTY) inLine() int {
	if left := time.Until(f.lastIdle); left > 0 {
		return int((left + f.perByte - 1) / f.perByte)
	}
	return 0
}

// onLine is how many bytes have not reached the printer.
func (f *fakeTTY) onLine() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.inLine()
}

func (f *fakeTTY) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	if f.started.IsZero() {
		f.started, f.lastIdle = now, now
	}
	if f.lastIdle.Before(now) {
		f.lastIdle = now
	}
	f.lastIdle = f.lastIdle.Add(time.Duration(len(p)) * f.perByte)
	f.sent += len(p)
	return len(p), nil
}

func (f *fakeTTY) Read(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.in) == 0 {
		return 0, errAgain
	}
	n := copy(p, f.in)
	f.in = f.in[n:]
	return n, nil
}

func (f *fakeTTY) state() (r ready) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.in) > 0 {
		r |= canRead
	}
	if f.gone {
		r |= gone
	}
	return r | canWrite
}

func (f *fakeTTY) Wait(s side, want ready, timeout time.Duration) (ready, error) {
	if got := f.state() & (want | gone); got != 0 {
		return got, nil
	}
	var late <-chan time.Time
	if timeout >= 0 {
		late = time.After(timeout)
	}
	select {
	case <-f.wakes[s]:
	case <-late:
	}
	return f.state() & (want | gone), nil
}

func (f *fakeTTY) Wake(s side) {
	select {
	case f.wakes[s] <- struct{}{}:
	default:
	}
}

// reply lets the printer send.
func (f *fakeTTY) reply(p ...byte) {
	f.mu.Lock()
	f.in = append(f.in, p...)
	f.mu.Unlock()
	f.Wake(reading)
	f.Wake(writing)
}

// lines sets the printer's busy lines.
func (f *fakeTTY) lines(dsr, cts bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dsr, f.cts = dsr, cts
}

func (f *fakeTTY) Lines() (bool, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dsr, f.cts, nil
}

func (f *fakeTTY) Signals() (Signals, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return Signals{DSR: f.dsr, CTS: f.cts}, nil
}

func (f *fakeTTY) Queued() (int, error) { return max(0, f.onLine()-f.hidden), nil }
func (f *fakeTTY) Idle() bool           { return f.onLine() == 0 }
func (f *fakeTTY) Discard() error       { return nil }
func (f *fakeTTY) Close() error         { return nil }

// total is how many bytes were handed over.
func (f *fakeTTY) total() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sent
}

func line(t *testing.T, device string) (*serialConn, *fakeTTY) {
	t.Helper()
	d, err := Parse(device)
	if err != nil {
		t.Fatal(err)
	}
	f := newFakeTTY(time.Duration(d.bitsPerByte()) * time.Second / time.Duration(d.Baud))
	return newSerialConn(d, f), f
}

// TestLineStaysBusy: at every speed and flow control the line must be sending at least 98 % of the time.
func TestLineStaysBusy(t *testing.T) {
	for _, query := range []string{
		"baud=2400&flow=dtr", "baud=9600&flow=dtr", "baud=9600&flow=rts", "baud=9600&flow=xonxoff", "baud=9600&flow=none",
		"baud=9600&flow=dtr&reserve=16", "baud=19200&flow=dtr&parity=even&bits=7", "baud=38400&flow=dtr", "baud=115200&flow=dtr",
		"baud=115200&flow=none",
	} {
		t.Run(query, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, f := line(t, "serial:///dev/ttyS0?"+query)
				for range 3 { // three slips, drained as a proof would
					if n, err := c.Write(make([]byte, 1500)); n != 1500 || err != nil {
						t.Fatalf("Write = %d, %v", n, err)
					}
				}
				if err := c.Drain(time.Time{}); err != nil {
					t.Fatal(err)
				}
				took := time.Since(f.started)
				if busy := float64(4500*f.perByte) / float64(took); busy < 0.98 {
					t.Errorf("the line was busy %.1f %% of the time", 100*busy)
				}
				if f.onLine() != 0 {
					t.Errorf("Drain returned with %d bytes on the line", f.onLine())
				}
			})
		})
	}
}

// pollBusyLimit is how late a ready printer may be noticed.
const pollBusyLimit = 25 * time.Millisecond

// TestReserveIsKept: whatever the moment at which the printer says busy, no more than its reserve follows, and after
// it is ready again the rest goes on.
func TestReserveIsKept(t *testing.T) {
	for _, flow := range []string{"dtr", "rts", "xonxoff"} {
		for _, reserve := range []string{"16", "96"} {
			t.Run(flow+" "+reserve, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, f := line(t, "serial:///dev/ttyS0?baud=9600&flow="+flow+"&reserve="+reserve)
					busy := func(on bool) {
						if flow == "xonxoff" {
							f.reply(map[bool]byte{true: xoff, false: xon}[on])
							return
						}
						f.lines(!on || flow == "rts", !on || flow == "dtr")
					}
					done := make(chan error, 1)
					go func() { _, err := c.Write(make([]byte, 3000)); done <- err }()
					for round := range 25 {
						time.Sleep(time.Duration(37+round) * time.Millisecond)
						busy(true)
						synctest.Wait()
						follows := f.onLine()
						time.Sleep(300 * time.Millisecond)
						before := f.total()
						time.Sleep(time.Second)
						if follows > c.room {
							t.Errorf("round %d: %d bytes follow busy, the reserve is %d", round, follows, c.room)
						}
						if f.total() != before {
							t.Errorf("round %d: sent %d bytes to a busy printer", round, f.total()-before)
						}
						busy(false)
						time.Sleep(pollBusyLimit)
						if before < 3000 && f.total() == before {
							t.Errorf("round %d: nothing sent %v after the printer was ready", round, pollBusyLimit)
						}
					}
					if err := <-done; err != nil || f.total() != 3000 {
						t.Errorf("sent %d, %v", f.total(), err)
					}
				})
			})
		}
	}
}

// TestXoffWithoutXon: the deadline fires, the count is right, a reply still comes through, and the link stays usable.
func TestXoffWithoutXon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := line(t, "serial:///dev/ttyS0?flow=xonxoff")
		f.reply(0x37, xoff, 0x22)
		_ = c.SetWriteDeadline(time.Now().Add(3 * time.Second))
		start := time.Now()
		n, err := c.Write(make([]byte, 500))
		if n != 0 || f.total() != 0 || !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != 3*time.Second {
			t.Fatalf("Write = %d, %v after %v", n, err, time.Since(start))
		}
		if n, err := c.WriteUrgent([]byte{0x10, 4, 1}); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("WriteUrgent past its deadline = %d, %v", n, err)
		}
		_ = c.SetWriteDeadline(time.Time{})
		if n, err := c.WriteUrgent([]byte{0x10, 4, 1}); n != 3 || err != nil || f.total() != 3 {
			t.Errorf("WriteUrgent to a busy printer = %d, %v", n, err)
		}
		if n, err := c.WriteUrgent(make([]byte, 17)); n != 0 || err == nil || errors.Is(err, ErrLost) {
			t.Errorf("17 urgent bytes = %d, %v", n, err)
		}
		buf := make([]byte, 8)
		if n, err := c.Read(buf); n != 2 || err != nil || buf[0] != 0x37 || buf[1] != 0x22 {
			t.Errorf("Read = % x, %v: XOFF must be taken out", buf[:n], err)
		}
		// A reader that waits sees the XON first; the writer must still go on.
		got := make(chan error, 2)
		go func() { _, err := c.Read(buf); got <- err }()
		go func() { _, err := c.Write(make([]byte, 500)); got <- err }()
		synctest.Wait()
		f.reply(xon)
		if err := <-got; err != nil || f.total() != 503 {
			t.Errorf("after XON: %d sent, %v", f.total(), err)
		}
		f.reply(0x12)
		if err := <-got; err != nil || buf[0] != 0x12 {
			t.Errorf("the reader got %x, %v", buf[0], err)
		}
	})
}

func TestBusyLineNamesTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := line(t, "serial:///dev/ttyS0?flow=rts")
		f.lines(true, false)
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		_, err := c.Write([]byte("slip"))
		var late *deadlineError
		if !errors.As(err, &late) || late.why == "" || f.total() != 0 {
			t.Fatalf("%v, %d sent", err, f.total())
		}
	})
}

// TestCloseDuringBusy: Close ends a Write that waits for the printer.
func TestCloseDuringBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := line(t, "serial:///dev/ttyS0?flow=dtr")
		f.lines(false, true)
		done := make(chan error, 1)
		go func() { _, err := c.Write([]byte("slip")); done <- err }()
		synctest.Wait()
		start := time.Now()
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; !errors.Is(err, os.ErrClosed) || time.Since(start) > 0 {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

// TestBusyIsTimed: the times for which the printer said busy are told once each, also over the writes that it stopped.
func TestBusyIsTimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := line(t, "serial:///dev/ttyS0?flow=dtr")
		f.lines(false, true)
		time.AfterFunc(300*time.Millisecond, func() { f.lines(true, true) })
		if _, err := c.Write([]byte("a slip")); err != nil {
			t.Fatal(err)
		}
		f.lines(false, true)
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := c.Write([]byte("more")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal(err)
		}
		_ = c.SetWriteDeadline(time.Time{})
		time.AfterFunc(500*time.Millisecond, func() { f.lines(true, true) })
		if _, err := c.Write([]byte("more")); err != nil {
			t.Fatal(err)
		}
		want := []time.Duration{300 * time.Millisecond, 1500 * time.Millisecond}
		got := c.Busy()
		if len(got) != len(want) {
			t.Fatalf("busy %v, want for %v", got, want)
		}
		for i, s := range got {
			if d := s.To.Sub(s.From); d < want[i] || d > want[i]+pollBusyLimit {
				t.Errorf("busy for %v, want %v", d, want[i])
			}
		}
		if d := c.Busy(); d != nil {
			t.Errorf("told again: %v", d)
		}
	})
}
