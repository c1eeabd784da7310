package journal

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Backup writes a whole copy of the journal to file while everything goes on. The copy stands under its name only when
// it is complete and on disk. An existing file is not overwritten.
func (db *DB) Backup(ctx context.Context, file string) error { return backup(ctx, db.path, file) }

// BackupFile is Backup for a journal that no daemon uses. The journal stays as a crash left it: what stands only in its
// write-ahead log is in the copy. It holds the lock meanwhile. Error: ErrLocked.
func BackupFile(ctx context.Context, path, file string) error {
	if err := mustExist(path); err != nil {
		return err
	}
	return withLock(path, func() error { return backup(ctx, path, file) })
}

func backup(ctx context.Context, path, file string) (err error) {
	if exists(file) {
		return fmt.Errorf("backup %s: %w", file, os.ErrExist)
	}
	old, err := filepath.Glob(globQuote(file) + "-*.part") // what a crash left
	for _, part := range old {
		err = errors.Join(err, os.Remove(part))
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	part := file + "-" + rand.Text() + ".part" // nobody can have put a link there
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
	if err := privateFile(part); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", part); err != nil {
		return fmt.Errorf("backup %s: %w", file, damage(err))
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
	if err := mustExist(path); err != nil {
		return nil, err
	}
	return sql.Open("sqlite", dsn(path)+"&mode=ro")
}

// mustExist says why a journal cannot be read that is not there.
func mustExist(path string) error {
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
