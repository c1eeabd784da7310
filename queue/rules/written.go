package rules

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/receiptd/receiptd/queue/journal"
)

// writtenDelay is how long notes of written answers gather: they must not burden the commits that slips wait for.
const writtenDelay = time.Second

// Written gathers which revisions of answers stand in the results folder, and notes them in the journal.
type Written struct {
	db  *journal.DB
	log *slog.Logger

	mu    sync.Mutex
	notes map[string]int64 // guarded by mu, as is timer; by file, not yet on disk
	timer *time.Timer      // runs while there are notes
}

// NewWritten gives the notes of a journal's written answers.
func NewWritten(db *journal.DB, log *slog.Logger) *Written {
	return &Written{db: db, log: log, notes: map[string]int64{}}
}

// Close writes what is noted and stops the timer.
func (w *Written) Close(ctx context.Context) error {
	w.mu.Lock()
	if w.timer != nil {
		w.timer.Stop()
	}
	w.mu.Unlock()
	return w.flush(ctx)
}

// Mark notes that this revision of a file's answer stands in the results folder. It does not block: the note goes
// to disk within a second; lost in a crash it costs one needless rewrite.
func (w *Written) Mark(file string, revision int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notes[file] = max(w.notes[file], revision)
	if w.timer == nil {
		w.timer = time.AfterFunc(writtenDelay, func() {
			if err := w.flush(context.Background()); err != nil {
				w.log.Warn("written answers are not noted", "error", err)
			}
		})
	}
}

// Of gives the revision of a file's answer that waits to be noted, 0 for none.
func (w *Written) Of(file string) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.notes[file]
}

// flush writes the notes.
func (w *Written) flush(ctx context.Context) error {
	w.mu.Lock()
	none := len(w.notes) == 0
	w.mu.Unlock()
	if none {
		return nil
	}
	return w.db.Do(ctx, w.save)
}

// take takes the notes out of memory: from now on they are the caller's.
func (w *Written) take() map[string]int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.notes) == 0 {
		return nil
	}
	list := w.notes
	w.notes = map[string]int64{}
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	return list
}

// save takes the notes into a transaction.
func (w *Written) save(t *journal.Tx) error {
	list := w.take()
	if len(list) == 0 {
		return nil
	}
	t.OnRollback(func() {
		for f, rev := range list {
			w.Mark(f, rev)
		}
	})
	for f, rev := range list {
		err := t.Exec(`UPDATE files SET written = ? WHERE seq = (SELECT max(seq) FROM files WHERE name = ?) AND written < ?`, rev, f, rev)
		if err != nil {
			return err
		}
	}
	return nil
}
