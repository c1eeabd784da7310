package link

import (
	"errors"
	"io"
	"sync"
	"time"
)

// blocking is a device whose calls cannot be polled.
type blocking interface {
	io.Reader // 0 and nil after a time-out of its own, which it needs so that a reader can be ended
	io.Writer // blocks until all is taken or Abort
	// Flush passes on what the driver holds back. It may block until Abort.
	Flush() error
	// Abort ends a Write or Flush in progress and drops what the driver holds.
	Abort() error
	io.Closer
}

// threaded turns a blocking device into a raw one with two goroutines. The piece that the writer holds counts as taken
// by the driver: it cannot be called back.
type threaded struct {
	dev   blocking
	piece int // most bytes per Write of dev
	reads bool
	wakes [2]chan struct{}
	stop  chan struct{}
	work  chan []byte
	wg    sync.WaitGroup

	mu     sync.Mutex // guards what follows
	inbox  []byte
	flight int // bytes of the piece that dev holds
	rerr   error
	werr   error
}

// threadedConn is a Conn on a blocking device without pace of its own.
type threadedConn struct {
	engine
	t    *threaded
	hint string // what a passed write deadline most likely means
}

func (c *threadedConn) Write(p []byte) (int, error) { return c.writePieces(p, c.t.piece, c.hint) }

// Drain waits until the driver is through with the last piece and has passed it on.
func (c *threadedConn) Drain(deadline time.Time) error {
	end, err := c.begin(writing, time.Time{})
	if err != nil {
		return c.explain("drain", "", err)
	}
	defer end()
	by := func() time.Time { return deadline }
	err = c.free(by)
	if err == nil {
		err = c.t.flush()
	}
	if err == nil {
		err = c.free(by)
	}
	return c.explain("drain", c.hint, err)
}

// newThreaded starts the writer, and the reader when something can come back.
func newThreaded(dev blocking, piece int, reads bool) *threaded {
	t := &threaded{dev: dev, piece: piece, reads: reads, stop: make(chan struct{}), work: make(chan []byte, 1)}
	for i := range t.wakes {
		t.wakes[i] = make(chan struct{}, 1)
	}
	t.wg.Go(t.write)
	if reads {
		t.wg.Go(t.read)
	}
	return t
}

// emptyRead is the pause after a Read without bytes; some drivers return at once.
const emptyRead = 10 * time.Millisecond

func (t *threaded) read() {
	buf := make([]byte, 512)
	for {
		start := time.Now()
		n, err := t.dev.Read(buf)
		t.mu.Lock()
		t.inbox = append(t.inbox, buf[:n]...)
		if over := len(t.inbox) - inboxMax; over > 0 {
			t.inbox = append(t.inbox[:0], t.inbox[over:]...)
		}
		t.rerr = err
		t.mu.Unlock()
		if n > 0 || err != nil {
			t.Wake(reading)
			t.Wake(writing)
		}
		if err != nil {
			return
		}
		pause := time.Duration(0)
		if n == 0 {
			pause = emptyRead - time.Since(start)
		}
		select {
		case <-t.stop:
			return
		case <-time.After(pause):
		}
	}
}

func (t *threaded) write() {
	for {
		select {
		case <-t.stop:
			return
		case p := <-t.work:
			select {
			case <-t.stop: // Close drops what the driver has not begun
				return
			default:
			}
			var err error
			if len(p) == 0 {
				err = t.dev.Flush()
			} else {
				err = t.writeAll(p)
			}
			t.mu.Lock()
			t.flight = 0
			t.werr = err
			t.mu.Unlock()
			t.Wake(writing)
			if err != nil {
				return
			}
		}
	}
}

func (t *threaded) writeAll(p []byte) error {
	for len(p) > 0 {
		n, err := t.dev.Write(p)
		if err != nil {
			return err
		}
		if n == 0 {
			return io.ErrShortWrite
		}
		p = p[n:]
		t.mu.Lock()
		t.flight -= n
		t.mu.Unlock()
	}
	return nil
}

func (t *threaded) Read(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := copy(p, t.inbox)
	t.inbox = append(t.inbox[:0], t.inbox[n:]...)
	switch {
	case n > 0:
		return n, nil
	case t.rerr != nil:
		return 0, t.rerr
	}
	return 0, errAgain
}

func (t *threaded) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.werr != nil:
		return 0, t.werr
	case t.flight > 0 || len(p) == 0:
		return 0, errAgain
	}
	n := min(len(p), t.piece)
	t.flight = n
	t.work <- append([]byte(nil), p[:n]...) // never blocks: one piece at a time
	return n, nil
}

// flush has the writer call Flush once it has nothing in flight; canWrite comes back after it.
func (t *threaded) flush() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.werr != nil:
		return t.werr
	case t.flight > 0:
		return errAgain
	}
	t.flight = 1
	t.work <- nil
	return nil
}

func (t *threaded) state() (r ready) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.inbox) > 0 || t.rerr != nil {
		r |= canRead
	}
	if t.flight == 0 || t.werr != nil {
		r |= canWrite
	}
	if t.rerr != nil || t.werr != nil {
		r |= gone
	}
	return r
}

func (t *threaded) Wait(s side, want ready, timeout time.Duration) (ready, error) {
	if got := t.state() & (want | gone); got != 0 {
		return got, nil
	}
	var late <-chan time.Time
	if timeout >= 0 {
		timer := time.NewTimer(timeout)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-t.wakes[s]:
	case <-late:
	}
	return t.state() & (want | gone), nil
}

func (t *threaded) Wake(s side) {
	select {
	case t.wakes[s] <- struct{}{}:
	default:
	}
}

func (t *threaded) Queued() (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.flight, nil
}

// Discard ends a Write in progress.
func (t *threaded) Discard() error {
	if n, _ := t.Queued(); n == 0 {
		return nil
	}
	return t.dev.Abort()
}

// unresponsive bounds the wait for a driver that ignores Abort; its goroutine is then left to end with the driver.
var unresponsive = time.Second

var errUnresponsive = errors.New("the driver does not end its call")

// abortAgain is how often Close ends calls: one that begins just after an Abort knows nothing of it.
const abortAgain = 10 * time.Millisecond

// Close ends both goroutines, then the device.
func (t *threaded) Close() error {
	close(t.stop)
	done := make(chan struct{})
	go func() { t.wg.Wait(); close(done) }()
	again := time.NewTicker(abortAgain)
	defer again.Stop()
	late := time.After(unresponsive)
	for {
		select {
		case <-done:
			return t.dev.Close()
		case <-again.C:
			_ = t.Discard() // where that fails the wait ends it
		case <-late:
			return errors.Join(errUnresponsive, t.dev.Close())
		}
	}
}
