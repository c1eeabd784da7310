package history

import (
	"context"
	"time"

	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// A CapturedSlip is a slip that a program printed to receiptd as to a printer.
type CapturedSlip struct {
	JobID, Hash string
	At          time.Time
}

// mostCaptured is among how many of the newest jobs Captured looks.
const mostCaptured = 2000

// Captured gives the slips that programs printed since a time, as far as they are among the newest jobs: what may come once more because
// its program did not hear that it was taken.
func (h *Jobs) Captured(ctx context.Context, since time.Time) ([]CapturedSlip, error) {
	rows, err := h.db.Read(ctx).Query(`SELECT job_id, `+record.HashColumn+`, at FROM jobs WHERE seq > (SELECT coalesce(max(seq), 0) FROM jobs) - ?
		AND source = ? AND outcome = 'accepted' AND at >= ? ORDER BY seq`, mostCaptured, string(vocabulary.SourceCapture), record.Millis(since))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []CapturedSlip
	for rows.Next() {
		var c CapturedSlip
		var at int64
		if err := rows.Scan(&c.JobID, &c.Hash, &at); err != nil {
			return nil, err
		}
		c.At = record.FromMillis(at)
		list = append(list, c)
	}
	return list, rows.Err()
}
