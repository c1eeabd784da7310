package spool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/internal/wholefile"
	"github.com/receiptd/receiptd/queue"
)

// Waits of the answer writer.
const (
	// answerPause goes before each round of writing: what changes meanwhile is written once. A slip that comes out fast has
	// three states within a few milliseconds, and making a file costs more than anything else on its way.
	answerPause = 10 * time.Millisecond
	// While slips begin to print the writer rests, after each answerPortion files, for answerShare times what they took: in a
	// burst the printers come first, and most answers change again meanwhile.
	answerPortion = 16
	answerShare   = 9
	answerRetry   = time.Second     // after a write that failed
	answerTick    = 3 * quietRescan // between two looks at what is due: a beat, old answers, folders that were swapped
	reviewTick    = time.Second     // the same, while those of before the start are compared
)

// answerWriter alone writes results: one file per dropped name, always the newest arrival's answer as the journal has it. It
// removes a claimed file when its answer stands there. Fields are its own goroutine's, but for those that say otherwise.
type answerWriter struct {
	s       *Spool
	pulse   *pulse
	changed chan struct{} // has room for one
	begun   atomic.Int64  // how many slips have begun to print; anybody's

	mu    sync.Mutex
	dirty map[string][]string // guarded by mu: names whose answers changed, with the claimed files to be removed then

	results *folder          // of this round
	taken   *folder          //
	stands  map[string]int64 // revisions that stand in results and may not be on disk yet
	syncAt  time.Time        // when they are put there; zero: nothing is due
	review  []string         // names noted as written before the start, to be compared, the newest first
	anew    map[string]bool  // names to be written although they are noted as written
	pruned  time.Time        // when old answers were last looked for
	looked  time.Time        // when answers of hidden names were
}

func newAnswerWriter(s *Spool) *answerWriter {
	return &answerWriter{s: s, pulse: newPulse(answerTick), changed: make(chan struct{}, 1), dirty: make(map[string][]string),
		stands: make(map[string]int64), anew: make(map[string]bool)}
}

// run keeps the results up to date with the journal's feed until ctx ends.
func (w *answerWriter) run(ctx context.Context) error {
	feed := w.s.events.Subscribe(-1)
	behind, err := w.s.files.Unwritten(ctx)
	if err == nil {
		w.review, err = w.s.files.Written(ctx)
	}
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("look for answers of before the start: %w", err)
	}
	for _, name := range behind {
		w.mark(name, "")
	}
	reader := make(chan error, 1)
	go func() { reader <- w.follow(ctx, feed) }()
	tick := time.NewTimer(reviewTick)
	defer tick.Stop()
	w.due(ctx)
	sync := time.NewTimer(0)
	defer sync.Stop()
	for {
		w.pulse.beat()
		sync.Reset(w.untilSync())
		select {
		case err := <-reader:
			w.round(ctx) // what was committed before the end
			w.settle(ctx)
			return err
		case <-tick.C:
			w.due(ctx)
			if tick.Reset(inStep(answerTick)); len(w.review) > 0 {
				tick.Reset(reviewTick)
			}
		case <-sync.C:
			if !w.syncAt.IsZero() {
				w.settle(ctx)
			}
		case <-w.changed:
			w.rest(ctx, answerPause)
			if !w.round(ctx) {
				w.rest(ctx, answerRetry)
			}
		}
	}
}

// due does what comes with time.
func (w *answerWriter) due(ctx context.Context) {
	if !w.hold() {
		return
	}
	w.compare(ctx)
	w.prune(time.Now())
}

// hold looks whether the folders are the right ones. The names in folders that were not held before are learned.
func (w *answerWriter) hold() bool {
	if w.s.tree.look() != nil {
		return false
	}
	results, err := w.s.tree.in(resultsDir)
	taken, err2 := w.s.tree.in(takenDir)
	if errors.Join(err, err2) != nil {
		return false
	}
	if results != w.results || taken != w.taken {
		w.results, w.taken = results, taken
		w.learn()
	}
	return true
}

// learn hashes the names that lie in the folders: those with a card number are known to the journal by their hashes only.
func (w *answerWriter) learn() {
	for _, dir := range []string{resultsDir, incomingDir} {
		f, err := w.s.tree.in(dir)
		if err != nil {
			continue
		}
		list, err := f.names()
		if err != nil {
			continue
		}
		for _, name := range list {
			w.s.names.called(name)
		}
	}
	list, err := w.s.claims(w.taken)
	if err != nil {
		return
	}
	for _, claimed := range list {
		if _, name, ok := splitClaim(claimed); ok {
			w.s.names.called(name)
		}
	}
}

// rest waits, or until ctx ends.
func (w *answerWriter) rest(ctx context.Context, pause time.Duration) {
	w.pulse.beat()
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

// mark asks for a name's answer to be written, and for a claimed file, if there is one, to be removed afterwards. Anybody may
// call it.
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
	if !w.hold() {
		w.mark("", "") // wakes the next round; there is no such name
		return false
	}
	w.mu.Lock()
	names := w.dirty
	w.dirty = make(map[string][]string)
	w.mu.Unlock()
	delete(names, "")
	ok := true
	p := w.portion()
	for name, claimed := range names {
		p.next(ctx)
		if err := w.write(name); err != nil {
			w.s.reports.say(slog.LevelError, answerFailed, name, err)
			ok = false
			w.mark(name, "")
			for _, c := range claimed {
				w.mark(name, c)
			}
			continue
		}
		w.s.reports.over(answerFailed, name)
		for _, c := range claimed {
			if err := unclaim(w.taken, c); err != nil {
				w.s.reports.say(slog.LevelError, "an answered job file cannot be removed; it is not printed again", name, err)
			}
		}
	}
	return ok
}

const answerFailed = "an answer cannot be written; it is tried again"

// A portion makes the writer rest while slips begin to print.
type portion struct {
	w     *answerWriter
	n     int
	since time.Time
	begun int64
}

func (w *answerWriter) portion() *portion {
	return &portion{w: w, since: time.Now(), begun: w.begun.Load()}
}

// next is called before each file.
func (p *portion) next(ctx context.Context) {
	p.w.pulse.beat()
	if p.n++; p.n%answerPortion != 0 {
		return
	}
	if now := p.w.begun.Load(); now != p.begun {
		p.w.rest(ctx, answerShare*time.Since(p.since))
	}
	p.since, p.begun = time.Now(), p.w.begun.Load()
}

// write writes the present answer for a name, unless that revision stands there already.
func (w *answerWriter) write(called string) error {
	name, known := w.s.names.name(called)
	if !known {
		w.s.reports.say(slog.LevelInfo, "the answer of a file that holds a card number in its name is not wanted any more: nothing of that name lies here", called, nil)
		return nil
	}
	fa, err := w.s.files.Answer(context.Background(), called) // also while ending: the answer is committed
	if errors.Is(err, queue.ErrNotFound) {                    // retention took it
		return nil
	}
	if err != nil {
		return fmt.Errorf("read answer from the journal: %w", err)
	}
	if !w.anew[called] && fa.Revision <= max(fa.Written, w.stands[called]) {
		return nil
	}
	data, err := encode(fa.Answer)
	if err != nil {
		return err
	}
	if err := w.put(called, name, data); err != nil {
		return err
	}
	delete(w.anew, called)
	w.stands[called] = fa.Revision
	if called != name { // found again by its name only: it must be there before its claimed file goes
		return w.note([]string{called})
	}
	if w.syncAt.IsZero() {
		w.syncAt = time.Now().Add(syncPause)
	}
	return nil
}

func encode(a queue.Answer) ([]byte, error) {
	data, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	return append(data, '\n'), nil
}

// put writes an answer under a file's own name. A folder that somebody made there is moved out of the way.
func (w *answerWriter) put(called, name string, data []byte) error {
	err := wholefile.Put(w.results.root, name, data, 0o660)
	if err == nil {
		return nil
	}
	if entry, look := w.results.root.Lstat(name); look != nil || !entry.IsDir() {
		return fmt.Errorf("write answer: %w", bare(err))
	}
	aside := wholefile.TempName()
	if err := w.results.root.Rename(name, aside); err != nil {
		return fmt.Errorf("move a folder away from where an answer goes: %w", bare(err))
	}
	w.s.reports.say(slog.LevelWarn, "a folder lay in results where an answer goes; it was renamed to "+aside, called, nil)
	if err := wholefile.Put(w.results.root, name, data, 0o660); err != nil {
		return fmt.Errorf("write answer: %w", bare(err))
	}
	return nil
}
