// Package daemon wires the parts together: configuration, journal, drop folder, printers and page, and their lifetimes.
//
// It owns the token file and the tier file in the data folder. Run starts every long-running part and waits for all of
// them; what was answered before a crash is in the journal, and everything else starts anew.
package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/receiptd/receiptd/capture"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/devices"
	"github.com/receiptd/receiptd/internal/giveback"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/notify"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/spool"
	"github.com/receiptd/receiptd/web"
)

// Options are what the command gives beside the configuration.
type Options struct {
	Logger  *slog.Logger // nil discards
	Version string
	Demo    string // address of the virtual printer's control, shown on its page; "" outside the demo
	// Page is where requests come in, already open; nil: the addresses of the configuration are opened.
	Page net.Listener
	// Ready is called once everything runs, with the address of the page (its pairing link); nil is fine.
	Ready func(pageURL string)
	// Load reads the configuration again, with Check; nil: it never changes. It is called when its file changes and for each
	// element of Reload.
	Load   func() (*config.Config, error)
	Reload <-chan os.Signal // a person asks for it; nil is fine
	// File is the configuration's file, watched also while it is not there yet; "": the one that the configuration came from.
	File string
	// WithSetUp reads the configuration as it would be with another set-up, with Check; nil: the page sets nothing up.
	WithSetUp func(setup []byte) (*config.Config, error)
	// Notify tells the service manager a state in the words of sd_notify(3); nil tells nobody.
	Notify   func(state string) error
	Watchdog time.Duration // how often the service manager wants a sign of life; 0: never

	machine machine
}

// A machine is what the watch asks of the computer. The zero value asks the real one; tests fill its disk and set its clock.
type machine struct {
	room   func(dir string) (bytes, files int64, err error) // what is free on a folder's disk; -1 files: nobody counts them
	wall   func() time.Time
	steady func() time.Duration // since the machine began
}

// stopLimit is how long a stop may take. It is shorter than the service manager's patience (TimeoutStopSec).
var stopLimit = 8 * time.Second // tests give it more: a busy machine may take longer

// ErrStopHangs is what Run gives when the parts did not end in time: a disk, say, that does not answer. The process should end:
// everything is as after a crash, which loses nothing.
var ErrStopHangs = errors.New("receiptd did not end in time and was cut off")

// Run runs receiptd until ctx ends. A slip that is on the wire then has a moment to be proven; then it is uncertain. The
// error is nil after an orderly end. It returns within ten seconds after the end of ctx: ErrStopHangs.
func Run(ctx context.Context, cfg *config.Config, o Options) error {
	done := make(chan error, 1)
	go func() { done <- run(ctx, cfg, o) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	limit := time.NewTimer(stopLimit)
	defer limit.Stop()
	select {
	case err := <-done:
		return err
	case <-limit.C:
		return ErrStopHangs
	}
}

// A daemon is the parts of one running receiptd. Each part has its own state; this only puts them together, starts and ends them.
type daemon struct {
	o        Options
	now      inForce
	queue    *queue.Queue
	spool    *spool.Spool
	secrets  secrets
	alarms   *alarms
	changed  broadcast // sends when a printer's status changes
	printing *printing
	printers *printers
	reloader *reloader
	site     *site
	ready    *readiness
	manager  *manager
	notifier *notify.Notifier
	archive  *archivist
	memory   *giveback.Giver
	captures []*capture.Capture
	ports    []net.Listener // of captures
	centre   *centre
	log      *slog.Logger
}

func run(ctx context.Context, cfg *config.Config, o Options) (err error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	d := &daemon{o: o, log: o.Logger, manager: &manager{notify: o.Notify, log: o.Logger}, memory: giveback.New()}
	d.now.Store(&setup{cfg: cfg})
	d.alarms = &alarms{log: d.log}
	d.printing = &printing{now: &d.now, alarms: d.alarms, changed: &d.changed, tiers: &tierFile{path: filepath.Join(cfg.Data.Dir, "tiers.json")}, log: d.log}
	if err := noCoreDumps(); err != nil {
		d.log.Warn("core dumps stay on", "err", err)
	}
	if err := os.MkdirAll(cfg.Data.Dir, 0o750); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	started := d.manager.starting()
	defer started()
	// The drop folder first: whoever shares it with another receiptd must hear that, and not that its journal is not the one that
	// the folder knows.
	folders, err := spool.Hold(cfg.Spool.Dir, d.log)
	if err != nil {
		return err
	}
	defer folders.Close()
	if d.queue, err = openJournal(ctx, &d.now, d.printing, d.log); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.queue.Close()) }()
	d.alarms.record, d.printing.queue, d.printing.jobs, d.printing.drawers = d.queue.Alarms, d.queue.Printing, d.queue.Jobs, d.queue.Drawers
	defer d.printing.late.Wait()
	defer d.printing.ahead.Wait()
	defer d.closeCaptures()
	if err := d.openParts(ctx, cfg, folders); err != nil {
		return err
	}
	defer d.site.close()
	started()
	return d.serve(ctx)
}

// openParts opens what needs the journal.
func (d *daemon) openParts(ctx context.Context, cfg *config.Config, folders *spool.Folders) error {
	var err error
	if d.secrets, err = openSecrets(cfg.Data.Dir); err != nil {
		return err
	}
	first, err := newSetup(cfg, nil, func(c config.Printer) (*station, error) { return d.printing.openStation(ctx, c) })
	if err != nil {
		return err
	}
	d.now.Store(first)
	parse := func(data []byte) job.Result { return d.now.Load().parse(data) }
	d.spool = folders.Use(d.queue, spool.Options{Settle: time.Duration(cfg.Spool.Settle), Rescan: time.Duration(cfg.Spool.Rescan),
		NameKey: []byte(d.secrets.names), Logger: d.log, Parse: parse, Coming: d.printing.coming})
	d.printers = &printers{&d.now, &d.changed, d.queue.Printing}
	d.ready = &readiness{waiting: d.queue.Waiting, spool: d.spool, dir: cfg.Spool.Dir}
	d.notifier = notify.New(notify.Options{Journal: d.queue.Notices, ID: d.queue.Journal.ID(), Label: func(name string) string { return d.now.Load().cfg.PrinterLabel(name) }, Logger: d.log})
	d.centre = &centre{parse: parse, known: func(s string) bool { return d.now.Load().cfg.KnowsStation(s) }, queue: d.queue, printers: d.printers, version: d.o.Version, log: d.log}
	d.reloader = &reloader{now: &d.now, load: d.o.Load, file: cmp.Or(d.o.File, cfg.Path), asked: d.o.Reload, setUp: make(chan chan<- error),
		open: d.printing.openStation, manager: d.manager, log: d.log}
	drawn := &previews{now: &d.now, printing: d.printing}
	d.archive = newArchivist(&d.now, d.queue, drawn, d.memory.Work, d.log)
	d.site = &site{log: d.log, now: &d.now, asked: d.memory.Asked, options: web.Options{Queue: d.queue, Printers: d.printers,
		Previews: drawn, Archive: d.archive, Erase: &housekeeper{now: &d.now, retention: d.queue.Retention, archive: d.archive, spool: d.spool, log: d.log}, Token: d.secrets.token, PageKey: d.secrets.page,
		PinFile: filepath.Join(cfg.Data.Dir, "supervisor-pin"), Version: d.o.Version, Shop: func() web.Shop { return d.now.Load().page() }, Demo: d.o.Demo,
		Devices: d.devices(cfg.Data.Dir), Allow: cfg.HTTP.LANAllow, Waiting: d.reloader.waitingSections, SetUp: d.setUpPage(cfg.Data.Dir), Notify: d.notifier, Centre: d.centre, Alarms: []web.Alarms{d.centre.alarms}, Checks: d.ready.checks(), Logger: d.log, Parse: parse}}
	if d.site.network = newNetwork(cfg, d.site.options.Devices, d.log); d.site.network != nil {
		d.site.options.Network = d.site.network
	}
	if err := d.listenCaptures(ctx, cfg.Captures); err != nil {
		return err
	}
	return d.site.listen(ctx, d.o.Page, cfg.HTTP.Listen)
}

// devices are who may come in beside this machine. Where nobody knows who was revoked, nobody comes in, and slips print.
func (d *daemon) devices(dir string) *devices.List {
	list, err := devices.Open(dir, nil)
	if err != nil {
		d.log.Error("no paired device and no program with a token of its own may come in: put the file back, or remove it and pair them anew", "file", filepath.Join(dir, devices.File), "err", err)
		return nil
	}
	return list
}

// serve starts the parts from the ground up and ends them from the top down: first nothing new comes in, then the
// slips on the wire are settled, then the links close; the answers end last and tell of it.
func (d *daemon) serve(ctx context.Context) error {
	below, stopBelow := context.WithCancel(context.WithoutCancel(ctx))
	above, stopAbove := context.WithCancel(ctx)
	defer stopBelow()
	defer stopAbove()
	var first onceError
	fail := func(err error) { first.set(err); stopAbove() }
	waiting := &homeless{now: &d.now, waiting: d.queue.Waiting, printing: d.queue.Printing, events: d.queue.Events, log: d.log}
	run := &running{now: &d.now, printing: d.printing, homeless: waiting, notifier: d.notifier, centre: d.centre, above: above, below: below, fail: fail, stop: map[*station]func(){}}
	d.reloader.running = run
	var parts sync.WaitGroup
	start := func(name string, run func(context.Context) error) {
		parts.Go(func() {
			if err := run(above); err != nil && !errors.Is(err, context.Canceled) {
				fail(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	run.startAll()
	defer d.notifier.Close()
	defer d.centre.close()
	watch := &watcher{now: &d.now, queue: d.queue, printers: d.printers, notifier: d.notifier, room: d.o.machine.room, log: d.log,
		clock: clockWatch{wall: d.o.machine.wall, steady: d.o.machine.steady}}
	start("watch", watch.run)
	start("archive", d.archive.Run)
	start("memory", d.memory.Run)
	start("work", d.work)
	start("retention", func(ctx context.Context) error { d.queue.Retention.Retain(ctx); return nil })
	start("queue", waiting.watch)
	start("drawer", func(ctx context.Context) error { return d.queue.Drawers.Run(ctx, d.printing.openDrawer) })
	start("drop folder", d.spool.Run)
	endAnswers := d.answer(fail)
	for _, c := range d.captures {
		start("capture", c.Run)
	}
	start("page", d.site.serve)
	start("configuration", d.reloader.watch)
	start("watchdog", func(ctx context.Context) error { return d.manager.watchdog(ctx, d.o.Watchdog, d.ready.alive) })
	d.manager.tell("READY=1")
	d.reloader.noPrinter()
	if d.o.Ready != nil {
		d.o.Ready(d.site.url())
	}
	<-above.Done()
	d.manager.tell("STOPPING=1")
	parts.Wait()
	run.end(stopBelow)
	endAnswers()
	return first.err
}

// work tells whoever gives memory back that there is work: that something happens.
func (d *daemon) work(ctx context.Context) error {
	for events := d.queue.Events.Subscribe(-1); ; d.memory.Work() {
		if _, err := events.Next(ctx); err != nil {
			return nil //nolint:nilerr // ctx ended, or the journal cannot be read, which others tell of
		}
	}
}

// answer keeps the answers up to date until end is called, which writes the last ones.
func (d *daemon) answer(fail func(error)) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := d.spool.Answer(ctx); err != nil {
			fail(fmt.Errorf("drop folder: %w", err))
		}
	}()
	return func() { cancel(); <-done }
}

// onceError keeps the first error of several goroutines.
type onceError struct {
	once sync.Once
	err  error
}

func (o *onceError) set(err error) { o.once.Do(func() { o.err = err }) }
