package virtual_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/virtual"
)

func TestBuffer(t *testing.T) {
	with(t, "a full buffer holds the host back and then shuts status out", virtual.Options{}, func(h *host) {
		h.set(virtual.Change{Cover: "open"})
		h.line.SetWriteDeadline(time.Now().Add(time.Second))
		n, err := h.line.Write([]byte(strings.Repeat("x", 10_000)))
		if n != 4096 || !errors.Is(err, os.ErrDeadlineExceeded) {
			h.t.Errorf("wrote %d bytes, %v: want 4096 and a time-out", n, err)
		}
		h.line.SetWriteDeadline(time.Now().Add(time.Second))
		if n, err := h.line.Write([]byte(eot(1))); n != 0 || err == nil {
			h.t.Errorf("a request got through a closed window: %d, %v", n, err)
		}
		h.set(virtual.Change{Cover: "closed"})
		h.ask("open again", eot(1), "\x16")
		if lost := h.p.State().Counters.BytesLost; lost != 0 {
			h.t.Errorf("%d bytes lost", lost)
		}
	})
	with(t, "a LAN board that drops", virtual.Options{Model: "clone-lan-drops"}, func(h *host) {
		h.set(virtual.Change{Cover: "open"})
		h.send(strings.Repeat("x", 5000))
		if lost := h.p.State().Counters.BytesLost; lost != 5000-4096 {
			h.t.Errorf("%d bytes lost, want 904", lost)
		}
		h.ask("status still passes", eot(1), "\x1E")
	})
	with(t, "XOFF at 128 bytes free, XON at 256, loss at 0, status always", virtual.Options{Flow: virtual.XONXOFF, Custom: fullOnly(), Speed: virtual.Real}, func(h *host) {
		h.send("\x1da\x00")
		h.set(virtual.Change{Cover: "open"})
		h.ask("one above the mark", strings.Repeat("xxxxxxxxxxxxxxx\n", 247)+strings.Repeat("x", 15), "")
		h.ask("the mark", "\n", "\x13")
		h.ask("overrun", strings.Repeat("y", 300)+eot(1), "\x1E")
		if s := h.p.State(); s.Counters.BytesLost != 300-128+3 || s.Buffer != 4096 || !s.Busy {
			h.t.Errorf("state %+v: want a full buffer and what did not fit lost", s)
		}
		h.set(virtual.Change{Cover: "closed"})
		h.want("parsing, no room yet", "")
		h.pass(time.Minute)
		h.want("room again", "\x11")
	})
	with(t, "BUSY when offline", virtual.Options{Flow: virtual.XONXOFF}, func(h *host) {
		h.set(virtual.Change{Cover: "open"})
		h.want("XOFF", "\x13")
		h.ask("DLE EOT goes through", eot(1), "\x1E")
		h.set(virtual.Change{Cover: "closed"})
		h.want("XON", "\x11")
	})
	with(t, "BUSY only when full", virtual.Options{Flow: virtual.XONXOFF, Custom: fullOnly()}, func(h *host) {
		h.take()
		h.set(virtual.Change{Cover: "open"})
		h.want("no XOFF; GS a 2 is the default then", "\x3C\x00\x00\x0F")
	})
	with(t, "XOFF inside a block reply", virtual.Options{Flow: virtual.XONXOFF, Baud: 9600}, func(h *host) {
		h.send("\x1dIB")
		h.pass(6 * time.Millisecond)
		h.set(virtual.Change{Cover: "open"})
		h.pass(time.Second)
		got := h.take()
		if strings.Count(got, "\x13") != 1 || strings.HasSuffix(got, "\x13") || strings.ReplaceAll(got, "\x13", "") != "_GENERIC\x00" {
			h.t.Errorf("replies %q, want XOFF within the block", got)
		}
	})
	with(t, "a serial line takes its time", virtual.Options{Baud: 9600, Flow: virtual.XONXOFF}, func(h *host) {
		begin := time.Now()
		h.send(strings.Repeat("x", 959) + "\n") // 1 s at 9600 baud
		if err := h.p.Await(h.t.Context(), func(s virtual.State) bool { return s.Counters.BytesReceived == 960 }); err != nil {
			h.t.Fatal(err)
		}
		if d := time.Since(begin).Round(time.Millisecond); d != time.Second {
			h.t.Errorf("960 bytes took %v, want 1s", d)
		}
	})
}

// fullOnly is a printer whose BUSY switch is on.
func fullOnly() *virtual.Model {
	m, err := virtual.ModelByName("generic-80")
	if err != nil {
		panic(err)
	}
	m.BusyFullOnly = true
	return &m
}

// dialer serves p over TCP and returns how to connect.
func dialer(t *testing.T, p *virtual.Printer) func() net.Conn {
	t.Helper()
	try := tryDialer(t, p)
	return func() net.Conn {
		c, err := try()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

// tryDialer is a dialer for connections that may be refused.
func tryDialer(t *testing.T, p *virtual.Printer) func() (net.Conn, error) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.ServeTCP(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("ServeTCP: %v", err)
		}
	})
	return func() (net.Conn, error) {
		c, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			return nil, err
		}
		t.Cleanup(func() { c.Close() })
		return c, c.SetDeadline(time.Now().Add(time.Minute))
	}
}

// answer reads exactly what is wanted.
func answer(t *testing.T, c net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Fatalf("answer % X, %v, want % X", got, err, want)
	}
}

func write(t *testing.T, c net.Conn, s string) {
	t.Helper()
	if _, err := io.WriteString(c, s); err != nil {
		t.Fatal(err)
	}
}

func TestTCPSingleSlot(t *testing.T) {
	p := virtual.New(virtual.Options{})
	try := tryDialer(t, p)
	dial := func() net.Conn {
		c, err := try()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	first := dial()
	write(t, first, eot(1))
	answer(t, first, "\x16")
	second := dial()
	write(t, second, "second\n"+eot(1))
	_ = second.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if _, err := second.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the second connection was served: %v", err)
	}
	_ = second.SetReadDeadline(time.Now().Add(time.Minute))
	dial() // third and fourth wait as well
	dial()
	if fifth, err := try(); err == nil {
		if _, err := fifth.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a fifth connection was kept: %v", err)
		}
	}
	first.Close()
	answer(t, second, "\x16")
	if text := p.Hanging().Text(); text != "second" {
		t.Errorf("paper %q", text)
	}
}

func TestTCPHalfClose(t *testing.T) {
	p := virtual.New(virtual.Options{})
	c := dialer(t, p)()
	write(t, c, "A\n"+fence("0001"))
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(c)
	if err != nil || string(all) != proof("0001") {
		t.Errorf("until EOF: % X, %v", all, err)
	}
}

func TestTCPPowerAndLink(t *testing.T) {
	p := virtual.New(virtual.Options{})
	try := tryDialer(t, p)
	dial := func() net.Conn {
		c, err := try()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	refused := func(what string) {
		if c, err := try(); err == nil {
			if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%s: the connection lives (%v)", what, err)
			}
		}
	}
	set := func(c virtual.Change) {
		if err := p.Set(c); err != nil {
			t.Fatal(err)
		}
	}
	dead := func(c net.Conn, what string) {
		t.Helper()
		if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: the connection lives (%v)", what, err)
		}
	}
	c := dial()
	write(t, c, eot(1))
	answer(t, c, "\x16")
	set(virtual.Change{Power: "off"})
	write(t, c, eot(1))
	_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a printer that is off said something: %v", err)
	}
	_ = c.SetReadDeadline(time.Now().Add(time.Minute))
	refused("connect while off")
	set(virtual.Change{Power: "on"})
	dead(c, "power on")
	for _, link := range []string{"blip", "drop"} {
		c = dial()
		write(t, c, eot(1))
		answer(t, c, "\x16")
		set(virtual.Change{Link: link})
		dead(c, link)
	}
	refused("connect while dropped")
	set(virtual.Change{Link: "up"})
	c = dial()
	write(t, c, eot(1))
	answer(t, c, "\x16")
	set(virtual.Change{Link: "half_open"})
	write(t, c, "lost\n")
	set(virtual.Change{Link: "up"})
	dead(c, "half open, then up")
	if text := p.Hanging().Text(); text != "" {
		t.Errorf("paper %q", text)
	}
}

func TestTCPZeroWindow(t *testing.T) {
	p := virtual.New(virtual.Options{Window: 4096})
	c := dialer(t, p)()
	if err := p.Set(virtual.Change{Paper: "out"}); err != nil {
		t.Fatal(err)
	}
	_ = c.(*net.TCPConn).SetWriteBuffer(4096)
	var n int
	done := make(chan error, 1)
	go func() {
		var err error
		n, err = c.Write([]byte(strings.Repeat("A line of text\n", 70_000)))
		done <- err
	}()
	full := func(s virtual.State) bool { return s.Buffer == s.BufferSize }
	if err := p.Await(t.Context(), full); err != nil {
		t.Fatal(err)
	}
	_ = c.SetWriteDeadline(time.Now().Add(300 * time.Millisecond)) // counts from where the window closes
	if err := <-done; !errors.Is(err, os.ErrDeadlineExceeded) || n > 200_000 {
		t.Errorf("wrote %d bytes, %v: want a closed window", n, err)
	}
	if s := p.State(); s.Buffer != s.BufferSize || s.Counters.BytesLost != 0 {
		t.Errorf("buffer %d of %d, lost %d", s.Buffer, s.BufferSize, s.Counters.BytesLost)
	}
}

func TestIdleLimit(t *testing.T) {
	limit := virtual.Options{IdleLimit: 30 * time.Millisecond}
	with(t, "who speaks in time is kept", limit, func(h *host) {
		for range 3 {
			h.ask("in time", eot(1), "\x16")
			h.pass(20 * time.Millisecond)
		}
		h.pass(20 * time.Millisecond)
		if _, err := h.line.Write([]byte(eot(1))); !errors.Is(err, io.ErrClosedPipe) {
			h.t.Errorf("a silent connection was kept: %v", err)
		}
	})
	c := dialer(t, virtual.New(limit))() // says nothing: a busy machine may take longer for it than the limit
	if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a silent TCP connection was kept: %v", err)
	}
}

// TestDeviceServer: a connection through a device server outlives the printer's power; what comes meanwhile is lost.
func TestDeviceServer(t *testing.T) {
	p := virtual.New(virtual.Options{DeviceServer: true})
	c := dialer(t, p)()
	ask := func() {
		t.Helper()
		if _, err := c.Write([]byte("\x10\x04\x01")); err != nil {
			t.Fatal(err)
		}
	}
	answer := func() {
		t.Helper()
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	ask()
	answer()
	if err := p.Set(virtual.Change{Power: "off"}); err != nil {
		t.Fatal(err)
	}
	ask()
	if err := p.Await(t.Context(), func(s virtual.State) bool { return s.Counters.BytesLost == 3 }); err != nil {
		t.Fatal(err)
	}
	if err := p.Set(virtual.Change{Power: "on"}); err != nil {
		t.Fatal(err)
	}
	ask()
	answer()
}
