package spool

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/internal/plain"
)

// A loop beats at each step, also when there is nothing to do. One that has not beaten for stillAfter stands still, most often in
// a call of the file system that does not come back.
const stillAfter = 10 * time.Second

// stopLimit is how long a stop waits for a loop. One in a call that does not come back is left behind: everything it had done is
// in the journal or in the folders, as after a crash.
const stopLimit = 2 * time.Second

var errHangs = plain.New("文件系统没有回应", "a call of the file system does not come back")

// A pulse is the sign of life of one loop.
type pulse struct {
	limit time.Duration
	born  time.Time
	last  atomic.Int64 // of the last beat, in nanoseconds since born
}

// newPulse is of a loop that looks around at least once in each pause.
func newPulse(pause time.Duration) *pulse {
	return &pulse{limit: max(stillAfter, 2*pause), born: time.Now()}
}

func (p *pulse) beat() { p.last.Store(int64(time.Since(p.born))) }

// still says for how long the loop has not beaten; nil while it is alive.
func (p *pulse) still() error {
	if since := time.Since(p.born) - time.Duration(p.last.Load()); since > p.limit {
		long := since.Round(time.Second)
		return plain.New(fmt.Sprintf("已经停了 %s", long), fmt.Sprintf("it has stood still for %s", long))
	}
	return nil
}

// bounded runs a loop, and returns at the latest stopLimit after the end of ctx, whatever the loop waits for.
func bounded(ctx context.Context, loop func(context.Context) error) error {
	done := make(chan error, 1)
	go func() { done <- loop(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	t := time.NewTimer(stopLimit)
	defer t.Stop()
	select {
	case err := <-done:
		return err
	case <-t.C:
		return errHangs
	}
}
