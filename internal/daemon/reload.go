package daemon

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"sync/atomic"

	"github.com/receiptd/receiptd/internal/config"
)

// A reloader takes a changed configuration into use while receiptd runs. This is the whole way:
//
//	watch    sees that the file changed or that a person asks, by a signal or on the set-up page
//	read     reads it; a broken one changes nothing
//	pin      keeps what needs a restart as it is, and names those sections
//	newSetup makes the new setup, with the printers and templates that stay
//	change   (of running) ends what goes, puts the setup in force, starts what comes
//
// At once: [[printer]], [[route]], [shop], [templates], [slip], [[money]], [guard], [watch], [archive], [[notify]], [fleet]. After a restart, which is told in the log, by the API and by
// receiptd config show: what pin keeps.
type reloader struct {
	now     *inForce
	load    func() (*config.Config, error) // nil: nothing changes
	file    string                         // watched; "" for none
	asked   <-chan os.Signal               // a person asks for it
	setUp   chan chan<- error              // the set-up page asks for it, and wants to know how it ended
	open    func(ctx context.Context, c config.Printer) (*station, error)
	running *running
	manager *manager
	waiting atomic.Pointer[[]string] // sections whose change waits for a restart; the page reads it
	log     *slog.Logger
}

// read takes the configuration into use. A broken one is told loudly and changes nothing; with quiet set, one that says what
// is in force is passed over in silence.
func (r *reloader) read(ctx context.Context, quiet bool) error {
	old := r.now.Load()
	cfg, err := r.load()
	if err == nil && quiet && reflect.DeepEqual(cfg, old.cfg) {
		return nil
	}
	if err == nil && len(cfg.Printers) == 0 && len(old.cfg.Printers) > 0 && bytes.Equal(cfg.SetUp.Data, old.cfg.SetUp.Data) {
		err = errLastPrinter // on the set-up page that is said by name; a file may be emptied by mistake
	}
	r.manager.tell("RELOADING=1")
	defer r.manager.tell("READY=1")
	var n *setup
	var later []string
	if err == nil {
		later = pin(cfg, old.cfg)
		n, err = newSetup(cfg, old, func(c config.Printer) (*station, error) { return r.open(ctx, c) })
	}
	if err != nil {
		r.log.Error("the new configuration is broken; the old one stays in use", "file", old.cfg.Path, "err", err)
		return err
	}
	r.waiting.Store(&later)
	if len(later) > 0 {
		r.log.Warn("some changes of the configuration wait for a restart", slog.Any("keys", later))
	}
	r.running.change(ctx, n)
	r.log.Info("configuration read again", "file", cfg.Path, "printers", len(cfg.Printers))
	r.noPrinter()
	return nil
}

// noPrinter says loudly that there is nothing to print on.
func (r *reloader) noPrinter() {
	if len(r.now.Load().cfg.Printers) == 0 {
		r.log.Warn("no printer is configured: slips are taken and wait; set one up on the page (receiptd page, then /setup) or write a [[printer]] section")
	}
}

// errLastPrinter refuses a file that takes the last printer away from a running daemon.
var errLastPrinter = errors.New("the file has no printer any more; restart receiptd if that is meant")

// errNotNow says that a changed set-up is not in force yet: it will be.
var errNotNow = errors.New("the change takes effect when the slip being printed is out")

// takeSetUp takes a changed set-up into use, and waits for that. Its error is errNotNow when ctx ends before.
func (r *reloader) takeSetUp(ctx context.Context) error {
	ended := make(chan error, 1)
	select {
	case r.setUp <- ended:
	case <-ctx.Done():
		return errNotNow
	}
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return errNotNow
	}
}

// waitingSections names the sections whose change waits for a restart.
func (r *reloader) waitingSections() []string {
	if later := r.waiting.Load(); later != nil {
		return *later
	}
	return nil
}

// pin keeps what only a restart can change as it is, and names the sections in which cfg wants something else.
func pin(cfg, now *config.Config) []string {
	var later []string
	note := func(section string, same bool) {
		if !same {
			later = append(later, section)
		}
	}
	note("spool", cfg.Spool.Dir == now.Spool.Dir && cfg.Spool.Settle == now.Spool.Settle && cfg.Spool.Rescan == now.Spool.Rescan &&
		slices.Equal(cfg.Spool.Allow, now.Spool.Allow))
	note("data", cfg.Data == now.Data)
	note("http", reflect.DeepEqual(cfg.HTTP, now.HTTP))
	note("journal", cfg.Journal == now.Journal)
	note("log", cfg.Log == now.Log)
	note("capture", reflect.DeepEqual(cfg.Captures, now.Captures))
	cfg.Spool, cfg.Data, cfg.HTTP, cfg.Journal, cfg.Log, cfg.Captures = now.Spool, now.Data, now.HTTP, now.Journal, now.Log, now.Captures
	return later
}
