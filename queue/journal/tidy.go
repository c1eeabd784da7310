package journal

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/receiptd/receiptd/queue/record"
)

// restAfter is how long nothing is written before the journal is tidied.
const restAfter = 2 * time.Second

// tidy is run when nothing was written for a while. It copies what stands only in the write-ahead log into the journal, so that
// not everything hangs on the log; begins the log anew, so that the next slip need not sync its first block; and has the seal
// synced. Nobody waits for it.
func (db *DB) tidy() {
	if !db.tidyMu.TryLock() {
		return // the one before is still at it
	}
	defer db.tidyMu.Unlock()
	db.forgetVersions()
	if err := db.Checkpoint(background); err != nil {
		db.log.Warn("the journal is not tidied", "error", err)
	}
}

// Checkpoint does what is done when nothing was written for a while: see tidy.
func (db *DB) Checkpoint(ctx context.Context) (err error) {
	other, err := sql.Open("sqlite", dsn(db.path))
	if err != nil {
		return fmt.Errorf("copy the write-ahead log: %w", err)
	}
	defer other.Close()
	var busy, frames, written int
	if err := other.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &frames, &written); err != nil {
		return fmt.Errorf("copy the write-ahead log: %w", err)
	}
	if written < frames {
		return nil // somebody reads or writes: another time
	}
	r := &request{quiet: true, done: make(chan error, 1), fn: func(t *Tx) error {
		if err := t.note("tidied", record.Millis(t.Now)); err != nil {
			return err
		}
		return t.keepSeal()
	}}
	if err := db.w.ask(ctx, r); err != nil {
		return err
	}
	return db.w.seal.sync()
}
