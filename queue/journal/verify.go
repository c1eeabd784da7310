package journal

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
)

// VerifyFile is Verify for a journal that no daemon uses, or for a backup. It changes nothing: what a crash left in a
// printer is still there for the daemon to end. It holds the lock in the file's folder meanwhile. Errors: also ErrLocked,
// ErrNewer.
func VerifyFile(ctx context.Context, path string) error {
	if err := mustExist(path); err != nil {
		return err
	}
	return withLock(path, func() error {
		if err := verifyFile(ctx, path); err != nil {
			return err
		}
		return verifySeal(ctx, path)
	})
}

// verifySeal compares a journal with the seal beside it. A backup has none.
func verifySeal(ctx context.Context, path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	seals, err := readSeals(path)
	if err != nil {
		return err
	}
	db, err := openReadOnly(path)
	if err != nil {
		return err
	}
	defer db.Close()
	s := plain{ctx, db}
	meta, err := readMeta(s)
	if err != nil {
		return fmt.Errorf("verify: %w", damage(err))
	}
	var newest int64
	if err := s.Row("SELECT coalesce(max(seq), 0) FROM events").Scan(&newest); err != nil {
		return fmt.Errorf("verify: %w", damage(err))
	}
	switch f, err := behindSeal(s, path, max(newest, meta["event"]), meta, seals); {
	case err != nil:
		return fmt.Errorf("verify: %w", damage(err))
	case f != nil:
		return damaged(f.detail)
	}
	return nil
}

func verifyFile(ctx context.Context, path string) error {
	db, err := openReadOnly(path)
	if err != nil {
		return err
	}
	defer db.Close()
	version, known, err := versions(func(query string) record.Scanner { return db.QueryRowContext(ctx, query) })
	switch {
	case err != nil:
		return fmt.Errorf("verify: %w", damage(err))
	case version == 0:
		return damaged(job.Text{Zh: path + " 里没有 receiptd 的记录", En: path + " holds no records of receiptd"})
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
	var pages []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return fmt.Errorf("verify: %w", damage(err))
		}
		if s != "ok" {
			pages = append(pages, s)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("verify: %w", damage(err))
	}
	wrong, err := contradictions(plain{ctx, db}, 0)
	if err != nil {
		return fmt.Errorf("verify: %w", damage(err))
	}
	if len(pages) > 0 {
		wrong = slices.Insert(wrong, 0, brokenPages(pages))
	}
	if len(wrong) > 0 {
		return damaged(wrong...)
	}
	return nil
}

// A plain source asks a database that no queue has open.
type plain struct {
	ctx context.Context // of the one call that made it
	db  *sql.DB
}

func (p plain) Query(query string, args ...any) (record.Rows, error) {
	return orNil(p.db.QueryContext(p.ctx, query, args...))
}

func (p plain) Row(query string, args ...any) record.Scanner {
	return p.db.QueryRowContext(p.ctx, query, args...)
}
