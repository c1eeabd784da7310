package dispatch

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/rules"
)

// Options tunes a Dispatcher. Logger and Now are needed.
type Options struct {
	Logger *slog.Logger
	Now    func() time.Time

	// CopyPause is the pause between two copies of one job at a printer; nil is none.
	CopyPause func(printer string) time.Duration
	// Prepare is shown, while a copy is at a printer, the one that probably follows, so that it can be rendered meanwhile.
	// Begin and Report of that Delivery are nil. nil: nobody is told.
	Prepare func(d Delivery)
}

// common is what the workers of all printers share.
type common struct {
	Options
	rules  *rules.Rules
	db     *journal.DB // set once by Dispatcher.Use, before a worker runs
	paused pauses
}

// pauses are the printers that a person has paused. Any goroutine may use them.
type pauses struct {
	mu    sync.Mutex
	since map[string]time.Time // guarded by mu; by printer: since when nothing may begin there
}

// ErrPaused refuses a start: a person has paused the printer.
var ErrPaused = errors.New("the printer is paused")

// set pauses a printer, or lets it go on.
func (p *pauses) set(printer string, on bool, since time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if on {
		p.since[printer] = since
	} else {
		delete(p.since, printer)
	}
}

// of tells since when a printer is paused; ok is false when it is not.
func (p *pauses) of(printer string) (since time.Time, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	since, ok = p.since[printer]
	return since, ok
}

// has reports whether a printer is paused.
func (p *pauses) has(printer string) bool {
	_, ok := p.of(printer)
	return ok
}
