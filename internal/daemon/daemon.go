// Package daemon wires the parts together: configuration, journal, drop folder, printers and page, and their lifetimes.
//
// It owns the token file and the tier file in the data folder. Run starts every long-running part and waits for all of
// them; what was answered before a crash is in the journal, and everything else starts anew.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/httpd"
	"github.com/receiptd/receiptd/job"
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
	// Notify tells the service manager a state in the words of sd_notify(3); nil tells nobody.
	Notify   func(state string) error
	Watchdog time.Duration // how often the service manager wants a sign of life; 0: never
}

// Daemon is one running receiptd.
type Daemon struct {
	setup     atomic.Pointer[setup]    // in force
	waiting   atomic.Pointer[[]string] // sections whose change waits for a restart
	o         Options
	log       *slog.Logger
	journal   *queue.Queue
	tiers     *tierFile
	spool     *spool.Spool
	secrets   secrets
	told      sync.Map // what tellOnce told
	listeners []net.Listener
	drawing   sync.Mutex // held while a preview is drawn: one at a time takes memory and a processor
	bell                 // rings when a printer's status changes
}

// stopLimit is how long a stop may take. It is shorter than the service manager's patience (TimeoutStopSec).
const stopLimit = 8 * time.Second

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

func run(ctx context.Context, cfg *config.Config, o Options) (err error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	d := &Daemon{o: o, log: o.Logger, tiers: &tierFile{path: filepath.Join(cfg.Data.Dir, "tiers.json")}}
	d.setup.Store(&setup{cfg: cfg})
	if err := noCoreDumps(); err != nil {
		d.log.Warn("core dumps stay on", "err", err)
	}
	if err := os.MkdirAll(cfg.Data.Dir, 0o750); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	started := d.starting()
	defer started()
	if err := d.openJournal(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.journal.Close()) }()
	defer func() {
		if d.spool != nil {
			d.spool.Close()
		}
	}()
	if err := d.openParts(ctx); err != nil {
		return err
	}
	defer d.closeListeners()
	started()
	return d.serve(ctx)
}

// parse reads a job as the shop's configuration says now.
func (d *Daemon) parse(data []byte) job.Result {
	return job.Parser{Trust: d.config().Guard.Trust}.Parse(data)
}

func (d *Daemon) openJournal(ctx context.Context) error {
	j, err := queue.Open(ctx, filepath.Join(d.config().Data.Dir, "journal.db"), queue.Options{
		Logger: d.log,
		Route: func(j *job.Job, c job.CopyName) string {
			return d.config().PrinterFor(j.Printer, string(j.Kind), string(c), j.Counter, j.TerminalNo())
		},
		Known: func(name string) bool {
			return slices.ContainsFunc(d.config().Printers, func(p config.Printer) bool { return p.Name == name })
		},
		Check:           func(j *job.Job) []job.Problem { return d.door().check(j) },
		Notes:           func(j *job.Job) []job.Problem { return d.door().notes(j) },
		DefaultCopies:   func(j *job.Job) []job.CopyName { return defaultCopies(d.config(), j) },
		StaleAfter:      d.staleAfter,
		CopyPause:       d.copyPause,
		Prepare:         d.prepare,
		RetentionMonths: d.config().Journal.RetentionMonths,
		PersonalDays:    d.config().Journal.DocumentDays,
		Allow:           d.config().Spool.Allow,
		Traces:          d.traces,
	})
	if err != nil {
		return fmt.Errorf("open journal: %w", err)
	}
	d.journal = j
	return nil
}

func fileExists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// traces names what only a journal that was here before can have left: the daemon's own files, claimed jobs, answers.
func (d *Daemon) traces() (found []string) {
	cfg := d.config()
	for _, name := range []string{"token", "tiers.json"} {
		if path := filepath.Join(cfg.Data.Dir, name); fileExists(path) {
			found = append(found, path)
		}
	}
	for _, name := range []string{".taken", "results"} {
		path := filepath.Join(cfg.Spool.Dir, name)
		list, err := os.ReadDir(path)
		if err == nil && slices.ContainsFunc(list, func(e os.DirEntry) bool { return e.Type().IsRegular() && e.Name()[0] != '.' }) {
			found = append(found, path)
		}
	}
	return found
}

// staleAfter is the longest wish of any printer; 0, the default, when there is none. Settlements are never too old.
func (d *Daemon) staleAfter(k job.Kind) time.Duration {
	longest := time.Duration(0)
	if k == job.KindSettlement {
		return longest
	}
	for _, p := range d.config().Printers {
		longest = max(longest, time.Duration(p.StaleAfter))
	}
	return longest
}

// defaultCopies follows slip.copies; nil leaves it to the kind. A declined slip goes to the cardholder only.
func defaultCopies(c *config.Config, j *job.Job) []job.CopyName {
	names, ok := c.Slip.Copies[string(j.Kind)]
	if !ok || (j.Transaction != nil && j.Transaction.Result != job.Approved) {
		return nil
	}
	out := make([]job.CopyName, len(names))
	for i, n := range names {
		out[i] = job.CopyName(n)
	}
	return out
}

func (d *Daemon) openParts(ctx context.Context) error {
	var err error
	if d.secrets, err = openSecrets(d.config().Data.Dir); err != nil {
		return err
	}
	cfg := d.config()
	first, err := d.newSetup(ctx, cfg, nil)
	if err != nil {
		return err
	}
	d.setup.Store(first)
	if d.spool, err = spool.New(d.config().Spool.Dir, d.journal, spool.Options{
		Settle: time.Duration(d.config().Spool.Settle), Rescan: time.Duration(d.config().Spool.Rescan),
		NameKey: []byte(d.secrets.names), Logger: d.log, Parse: d.parse}); err != nil {
		return err
	}
	return d.listen(ctx)
}

// listen opens the addresses. An address family that this machine lacks is passed over as long as one address works.
func (d *Daemon) listen(ctx context.Context) error {
	if d.o.Page != nil {
		d.listeners = []net.Listener{d.o.Page}
		return nil
	}
	var lc net.ListenConfig
	var failed error
	for _, addr := range d.config().HTTP.Listen {
		l, err := lc.Listen(ctx, "tcp", addr)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("listen on %s: %w", addr, err))
			continue
		}
		d.listeners = append(d.listeners, l)
	}
	if len(d.listeners) == 0 && failed != nil {
		return failed
	}
	if failed != nil {
		d.log.Warn("one address of the page cannot be used", "err", failed)
	}
	return nil
}

func (d *Daemon) closeListeners() {
	for _, l := range d.listeners {
		l.Close()
	}
}

// serve starts the parts from the ground up and ends them from the top down: first nothing new comes in, then the
// slips on the wire are settled, then the links close; the answers end last and tell of it.
func (d *Daemon) serve(ctx context.Context) error {
	below, stopBelow := context.WithCancel(context.WithoutCancel(ctx))
	above, stopAbove := context.WithCancel(ctx)
	defer stopBelow()
	defer stopAbove()
	var first onceError
	fail := func(err error) { first.set(err); stopAbove() }
	y := &yard{d: d, above: above, below: below, fail: fail, stop: map[*station]func(){}}
	var parts sync.WaitGroup
	start := func(name string, run func(context.Context) error) {
		parts.Go(func() {
			if err := run(above); err != nil && !errors.Is(err, context.Canceled) {
				fail(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	for _, s := range d.stations() {
		y.start(s)
	}
	y.watch(d.setup.Load().templates)
	start("retention", func(ctx context.Context) error { d.journal.Retain(ctx); return nil })
	start("queue", d.watchHomeless)
	start("drop folder", d.spool.Run)
	endAnswers := d.answer(fail)
	start("page", d.serveHTTP)
	start("configuration", y.watchConfig)
	start("watchdog", d.watchdog)
	d.notify("READY=1")
	if d.o.Ready != nil {
		d.o.Ready(d.pageURL())
	}
	<-above.Done()
	d.notify("STOPPING=1")
	parts.Wait()
	y.end(stopBelow)
	endAnswers()
	return first.err
}

// answer keeps the answers up to date until end is called, which writes the last ones.
func (d *Daemon) answer(fail func(error)) (end func()) {
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

// serveHTTP answers requests until ctx ends, then gives open ones a second.
func (d *Daemon) serveHTTP(ctx context.Context) error {
	if len(d.listeners) == 0 {
		<-ctx.Done()
		return nil
	}
	site := web.New(web.Options{Journal: d.journal, Printers: d, Previews: d, Token: d.secrets.token, PageKey: d.secrets.page,
		PinFile: filepath.Join(d.config().Data.Dir, "supervisor-pin"), Version: d.o.Version, Shop: d.shop, Demo: d.o.Demo, Waiting: d.waitingSections,
		Checks: d.checks(), Logger: d.log, Parse: d.parse})
	var follow sync.WaitGroup
	follow.Go(func() { _ = site.Run(ctx) }) // it gives no error
	defer follow.Wait()
	server := httpd.New(httpd.Options{Handler: site.Handler(), Known: site.Known, Max: httpd.Room(d.reserve()), Logger: d.log, Base: ctx})
	failed := make(chan error, len(d.listeners))
	for _, l := range d.listeners {
		go func() { failed <- server.Serve(l) }()
	}
	var err error
	open := len(d.listeners)
	select {
	case <-ctx.Done():
	case err = <-failed:
		open--
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if shut := server.Shutdown(end); shut != nil {
		server.Close()
	}
	for range open {
		if e := <-failed; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// reserve is how many descriptors stay free of requests beside those open when the page begins: for each printer its link and
// what finds its address, and for the drop folder, answers, the journal and a reload what they open for a moment.
func (d *Daemon) reserve() int { return 16 + 3*len(d.config().Printers) }

// pageURL is the address that pairs a browser: a key, which is shown to who starts the daemon and written into no log.
func (d *Daemon) pageURL() string {
	if len(d.listeners) == 0 {
		return ""
	}
	return "http://" + d.listeners[0].Addr().String() + "/pair?key=" + d.secrets.page
}

// shop is what the page shows times and words by.
func (d *Daemon) shop() web.Shop {
	s := d.setup.Load()
	return web.Shop{Locale: s.cfg.Shop.Locale, Zone: s.shop.Zone}
}
