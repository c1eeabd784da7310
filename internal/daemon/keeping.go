package daemon

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/keeping"
	"github.com/receiptd/receiptd/queue"
)

// A keeper of what lies outside the journal: it removes refused jobs that are too old, and everything about a person who asks for it.
type housekeeper struct {
	now     *inForce
	journal *queue.Queue
	archive *archivist
	log     *slog.Logger
}

const (
	sweepFirst = 15 * time.Minute
	sweepEvery = 6 * time.Hour
)

func rejected(c *config.Config) keeping.Rejected {
	return keeping.Rejected{Dir: filepath.Join(c.Spool.Dir, "rejected")}
}

// run removes old refused jobs, four times a day until ctx ends. It returns nil.
func (k *housekeeper) run(ctx context.Context) error {
	for pause := sweepFirst; sleep(ctx, pause); pause = sweepEvery {
		now, err := k.journal.AgreedTime(ctx)
		if err == nil && !now.IsZero() {
			c := k.now.Load().cfg
			var n int
			if n, err = rejected(c).Purge(now.AddDate(0, 0, -c.Journal.DocumentDays)); n > 0 {
				k.log.Info("old refused jobs removed", "files", n)
			}
		}
		if err != nil && ctx.Err() == nil {
			k.log.Warn("refused jobs are not looked through", "err", err)
		}
	}
	return nil
}

// Erase removes what is kept of a person by an order's number. Nothing of it is left in journal, archive and refused jobs when it returns; what
// other copies of the journal hold is named. Run again after an error it goes on. Errors: queue.ErrNotFound, queue.ErrNotOut.
func (k *housekeeper) Erase(ctx context.Context, orderNo, operator string) (api.Erased, error) {
	c := k.now.Load().cfg
	out := api.Erased{OrderNo: orderNo, Jobs: []string{}}
	ids, err := k.journal.Erase(ctx, orderNo, operator)
	unknown := errors.Is(err, queue.ErrNotFound)
	if err != nil && !unknown {
		return out, err
	}
	out.Jobs = append(out.Jobs, ids...)
	if out.Files, err = k.archive.store.Erase(ids, time.Now()); err != nil {
		return out, err
	}
	if out.Rejected, err = rejected(c).Erase(orderNo); err != nil {
		return out, err
	}
	if unknown && out.Rejected == 0 {
		return out, queue.ErrNotFound
	}
	out.Copies, err = keeping.Copies(c.Data.Dir)
	k.log.Info("a person's data was erased on request", "jobs", len(out.Jobs), "files", out.Files, "rejected", out.Rejected)
	return out, err
}
