package queue

import (
	"context"

	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/dispatch"
	"github.com/receiptd/receiptd/queue/history"
	"github.com/receiptd/receiptd/queue/rules"
	"github.com/receiptd/receiptd/vocabulary"
)

// Drawers opens the cash drawers that somebody wants open, each at once or never and each wish once at most, and tells who opened them
// when. Its methods may be used by many goroutines.
type Drawers struct {
	rules    *rules.Rules
	dispatch *dispatch.Drawers
	told     *history.Drawers
}

// Run opens drawers by open until ctx ends. It returns nil when every opening that had begun has its end on disk.
func (d *Drawers) Run(ctx context.Context, open dispatch.Open) error {
	return d.dispatch.Run(ctx, open)
}

// Seen notes that the drawer on a printer opened or closed, as its sensor tells.
func (d *Drawers) Seen(ctx context.Context, printer string, state vocabulary.DrawerState) error {
	return d.rules.DrawerSeen(ctx, printer, state)
}

// List gives the newest openings, the newest first, at most limit of them.
func (d *Drawers) List(ctx context.Context, limit int) ([]answer.Opening, error) {
	return d.told.List(ctx, limit)
}

// Asked gives the openings that a person is asked about, the oldest first.
func (d *Drawers) Asked(ctx context.Context) ([]answer.Opening, error) { return d.told.Asked(ctx) }
