package journal

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/receiptd/receiptd/queue/record"
)

// A tidier does what is done when nothing was written for a while: see run.
type tidier struct {
	path   string // of the journal
	log    *slog.Logger
	now    func() time.Time
	writer *writer
	seal   *sealer

	mu sync.Mutex // held while the journal is tidied
}

// run copies what stands only in the write-ahead log into the journal, so that not everything hangs on the log; begins the log anew, so
// that the next slip need not sync its first block; has the seal synced; and removes old copies that an upgrade made. Nobody waits for it.
func (d *tidier) run() {
	if !d.mu.TryLock() {
		return // the one before is still at it
	}
	defer d.mu.Unlock()
	forgetVersions(d.path, d.now(), d.log)
	if _, err := d.checkpoint(background); err != nil {
		d.log.Warn("the journal is not tidied", "error", err)
	}
}

// checkpoint reports whether the log was copied whole; while somebody reads or writes it is not, and nothing more is done.
func (d *tidier) checkpoint(ctx context.Context) (whole bool, err error) {
	other, err := sql.Open("sqlite", dsn(d.path))
	if err != nil {
		return false, fmt.Errorf("copy the write-ahead log: %w", err)
	}
	defer other.Close()
	var busy, frames, written int
	if err := other.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &frames, &written); err != nil {
		return false, fmt.Errorf("copy the write-ahead log: %w", err)
	}
	if written < frames {
		return false, nil // another time
	}
	r := &request{quiet: true, done: make(chan error, 1), fn: func(t *Tx) error {
		if err := t.Note("tidied", record.Millis(t.Now)); err != nil {
			return err
		}
		return d.seal.keep(t)
	}}
	if err := d.writer.ask(ctx, r); err != nil {
		return true, err
	}
	return true, d.seal.file.sync()
}
