package daemon

import (
	"context"
	"fmt"
	"hash/maphash"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// quietTime is how long a configuration file must rest before it is read: editors write in several steps.
const quietTime = 300 * time.Millisecond

// watchConfig reads the configuration again when its file changes or a person asks for it, until ctx ends.
func (y *yard) watchConfig(ctx context.Context) error {
	path := y.d.config().Path
	if y.d.o.Load == nil {
		return nil
	}
	var events chan fsnotify.Event
	var errs chan error
	if path != "" {
		w, err := fsnotify.NewWatcher()
		if err == nil {
			defer w.Close()
			err = w.Add(filepath.Dir(path)) // the folder: editors replace the file
			events, errs = w.Events, w.Errors
		}
		if err != nil {
			y.d.log.Warn("changes of the configuration are not seen by themselves; SIGHUP still reads it", "file", path, "err", err)
		}
	}
	var seen uint64
	quiet := time.NewTimer(quietTime) // the file may have changed since it was read, before it was watched
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-events:
			if filepath.Base(e.Name) == filepath.Base(path) {
				quiet.Reset(quietTime)
			}
		case err := <-errs:
			y.d.log.Warn("watch configuration", "err", err)
			quiet.Reset(quietTime)
		case <-quiet.C:
			if now := fingerprint(path); now != seen && now != 0 {
				first := seen == 0
				seen = now
				y.reload(ctx, first)
			}
		case <-y.d.o.Reload:
			seen = fingerprint(path)
			y.reload(ctx, false)
		}
	}
}

var fingerprintSeed = maphash.MakeSeed()

// fingerprint tells two contents of a file apart; 0 when there is no file.
func fingerprint(path string) uint64 {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	return maphash.Bytes(fingerprintSeed, data) | 1
}

// notify tells the service manager something; without one it does nothing.
func (d *Daemon) notify(state string) {
	if d.o.Notify == nil {
		return
	}
	if err := d.o.Notify(state); err != nil {
		d.log.Warn("the service manager cannot be told", "state", state, "err", err)
	}
}

// How long a start may stay without a word, and how often it gives one: a journal of years takes minutes to be moved to a new
// version or put right after a power cut, while a start that hangs is to be ended and tried again (TimeoutStartSec of the unit).
const (
	startPatience = 30 * time.Second
	startWord     = 5 * time.Second
)

// starting asks the service manager for patience until its result is called, which may happen more than once.
func (d *Daemon) starting() (started func()) {
	if d.o.Notify == nil {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(startWord)
		defer tick.Stop()
		for {
			d.notify(fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", startPatience.Microseconds()))
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	}()
	return sync.OnceFunc(func() { close(done); <-ended })
}

// watchdog tells the service manager twice in each interval that receiptd is alive, as long as the journal answers and
// the loops of the drop folder go round.
func (d *Daemon) watchdog(ctx context.Context) error {
	if d.o.Watchdog <= 0 {
		return nil
	}
	tick := time.NewTicker(d.o.Watchdog / 2)
	defer tick.Stop()
	for {
		ask, cancel := context.WithTimeout(ctx, d.o.Watchdog/2)
		err := d.alive(ask)
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			d.log.Error("receiptd stands still; the service manager is not told that it is alive", "err", err)
		default:
			d.notify("WATCHDOG=1")
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}
