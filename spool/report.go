package spool

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// A matter that goes on is written into the log once, and then each reportPause with the number of times. Of one kind of matter at
// most reportFirst files are named; the others are counted: a folder full of them must not fill the log.
const (
	reportPause = time.Hour
	reportFirst = 20
	reportMost  = 4096 // files remembered by kind
)

// reports keep what was said.
type reports struct {
	log *slog.Logger
	now func() time.Time

	mu    sync.Mutex
	kinds map[string]*matter // guarded by mu
}

// A matter is one kind of thing that goes wrong, by its message.
type matter struct {
	said  map[string]bool // files it was said of
	named int             // files named since begun
	more  int             // times that it was not said
	begun time.Time
}

func newReports(log *slog.Logger) *reports {
	return &reports{log: log, now: time.Now, kinds: make(map[string]*matter)}
}

// say writes a message about a file (as the journal calls it; "" for none), or counts it.
func (r *reports) say(level slog.Level, message, file string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.kinds[message]
	now := r.now()
	if m == nil {
		m = &matter{said: make(map[string]bool), begun: now}
		r.kinds[message] = m
	}
	again := now.Sub(m.begun) >= reportPause
	if again {
		m.begun, m.named = now, 0
	}
	known := m.said[file]
	if !again && (known || m.named >= reportFirst) {
		m.more++
		return
	}
	m.named++
	if len(m.said) >= reportMost {
		clear(m.said)
	}
	m.said[file] = true
	args := []any{}
	if file != "" {
		args = append(args, "file", file)
	}
	if err != nil {
		args = append(args, "err", bare(err))
	}
	if m.more > 0 {
		args = append(args, "times_before", m.more)
		m.more = 0
	}
	r.log.Log(context.Background(), level, message, args...)
}

// over notes that a matter of a file is over: should it come again, it is said again.
func (r *reports) over(message, file string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.kinds[message]; m != nil {
		delete(m.said, file)
	}
}
