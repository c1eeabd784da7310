// Package spool is the drop folder: it takes finished files and answers each with a result file.
//
// It owns the folders incoming, results, rejected and .taken below its directory, and is the only one that does: a lock keeps a
// second receiptd off. A complete file is claimed by renaming it into .taken; only claimed files are parsed, committed to the
// journal, answered and removed, in that order. After a crash the claimed files are taken first, and what the journal knows
// already is only removed: nothing is lost and nothing is accepted twice. The files in results are derived from the journal and
// written again at start where they are behind, cut off or forged; one that its reader removed stays removed.
//
// Others may write into incoming and results. So all folders are held open and used by what is held, files are written under
// random names, nothing that was planted is followed or waited for, and folders that were swapped are not used.
//
// Run takes files and Answer writes answers, each in its caller's goroutine: whoever stops may let the answers follow until the
// last slip is settled. Both return soon after their context ends, whatever a file system call does; the goroutine of such a
// call is the only one that may be left.
package spool

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// Options say how the drop folder behaves. The zero value is useful.
type Options struct {
	Parse   func(data []byte) job.Result // reads a job file; nil: job.Parse
	Settle  time.Duration                // an incomplete file unchanged for this long is answered; 0: 30 s
	Rescan  time.Duration                // look for missed events; 0: 2 s
	Coming  func()                       // told of a finished file, before it is taken and parsed; it must not block. nil: nobody is told
	NameKey []byte                       // keys the hashes that names with a card number are called by; the same after each start
	Logger  *slog.Logger                 // nil discards
}

// Spool is one drop folder.
type Spool struct {
	tree     *tree
	requests *queue.Requests
	alarms   *queue.Alarms
	files    *queue.Files
	events   *queue.Feed
	log      *slog.Logger
	rescan   time.Duration
	parse    func(data []byte) job.Result
	coming   func()
	names    *names
	reports  *reports
	taker    *taker
	answers  *answerWriter
	prober   prober
	loops    sync.WaitGroup // the goroutines of Run and Answer, also one that was left behind
}

// Folders are the folders of a drop folder, held and locked.
type Folders struct{ tree *tree }

// Hold makes the folders below dir, holds them and takes the lock. Close gives them up. Error: ErrLocked. A folder in whose place
// something else lies is no error: Ready tells, and it is used once it is mended.
func Hold(dir string, log *slog.Logger) (*Folders, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	t, err := newTree(dir, log)
	if err != nil {
		return nil, err
	}
	return &Folders{t}, nil
}

// Close gives the folders and the lock up, those of a Spool that uses them too.
func (f *Folders) Close() {
	_ = bounded(ended, func(context.Context) error { f.tree.close(); return nil })
}

// Use makes a Spool of held folders. Nothing is read before Run.
func (f *Folders) Use(q *queue.Queue, o Options) *Spool {
	if o.Settle == 0 {
		o.Settle = 30 * time.Second
	}
	if o.Rescan == 0 {
		o.Rescan = 2 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Parse == nil {
		o.Parse = job.Parse
	}
	if o.Coming == nil {
		o.Coming = func() {}
	}
	s := &Spool{tree: f.tree, requests: q.Requests, alarms: q.Alarms, files: q.Files, events: q.Events, log: o.Logger, rescan: o.Rescan, parse: o.Parse, coming: o.Coming, names: newNames(o.NameKey), reports: newReports(o.Logger)}
	s.answers = newAnswerWriter(s)
	s.taker = newTaker(s, o.Settle)
	return s
}

// New holds the folders below dir and makes a Spool of them. Close gives them up. Error: ErrLocked.
func New(dir string, q *queue.Queue, o Options) (*Spool, error) {
	f, err := Hold(dir, o.Logger)
	if err != nil {
		return nil, err
	}
	return f.Use(q, o), nil
}

// Close gives the folders and the lock up. Run and Answer must have returned; where one of them left a call behind that hangs,
// the end of the process does it.
func (s *Spool) Close() {
	_ = bounded(ended, func(context.Context) error { s.tree.close(); return nil })
}

// ended is a context that is over.
var ended, _ = context.WithDeadline(context.Background(), time.Time{})

// Run takes files until ctx ends. It returns nil then. Beside it Answer must run.
func (s *Spool) Run(ctx context.Context) error { return bounded(ctx, s.counted(s.taker.run)) }

// Answer keeps the answers up to date until ctx ends, and then writes those that changed before. It returns nil then, or why it
// cannot go on.
func (s *Spool) Answer(ctx context.Context) error { return bounded(ctx, s.counted(s.answers.run)) }

// counted is a loop that loops counts.
func (s *Spool) counted(loop func(context.Context) error) func(context.Context) error {
	s.loops.Add(1)
	return func(ctx context.Context) error {
		defer s.loops.Done()
		return loop(ctx)
	}
}
