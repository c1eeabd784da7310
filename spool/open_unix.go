//go:build unix

package spool

import (
	"os"
	"syscall"
)

// openNoFollow opens for reading; a link is an error, a pipe does not block.
func openNoFollow(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
}
