package dispatch

import (
	"errors"
	"time"
)

// ErrPaused refuses a start: a person has paused the printer.
var ErrPaused = errors.New("the printer is paused")

// Pause lets no copy begin at a printer, or lets it go on. The journal remembers it: see rules.Pause. What is at the printer comes
// back if nothing of it has left, else it comes out whole. It does not block, and any goroutine may call it.
func (d *Dispatcher) Pause(printer string, on bool, since time.Time) {
	d.mu.Lock()
	if on {
		d.paused[printer] = since
	} else {
		delete(d.paused, printer)
	}
	d.mu.Unlock()
	if on {
		d.GiveUpWaiting(printer)
	}
	d.Wake(printer)
}

// Paused tells since when a printer is paused; ok is false when it is not.
func (d *Dispatcher) Paused(printer string) (since time.Time, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	since, ok = d.paused[printer]
	return since, ok
}

func (d *Dispatcher) isPaused(printer string) bool {
	_, ok := d.Paused(printer)
	return ok
}

// GiveUpWaiting takes back the copy that waits at a printer that is not ready, if nothing of it has left.
func (d *Dispatcher) GiveUpWaiting(printer string) {
	w := d.worker(printer)
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now != nil && !w.now.begins {
		w.now.givenUp = true
		w.now.cancel()
	}
}
