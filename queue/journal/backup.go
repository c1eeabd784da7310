package journal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

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
