package printer_test

import (
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/receiptd/receiptd/printer/link"
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
