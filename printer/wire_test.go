package printer_test

import (
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/virtual"
)

// lossy is a link with a driver's buffer: bytes are taken at once and travel later, and those still under way when the
// link ends are lost.
type lossy struct {
	net.Conn // towards the virtual printer
	caps     link.Caps

	mu       sync.Mutex
	queue    []byte
	deadline time.Time
	closed   bool
	wake     chan struct{}
	quit     chan struct{}
	done     chan struct{}
}

func newLossy(c net.Conn, caps link.Caps) *lossy {
	l := &lossy{Conn: c, caps: caps, wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{})}
	go l.carry()
	return l
}

func (l *lossy) carry() {
	defer close(l.done)
	for {
		select {
		case <-l.wake:
		case <-l.quit:
			return
		}
		for {
			l.mu.Lock()
			n := min(len(l.queue), 16)
			b := append([]byte(nil), l.queue[:n]...)
			closed := l.closed
			l.mu.Unlock()
			if closed {
				return
			}
			if n == 0 {
				break
			}
			if _, err := l.Conn.Write(b); err != nil {
				l.Conn.Close()
				return
			}
			l.mu.Lock()
			l.queue = l.queue[n:]
			l.mu.Unlock()
		}
	}
}

// Write takes what fits into the driver's buffer and waits for room until the deadline.
func (l *lossy) Write(p []byte) (int, error) {
	for n := 0; ; {
		l.mu.Lock()
		k := min(max(2048-len(l.queue), 0), len(p)-n)
		l.queue = append(l.queue, p[n:n+k]...)
		deadline := l.deadline
		l.mu.Unlock()
		n += k
		select {
		case <-l.done:
			return n, io.ErrClosedPipe
		case l.wake <- struct{}{}:
		default:
		}
		if n == len(p) {
			return n, nil
		}
		if !time.Now().Before(deadline) {
			return n, os.ErrDeadlineExceeded
		}
		time.Sleep(time.Millisecond)
	}
}

func (l *lossy) SetWriteDeadline(t time.Time) error {
	l.mu.Lock()
	l.deadline = t
	l.mu.Unlock()
	return nil
}

func (l *lossy) Drain(deadline time.Time) error {
	for {
		l.mu.Lock()
		n := len(l.queue)
		l.mu.Unlock()
		if n == 0 {
			if l.caps.BitsPerSec > 0 { // the last bytes are still on the line
				time.Sleep(20 * time.Duration(l.caps.BitsPerByte) * time.Second / time.Duration(l.caps.BitsPerSec))
			}
			return nil
		}
		if time.Now().After(deadline) {
			return os.ErrDeadlineExceeded
		}
		time.Sleep(time.Millisecond)
	}
}

func (l *lossy) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	l.mu.Unlock()
	err := l.Conn.Close()
	close(l.quit)
	<-l.done
	return err
}

func (l *lossy) Caps() link.Caps { return l.caps }

// handshaked is a serial line on which the printer says busy: by a wire ("dtr"), which is off as well while the printer
// is, or by XOFF ("xonxoff"). It sends nothing but urgent requests then.
type handshaked struct {
	link.Conn
	v    *virtual.Printer
	flow string

	mu       sync.Mutex
	xoff     bool
	since    time.Time // it has said busy since, also over several writes
	stood    []link.Stand
	deadline time.Time
	closed   bool
}

func (h *handshaked) busy() bool {
	if h.flow == "dtr" {
		s := h.v.State()
		return s.Busy || s.Power != "on"
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.xoff
}

func (h *handshaked) Write(p []byte) (n int, err error) {
	defer h.note(true)
	for pause := 10 * time.Millisecond; n < len(p); {
		if h.busy() {
			h.mu.Lock()
			if h.since.IsZero() {
				h.since = time.Now()
			}
			late, closed := !time.Now().Before(h.deadline), h.closed
			h.mu.Unlock()
			switch {
			case closed:
				return n, os.ErrClosed
			case late:
				return n, os.ErrDeadlineExceeded
			}
			time.Sleep(pause)
			pause = min(2*pause, 500*time.Millisecond)
			continue
		}
		h.note(false)
		pause = 10 * time.Millisecond
		took, err := h.Conn.Write(p[n:min(n+16, len(p))])
		if n += took; err != nil {
			return n, err
		}
	}
	return n, nil
}

// note keeps when the printer said busy; still: it may go on saying so.
func (h *handshaked) note(still bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.since.IsZero() && time.Since(h.since) >= link.MinStand {
		h.stood = append(h.stood, link.Stand{From: h.since, To: time.Now()})
	}
	if !still {
		h.since = time.Time{}
	}
}

func (h *handshaked) Busy() []link.Stand {
	h.mu.Lock()
	defer h.mu.Unlock()
	stood := h.stood
	h.stood = nil
	return stood
}

func (h *handshaked) WriteUrgent(p []byte) (int, error) { return h.Conn.Write(p) }

func (h *handshaked) Read(p []byte) (int, error) {
	for {
		n, err := h.Conn.Read(p)
		if h.flow == "dtr" {
			return n, err
		}
		rest := p[:0]
		for _, b := range p[:n] {
			switch b {
			case 0x11, 0x13:
				h.mu.Lock()
				h.xoff = b == 0x13
				h.mu.Unlock()
			default:
				rest = append(rest, b)
			}
		}
		if len(rest) > 0 || err != nil {
			return len(rest), err
		}
	}
}

func (h *handshaked) SetWriteDeadline(t time.Time) error {
	h.mu.Lock()
	h.deadline = t
	h.mu.Unlock()
	return h.Conn.SetWriteDeadline(t)
}

func (h *handshaked) Close() error {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	return h.Conn.Close()
}

var (
	_ link.Urgent    = (*handshaked)(nil)
	_ link.Handshake = (*handshaked)(nil)
)
