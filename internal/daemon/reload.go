package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"sync"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/templates"
)

// A setup is what a configuration amounts to. It is replaced as a whole and never changed, so that whoever reads it sees one
// configuration.
type setup struct {
	cfg       *config.Config
	stations  []*station
	templates *templates.Set
	shop      templates.Shop // what its slips show
}

// config is the configuration in force.
func (d *Daemon) config() *config.Config { return d.setup.Load().cfg }

// stations are the printers in force.
func (d *Daemon) stations() []*station { return d.setup.Load().stations }

// newSetup makes a setup without starting or stopping anything. Printers whose section is as it was in old are kept.
func (d *Daemon) newSetup(ctx context.Context, cfg *config.Config, old *setup) (*setup, error) {
	shop, err := Shop(cfg)
	if err != nil {
		return nil, err
	}
	n := &setup{cfg: cfg, shop: shop}
	if old != nil && old.cfg.Templates == cfg.Templates {
		n.templates = old.templates
	} else {
		set, err := templates.Load(templates.Options{Dir: cfg.Templates.Dir, Locale: cfg.Shop.Locale})
		if err != nil {
			return nil, fmt.Errorf("load templates: %w", err)
		}
		n.templates = set
	}
	for _, c := range cfg.Printers {
		s := kept(old, c)
		if s == nil {
			var err error
			if s, err = d.openStation(ctx, c); err != nil {
				return nil, fmt.Errorf("printer %s: %w", c.Name, err)
			}
		}
		n.stations = append(n.stations, s)
	}
	return n, nil
}

func kept(old *setup, c config.Printer) *station {
	if old == nil {
		return nil
	}
	for _, s := range old.stations {
		if sameDevice(s.cfg, c) {
			return s
		}
	}
	return nil
}

// sameDevice reports whether a printer can go on as it is with a changed section. What the daemon reads each time may differ.
func sameDevice(a, b config.Printer) bool {
	a.CopyPause, a.StaleAfter, a.Failover = b.CopyPause, b.StaleAfter, b.Failover
	return a == b
}

// A yard runs what a reload may stop: a printer with its worker, and the watch over the folder of templates.
type yard struct {
	d            *Daemon
	above, below context.Context // of workers and of printers: a worker ends before its printer
	fail         func(error)
	workers      sync.WaitGroup // and the watch over templates
	printers     sync.WaitGroup
	stop         map[*station]func() // ends a printer, after its slip on the wire came out or had to be given up
	unwatch      func()
}

// start runs a printer and its worker.
func (y *yard) start(s *station) {
	work, stopWork := context.WithCancel(y.above)
	link, stopLink := context.WithCancel(y.below)
	worked, linked := make(chan struct{}), make(chan struct{})
	y.printers.Go(func() {
		defer close(linked)
		if err := s.printer.Run(link); err != nil {
			y.fail(fmt.Errorf("printer %s: %w", s.name, err))
		}
	})
	y.workers.Go(func() {
		defer close(worked)
		if err := y.d.journal.Run(work, []string{s.name}, y.d.deliverTo(s)); err != nil {
			y.fail(fmt.Errorf("queue: %w", err))
		}
	})
	y.stop[s] = func() {
		s.going.leave()
		y.d.journal.Dismiss(s.name)
		stopWork()
		<-worked
		stopLink()
		<-linked
	}
}

// end waits for the workers, whose slips on the wire have a moment to be proven, then ends the printers.
func (y *yard) end(stopBelow func()) {
	y.workers.Wait()
	stopBelow()
	y.printers.Wait()
}

// watch takes changed templates into use until the next watch.
func (y *yard) watch(set *templates.Set) {
	ctx, cancel := context.WithCancel(y.above)
	done := make(chan struct{})
	y.workers.Go(func() {
		defer close(done)
		if err := y.d.watchTemplates(ctx, set); err != nil && ctx.Err() == nil {
			y.fail(fmt.Errorf("templates: %w", err))
		}
	})
	y.unwatch = func() { cancel(); <-done }
}

// change goes over to a new setup: what is no longer wanted ends first, so that two printers may swap their devices.
func (y *yard) change(ctx context.Context, n *setup) {
	old := y.d.setup.Load()
	var ending sync.WaitGroup
	for _, s := range old.stations {
		if !slices.Contains(n.stations, s) {
			ending.Go(y.stop[s])
			delete(y.stop, s)
		}
	}
	ending.Wait()
	y.d.setup.Store(n)
	for _, s := range n.stations {
		if y.stop[s] == nil {
			y.start(s)
		}
	}
	if n.templates != old.templates {
		y.unwatch()
		y.watch(n.templates)
	}
	y.d.rehome(ctx)
}

// reload reads the configuration again. A broken one is told loudly and changes nothing; with quiet set, one that says what
// is in force is passed over in silence.
func (y *yard) reload(ctx context.Context, quiet bool) {
	d := y.d
	cfg, err := d.o.Load()
	if err == nil && quiet && reflect.DeepEqual(cfg, d.config()) {
		return
	}
	d.notify("RELOADING=1")
	defer d.notify("READY=1")
	var n *setup
	var later []string
	if err == nil {
		later = pin(cfg, d.config())
		n, err = d.newSetup(ctx, cfg, d.setup.Load())
	}
	if err != nil {
		d.log.Error("the new configuration is broken; the old one stays in use", "file", d.config().Path, "err", err)
		return
	}
	d.waiting.Store(&later)
	if len(later) > 0 {
		d.log.Warn("some changes of the configuration wait for a restart", slog.Any("keys", later))
	}
	y.change(ctx, n)
	d.log.Info("configuration read again", "file", cfg.Path, "printers", len(cfg.Printers))
}

// waitingSections names the sections whose change waits for a restart.
func (d *Daemon) waitingSections() []string {
	if later := d.waiting.Load(); later != nil {
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
	note("http", slices.Equal(cfg.HTTP.Listen, now.HTTP.Listen))
	note("shop", cfg.Shop == now.Shop)
	note("journal", cfg.Journal == now.Journal)
	note("log", cfg.Log == now.Log)
	cfg.Spool, cfg.Data, cfg.HTTP, cfg.Shop, cfg.Journal, cfg.Log = now.Spool, now.Data, now.HTTP, now.Shop, now.Journal, now.Log
	return later
}

// rehome moves what waits for a printer that is not configured to where the routes send it now: a slip that nobody would ever
// print is lost.
func (d *Daemon) rehome(ctx context.Context) {
	list, err := d.journal.Outstanding(ctx)
	if err != nil {
		if ctx.Err() == nil {
			d.log.Error("the journal cannot be read", "err", err)
		}
		return
	}
	looked := map[string]bool{}
	for _, o := range list {
		if o.State != queue.Queued && o.State != queue.Held || looked[o.Printer] || d.station(o.Printer) != nil {
			continue
		}
		looked[o.Printer] = true
		moved, err := d.journal.Rehome(ctx, o.Printer)
		if err != nil {
			d.log.Error("slips of a removed printer cannot be moved", "printer", o.Printer, "err", err)
			continue
		}
		for _, to := range slices.Sorted(maps.Keys(moved)) {
			d.log.Warn("slips that waited for a printer that is not configured go to another", "printer", o.Printer, "to", to, "copies", moved[to])
		}
	}
}

// watchHomeless moves slips that come to wait for a printer that is not configured: a person may answer for a copy of a
// printer that is gone.
func (d *Daemon) watchHomeless(ctx context.Context) error {
	events := d.journal.Subscribe(-1)
	d.rehome(ctx)
	for {
		e, err := events.Next(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("read events: %w", err)
		case e.Type == queue.EventCopy && e.State == queue.Queued && d.station(e.Printer) == nil:
			d.rehome(ctx)
		}
	}
}
