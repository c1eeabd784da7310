package journal

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// A ballast is a file that holds space on the disk. When the disk is full it is given up, so that states and answers of
// what was taken can still be written.
type ballast struct {
	path string
	size int64
	next time.Time // when getting it back is tried again
}

// ballastPath is where the ballast of a journal stands.
func ballastPath(journal string) string { return filepath.Join(filepath.Dir(journal), "ballast") }

// make writes the ballast in full: a hole would hold nothing.
func (b *ballast) make() error {
	if b.size <= 0 {
		return nil
	}
	if info, err := os.Stat(b.path); err == nil && info.Size() == b.size {
		return private(b.path)
	}
	f, err := os.OpenFile(b.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, privateMode)
	if err != nil {
		return fmt.Errorf("ballast: %w", err)
	}
	err = private(b.path)
	if err == nil {
		err = reserve(f, b.size)
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		_ = os.Remove(b.path) // half a ballast helps nobody
		return fmt.Errorf("ballast %s: %w", b.path, err)
	}
	return nil
}

// space says whether a journal lives on its ballast.
type space struct {
	log     *slog.Logger
	journal string // its path

	full atomic.Bool // the ballast was given up

	mu      sync.Mutex
	ballast ballast // guarded by mu once the journal is open; its path and size never change
}

// giveUp frees the ballast and reports whether there was one.
func (s *space) giveUp() bool {
	if s.full.Swap(true) {
		return false
	}
	s.log.Error("the disk is full: new jobs wait in the drop folder until there is space", "journal", s.journal)
	return os.Remove(s.ballast.path) == nil
}

// has reports whether new jobs can be taken. When the disk was full it tries, at most once a second, to get the ballast back.
func (s *space) has() bool {
	if !s.full.Load() {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if now.Before(s.ballast.next) {
		return !s.full.Load()
	}
	s.ballast.next = now.Add(time.Second)
	if err := s.ballast.make(); err != nil {
		return false
	}
	s.full.Store(false)
	s.log.Info("there is space on the disk again", "journal", s.journal)
	return true
}
