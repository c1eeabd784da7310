// Package giveback returns to the system what work took of memory, once there is no work: a shop's small computer has other things to do.
//
// Go's heap keeps what it had at the busiest moment and gives it back bit by bit. The program's own file stays mapped wherever it was ever
// read, be it for the start alone; the system may take those pages back and counts them as receiptd's until it needs them. Both are taken
// up again at the next slip, which costs it a millisecond or two. So it is done only after nothing happened for a while.
package giveback

import (
	"context"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/internal/pause"
)

const (
	quiet  = 10 * time.Second // without work until memory is given back, twice that at most
	seldom = time.Minute      // until then after a question, which somebody may ask all the time
)

// A Giver waits for the end of work. Run is called once; the others by any goroutine, and they never block.
type Giver struct {
	works   atomic.Int64
	stirred chan struct{}
	give    func()
}

// New gives a Giver.
func New() *Giver { return &Giver{stirred: make(chan struct{}, 1), give: now} }

// Work tells that something was done which may go on.
func (g *Giver) Work() {
	g.works.Add(1)
	g.Asked()
}

// Asked tells that something was asked.
func (g *Giver) Asked() {
	select {
	case g.stirred <- struct{}{}:
	default:
	}
}

// Run gives memory back whenever work has ended; a start is work. It returns nil when ctx ends.
func (g *Giver) Run(ctx context.Context) error {
	done := int64(-1) // how much work there had been when memory was last given back
	for {
		wait := quiet
		if g.works.Load() == done {
			wait = seldom
		}
		for n := int64(-1); n != g.works.Load(); wait = quiet {
			n = g.works.Load()
			if !pause.For(ctx, wait) {
				return nil
			}
		}
		select {
		case <-g.stirred: // by what has ended now
		default:
		}
		done = g.works.Load()
		g.give()
		select {
		case <-g.stirred:
		case <-ctx.Done():
			return nil
		}
	}
}

func now() {
	debug.FreeOSMemory()
	ownFile()
}
