// Package spool is the drop folder: it takes finished files and answers each with a result file.
//
// It owns the folders incoming, results, rejected and .taken below its directory. A complete file is claimed by renaming
// it into .taken; only claimed files are parsed, committed to the journal, answered and removed, in that order. After a
// crash the claimed files are taken first, and what the journal knows already is only removed: nothing is lost and nothing is
// accepted twice. The files in results are derived from the journal and written again at start where they are behind.
//
// Run takes files and Answer writes answers, each in its caller's goroutine: whoever stops may let the answers follow until the
// last slip is settled.
package spool

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// Options say how the drop folder behaves. The zero value is useful.
type Options struct {
	Settle time.Duration                // an incomplete file unchanged for this long is answered; 0: 30 s
	Rescan time.Duration                // look for missed events; 0: 2 s
	Logger *slog.Logger                 // nil discards
	Parse  func(data []byte) job.Result // reads a job file; nil: job.Parse
}

// Spool is one drop folder.
type Spool struct {
	dir        string
	journal    *queue.Queue
	settle     time.Duration
	rescan     time.Duration
	log        *slog.Logger
	parse      func(data []byte) job.Result
	seen       map[string]sighting // files left in place: incomplete, not regular, not removable
	sights     sights
	answers    *answerWriter
	unfinished bool // claimed files are left that the journal has not accepted
}

// New makes the folders below dir. Nothing is read before Run.
func New(dir string, journal *queue.Queue, o Options) (*Spool, error) {
	s := &Spool{dir: dir, journal: journal, settle: o.Settle, rescan: o.Rescan, log: o.Logger, parse: o.Parse, seen: make(map[string]sighting)}
	if s.settle == 0 {
		s.settle = 30 * time.Second
	}
	if s.rescan == 0 {
		s.rescan = 2 * time.Second
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.parse == nil {
		s.parse = job.Parse
	}
	for _, name := range []string{incomingDir, resultsDir, rejectedDir, takenDir} {
		if err := os.MkdirAll(s.path(name), 0o770); err != nil {
			return nil, fmt.Errorf("make drop folder: %w", err)
		}
	}
	s.answers = newAnswerWriter(s)
	return s, nil
}

// The folders of the contract, and the one for claimed files.
const (
	incomingDir = "incoming"
	resultsDir  = "results"
	rejectedDir = "rejected"
	takenDir    = ".taken"
)

func (s *Spool) path(parts ...string) string {
	return filepath.Join(append([]string{s.dir}, parts...)...)
}

// Run takes files until ctx ends. It returns nil then. Beside it Answer must run.
func (s *Spool) Run(ctx context.Context) error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil { // the system has no more to give (fs.inotify.max_user_instances): the rescan still finds everything
		watcher = &fsnotify.Watcher{}
	} else {
		defer watcher.Close()
		err = watcher.Add(s.path(incomingDir))
	}
	if err != nil {
		s.log.Warn("the drop folder cannot be watched; it is only looked through", "every", s.rescan, "err", err)
	}
	return s.take(ctx, watcher)
}

// Answer keeps the answers up to date until ctx ends, and then writes those that changed before. It returns nil then, or why it
// cannot go on.
func (s *Spool) Answer(ctx context.Context) error { return s.answers.run(ctx) }

// take looks through the folder at every event and every rescan.
func (s *Spool) take(ctx context.Context, watcher *fsnotify.Watcher) error {
	tick := time.NewTicker(s.rescan)
	defer tick.Stop()
	for s.unfinished = true; ; {
		if s.unfinished {
			s.takenLeft(ctx)
		}
		if !s.unfinished {
			s.scan(ctx)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case e := <-watcher.Events:
			if !drain(watcher.Events, tells(e)) {
				continue
			}
		case err := <-watcher.Errors:
			s.log.Warn("events of the drop folder were lost; looking through it", "err", err)
		}
	}
}

// drain takes the events that one scan serves together, and reports whether one of them tells of something to do.
func drain(events <-chan fsnotify.Event, told bool) bool {
	for {
		select {
		case e := <-events:
			told = told || tells(e)
		default:
			return told
		}
	}
}

// tells reports whether an event may mean a new file. Our own claims are renames out of the folder.
func tells(e fsnotify.Event) bool { return e.Has(fsnotify.Create) || e.Has(fsnotify.Write) }
