package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/receiptd/receiptd/queue"
)

// The homeless are slips that wait for a printer that is not configured: nobody would ever print them.
type homeless struct {
	now      *inForce
	waiting  *queue.Waiting
	printing *queue.Printing
	events   *queue.Feed
	log      *slog.Logger
}

// rehome moves them to where the routes send them now.
func (h *homeless) rehome(ctx context.Context) {
	list, err := h.waiting.Outstanding(ctx)
	if err != nil {
		if ctx.Err() == nil {
			h.log.Error("the journal cannot be read", "err", err)
		}
		return
	}
	looked := map[string]bool{}
	for _, o := range list {
		if o.State != queue.Queued && o.State != queue.Held || looked[o.Printer] || h.now.Load().station(o.Printer) != nil {
			continue
		}
		looked[o.Printer] = true
		moved, err := h.printing.Rehome(ctx, o.Printer)
		if err != nil {
			h.log.Error("slips of a removed printer cannot be moved", "printer", o.Printer, "err", err)
			continue
		}
		for _, to := range slices.Sorted(maps.Keys(moved)) {
			h.log.Warn("slips that waited for a printer that is not configured go to another", "printer", o.Printer, "to", to, "copies", moved[to])
		}
	}
}

// watch moves slips that come to wait for a printer that is not configured, until ctx ends: a person may answer for a copy of a
// printer that is gone.
func (h *homeless) watch(ctx context.Context) error {
	events := h.events.Subscribe(-1)
	h.rehome(ctx)
	for {
		e, err := events.Next(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("read events: %w", err)
		case e.Type == queue.EventCopy && e.State == queue.Queued && h.now.Load().station(e.Printer) == nil:
			h.rehome(ctx)
		}
	}
}
