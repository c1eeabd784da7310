//go:build unix

package journal

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/receiptd/receiptd/internal/filelock"
)

// A lock that was given up is free, although a child process that is just being started still holds a copy of the file.
func TestLockGivenUp(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	l, err := takeLock(path)
	if err != nil {
		t.Fatal(err)
	}
	copied, err := unix.Dup(int(l.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(copied)
	if err := filelock.Release(l); err != nil {
		t.Fatal(err)
	}
	again, err := takeLock(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := filelock.Release(again); err != nil {
		t.Fatal(err)
	}
}
