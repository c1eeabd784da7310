package daemon

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/diagnosis"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/recording"
)

// A Direct talks to one configured printer while no daemon runs: for finding out what is wrong with it. It prints no slips.
type Direct struct {
	station *station
	cancel  context.CancelFunc
	done    sync.WaitGroup
}

// OpenDirect starts to talk to a printer. Its error is api.ErrNoPrinter for a name that is not configured; a printer that
// cannot be reached is no error here: its status tells. The caller closes it.
func OpenDirect(ctx context.Context, cfg *config.Config, name string, log *slog.Logger) (*Direct, error) {
	return openDirect(ctx, cfg, name, log, nil)
}

// RecordDirect is OpenDirect with everything on the line recorded. Before, the printer is asked what it says of itself, over a link of
// its own; when that does not open the recording says so, and so will the status.
func RecordDirect(ctx context.Context, cfg *config.Config, name, version string) (*Direct, *recording.Recorder, error) {
	var rec *recording.Recorder
	x, err := openDirect(ctx, cfg, name, nil, func(s *station, open opening) opening {
		device, _ := link.Parse(s.cfg.Device) // newStation has parsed it
		rec = recording.New(recording.Head{Version: version, Profile: s.profile.Name, Dots: s.profile.WidthDots,
			Cutter: s.profile.Cutter != "", Link: string(device.Scheme)})
		open = rec.Wrap(open)
		_ = recording.Ask(ctx, open) // what failed is in the recording
		return open
	})
	return x, rec, err
}

// opening opens a link to a printer.
type opening = func(context.Context) (link.Conn, error)

func openDirect(ctx context.Context, cfg *config.Config, name string, log *slog.Logger, record func(*station, opening) opening) (*Direct, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	for _, c := range cfg.Printers {
		if c.Name != name {
			continue
		}
		s, err := newStation(c, log)
		if err != nil {
			return nil, err
		}
		open := s.watch.Open(within(directDial, opener(c, s.profile, nil)))
		if record != nil {
			open = record(s, open)
		}
		s.printer = printer.New(printer.Config{
			Name: c.Name, Device: c.Device, Profile: s.profile, Proof: c.Proof, OnPaperOut: c.OnPaperOut,
			Store: &tierFile{path: filepath.Join(cfg.Data.Dir, "tiers.json")}, Logger: log,
			Open: open,
		})
		run, cancel := context.WithCancel(ctx)
		x := &Direct{station: s, cancel: cancel}
		x.done.Go(func() { _ = s.printer.Run(run) }) // it returns nil
		return x, nil
	}
	unknown := &api.NoPrinterError{Name: name}
	for _, c := range cfg.Printers {
		unknown.Known = append(unknown.Known, c.Name)
	}
	return nil, unknown
}

// How long Direct waits for a network printer to be there, and for one that is there to say a word.
const (
	directDial   = 4 * time.Second
	directAnswer = 1500 * time.Millisecond
)

// within gives an open that takes at most so long.
func within(limit time.Duration, open func(context.Context) (link.Conn, error)) func(context.Context) (link.Conn, error) {
	return func(ctx context.Context) (link.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		return open(ctx)
	}
}

// Close ends the conversation and waits for it.
func (x *Direct) Close() {
	x.cancel()
	x.done.Wait()
}

// Status asks the printer how it is, for at most limit. What surely does not change is told at once.
func (x *Direct) Status(ctx context.Context, limit time.Duration) api.Printer {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		st := x.station.status()
		switch {
		case st.State != printer.Unknown && st.State != printer.Down, st.Cause == string(diagnosis.Dark):
			return st
		case st.State == printer.Down && (x.station.watch.Trouble().Cause != "" || time.Since(st.Since) > directAnswer):
			return st
		}
		select {
		case <-ctx.Done():
			return st
		case <-tick.C:
		}
	}
}

// Test prints a test page.
func (x *Direct) Test(ctx context.Context) (api.TestPage, error) { return x.station.test(ctx) }

// Probe measures which proof the printer gives.
func (x *Direct) Probe(ctx context.Context, cover bool, report func(step string)) (api.Probe, error) {
	return x.station.probe(ctx, cover, report)
}
