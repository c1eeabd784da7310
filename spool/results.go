package spool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/queue"
)

// keepResults is how long an answer stays in results.
const keepResults = 7 * 24 * time.Hour

// Waits of the answer writer.
const (
	// answerPause goes before each round of writing: what changes meanwhile is written once. A slip that comes out fast has
	// three states within a few milliseconds, and making a file costs more than anything else on its way.
	answerPause = 10 * time.Millisecond
	// While slips begin to print the writer rests, after each answerPortion files, for answerShare times what they took: in a
	// burst the printers come first, and most answers change again meanwhile.
	answerPortion = 16
	answerShare   = 9
	answerRetry   = time.Second // after a write that failed
)

// answerWriter alone writes results: one file per dropped name, always the newest arrival's answer as the journal has it. It
// removes a claimed file when its answer stands there.
type answerWriter struct {
	s       *Spool
	changed chan struct{} // has room for one
	begun   atomic.Int64  // how many slips have begun to print

	mu    sync.Mutex
	dirty map[string][]string // names whose answers changed, with the claimed files to be removed then
}

func newAnswerWriter(s *Spool) *answerWriter {
	return &answerWriter{s: s, changed: make(chan struct{}, 1), dirty: make(map[string][]string)}
}

// run keeps the results up to date with the journal's feed until ctx ends.
func (w *answerWriter) run(ctx context.Context) error {
	feed := w.s.journal.Subscribe(-1)
	behind, err := w.s.journal.Unwritten(ctx)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("look for answers that were never written: %w", err)
	}
	for _, name := range behind {
		w.mark(name, "")
	}
	reader := make(chan error, 1)
	go func() { reader <- w.follow(ctx, feed) }()
	prune := time.NewTicker(time.Hour)
	defer prune.Stop()
	w.prune(time.Now())
	for {
		select {
		case err := <-reader:
			w.round(ctx) // what was committed before the end
			return err
		case <-prune.C:
			w.prune(time.Now())
		case <-w.changed:
			w.rest(ctx, answerPause)
			if !w.round(ctx) {
				w.rest(ctx, answerRetry)
			}
		}
	}
}

// rest waits, or until ctx ends.
func (w *answerWriter) rest(ctx context.Context, pause time.Duration) {
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// follow marks the names whose answers change, up to the last change before ctx ended.
func (w *answerWriter) follow(ctx context.Context, feed *queue.Subscription) error {
	for {
		e, err := feed.Next(ctx)
		if err != nil && ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("follow the journal: %w", err)
		}
		if e.State == queue.Sending {
			w.begun.Add(1)
		}
		if e.File != "" {
			w.mark(e.File, "")
		}
	}
}

// mark asks for a name's answer to be written, and for a claimed file, if there is one, to be removed afterwards.
func (w *answerWriter) mark(name, claimed string) {
	w.mu.Lock()
	list := w.dirty[name]
	if claimed != "" {
		list = append(list, claimed)
	}
	w.dirty[name] = list
	w.mu.Unlock()
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// round writes every answer that changed. It reports false when one could not be written: it is tried again.
func (w *answerWriter) round(ctx context.Context) bool {
	w.mu.Lock()
	names := w.dirty
	w.dirty = make(map[string][]string)
	w.mu.Unlock()
	ok := true
	n, since, begun := 0, time.Now(), w.begun.Load()
	for name, claimed := range names {
		if n++; n%answerPortion == 0 {
			if now := w.begun.Load(); now != begun {
				w.rest(ctx, answerShare*time.Since(since))
			}
			since, begun = time.Now(), w.begun.Load()
		}
		if err := w.write(name); err != nil {
			w.s.log.Error("an answer cannot be written; it is tried again", "err", err)
			ok = false
			w.mark(name, "")
			for _, c := range claimed {
				w.mark(name, c)
			}
			continue
		}
		for _, c := range claimed {
			if err := os.Remove(w.s.path(takenDir, c)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				w.s.log.Error("an answered job file cannot be removed; it is not printed again", "err", err)
			}
		}
	}
	return ok
}

// write writes the present answer for a name, unless that revision stands there already.
func (w *answerWriter) write(name string) error {
	fa, err := w.s.journal.AnswerForFile(context.Background(), name) // also while ending: the answer is committed
	if err != nil {
		return fmt.Errorf("read answer from the journal: %w", err)
	}
	if fa.Revision <= fa.Written {
		return nil
	}
	data, err := json.MarshalIndent(fa.Answer, "", "  ")
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	if err := writeAtomic(w.s.path(resultsDir, name), append(data, '\n')); err != nil {
		return err
	}
	w.s.journal.MarkWritten(name, fa.Revision)
	return nil
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
