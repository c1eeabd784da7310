package history

import (
	"context"
	"errors"
	"fmt"

	"github.com/receiptd/receiptd/queue/record"
)

// Received counts the approved transactions of the batch that a settlement job tells of, as far as they came here; ok is
// false when its batch is not known. An advisory beside the terminal's figures, never a verdict.
func (h *Jobs) Received(ctx context.Context, settlementID string) (n int, ok bool, err error) {
	s := h.db.Read(ctx)
	row, err := record.JobByID(s, settlementID)
	if errors.Is(err, record.ErrNotFound) || err == nil && row.Batch == 0 {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("count slips of settlement %s: %w", settlementID, err)
	}
	err = s.Row("SELECT count(*) FROM jobs WHERE batch = ? AND kind = 'transaction' AND outcome = 'accepted' AND result = 'approved'", row.Batch).Scan(&n)
	if err != nil {
		return 0, false, fmt.Errorf("count slips of settlement %s: %w", settlementID, err)
	}
	return n, true, nil
}
