package journal

import (
	"fmt"
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

// fill writes zeros where the system cannot reserve space.
func fill(f *os.File, size int64) error {
	zeros := make([]byte, 1<<20)
	for size > 0 {
		n, err := f.Write(zeros[:min(size, int64(len(zeros)))])
		if err != nil {
			return err
		}
		size -= int64(n)
	}
	return nil
}

// space says whether the journal lives on its ballast.
type space struct {
	full atomic.Bool // the ballast was given up

	mu      sync.Mutex
	ballast ballast // guarded by mu once the journal is open; its path and size never change
}

// giveBallast frees the ballast and reports whether there was one.
func (db *DB) giveBallast() bool {
	if db.space.full.Swap(true) {
		return false
	}
	db.log.Error("the disk is full: new jobs wait in the drop folder until there is space", "journal", db.path)
	return os.Remove(db.space.ballast.path) == nil
}

// DiskFull reports whether the journal lives on its ballast.
func (db *DB) DiskFull() bool { return db.space.full.Load() }

// HasSpace reports whether new jobs can be taken. When the disk was full it tries, at most once a second, to get the ballast back.
func (db *DB) HasSpace() bool {
	s := &db.space
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
	db.log.Info("there is space on the disk again", "journal", db.path)
	return true
}
