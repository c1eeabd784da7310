//go:build unix

package daemon

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// noCoreDumps keeps the memory of a crashed process, in which a refused card number may still lie, off the disk.
func noCoreDumps() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("switch core dumps off: %w", err)
	}
	return nil
}
