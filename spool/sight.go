package spool

import (
	"io/fs"
	"os"
	"time"
)

// A sight is when a file that lies in the drop folder was first seen as it is, and how old it was then. Another file under the same
// name, or the same one written anew, is another arrival.
type sight struct {
	info fs.FileInfo
	at   time.Time
	age  time.Duration
}

// sights remembers the files of the last look through the folder. Only the taking goroutine uses it.
type sights struct {
	last  map[string]sight
	since time.Time // of that look; zero before the first
}

// look notes what lies there now. A file that the look before did not see is at most as old as that look, whatever the clock of
// the machine that wrote it says; only at the first look its own time is all there is.
func (s *sights) look(found []candidate) {
	now := time.Now()
	next := make(map[string]sight, len(found))
	for i := range found {
		c := &found[i]
		seen, ok := s.last[c.name]
		if !ok || !os.SameFile(seen.info, c.info) || !seen.info.ModTime().Equal(c.info.ModTime()) {
			seen = sight{c.info, now, max(0, now.Sub(c.info.ModTime()))}
			if !s.since.IsZero() {
				seen.age = min(seen.age, now.Sub(s.since))
			}
		}
		next[c.name], c.seen = seen, seen
	}
	s.last, s.since = next, now
}

// waited is how old an arrival is now: a reprint that nobody waits for any more is not done.
func (a *arrival) waited(now time.Time) time.Duration {
	switch {
	case !a.seen.at.IsZero() && a.seen.info.ModTime().Equal(a.modified):
		return a.seen.age + now.Sub(a.seen.at)
	case !a.seen.at.IsZero(): // written anew, or over by another, since it was seen
		return now.Sub(a.seen.at)
	case !a.modified.IsZero(): // claimed by an earlier run
		return max(0, now.Sub(a.modified))
	}
	return 0
}
