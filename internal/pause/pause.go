// Package pause waits for a while, or until there is no use in waiting.
package pause

import (
	"context"
	"math/rand/v2"
	"time"
)

// For waits for d. It reports false where ctx ended first.
func For(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// InStep shortens d so that whoever looks around as often as this does it at the same moments of the clock: one wake-up of the machine, and
// of the runtime's own threads, serves all. It is more than 0, and at most d.
func InStep(d time.Duration) time.Duration { return d - time.Duration(time.Now().UnixNano())%d }

// Jitter gives a time from half of d to one and a half of it: many shops must not knock at once. d is more than 0.
func Jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }
