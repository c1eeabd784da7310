package line

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// lock keeps every other receiptd off what f is, by whatever name. Error: ErrTaken.
func lock(f *os.File, path string) error {
	err := flock(f, unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return fmt.Errorf("%w: %s", ErrTaken, path)
	} else if err != nil {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	return nil
}

// release gives the lock up and closes f. It does not leave the lock to the close: a child process that is being started holds a copy of
// every open file for a moment, and the lock with it.
func release(f *os.File) error {
	return errors.Join(flock(f, unix.LOCK_UN), f.Close())
}

// flock leaves f as it is: Fd would make its reads wait for ever.
func flock(f *os.File, how int) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	failed := c.Control(func(fd uintptr) { err = unix.Flock(int(fd), how) })
	return errors.Join(err, failed)
}
