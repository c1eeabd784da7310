package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// privateMode is the mode of the journal and of everything beside it, whatever the umask: its group may read it, others not.
const privateMode = 0o640

// private gives files their mode; what is not there is passed over.
func private(paths ...string) error {
	for _, path := range paths {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode().Perm() == privateMode {
			continue
		}
		if err == nil {
			err = os.Chmod(path, privateMode)
		}
		if err != nil {
			return fmt.Errorf("keep a file of the journal from others: %w", err)
		}
	}
	return nil
}

// lockMode keeps the file whose bytes SQLite locks to its owner: who may read it may hold a read lock on it, and nothing would be
// accepted or printed for as long.
const lockMode = 0o600

// ownLocks makes that file before SQLite does, which would give it the journal's mode. SQLite leaves the mode of one that is not empty
// as it is, and what is in it is written anew by who opens the journal first (sqlite.org/walformat.html, "The WAL-Index File Format").
func ownLocks(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, lockMode)
	if err != nil {
		return fmt.Errorf("make %s: %w", path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && info.Mode().Perm() != lockMode {
		err = f.Chmod(lockMode)
	}
	if err == nil && info.Size() == 0 {
		_, err = f.Write([]byte{0})
	}
	if err != nil {
		return fmt.Errorf("keep %s to its owner: %w", path, err)
	}
	return nil
}

// privateFile makes an empty file. Error: fs.ErrExist.
func privateFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, privateMode)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), private(path))
}
