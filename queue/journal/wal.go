package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
)

// logSize is the length in bytes that the write-ahead log has from the start: a little more than what gathers between two
// checkpoints (1000 pages, the default of SQLite).
const logSize = 1100 * (4096 + 24)

// reserveLog fills the write-ahead log up with zeros. A commit that makes the log longer syncs the file system's own journal
// too; one that writes over what is there syncs a block or two, in a fifth of the time. SQLite reads the log up to the first
// frame that does not belong to it, as it must anyway: behind the last commit stands what an earlier round left.
//
// The write lock of a transaction is held meanwhile, so that no other program's commit can lie where the zeros go.
func reserveLog(ctx context.Context, w *writer, journal string) error {
	return w.do(ctx, func(*Tx) error {
		f, err := os.OpenFile(journal+"-wal", os.O_WRONLY, 0) // the transaction before this one made it
		if err != nil {
			return fmt.Errorf("open the write-ahead log: %w", err)
		}
		return errors.Join(lengthen(f, logSize), f.Close())
	})
}

// renewLog writes the log's content into the journal and begins a new log: what retention removed from the journal must not
// stay readable in the log until a later round happens to write over it. While others read or write it waits for some
// seconds; when they leave it no gap, the log stays for the next time.
func renewLog(ctx context.Context, w *writer, journal string) (err error) {
	other, err := sql.Open("sqlite", dsn(journal))
	if err != nil {
		return fmt.Errorf("renew the write-ahead log: %w", err)
	}
	defer func() { err = errors.Join(err, other.Close()) }()
	var busy, frames, written int
	if err := other.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &written); err != nil {
		return fmt.Errorf("renew the write-ahead log: %w", err)
	}
	if busy != 0 {
		w.log.Warn("the write-ahead log is in use: what retention removed is still in it")
		return nil
	}
	return reserveLog(ctx, w, journal)
}
