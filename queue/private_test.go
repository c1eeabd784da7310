package queue_test

import (
	"os"
	"runtime"
	"testing"
)

// The journal and what lies beside it is for its owner and group alone, and the file that SQLite locks for its owner, whatever the
// umask: a read lock, for which the right to read is enough, would stop the shop.
func TestModes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return // rights are those of the folder
	}
	s := newShop(t)
	for again := range 2 {
		s.accept(slip{id: "a"}.String())
		for suffix, want := range map[string]os.FileMode{"": 0o640, "-wal": 0o640, "-shm": 0o600} {
			info, err := os.Stat(s.path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode().Perm(); got != want {
				t.Errorf("start %d: journal%s has mode %o, want %o", again+1, suffix, got, want)
			}
		}
		if err := s.q.Close(); err != nil {
			t.Fatal(err)
		}
		s.open()
	}
}
