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
	"sync"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/spool"
	"github.com/receiptd/receiptd/templates"
	"github.com/receiptd/receiptd/web"
)

// Options are what the command gives beside the configuration.
type Options struct {
	Logger  *slog.Logger // nil discards
	Version string
	// Ready is called once everything runs, with the address of the page (its pairing link); nil is fine.
	Ready func(pageURL string)
}

// Daemon is one running receiptd.
type Daemon struct {
	cfg       *config.Config
	o         Options
	log       *slog.Logger
	journal   *queue.Queue
	templates *templates.Set
	printers  []*station
	spool     *spool.Spool
	secrets   secrets
	listeners []net.Listener
}

// Run runs receiptd until ctx ends. A slip that is on the wire then has a moment to be proven; then it is uncertain. The
// error is nil after an orderly end.
func Run(ctx context.Context, cfg *config.Config, o Options) (err error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	d := &Daemon{cfg: cfg, o: o, log: o.Logger}
	if err := noCoreDumps(); err != nil {
		d.log.Warn("core dumps stay on", "err", err)
	}
	if err := os.MkdirAll(cfg.Data.Dir, 0o750); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	if err := d.openJournal(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.journal.Close()) }()
	if err := d.openParts(ctx); err != nil {
		return err
	}
	defer d.closeListeners()
	return d.serve(ctx)
}

func (d *Daemon) openJournal(ctx context.Context) error {
	stale := map[job.Kind]time.Duration{}
	for _, p := range d.cfg.Printers {
		if p.StaleAfter > 0 {
			for _, k := range []job.Kind{job.KindTransaction, job.KindReversal, job.KindOrder, job.KindDocument} {
				stale[k] = max(stale[k], time.Duration(p.StaleAfter))
			}
		}
	}
	j, err := queue.Open(ctx, filepath.Join(d.cfg.Data.Dir, "journal.db"), queue.Options{
		Logger: d.log,
		Route: func(j *job.Job, c job.CopyName) string {
			return d.cfg.PrinterFor(j.Printer, string(j.Kind), string(c), j.Counter, j.TerminalNo())
		},
		DefaultCopies:   d.defaultCopies,
		StaleAfter:      stale,
		CopyPause:       d.copyPause,
		RetentionMonths: d.cfg.Journal.RetentionMonths,
		PersonalDays:    d.cfg.Journal.DocumentDays,
		Allow:           d.cfg.Spool.Allow,
	})
	if err != nil {
		return fmt.Errorf("open journal: %w", err)
	}
	d.journal = j
	return nil
}

// defaultCopies follows slip.copies; nil leaves it to the kind. A declined slip goes to the cardholder only.
func (d *Daemon) defaultCopies(j *job.Job) []job.CopyName {
	names, ok := d.cfg.Slip.Copies[string(j.Kind)]
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
	if d.secrets, err = openSecrets(d.cfg.Data.Dir); err != nil {
		return err
	}
	if d.templates, err = templates.Load(templates.Options{Dir: d.cfg.Templates.Dir, Locale: d.cfg.Shop.Locale}); err != nil {
		return fmt.Errorf("load templates: %w", err)
	}
	if d.printers, err = d.openStations(ctx); err != nil {
		return err
	}
	if d.spool, err = spool.New(d.cfg.Spool.Dir, d.journal, spool.Options{
		Settle: time.Duration(d.cfg.Spool.Settle), Rescan: time.Duration(d.cfg.Spool.Rescan), Logger: d.log}); err != nil {
		return err
	}
	return d.listen(ctx)
}

// listen opens the addresses. An address family that this machine lacks is passed over as long as one address works.
func (d *Daemon) listen(ctx context.Context) error {
	var lc net.ListenConfig
	var failed error
	for _, addr := range d.cfg.HTTP.Listen {
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
// slips on the wire are settled, then the links close.
func (d *Daemon) serve(ctx context.Context) error {
	below, stopBelow := context.WithCancel(context.WithoutCancel(ctx))
	above, stopAbove := context.WithCancel(ctx)
	defer stopBelow()
	defer stopAbove()
	var first onceError
	var printers, parts sync.WaitGroup
	start := func(wg *sync.WaitGroup, ctx context.Context, name string, run func(context.Context) error) {
		wg.Go(func() {
			if err := run(ctx); err != nil && !errors.Is(err, context.Canceled) {
				first.set(fmt.Errorf("%s: %w", name, err))
				stopAbove()
			}
		})
	}
	for _, p := range d.printers {
		start(&printers, below, "printer "+p.name, p.printer.Run)
	}
	start(&parts, above, "queue", func(ctx context.Context) error { return d.journal.Run(ctx, d.names(), d.deliver) })
	start(&parts, above, "drop folder", d.spool.Run)
	start(&parts, above, "page", d.serveHTTP)
	start(&parts, above, "templates", d.watchTemplates)
	if d.o.Ready != nil {
		d.o.Ready(d.pageURL())
	}
	<-above.Done()
	parts.Wait()
	stopBelow()
	printers.Wait()
	return first.err
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
		PinFile: filepath.Join(d.cfg.Data.Dir, "supervisor-pin"), Version: d.o.Version, Locale: d.cfg.Shop.Locale, Logger: d.log})
	server := &http.Server{Handler: site.Handler(), ReadHeaderTimeout: 5 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
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

// pageURL is the address that pairs a browser.
func (d *Daemon) pageURL() string {
	if len(d.listeners) == 0 {
		return ""
	}
	return "http://" + d.listeners[0].Addr().String() + "/pair?key=" + d.secrets.page
}

// watchTemplates takes changed overrides into use, and tells of broken ones.
func (d *Daemon) watchTemplates(ctx context.Context) error {
	return d.templates.Watch(ctx, func(e templates.Event) {
		if e.State == templates.Broken {
			d.log.Error("a template is broken; the last good one stays in use", "template", e.Template, "what", e.En)
			return
		}
		d.log.Info("template", "template", e.Template, "state", e.State)
	})
}
