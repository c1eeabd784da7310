package daemon

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/keeping"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/spool"
)

// A housekeeper removes everything about a person who asks for it.
type housekeeper struct {
	now       *inForce
	retention *queue.Retention
	archive   *archivist
	spool     *spool.Spool
	log       *slog.Logger
}

// Erase removes what is kept of a person by an order's number, or by a job's id where there is no such number. Nothing of it is left in journal, archive and refused jobs when it returns; what
// other copies of the journal hold is named. Run again after an error it goes on. Errors: queue.ErrNotFound, queue.ErrNotOut.
func (k *housekeeper) Erase(ctx context.Context, orderNo, jobID, operator string) (api.Erased, error) {
	out := api.Erased{OrderNo: orderNo, JobID: jobID, Jobs: []string{}}
	by, number := k.retention.Erase, orderNo
	if jobID != "" {
		by, number = k.retention.EraseJob, jobID
	}
	ids, err := by(ctx, number, operator)
	unknown := errors.Is(err, queue.ErrNotFound)
	if err != nil && !unknown {
		return out, err
	}
	out.Jobs = append(out.Jobs, ids...)
	if out.Files, err = k.archive.store.Erase(ids, time.Now()); err != nil {
		return out, err
	}
	if out.Rejected, err = k.spool.EraseRejected(number); err != nil {
		return out, err
	}
	if jobID == "" {
		if out.Shown, err = k.retention.Showing(ctx, orderNo); err != nil {
			return out, err
		}
	}
	if unknown && out.Rejected == 0 && len(out.Shown) == 0 {
		return out, queue.ErrNotFound
	}
	out.Copies, err = keeping.Copies(k.now.Load().cfg.Data.Dir)
	k.log.Info("a person's data was erased on request", "jobs", len(out.Jobs), "files", out.Files, "rejected", out.Rejected)
	return out, err
}
