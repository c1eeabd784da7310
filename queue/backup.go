package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Backup writes a whole copy of the journal to file while everything goes on. The copy stands under its name only when
// it is complete and on disk. An existing file is not overwritten.
func (q *Queue) Backup(ctx context.Context, file string) error { return backup(ctx, q.path, file) }

// BackupFile is Backup for a journal that no daemon uses. The journal stays as a crash left it: what stands only in its
// write-ahead log is in the copy. It holds the lock meanwhile. Error: ErrLocked.
func BackupFile(ctx context.Context, path, file string) error {
	if err := there(path); err != nil {
		return err
	}
	return withLock(path, func() error { return backup(ctx, path, file) })
}

func backup(ctx context.Context, path, file string) (err error) {
	if exists(file) {
		return fmt.Errorf("backup %s: %w", file, os.ErrExist)
	}
	part := file + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("backup: %w", err)
	}
	db, err := openReadOnly(path)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer db.Close()
	defer func() {
		if err != nil {
			_ = os.Remove(part)
		}
	}()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", part); err != nil {
		return fmt.Errorf("backup %s: %w", file, damage(err))
	}
	if err := os.Chmod(part, 0o600); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := syncFile(part); err != nil {
		return fmt.Errorf("backup %s: %w", file, err)
	}
	if err := os.Rename(part, file); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return syncFolder(filepath.Dir(file))
}

// openReadOnly opens a journal so that nothing of it changes, its write-ahead log included.
func openReadOnly(path string) (*sql.DB, error) {
	if err := there(path); err != nil {
		return nil, err
	}
	return sql.Open("sqlite", dsn(path)+"&mode=ro")
}

// there says why a journal cannot be read that is not there.
func there(path string) error {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	return nil
}

// withLock does something with a journal that no daemon uses, and keeps a daemon off it meanwhile.
func withLock(path string, do func() error) (err error) {
	lock, err := takeLock(filepath.Join(filepath.Dir(path), "lock"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	return do()
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// checks are questions whose answer is 0 in a sound journal.
var checks = []struct{ what, query string }{
	{"first records missing", "SELECT count(*) < 3 FROM meta WHERE key IN ('born', 'proof', 'nonce')"},
	{"copies without their job", "SELECT count(*) FROM copies c WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.seq = c.job)"},
	{"copies without their request", "SELECT count(*) FROM copies c WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.seq = c.request)"},
	{"attempts without their copy", "SELECT count(*) FROM attempts a WHERE NOT EXISTS (SELECT 1 FROM copies c WHERE c.seq = a.copy)"},
	{"slips without their batch", "SELECT count(*) FROM jobs j WHERE j.batch IS NOT NULL AND NOT EXISTS (SELECT 1 FROM batches b WHERE b.id = j.batch)"},
	{"reversals without their notice", "SELECT count(*) FROM reversals r WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.seq = r.job)"},
	{"print numbers given twice", "SELECT count(*) FROM (SELECT 1 FROM copies WHERE print_no > 0 GROUP BY job, name, print_no HAVING count(*) > 1)"},
	{"unmarked second copies", "SELECT count(*) FROM copies WHERE print_no > 1 AND mark IN ('original', 'late')"},
	{"printed copies without an attempt", "SELECT count(*) FROM copies c WHERE c.state IN ('printed', 'processed', 'sent') AND c.proof <> 'person' AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.proof = c.attempt AND a.copy = c.seq)"},
}

// Verify checks every page of the journal, its references, and what may never be: a print number given twice, a second
// copy without its mark. It reads everything and hinders nobody. Error: ErrCorrupt, with all that was found.
func (q *Queue) Verify(ctx context.Context) error { return verify(ctx, q.rdb) }

// VerifyFile is Verify for a journal that no daemon uses, or for a backup. It changes nothing: what a crash left in a
// printer is still there for the daemon to end. It holds the lock in the file's folder meanwhile. Errors: also ErrLocked,
// ErrNewer.
func VerifyFile(ctx context.Context, path string) error {
	if err := there(path); err != nil {
		return err
	}
	return withLock(path, func() error { return verifyFile(ctx, path) })
}

func verifyFile(ctx context.Context, path string) error {
	db, err := openReadOnly(path)
	if err != nil {
		return err
	}
	defer db.Close()
	version, known, err := versions(func(query string) scanner { return db.QueryRowContext(ctx, query) })
	switch {
	case err != nil:
		return fmt.Errorf("verify: %w", damage(err))
	case version == 0:
		return fmt.Errorf("%w: %s holds no records of receiptd", ErrCorrupt, path)
	case version > known:
		return fmt.Errorf("%w: version %d, this one knows %d", ErrNewer, version, known)
	}
	return verify(ctx, db)
}

func verify(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "PRAGMA integrity_check(20)")
	if err != nil {
		return fmt.Errorf("verify: %w", damage(err))
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return fmt.Errorf("verify: %w", damage(err))
		}
		if s != "ok" {
			found = append(found, s)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("verify: %w", damage(err))
	}
	for _, c := range checks {
		var n int
		if err := db.QueryRowContext(ctx, c.query).Scan(&n); err != nil {
			return fmt.Errorf("verify %s: %w", c.what, damage(err))
		}
		if n > 0 {
			found = append(found, fmt.Sprintf("%s: %d", c.what, n))
		}
	}
	if len(found) > 0 {
		return fmt.Errorf("%w: %s", ErrCorrupt, strings.Join(found, "; "))
	}
	return nil
}
