package history

import (
	"context"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
)

// Portions gives what follows the first portion of a long slip that a program printed, in its order.
func (h *Jobs) Portions(ctx context.Context, jobID string) ([]*job.Job, error) {
	s := h.db.Read(ctx)
	seqs, err := record.Column[int64](s, "SELECT p.seq FROM jobs j JOIN jobs p ON "+record.PortionsOf+" WHERE j.job_id = ? ORDER BY p.seq", jobID)
	if err != nil {
		return nil, err
	}
	list := make([]*job.Job, len(seqs))
	for i, seq := range seqs {
		if list[i], err = s.Job(seq); err != nil {
			return nil, err
		}
	}
	return list, nil
}
