package daemon

import (
	"context"
	"errors"
	"sync"
)

// errGoing keeps a slip from starting at a printer that a reload ends.
var errGoing = errors.New("the configuration of this printer changes")

// going is how a reload ends a printer: a slip that has begun comes out, within the printer's own time limits. One that has not
// begun waits for whoever comes next, and one that waits for a hand at the printer is given up, as when receiptd stops: nobody
// knows when the hand comes.
type going struct {
	mu          sync.Mutex
	leaving     bool
	begun, held bool   // the slip under way
	stop        func() // its end; nil when there is none
}

// start is called for each slip. The context ends when the slip must not start or go on; end is called when it is over.
func (g *going) start(ctx context.Context) (_ context.Context, end func()) {
	ctx, stop := context.WithCancel(ctx)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.begun, g.held, g.stop = false, false, stop
	g.look()
	return ctx, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.stop = nil
		stop()
	}
}

// begin is called before the slip's first byte. It errs when the slip must not start.
func (g *going) begin() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.leaving {
		return errGoing
	}
	g.begun = true
	return nil
}

// hold notes whether the slip waits for a hand at the printer.
func (g *going) hold(held bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = held
	g.look()
}

// leave lets no further slip start.
func (g *going) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.leaving = true
	g.look()
}

func (g *going) look() {
	if g.leaving && g.stop != nil && (g.held || !g.begun) {
		g.stop()
	}
}
