package web

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
)

// A printerMoment is one state a printer came into.
type printerMoment struct {
	At            time.Time
	State, Reason string
	Text          job.Text
}

// momentsKept is how many states of each printer are remembered since the daemon began.
const momentsKept = 50

// watch remembers how the printers have been. It is a help for the eye only and begins anew with each start.
type watch struct {
	mu  sync.Mutex
	all map[string][]printerMoment
}

// note remembers the printers' states where they changed.
func (w *watch) note(list []api.Printer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = map[string][]printerMoment{}
	}
	for _, p := range list {
		old := w.all[p.Name]
		if n := len(old); n > 0 && old[n-1].State == p.State && old[n-1].Reason == p.Reason {
			continue
		}
		old = append(old, printerMoment{At: p.Since, State: p.State, Reason: p.Reason, Text: p.Text})
		w.all[p.Name] = old[max(0, len(old)-momentsKept):]
	}
}

// story gives what is remembered of one printer, the latest first.
func (w *watch) story(name string) []printerMoment {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := slices.Clone(w.all[name])
	slices.Reverse(list)
	return list
}

// Run follows printers and journal until ctx ends, for the printers' stories and the metrics. It returns nil.
func (s *Server) Run(ctx context.Context) error {
	changed := s.o.Printers.Changed()
	s.watch.note(s.o.Printers.Printers())
	feed := s.pump(ctx, s.feed)
	for {
		select {
		case e, open := <-feed:
			if !open {
				return nil
			}
			s.meter.event(ctx, e)
		case <-changed:
			changed = s.o.Printers.Changed()
			s.watch.note(s.o.Printers.Printers())
		case <-ctx.Done():
			for range feed { // its goroutine ends with ctx
				continue
			}
			return nil
		}
	}
}
