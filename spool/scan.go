package spool

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/job"
)

// One commit takes window files, so that printing begins before a flood is read, and those of the same time as the last of
// them, which have an order of their own (see inOrder); most bounds them, and with it the memory that a flood takes.
const (
	window = 32
	most   = 256
)

// A sighting remembers a file that is left where it is, so that it is answered once.
type sighting struct {
	size     int64
	modified time.Time
	since    time.Time // when it was first seen like this
	answered bool
}

// A candidate is a file in the drop folder that may be a job.
type candidate struct {
	name string
	info fs.FileInfo
	seen sight
}

// scan takes everything in the drop folder that is complete, by modification time, then name.
func (s *Spool) scan(ctx context.Context) {
	entries, err := os.ReadDir(s.path(incomingDir))
	if err != nil {
		s.log.Error("the drop folder cannot be read; jobs wait in it", "err", err)
		return
	}
	var found []candidate
	present := make(map[string]bool, len(entries))
	for _, e := range entries {
		name := e.Name()
		if ignored(name) {
			continue
		}
		info, err := e.Info()
		if err != nil { // gone since: someone took it back
			continue
		}
		present[name] = true
		found = append(found, candidate{name: name, info: info})
	}
	for name := range s.seen {
		if !present[name] {
			delete(s.seen, name)
		}
	}
	s.sights.look(found)
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(a.info.ModTime().Compare(b.info.ModTime()), strings.Compare(a.name, b.name))
	})
	for len(found) > 0 && ctx.Err() == nil {
		n := together(found)
		if err := s.takeChunk(ctx, found[:n]); err != nil {
			s.log.Error("jobs wait in the drop folder: the journal does not accept them", "err", err)
			return
		}
		found = found[n:]
	}
}

// together gives how many of the oldest files are taken in one commit.
func together(found []candidate) int {
	n := min(window, len(found))
	for n < min(most, len(found)) && found[n].info.ModTime().Equal(found[n-1].info.ModTime()) {
		n++
	}
	return n
}

// ignored tells the names that are still being written (contract, drop folder).
func ignored(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".tmp") || strings.HasSuffix(name, ".part")
}

// takeChunk claims, parses, commits, answers and removes the finished ones of a few files.
func (s *Spool) takeChunk(ctx context.Context, chunk []candidate) error {
	var ready []arrival
	for _, c := range chunk {
		a, ok := s.look(ctx, c)
		if !ok {
			continue
		}
		for i := range a {
			a[i].seen = c.seen
		}
		ready = append(ready, a...)
	}
	return s.accept(ctx, ready)
}

// look decides what one file is: not a file for us, unfinished, or ready (then it is claimed).
func (s *Spool) look(ctx context.Context, c candidate) ([]arrival, bool) {
	last, known := s.seen[c.name]
	same := known && last.size == c.info.Size() && last.modified.Equal(c.info.ModTime())
	if same && last.answered {
		return nil, false
	}
	if !c.info.Mode().IsRegular() {
		s.remember(c, time.Now(), true)
		return []arrival{{name: c.name, result: problemResult(notRegular(c.info.Mode()))}}, true
	}
	data, info, err := readFile(s.path(incomingDir, c.name))
	if err != nil {
		return s.unreadable(c, err)
	}
	if job.Completeness(data) == job.Prefix && len(data) <= job.MaxSize {
		since := time.Now()
		if same {
			since = last.since
		}
		overdue := time.Since(since) >= s.settle
		s.remember(c, since, overdue)
		if !overdue {
			return nil, false
		}
		return []arrival{{name: c.name, data: data, result: problemResult(incomplete(len(data))), modified: c.info.ModTime()}}, true
	}
	seq, err := s.journal.NextFileSeq(ctx)
	if err != nil {
		s.log.Error("a job waits in the drop folder: the journal gives no number", "err", err)
		return nil, false
	}
	return s.claim(seq, c, data, info), true
}

func (s *Spool) remember(c candidate, since time.Time, answered bool) {
	s.seen[c.name] = sighting{size: c.info.Size(), modified: c.info.ModTime(), since: since, answered: answered}
}

// unreadable answers a file that cannot be opened: once, and it stays. One that vanished meanwhile is nobody's.
func (s *Spool) unreadable(c candidate, err error) ([]arrival, bool) {
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false
	}
	s.remember(c, time.Now(), true)
	s.log.Warn("a file in the drop folder cannot be read", "err", err)
	return []arrival{{name: c.name, result: problemResult(cannotRead(err))}}, true
}

// readFile reads a regular file without following a link, at most one byte more than a job may have.
func readFile(path string) ([]byte, fs.FileInfo, error) {
	f, err := openNoFollow(path)
	if err != nil {
		return nil, nil, fmt.Errorf("open job file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, fmt.Errorf("look at job file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("open job file: %w", errNotRegular)
	}
	data, err := io.ReadAll(io.LimitReader(f, job.MaxSize+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read job file: %w", err)
	}
	return data, info, nil
}

var errNotRegular = errors.New("not a regular file")
