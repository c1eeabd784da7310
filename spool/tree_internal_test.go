package spool

import (
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Programs that drop files may make the folders in the same moment as receiptd.
func TestFolderMadeMeanwhile(t *testing.T) {
	t.Parallel()
	for range 300 {
		dir := filepath.Join(t.TempDir(), "spool")
		if err := os.Mkdir(dir, 0o750); err != nil {
			t.Fatal(err)
		}
		begin := make(chan struct{})
		var programs sync.WaitGroup
		for _, name := range []string{takenDir, incomingDir, resultsDir, rejectedDir} {
			programs.Go(func() {
				<-begin
				if err := os.MkdirAll(filepath.Join(dir, name), 0o770); err != nil {
					t.Error(err)
				}
			})
		}
		close(begin)
		tr, err := newTree(dir, slog.New(slog.DiscardHandler))
		programs.Wait()
		if err != nil {
			t.Fatal(err)
		}
		if wrong := tr.trouble(); wrong != nil {
			t.Error(wrong)
		}
		tr.close()
	}
}
