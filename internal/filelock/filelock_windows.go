package filelock

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// Take locks an open file, and does not wait. Errors: ErrHeld; what the system says where it has no locks.
func Take(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ErrHeld
	}
	return err
}

// Release gives the lock up, where one is held, and closes f.
func Release(f *os.File) error { return f.Close() }
