//go:build unix

package spool_test

import (
	"syscall"
	"testing"
)

// makePipe makes a named pipe where there is such a file.
func makePipe(t *testing.T, path string) bool {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return true
}
