package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Restore puts a backup in the place of the journal at path, which no daemon may use. The backup is checked first and
// stays as it is; the journal that was there is kept aside, under the name that is given back ("" when there was none).
//
// What was printed since the backup is not in it. So the restored journal counts as a new one that replaced another: slips
// from before now print marked POSSIBLE DUPLICATE, and numbers of proofs and files begin where the lost one has not been.
// A crash leaves either journal in place, or none and the old one aside. Errors: ErrLocked, ErrCorrupt, ErrNewer.
func Restore(ctx context.Context, path, backup string, now time.Time) (kept string, err error) {
	err = withLock(path, func() error {
		kept, err = restore(ctx, path, backup, now)
		return err
	})
	return kept, err
}

func restore(ctx context.Context, path, backup string, now time.Time) (kept string, err error) {
	part := path + ".restore"
	defer func() { err = errors.Join(err, removeAll(part)) }()
	if err := removeAll(part); err != nil {
		return "", err
	}
	if err := copyJournal(part, backup); err != nil {
		return "", fmt.Errorf("copy backup: %w", err)
	}
	if err := verifyFile(ctx, part); err != nil {
		return "", fmt.Errorf("backup %s: %w", backup, err)
	}
	if err := rebirth(ctx, part, now); err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	if err := errors.Join(likeIts(part, path), syncFile(part)); err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	if exists(path) || exists(path+"-wal") {
		if kept, err = setAside(path, replacedMark, now); err != nil {
			return "", err
		}
	}
	if err := os.Rename(part, path); err != nil {
		return kept, fmt.Errorf("restore: %w", err)
	}
	return kept, syncFolder(filepath.Dir(path))
}

// sides are the endings of the files that SQLite keeps beside a journal, the journal itself first.
var sides = []string{"", "-wal", "-shm", "-journal"}

func removeAll(path string) error {
	for _, side := range sides {
		if err := os.Remove(path + side); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove what an earlier try left: %w", err)
		}
	}
	return nil
}

// copyJournal copies a journal with its write-ahead log: the log may hold the end of one that was set aside.
func copyJournal(to, from string) error {
	if err := copyFile(to, from); err != nil {
		return err
	}
	if !exists(from + "-wal") {
		return nil
	}
	return copyFile(to+"-wal", from+"-wal")
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// likeIts gives a file the mode and the owner of the journal that it is to replace, or the owner of the folder.
func likeIts(part, path string) error {
	old, err := os.Stat(path)
	if err == nil {
		err = os.Chmod(part, old.Mode().Perm())
	} else if errors.Is(err, fs.ErrNotExist) {
		old, err = os.Stat(filepath.Dir(path))
	}
	if err != nil {
		return err
	}
	return chownLike(part, old)
}

// rebirth writes into a copy of a journal that it replaces another. Attempts that began since the backup was made took a
// quarter of all proof ids at most; a late proof of an attempt in the backup is still known.
func rebirth(ctx context.Context, path string, now time.Time) (err error) {
	db, err := sql.Open("sqlite", dsn(path, "journal_mode(DELETE)", "synchronous(FULL)"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer t.Rollback()
	var r [6]byte
	randomBytes(r[:])
	const quarter = proofIDs / proofStep / 4
	skip := (quarter + int64(uint48(r[:])%quarter)) * proofStep
	for _, set := range []struct {
		key, query string
		value      int64
	}{
		{"proof", "UPDATE meta SET value = max(value, (SELECT coalesce(max(proof), 0) FROM attempts)) + ?2 WHERE key = ?1", skip},
		{"born", "UPDATE meta SET value = ?2 WHERE key = ?1", millis(now)},
		{"replaced", "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)", 1},
		{"file_seq", "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)", millis(now)},
	} {
		if _, err := t.ExecContext(ctx, set.query, set.key, set.value); err != nil {
			return err
		}
	}
	return t.Commit()
}
