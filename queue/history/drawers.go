package history

import (
	"context"

	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/record"
)

// Drawers tells who wanted cash drawers open, when and why, and what became of it.
type Drawers struct{ db *journal.DB }

// NewDrawers gives the openings of a journal.
func NewDrawers(db *journal.DB) *Drawers { return &Drawers{db} }

// List gives the newest openings, the newest first, at most limit of them.
func (h *Drawers) List(ctx context.Context, limit int) ([]answer.Opening, error) {
	return h.openings(ctx, "TRUE ORDER BY o.job DESC LIMIT ?", limit)
}

// Asked gives the openings that a person is asked about, the oldest first.
func (h *Drawers) Asked(ctx context.Context) ([]answer.Opening, error) {
	return h.openings(ctx, record.IsStanding+" AND o.state = 'asked' ORDER BY o.job")
}

func (h *Drawers) openings(ctx context.Context, where string, args ...any) ([]answer.Opening, error) {
	rows, err := record.Openings(h.db.Read(ctx), where, args...)
	if err != nil {
		return nil, err
	}
	list := make([]answer.Opening, len(rows))
	for i := range rows {
		list[i] = answer.OpeningStatus(&rows[i])
	}
	return list, nil
}
