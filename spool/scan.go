package spool

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/internal/pause"
	"github.com/receiptd/receiptd/job"
)

// One commit takes window files, so that printing begins before a flood is read, and those of the same time as the last of
// them, which have an order of their own (see inOrder); most bounds them, and with it the memory that a flood takes.
const (
	window = 32
	most   = 256
)

// What one look reads again of the files known as unfinished: many of them, changed all the time, must not keep jobs waiting.
const (
	turnFiles = 64
	turnBytes = 4 << 20
)

// A sighting remembers a file that is left where it is, so that it is answered once.
type sighting struct {
	info       fs.FileInfo
	since      time.Time // when it was first seen like this
	answered   bool
	unfinished bool
	unreadable bool  // it was answered as such, and is the same file since
	turn       int64 // the look that read it last
}

// same tells whether nothing changed that asks for another look. Of what is no regular file only what it is counts: its time can
// be set at will, and each answer fills the journal.
func (s sighting) same(now fs.FileInfo) bool {
	if !s.info.Mode().IsRegular() {
		return os.SameFile(s.info, now) && s.info.Mode().Type() == now.Mode().Type()
	}
	return s.info.Size() == now.Size() && s.info.ModTime().Equal(now.ModTime()) &&
		(!s.unreadable || os.SameFile(s.info, now) && s.info.Mode() == now.Mode())
}

// A candidate is a file in the drop folder that may be a job.
type candidate struct {
	name string
	info fs.FileInfo
	seen sight
}

// A taker is the loop that takes files. Its fields are its own goroutine's, but for pulse and replaced.
type taker struct {
	*Spool
	settle     time.Duration
	pulse      *pulse
	replaced   atomic.Int64 // files that another one replaced before they were taken
	alarmed    time.Time    // when the journal was last told of that
	sights     sights
	seen       map[string]sighting // files left in place: incomplete, not regular, not removable
	looks      int64
	unfinished bool    // claimed files are left that the journal has not accepted
	incoming   *folder // of this look
	taken      *folder
}

func newTaker(s *Spool, settle time.Duration) *taker {
	return &taker{Spool: s, settle: settle, pulse: newPulse(max(s.rescan, quietRescan)), seen: make(map[string]sighting)}
}

// run looks through the folder at every event and every rescan.
func (k *taker) run(ctx context.Context) error {
	w := newWatch(k.tree.path, k.log)
	defer w.close()
	tick := time.NewTimer(k.rescan)
	defer tick.Stop()
	for k.unfinished = true; ; {
		k.pulse.beat()
		if k.hold(w) {
			if k.unfinished {
				k.takenLeft(ctx)
			}
			if !k.unfinished {
				k.scan(ctx)
			}
		}
		tick.Reset(inStep(k.pause(w)))
		if !k.wait(ctx, w, tick.C) {
			return nil
		}
	}
}

// quietRescan is how often a folder is looked through that tells of everything by itself and in which nothing waits: each look wakes
// a machine that may run on little power.
const quietRescan = 10 * time.Second

// inStep shortens a long pause so that all loops end theirs at the same moment. Short pauses stay as they are.
func inStep(d time.Duration) time.Duration {
	if d < quietRescan {
		return d
	}
	return pause.InStep(d)
}

// pause is the time to the next look, if nothing happens before. A watch over a network share tells only of what this machine does.
func (k *taker) pause(w *watch) time.Duration {
	if w.on && !k.unfinished && len(k.seen) == 0 && k.incoming != nil && k.incoming.tellsAll() {
		return max(k.rescan, quietRescan)
	}
	return k.rescan
}

// wait waits until there may be something to do; false when ctx ends.
func (k *taker) wait(ctx context.Context, w *watch, tick <-chan time.Time) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-tick:
			return true
		case e := <-w.watcher.Events:
			told, replaced := w.drain(e)
			k.tellReplaced(ctx, replaced)
			if told || !w.on {
				return true
			}
		case err := <-w.watcher.Errors:
			k.reports.say(slog.LevelWarn, "events of the drop folder were lost; looking through it", "", err)
			w.missed(err)
			return true
		}
	}
}

// hold looks whether the folders are the right ones, and watches incoming where it was not held before.
func (k *taker) hold(w *watch) bool {
	if k.tree.look() != nil {
		k.incoming = nil
		return false
	}
	in, err := k.tree.in(incomingDir)
	taken, err2 := k.tree.in(takenDir)
	if errors.Join(err, err2) != nil {
		return false
	}
	if in != k.incoming || !w.on {
		w.renew()
	}
	if taken != k.taken {
		k.unfinished = true
	}
	k.incoming, k.taken = in, taken
	return true
}

const folderUnread = "the drop folder cannot be read; jobs wait in it"

// scan takes everything in the drop folder that is complete, by modification time, then name.
func (k *taker) scan(ctx context.Context) {
	entries, err := k.incoming.names()
	if err != nil {
		k.reports.say(slog.LevelError, folderUnread, "", err)
		return
	}
	k.reports.over(folderUnread, "")
	var found []candidate
	present := make(map[string]bool, len(entries))
	for _, name := range entries {
		if ignored(name) {
			continue
		}
		info, err := k.incoming.root.Lstat(name)
		if err != nil { // gone since: someone took it back
			continue
		}
		present[name] = true
		found = append(found, candidate{name: name, info: info})
	}
	for name := range k.seen {
		if !present[name] {
			delete(k.seen, name)
		}
	}
	k.sights.look(found)
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(a.info.ModTime().Compare(b.info.ModTime()), strings.Compare(a.name, b.name))
	})
	found = k.inTurn(found)
	for len(found) > 0 && ctx.Err() == nil {
		n := together(found)
		if err := k.takeChunk(ctx, found[:n]); err != nil {
			k.reports.say(slog.LevelError, "jobs wait in the drop folder: the journal does not accept them", "", err)
			return
		}
		found = found[n:]
	}
}

const crowded = "the drop folder holds many unfinished files; only some of them are read again at each look"

// inTurn gives the files of one look. Where there are too many known as unfinished, these come last, and only as many as may be
// read again, those first that waited longest for it.
func (k *taker) inTurn(found []candidate) []candidate {
	k.looks++
	var first, again []candidate
	for _, c := range found {
		last, known := k.seen[c.name]
		switch {
		case !known || !last.unfinished || !os.SameFile(last.info, c.info):
			first = append(first, c)
		case !last.answered || !last.same(c.info):
			again = append(again, c)
		}
	}
	slices.SortStableFunc(again, func(a, b candidate) int { return cmp.Compare(k.seen[a.name].turn, k.seen[b.name].turn) })
	n, size := 0, int64(0)
	for ; n < min(turnFiles, len(again)); n++ {
		if size += min(again[n].info.Size(), job.MaxSize+1); size > turnBytes {
			break
		}
		last := k.seen[again[n].name]
		last.turn = k.looks
		k.seen[again[n].name] = last
	}
	if n == len(again) {
		k.reports.over(crowded, "")
		return found
	}
	k.reports.say(slog.LevelWarn, crowded, "", nil)
	return append(first, again[:n]...)
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
func (k *taker) takeChunk(ctx context.Context, chunk []candidate) error {
	var ready []arrival
	for _, c := range chunk {
		k.pulse.beat()
		list := k.consider(ctx, c)
		for i := range list {
			list[i].seen = c.seen
		}
		ready = append(ready, list...)
	}
	return k.accept(ctx, ready)
}

// consider decides what one file is: not a file for us, unfinished, or ready (then it is claimed).
func (k *taker) consider(ctx context.Context, c candidate) []arrival {
	last, known := k.seen[c.name]
	same := known && last.same(c.info)
	if same && last.answered {
		return nil
	}
	if !c.info.Mode().IsRegular() {
		k.remember(c, time.Now(), true)
		return []arrival{{name: c.name, result: problemResult(notRegular(c.info.Mode()))}}
	}
	data, info, err := readFile(k.incoming, c.name)
	if err != nil {
		return k.unreadable(c, err)
	}
	if job.Completeness(data) == job.Prefix && len(data) <= job.MaxSize {
		since := time.Now()
		if same {
			since = last.since
		}
		overdue := time.Since(since) >= k.settle
		k.remember(c, since, overdue)
		left := k.seen[c.name]
		left.unfinished = true
		k.seen[c.name] = left
		if !overdue {
			return nil
		}
		return []arrival{{name: c.name, data: data, result: problemResult(incomplete(len(data))), modified: c.info.ModTime()}}
	}
	k.coming()
	seq, err := k.files.NextSeq(ctx)
	if err != nil {
		k.reports.say(slog.LevelError, "a job waits in the drop folder: the journal gives no number", "", err)
		return nil
	}
	return k.claim(seq, c, data, info)
}

func (k *taker) remember(c candidate, since time.Time, answered bool) {
	k.seen[c.name] = sighting{info: c.info, since: since, answered: answered, unreadable: k.toldUnreadable(c), turn: k.looks}
}

// toldUnreadable tells whether this very file was answered as unreadable.
func (k *taker) toldUnreadable(c candidate) bool {
	last, known := k.seen[c.name]
	return known && last.unreadable && os.SameFile(last.info, c.info)
}

// unreadable answers a file that cannot be opened: once, and it stays, whatever is done to its time and mode. One that vanished meanwhile is nobody's, and one that
// another program keeps open for itself is looked at again.
func (k *taker) unreadable(c candidate, err error) []arrival {
	called, _ := k.names.called(c.name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case busy(err):
		k.reports.say(slog.LevelWarn, "a file in the drop folder is held by another program; it waits", called, err)
		return nil
	}
	told := k.toldUnreadable(c)
	k.seen[c.name] = sighting{info: c.info, answered: true, unreadable: true}
	if told {
		return nil
	}
	k.reports.say(slog.LevelWarn, "a file in the drop folder cannot be read; it is answered and left there", called, err)
	return []arrival{{name: c.name, result: problemResult(unreadable(err))}}
}

// readFile reads a regular file without following a link, at most one byte more than a job may have.
func readFile(f *folder, name string) ([]byte, fs.FileInfo, error) {
	file, info, err := f.openRegular(name)
	if err != nil {
		return nil, nil, fmt.Errorf("open job file: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, job.MaxSize+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read job file: %w", bare(err))
	}
	return data, info, nil
}

// tellReplaced tells of files that were lost because another one took their name: they cannot be got back.
func (k *taker) tellReplaced(ctx context.Context, list []string) {
	for _, name := range list {
		if _, left := k.seen[name]; left { // what lay there was answered and could not be taken: its program mends it
			continue
		}
		called, _ := k.names.called(name)
		k.replaced.Add(1)
		k.reports.say(slog.LevelError, "a second file took the name of one that was not taken yet, which is lost; each job needs a name of its own", called, nil)
		if time.Since(k.alarmed) < reportPause {
			continue
		}
		k.alarmed = time.Now()
		detail := fmt.Sprintf("文件 %s 还没收走就被同名文件替换，前一份没有打印(启动以来 %d 次)：每个任务要用自己的文件名 / "+
			"a second file of the name %s replaced one that was not taken yet and is not printed (%d since the start): each job needs a file name of its own", called, k.replaced.Load(), called, k.replaced.Load())
		if err := k.alarms.Raise(ctx, "", "file_replaced", detail); err != nil {
			k.reports.say(slog.LevelError, "an alarm cannot be written into the journal", "", err)
		}
	}
}
