package spool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/receiptd/receiptd/queue"
)

// keepResults is how long an answer stays in results.
const keepResults = 7 * 24 * time.Hour

// answerWriter alone writes results: one file per dropped name, always the newest arrival's answer as the journal has it.
type answerWriter struct {
	s  *Spool
	mu sync.Mutex // one write at a time, so that an older answer never lands on a newer one

	changed chan struct{} // has room for one
	dirtyMu sync.Mutex
	dirty   map[string]bool // names whose answers changed since they were written
}

func newAnswerWriter(s *Spool) *answerWriter {
	return &answerWriter{s: s, changed: make(chan struct{}, 1), dirty: make(map[string]bool)}
}

// run keeps the results up to date with the journal's feed until ctx ends. What changes while one round is written is
// written in the next: a slip that comes out fast costs fewer writes than it has states.
func (w *answerWriter) run(ctx context.Context) error {
	feed := w.s.journal.Subscribe(-1)
	behind, err := w.s.journal.Unwritten(ctx)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("look for answers that were never written: %w", err)
	}
	w.mark(behind...)
	reader := make(chan error, 1)
	go func() { reader <- w.follow(ctx, feed) }()
	prune := time.NewTicker(time.Hour)
	defer prune.Stop()
	w.prune(time.Now())
	for {
		select {
		case err := <-reader:
			w.round() // what was committed before the end
			return err
		case <-prune.C:
			w.prune(time.Now())
		case <-w.changed:
			w.round()
		}
	}
}

// follow marks the names whose answers change.
func (w *answerWriter) follow(ctx context.Context, feed *queue.Subscription) error {
	for {
		e, err := feed.Next(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("follow the journal: %w", err)
		}
		if e.File != "" {
			w.mark(e.File)
		}
	}
}

func (w *answerWriter) mark(names ...string) {
	w.dirtyMu.Lock()
	for _, n := range names {
		w.dirty[n] = true
	}
	w.dirtyMu.Unlock()
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// round writes every answer that changed.
func (w *answerWriter) round() {
	w.dirtyMu.Lock()
	names := w.dirty
	w.dirty = make(map[string]bool)
	w.dirtyMu.Unlock()
	for name := range names {
		w.write(name)
	}
}

// write writes the present answer for a name, unless that revision stands there already.
func (w *answerWriter) write(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fa, err := w.s.journal.AnswerForFile(context.Background(), name) // also while ending: the answer is committed
	if err != nil {
		w.s.log.Error("an answer cannot be read from the journal", "err", err)
		return
	}
	if fa.Revision <= fa.Written {
		return
	}
	data, err := json.MarshalIndent(fa.Answer, "", "  ")
	if err != nil {
		w.s.log.Error("an answer cannot be encoded", "err", err)
		return
	}
	if err := writeAtomic(w.s.path(resultsDir, name), append(data, '\n')); err != nil {
		w.s.log.Error("an answer cannot be written; it is written again at the next change or start", "err", err)
		return
	}
	w.s.journal.MarkWritten(name, fa.Revision)
}

// prune removes answers that nobody needs any more. Only the age of the file counts, and a clock that jumped forward costs no
// more than answers: the journal keeps everything.
func (w *answerWriter) prune(now time.Time) {
	for _, dir := range []string{resultsDir, rejectedDir} {
		entries, err := os.ReadDir(w.s.path(dir))
		if err != nil {
			w.s.log.Warn("old answers cannot be pruned", "err", err)
			continue
		}
		for _, e := range entries {
			info, err := e.Info()
			if err != nil || !info.Mode().IsRegular() || now.Sub(info.ModTime()) < keepResults {
				continue
			}
			if err := os.Remove(w.s.path(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				w.s.log.Warn("an old answer cannot be pruned", "err", err)
			}
		}
	}
}
