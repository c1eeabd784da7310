package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/receiptd/receiptd/internal/sqlitefile"
)

// busyPatience is how long Writable waits for the write lock, in milliseconds: a transaction of ours is over long before.
const busyPatience = 700

// Writable finds out whether a commit could begin now: ErrBusy when another program holds the journal. It takes the write lock for a
// moment and writes nothing.
func (db *DB) Writable(ctx context.Context) (err error) {
	other, err := sql.Open("sqlite", dsn(db.path))
	if err != nil {
		return fmt.Errorf("look at the journal: %w", err)
	}
	defer func() { err = errors.Join(err, other.Close()) }()
	other.SetMaxOpenConns(1)
	one, err := other.Conn(ctx)
	if err == nil {
		defer one.Close()
		_, err = one.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d; BEGIN IMMEDIATE", busyPatience))
	}
	if err == nil {
		_, err = one.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	}
	if sqlitefile.Code(err) == sqlite3.SQLITE_BUSY {
		return ErrBusy
	}
	if err != nil {
		return fmt.Errorf("look at the journal: %w", err)
	}
	return nil
}
