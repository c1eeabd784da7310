package link

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// ready is what a raw device can do at this moment.
type ready uint8

const (
	canRead ready = 1 << iota
	canWrite
	gone // hung up or failed; what had arrived before may still be read
)

// A side is one of the two directions, or the questions beside them, each with one caller at a time.
type side int

const (
	reading side = iota
	writing
	asking // never waits, has no deadline
)

// errAgain is what a raw Read or Write returns that would have to wait.
var errAgain = errors.New("try again")

// A raw device never blocks but in Wait. Calls of one side come from one goroutine at a time, the sides may run at once.
type raw interface {
	Read(p []byte) (int, error)  // errAgain when nothing is there
	Write(p []byte) (int, error) // errAgain when nothing fits
	// Wait returns when one of want or gone is true, the time-out passed (negative: never), or Wake(s) was called.
	Wait(s side, want ready, timeout time.Duration) (ready, error)
	Wake(s side)
	// Queued is how many written bytes the driver has not passed on, 0 when it cannot tell.
	Queued() (int, error)
	// Discard drops what is queued.
	Discard() error
	// Close releases the device. No other call is running or will come.
	Close() error
}

// A deadline may be set while a call that obeys it waits.
type deadline struct {
	mu sync.Mutex
	t  time.Time // guarded by mu
}

func (d *deadline) get() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.t
}

func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	d.t = t
	d.mu.Unlock()
}

// engine gives a raw device deadlines and a Close that ends blocked calls. The drivers build Conn on it.
type engine struct {
	name   string
	raw    raw
	caps   Caps
	busy   [3]sync.Mutex // held during a call of that side
	until  [2]deadline
	closed atomic.Bool
	once   sync.Once
	err    error // of the one Close
}

func (e *engine) Caps() Caps { return e.caps }

func (e *engine) SetReadDeadline(t time.Time) error  { return e.setDeadline(reading, t) }
func (e *engine) SetWriteDeadline(t time.Time) error { return e.setDeadline(writing, t) }

func (e *engine) setDeadline(s side, t time.Time) error {
	if e.closed.Load() {
		return closed("set deadline of", e.name)
	}
	e.until[s].set(t)
	e.raw.Wake(s)
	return nil
}

// wait blocks until one of want or gone holds, or for pause (negative: no limit) if that is sooner; then it returns 0
// and no error. Errors are a passed deadline, a Close, and a failing device.
func (e *engine) wait(s side, want ready, pause time.Duration) (ready, error) {
	return e.waitBy(s, want, pause, e.until[s].get)
}

func (e *engine) waitBy(s side, want ready, pause time.Duration, by func() time.Time) (ready, error) {
	start := time.Now()
	for {
		if e.closed.Load() {
			return 0, os.ErrClosed
		}
		timeout := time.Duration(-1)
		if d := by(); !d.IsZero() {
			if timeout = time.Until(d); timeout <= 0 {
				return 0, os.ErrDeadlineExceeded
			}
		}
		if pause >= 0 {
			left := pause - time.Since(start)
			if left <= 0 {
				return 0, nil
			}
			if timeout < 0 || left < timeout {
				timeout = left
			}
		}
		got, err := e.raw.Wait(s, want, timeout)
		if err != nil {
			return 0, err
		}
		if got != 0 && !e.closed.Load() {
			return got, nil
		}
	}
}

// begin starts a call of one side that must end by a deadline; end it with the returned function.
func (e *engine) begin(s side, by time.Time) (end func(), err error) {
	e.busy[s].Lock()
	if e.closed.Load() {
		e.busy[s].Unlock()
		return nil, os.ErrClosed
	}
	if past(by) {
		e.busy[s].Unlock()
		return nil, os.ErrDeadlineExceeded
	}
	return e.busy[s].Unlock, nil
}

// explain turns the bare errors of begin, wait and raw into those of the contract.
func (e *engine) explain(op, why string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrClosed) || e.closed.Load():
		return closed(op, e.name)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &deadlineError{op, e.name, why}
	case errors.Is(err, ErrNoBackChannel):
		return fmt.Errorf("%s %s: %w", op, e.name, err)
	case errors.Is(err, ErrLost):
		return fmt.Errorf("%s %s: %w", op, e.name, err)
	}
	return lost(op, e.name, err)
}

// Read is that of the contract, for every driver.
func (e *engine) Read(p []byte) (int, error) {
	if !e.caps.BackChannel {
		return 0, e.explain("read", "", ErrNoBackChannel)
	}
	end, err := e.begin(reading, e.until[reading].get())
	if err != nil {
		return 0, e.explain("read", "", err)
	}
	defer end()
	if len(p) == 0 {
		return 0, nil
	}
	for {
		n, err := e.raw.Read(p)
		if n > 0 {
			return n, nil
		}
		if err != nil && !errors.Is(err, errAgain) {
			return 0, e.explain("read", "", err)
		}
		got, err := e.wait(reading, canRead, -1)
		if err != nil {
			return 0, e.explain("read", "", err)
		}
		if got&gone != 0 && got&canRead == 0 {
			return 0, e.explain("read", "", ErrLost)
		}
	}
}

// push writes as much of p as the device takes at this moment, and 0 when it takes nothing.
func (e *engine) push(p []byte) (int, error) {
	n, err := e.raw.Write(p)
	if errors.Is(err, errAgain) {
		err = nil
	}
	return n, err
}

// writePieces hands p over in pieces, each when the driver is through with the one before. why is what a passed
// deadline most likely means.
func (e *engine) writePieces(p []byte, piece int, why string) (n int, err error) {
	end, err := e.begin(writing, e.until[writing].get())
	if err != nil {
		return 0, e.explain("write", "", err)
	}
	defer end()
	for n < len(p) {
		if err := e.free(e.until[writing].get); err != nil {
			return n, e.explain("write", why, err)
		}
		took, err := e.push(p[n:min(n+piece, len(p))])
		n += took
		if err != nil {
			return n, e.explain("write", "", err)
		}
	}
	return n, nil
}

// free waits until the driver takes bytes.
func (e *engine) free(by func() time.Time) error {
	got, err := e.waitBy(writing, canWrite, -1, by)
	if err == nil && got&gone != 0 {
		return ErrLost
	}
	return err
}

// Close ends blocked calls, waits for them, drops what is queued and releases the device.
func (e *engine) Close() error {
	e.once.Do(func() {
		e.closed.Store(true)
		e.raw.Wake(reading)
		e.raw.Wake(writing)
		for s := range e.busy {
			e.busy[s].Lock()
			defer e.busy[s].Unlock()
		}
		_ = e.raw.Discard() // a device that is gone cannot; nothing is left to drop then
		if err := e.raw.Close(); err != nil {
			e.err = fmt.Errorf("close %s: %w", e.name, err)
		}
	})
	return e.err
}
