//go:build unix

package journal_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/receiptd/receiptd/queue/journal"
)

// TestRestoreOfADeadShare: a backup that cannot even be opened, as at a share that has gone away (here a pipe without a writer), does not keep a
// restore that is stopped, and nothing is left of it.
func TestRestoreOfADeadShare(t *testing.T) {
	dir := t.TempDir()
	pipe, path := filepath.Join(dir, "backup.db"), filepath.Join(dir, "journal.db")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { _, err := journal.Restore(ctx, path, pipe, time.Now()); ended <- err }()
	for begun := false; !begun; time.Sleep(time.Millisecond) {
		select {
		case err := <-ended:
			t.Fatalf("it ended before it was stopped: %v", err)
		default:
		}
		_, err := os.Stat(path + ".restore")
		begun = err == nil
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if left, _ := filepath.Glob(path + ".restore*"); len(left) > 0 {
		t.Error(left)
	}
	w, err := os.OpenFile(pipe, os.O_RDWR, 0) // and whoever still waits for it goes
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
}
