//go:build unix

package filelock_test

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/receiptd/receiptd/internal/filelock"
)

// A lock that was given up is free, although a child process that is just being started still holds a copy of the folder.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	open := func() *os.File {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	first, second := open(), open()
	copied, err := unix.Dup(int(first.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(copied)
	if err := filelock.Take(first); err != nil {
		t.Fatal(err)
	}
	if err := filelock.Take(second); !errors.Is(err, filelock.ErrHeld) {
		t.Error("held:", err)
	}
	if err := filelock.Release(first); err != nil {
		t.Error(err)
	}
	if err := filelock.Take(second); err != nil {
		t.Error("given up:", err)
	}
	if err := filelock.Release(second); err != nil {
		t.Error(err)
	}
}
