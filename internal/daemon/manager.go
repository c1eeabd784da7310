package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// A manager is the service manager that started receiptd, if one did: it is told how receiptd stands in the words of sd_notify(3).
type manager struct {
	notify func(state string) error // nil tells nobody
	log    *slog.Logger
}

// tell tells the service manager something; without one it does nothing.
func (m *manager) tell(state string) {
	if m.notify == nil {
		return
	}
	if err := m.notify(state); err != nil {
		m.log.Warn("the service manager cannot be told", "state", state, "err", err)
	}
}

// How long a start may stay without a word, and how often it gives one: a journal of years takes minutes to be moved to a new
// version or put right after a power cut, while a start that hangs is to be ended and tried again (TimeoutStartSec of the unit).
const (
	startPatience = 30 * time.Second
	startWord     = 5 * time.Second
)

// starting asks the service manager for patience until its result is called, which may happen more than once. It starts one goroutine,
// which has ended then.
func (m *manager) starting() (started func()) {
	if m.notify == nil {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(startWord)
		defer tick.Stop()
		for {
			m.tell(fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", startPatience.Microseconds()))
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	}()
	return sync.OnceFunc(func() { close(done); <-ended })
}

// watchdog tells the service manager twice in each interval that receiptd is alive, as long as alive finds nothing against it, until
// ctx ends.
func (m *manager) watchdog(ctx context.Context, every time.Duration, alive func(context.Context) error) error {
	if every <= 0 {
		return nil
	}
	tick := time.NewTicker(every / 2)
	defer tick.Stop()
	for {
		ask, cancel := context.WithTimeout(ctx, every/2)
		err := alive(ask)
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			m.log.Error("receiptd stands still; the service manager is not told that it is alive", "err", err)
		default:
			m.tell("WATCHDOG=1")
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}
