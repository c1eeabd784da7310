//go:build unix

package spool

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// A lock that was given up is free, although a child process that is just being started still holds a copy of the folder.
func TestLockGivenUp(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	open := func() *folder {
		root, err := os.OpenRoot(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := hold(root)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := f.lock(f); err != nil {
			t.Fatal(err)
		}
		return f
	}
	f := open()
	copied, err := unix.Dup(int(f.dir.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(copied)
	f.close()
	open().close()
}
