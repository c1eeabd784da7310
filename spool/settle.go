package spool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/receiptd/receiptd/internal/wholefile"
	"github.com/receiptd/receiptd/queue"
)

// An answer is seen by its reader at once, and put on disk a little later, when nothing prints: a slip's states of that time cost
// one fsync together, and none on the way to its first byte. Only then does the journal note it as written. What was not noted
// before a power cut is written again at start.
const (
	syncPause = 300 * time.Millisecond
	syncLater = 2 * time.Second // at most, while slips begin to print
)

// untilSync is how long the next settle may wait.
func (w *answerWriter) untilSync() time.Duration {
	if w.syncAt.IsZero() {
		return time.Hour
	}
	return max(0, time.Until(w.syncAt))
}

// settle puts the answers that stand in results on disk and has them noted.
func (w *answerWriter) settle(ctx context.Context) {
	w.syncAt = time.Time{}
	if len(w.stands) == 0 || !w.hold() {
		return
	}
	if err := w.note(w.synced(ctx)); err != nil {
		w.s.reports.say(slog.LevelWarn, "written answers cannot be put on disk; it is tried again", "", err)
	}
	if len(w.stands) > 0 {
		w.syncAt = time.Now().Add(syncLater)
	}
}

// synced puts answers on disk, and names those that are there. It leaves off when ctx ends: what is left is written again at start.
func (w *answerWriter) synced(ctx context.Context) (list []string) {
	p := w.portion()
	since := time.Now()
	for _, called := range slices.Collect(maps.Keys(w.stands)) {
		p.next(ctx)
		if ctx.Err() != nil && time.Since(since) > stopLimit/4 {
			break
		}
		if name, ok := w.s.names.name(called); ok {
			if err := w.results.syncFile(name); err != nil {
				w.s.reports.say(slog.LevelWarn, "a written answer cannot be put on disk; it is written again", called, err)
				w.anew[called] = true // what a failed fsync left in memory is not what is on disk
				w.mark(called, "")
				continue
			}
		}
		list = append(list, called)
	}
	return list
}

// note has answers noted whose content is on disk, after their names are.
func (w *answerWriter) note(list []string) error {
	for _, called := range list {
		if name, ok := w.s.names.name(called); ok && called != name {
			if err := w.results.syncFile(name); err != nil {
				return fmt.Errorf("put answer on disk: %w", err)
			}
		}
	}
	if err := w.results.sync(); err != nil {
		return fmt.Errorf("put answers on disk: %w", bare(err))
	}
	for _, called := range list {
		w.s.files.MarkWritten(called, w.stands[called])
		delete(w.stands, called)
	}
	return nil
}

// compareTime bounds what comparing costs in each tick: a twentieth of one processor.
const compareTime = 50 * time.Millisecond

// compare looks at the answers that were noted as written before the start, the newest first, and has those written anew that
// are not what the journal says: cut off by a loss of power, or changed by somebody. One that is gone stays gone.
func (w *answerWriter) compare(ctx context.Context) {
	for until := time.Now().Add(compareTime); len(w.review) > 0 && time.Now().Before(until) && ctx.Err() == nil; {
		w.pulse.beat()
		called := w.review[0]
		w.review = w.review[1:]
		name, ok := w.s.names.name(called)
		if !ok || w.stands[called] > 0 {
			continue
		}
		good, err := w.same(ctx, called, name)
		if err != nil {
			w.s.reports.say(slog.LevelWarn, "an answer of before the start cannot be compared with the journal", called, err)
			continue
		}
		if !good {
			w.s.reports.say(slog.LevelWarn, "an answer was cut off or changed while receiptd was away; it is written again", called, nil)
			w.anew[called] = true
			w.mark(called, "")
		}
	}
}

// same tells whether what stands in results is what the journal says, or nothing.
func (w *answerWriter) same(ctx context.Context, called, name string) (bool, error) {
	file, info, err := w.results.openRegular(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true, nil
	case err != nil: // a link, a folder, or something that cannot be read: an answer is neither
		return false, nil
	}
	defer file.Close()
	fa, err := w.s.files.Answer(ctx, called)
	if errors.Is(err, queue.ErrNotFound) { // retention took it
		return true, nil
	}
	if err != nil {
		return false, err
	}
	want, err := encode(fa.Answer)
	if err != nil {
		return false, err
	}
	if info.Size() != int64(len(want)) {
		return false, nil
	}
	have, err := io.ReadAll(io.LimitReader(file, int64(len(want))+1))
	return err == nil && bytes.Equal(have, want), nil
}

// keepResults is how long an answer stays in results, keepHidden how long one does whose name holds a card number.
const (
	keepResults = 7 * 24 * time.Hour
	keepHidden  = time.Hour
)

// prune removes answers that nobody needs any more. Only the age of the file counts, and a clock that jumped forward costs no
// more than answers: the journal keeps everything.
func (w *answerWriter) prune(now time.Time) {
	if now.Sub(w.looked).Abs() >= time.Minute {
		w.looked = now
		for _, name := range w.s.names.hidden(now.Add(-keepResults)) {
			w.pruneOne(w.results, name, now, keepHidden)
		}
	}
	if now.Sub(w.pruned).Abs() < time.Hour {
		return
	}
	w.pruned = now
	for _, dir := range []string{resultsDir, rejectedDir, incomingDir} {
		f, err := w.s.tree.in(dir)
		if err != nil {
			return
		}
		list, err := f.names()
		if err != nil {
			w.s.reports.say(slog.LevelWarn, "old answers cannot be removed", "", err)
			continue
		}
		for _, name := range list {
			w.pulse.beat()
			if dir != incomingDir || wholefile.Left(name) {
				w.pruneOne(f, name, now, keepResults)
			}
		}
	}
}

// pruneOne removes a file, or what was left by us under a random name, that is too old.
func (w *answerWriter) pruneOne(f *folder, name string, now time.Time, keep time.Duration) {
	info, err := f.root.Lstat(name)
	if err != nil {
		return
	}
	left := wholefile.Left(name)
	if left && info.Mode().IsRegular() {
		keep = time.Hour
	}
	if now.Sub(info.ModTime()) < keep {
		return
	}
	switch {
	case info.Mode().IsRegular():
		err = f.remove(name)
	case left && info.IsDir(): // moved away from where an answer goes
		err = f.root.RemoveAll(name)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		called, _ := w.s.names.called(name)
		w.s.reports.say(slog.LevelWarn, "an old answer cannot be removed", called, err)
	}
}
