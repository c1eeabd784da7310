package daemon

import (
	"context"
	"errors"
	"sync"
)

// errLeaving keeps a slip from starting at a printer that a reload ends.
var errLeaving = errors.New("the configuration of this printer changes")

// leaving is how a reload ends a printer: a slip that has begun comes out, within the printer's own time limits. One that has not
// begun waits for whoever comes next, and one that waits for a hand at the printer is given up, as when receiptd stops: nobody
// knows when the hand comes.
type leaving struct {
	mu          sync.Mutex // guards the rest: the printer's worker and a reload meet here
	asked       bool       // the printer is to end
	begun, held bool       // the slip under way
	stop        func()     // its end; nil when there is none
}

// start is called for each slip. The context ends when the slip must not start or go on; end is called when it is over.
func (l *leaving) start(ctx context.Context) (_ context.Context, end func()) {
	ctx, stop := context.WithCancel(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begun, l.held, l.stop = false, false, stop
	l.stopUnlessOnPaper()
	return ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.stop = nil
		stop()
	}
}

// begin is called before the slip's first byte. It errs when the slip must not start.
func (l *leaving) begin() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked {
		return errLeaving
	}
	l.begun = true
	return nil
}

// hold notes whether the slip waits for a hand at the printer.
func (l *leaving) hold(held bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = held
	l.stopUnlessOnPaper()
}

// ask lets no further slip start.
func (l *leaving) ask() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = true
	l.stopUnlessOnPaper()
}

// stopUnlessOnPaper ends the slip under way once the printer is to end, unless it is coming out. The caller holds mu.
func (l *leaving) stopUnlessOnPaper() {
	if l.asked && l.stop != nil && (l.held || !l.begun) {
		l.stop()
	}
}
