package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"

	"github.com/receiptd/receiptd/internal/filelock"
)

// openNoFollow opens for reading. That it is no link was seen before.
func (f *folder) openNoFollow(name string) (*os.File, error) { return f.root.Open(name) }

// busy tells whether a file cannot be opened only now: another program has it open for itself.
func busy(err error) bool { return errors.Is(err, windows.ERROR_SHARING_VIOLATION) }

// move renames a file from one held folder into another. A folder that is held open cannot be renamed here, so that its name is
// as good as what is held. Where the file does not exist any more the error is fs.ErrNotExist.
func (f *folder) move(name string, to *folder, as string) error {
	if err := os.Rename(filepath.Join(f.root.Name(), name), filepath.Join(to.root.Name(), filepath.FromSlash(as))); err != nil {
		return fmt.Errorf("move: %w", bare(err))
	}
	return nil
}

// remove removes a file or an empty folder. What does not know how to remove a name while somebody has the file open (wine 8, some
// network shares) says that the function is invalid: there the old way is taken, by the folder's name, which is as good; see move.
func (f *folder) remove(name string) error {
	err := f.root.Remove(name)
	if errors.Is(err, windows.ERROR_INVALID_FUNCTION) {
		err = os.Remove(filepath.Join(f.root.Name(), name))
	}
	return err
}

// sync does nothing: NTFS keeps names in its own log.
func (f *folder) sync() error { return nil }

// syncFile waits until a file's content is on disk. A file that is gone, or no file, needs nothing.
func (f *folder) syncFile(name string) error {
	entry, err := f.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !entry.Mode().IsRegular():
		return nil
	case err != nil:
		return bare(err)
	}
	file, err := f.root.OpenFile(name, os.O_RDWR, 0) // Windows flushes only what could be written
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return bare(err)
	}
	defer file.Close()
	return bare(file.Sync())
}

// gone tells whether the held folder is no more.
func (f *folder) gone() bool {
	_, err := f.dir.Stat()
	return err != nil
}

// elsewhere is never told here: a drive that comes back is another folder, and the old one is gone.
func (f *folder) elsewhere(fs.FileInfo) bool { return false }

// restrict does nothing: access lists of the folder count, which service install sets.
func (f *folder) restrict(fs.FileMode) (open bool, err error) { return false, nil }

// lock takes the one lock of a drop folder, on a file beside the folder for claimed files. The system drops it when the process
// dies. file is to be kept open. Errors: ErrLocked; with free, a file system without locks.
func (f *folder) lock(top *folder) (file *os.File, free bool, err error) {
	file, err = top.root.OpenFile(lockName, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, err
	}
	if err = filelock.Take(file); errors.Is(err, filelock.ErrHeld) {
		file.Close()
		return nil, false, ErrLocked
	}
	return file, err != nil, err
}
