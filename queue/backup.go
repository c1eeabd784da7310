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
func (q *Queue) Backup(ctx context.Context, file string) (err error) {
	if exists(file) {
		return fmt.Errorf("backup %s: %w", file, os.ErrExist)
	}
	part := file + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("backup: %w", err)
	}
	db, err := sql.Open("sqlite", dsn(q.path))
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
		return fmt.Errorf("backup %s: %w", file, err)
	}
	if err := syncFile(part); err != nil {
		return fmt.Errorf("backup %s: %w", file, err)
	}
	if err := os.Rename(part, file); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return syncFolder(filepath.Dir(file))
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
func (q *Queue) Verify(ctx context.Context) error {
	rows, err := q.rdb.QueryContext(ctx, "PRAGMA integrity_check(20)")
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
		if err := q.rdb.QueryRowContext(ctx, c.query).Scan(&n); err != nil {
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
