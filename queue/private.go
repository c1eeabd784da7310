package queue

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

// privateJournal makes the journal's file when there is none, and gives it and the files beside it their mode. SQLite gives the
// side files that it makes later the mode of the journal. Nobody may have the journal open.
func (q *Queue) privateJournal() error {
	if err := privateFile(q.path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := private(q.path, q.path+"-wal", q.path+"-shm"); err != nil {
		q.log.Warn("the journal's files may be readable by others", "error", err)
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
