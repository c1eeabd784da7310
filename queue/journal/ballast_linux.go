package journal

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reserve makes the system set space aside without writing it.
func reserve(f *os.File, size int64) error {
	err := unix.Fallocate(int(f.Fd()), 0, 0, size)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		return fill(f, size)
	}
	return err
}
