package queue

import (
	"context"
	"time"

	"github.com/receiptd/receiptd/queue/history"
	"github.com/receiptd/receiptd/queue/journal"
)

// Open opens the journal at path, making it when there is none, and settles what a crash left: attempts that had begun
// become uncertain. It takes the lock file "lock" in the same folder. Errors: ErrLocked, ErrCorrupt, ErrNewer.
func Open(ctx context.Context, path string, o Options) (*Queue, error) {
	o.fill()
	q := &Queue{o: o, log: o.Logger, workers: map[string]*worker{}, written: map[string]int64{}}
	db, err := journal.Open(ctx, path, journal.Options{
		Logger: o.Logger, Now: o.Now, ReplaceCorrupt: o.ReplaceCorrupt, Traces: o.Traces, Ballast: o.Ballast,
		AfterCrash: func(t *journal.Tx) error { return (&tx{t, q}).afterCrash() },
		Offer:      func(t *journal.Tx) int64 { return (&tx{t, q}).offer() },
	})
	if err != nil {
		return nil, err
	}
	q.db, q.history = db, history.New(db, q.now)
	return q, nil
}

var _ = time.Now
