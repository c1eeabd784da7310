package queue

import (
	"fmt"
	"os"
	"path/filepath"
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

// giveBallast frees the ballast and reports whether there was one.
func (q *Queue) giveBallast() bool {
	if q.full.Swap(true) {
		return false
	}
	q.log.Error("the disk is full: new jobs wait in the drop folder until there is space", "journal", q.path)
	return os.Remove(q.ballast.path) == nil
}

// regainBallast tries, at most once a second, to get the ballast back; then new jobs are taken again.
func (q *Queue) regainBallast() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	if now.Before(q.ballast.next) {
		return !q.full.Load()
	}
	q.ballast.next = now.Add(time.Second)
	if err := q.ballast.make(); err != nil {
		return false
	}
	q.full.Store(false)
	q.log.Info("there is space on the disk again", "journal", q.path)
	return true
}
