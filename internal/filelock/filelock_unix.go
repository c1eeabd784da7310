//go:build unix

package filelock

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// Take locks an open file or folder, and does not wait. Errors: ErrHeld; what the system says where it has no locks.
func Take(f *os.File) error {
	err := flock(f, unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return ErrHeld
	}
	return err
}

// Release gives the lock up, where one is held, and closes f. It does not leave the lock to the close: a child process that is being started
// holds a copy of every open file for a moment, and the lock with it (flock(2): LOCK_UN on any copy releases it).
func Release(f *os.File) error {
	return errors.Join(flock(f, unix.LOCK_UN), f.Close())
}

// flock leaves f as it is: Fd would make its reads wait for ever.
func flock(f *os.File, how int) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	failed := c.Control(func(fd uintptr) {
		for err = unix.Flock(int(fd), how); errors.Is(err, unix.EINTR); err = unix.Flock(int(fd), how) {
		}
	})
	return errors.Join(err, failed)
}
