package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
)

// A journal goes to another till in three steps, none of which leaves two that are at work: Leave locks the old one for good, before
// anything of it is elsewhere; CopyForMove makes what goes; Arrive puts it in place. Each may be repeated. Stay takes a Leave back.

// ErrOccupied says that there is a journal with slips where another was to arrive.
var ErrOccupied = errors.New("there is a journal with slips here")

// ErrStaysHere says that a journal was not moved.
var ErrStaysHere = errors.New("this journal was not moved")

// Leave locks the journal at path: no daemon opens it any more, until Stay. code is that of the till to which it goes. It is on disk
// when Leave returns. Errors: ErrLocked, ErrCorrupt, ErrNewer; *MovedError when it goes to another till already.
func Leave(ctx context.Context, path string, code int64, now time.Time) error {
	if err := VerifyFile(ctx, path); err != nil {
		return err
	}
	return withLock(path, func() error {
		return alter(ctx, path, func(meta map[string]int64) (map[string]int64, error) {
			if err := movedAway(meta); err != nil {
				if meta[keyMoved] == code {
					err = nil
				}
				return nil, err
			}
			return map[string]int64{keyMoved: code, keyMovedAt: record.Millis(now)}, nil
		})
	})
}

// MovedTo gives a *MovedError for a journal that was moved, nil for another one or where there is none. It changes nothing and takes
// no lock.
func MovedTo(ctx context.Context, path string) error {
	meta, err := metaOf(ctx, path)
	if err != nil {
		return err
	}
	return movedAway(meta)
}

// CopyForMove writes what arrives at the other till, to a file that must not exist: the journal as it was left, with all its numbers.
// Errors: ErrStaysHere before Leave; ErrLocked.
func CopyForMove(ctx context.Context, path, file string) error {
	meta, err := metaOf(ctx, path)
	if err == nil && meta[keyMoved] == 0 {
		err = ErrStaysHere
	}
	if err == nil {
		err = BackupFile(ctx, path, file)
	}
	if err != nil {
		return err
	}
	err = alter(ctx, file, func(meta map[string]int64) (map[string]int64, error) {
		return map[string]int64{keyMoved: 0, keyMovedAt: 0, keyArrived: meta[keyMoved], keyHost: 0, keyFile: 0, "sealed": 0}, nil
	})
	return errors.Join(err, syncFile(file))
}

// Arrive puts the file of CopyForMove in the place of the journal at path, where there is none, or one without slips, which is kept
// aside. code is this till's. before writes what belongs beside it; the lock is held meanwhile, and the journal comes last: until then
// this till has none. It reports false, and does nothing, when this very journal has arrived before. The file is gone then. Errors:
// ErrLocked, ErrCorrupt, ErrNewer, ErrOccupied.
func Arrive(ctx context.Context, path, file string, code int64, now time.Time, before func() error) (arrived bool, err error) {
	err = withLock(path, func() error {
		arrived, err = arrive(ctx, path, file, code, now, before)
		return err
	})
	return arrived, err
}

func arrive(ctx context.Context, path, file string, code int64, now time.Time, before func() error) (bool, error) {
	there, err := metaOf(ctx, path)
	if err != nil {
		return false, err
	}
	if there[keyArrived] == code && code != 0 {
		return false, nil
	}
	meta, err := metaOf(ctx, file)
	if err == nil && meta[keyArrived] != code {
		err = damaged(job.Text{Zh: "它不是给这台收银机的", En: "it is not for this till"})
	}
	err = errors.Join(err, verifyFile(ctx, file))
	if err != nil {
		return false, err
	}
	if exists(path) {
		if err := mustBeEmpty(ctx, path); err != nil {
			return false, err
		}
	}
	if err := errors.Join(before(), likeIts(file, path), syncFile(file)); err != nil {
		return false, err
	}
	if exists(path) || exists(path+"-wal") {
		if _, err := setAside(path, replacedMark, now); err != nil {
			return false, err
		}
	}
	// The seal of the empty one would say that this is another journal.
	if err := os.Remove(sealPath(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("arrive: %w", err)
	}
	if err := os.Rename(file, path); err != nil {
		return false, fmt.Errorf("arrive: %w", err)
	}
	return true, syncFolder(filepath.Dir(path))
}

// Stay takes a Leave back. What left may be at work elsewhere, so the next start takes this journal for a copy. Errors: ErrLocked,
// ErrStaysHere.
func Stay(ctx context.Context, path string) error {
	if err := mustExist(path); err != nil {
		return err
	}
	return withLock(path, func() error {
		return alter(ctx, path, func(meta map[string]int64) (map[string]int64, error) {
			if meta[keyMoved] == 0 {
				return nil, ErrStaysHere
			}
			return map[string]int64{keyMoved: 0, keyMovedAt: 0, keyStayed: 1}, nil
		})
	})
}

// metaOf reads the notes of a journal that may not be there; nil for none.
func metaOf(ctx context.Context, path string) (map[string]int64, error) {
	if !exists(path) {
		return nil, nil
	}
	db, err := openReadOnly(path)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var begun bool
	if err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'meta')").Scan(&begun); err != nil || !begun {
		return nil, damage(err)
	}
	meta, err := readMeta(plain{ctx, db})
	return meta, damage(err)
}

// mustBeEmpty refuses a journal that holds a job.
func mustBeEmpty(ctx context.Context, path string) error {
	db, err := openReadOnly(path)
	if err != nil {
		return err
	}
	defer db.Close()
	var begun, used bool
	err = db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'jobs')").Scan(&begun)
	if err == nil && begun {
		err = db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM jobs)").Scan(&used)
	}
	if err == nil && used {
		err = ErrOccupied
	}
	return damage(err)
}

// alter changes notes of a journal that no daemon uses, in one transaction that is on disk when it returns. change is given what
// there is, and gives what to write.
func alter(ctx context.Context, path string, change func(meta map[string]int64) (map[string]int64, error)) (err error) {
	db, err := sql.Open("sqlite", dsn(path, "synchronous(FULL)"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return damage(err)
	}
	defer t.Rollback()
	meta, err := readMeta(inTx{ctx, t})
	if err != nil {
		return damage(err)
	}
	notes, err := change(meta)
	if err != nil {
		return err
	}
	for key, n := range notes {
		if _, err := t.ExecContext(ctx, "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, n); err != nil {
			return damage(err)
		}
	}
	return t.Commit()
}

// An inTx asks a database within a transaction.
type inTx struct {
	ctx context.Context // of the one call that made it
	tx  *sql.Tx
}

func (s inTx) Query(query string, args ...any) (record.Rows, error) {
	return orNil(s.tx.QueryContext(s.ctx, query, args...))
}

func (s inTx) Row(query string, args ...any) record.Scanner {
	return s.tx.QueryRowContext(s.ctx, query, args...)
}

// HasArrived tells whether the journal at path came by the move with that code.
func HasArrived(ctx context.Context, path string, code int64) bool {
	meta, err := metaOf(ctx, path)
	return err == nil && code != 0 && meta[keyArrived] == code
}
