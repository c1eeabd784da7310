// Package queue is the door of the journal: which jobs arrived, which copies of them came out of which printer and what proved it, which
// batches are open, and who may reprint what. It wires its rooms and hands on to them: journal is the file, record the shape of its rows,
// rules decides, dispatch feeds the printers, history and answer tell. It knows no printer and no template.
//
// It owns one SQLite file and a lock beside it. After a crash everything that was answered is there; a copy whose
// attempt had begun is uncertain, and its late proof still settles it; nothing prints that was not on disk before.
// Rows of the events table are only ever added (retention removes old ones).
//
// Open starts one goroutine, which writes: all that is asked at the same time goes into one transaction and one fsync.
// Run starts one goroutine for each printer and waits for them.
package queue

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/dispatch"
	"github.com/receiptd/receiptd/queue/history"
	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/notices"
	"github.com/receiptd/receiptd/queue/rules"
)

// Options tune a Queue. The zero value works: it routes everything to the printer "default".
type Options struct {
	Logger *slog.Logger     // nil discards
	Now    func() time.Time // nil is time.Now

	// Route names the printer for one copy. nil, or an empty answer: the job's own printer, else "default".
	Route func(j *job.Job, c job.CopyName) string
	// Known reports whether there is a printer of that name; nil knows all. A command for an unknown one is refused, a slip that
	// wishes for one goes the ordinary way, with a warning.
	Known func(printer string) bool
	// Label gives what people call a printer, for the texts that they read; nil: its name. It is asked each time.
	Label func(printer string) string
	// Check finds what is wrong with a job beyond its schema, e.g. in a document's markup; nil finds nothing. It is called
	// outside the transaction.
	Check func(j *job.Job) []job.Problem
	// Notes finds what a person should know about a job that is taken, e.g. characters that its printer lacks; nil finds nothing.
	// It is called outside the transaction.
	Notes func(j *job.Job) []job.Problem
	// DefaultCopies names the copies of a job that asks for none; nil, or a nil answer: the job's own default.
	DefaultCopies func(j *job.Job) []job.CopyName
	// StaleAfter is the age since acceptance from which a kind's copies wait for a person instead of pouring out after
	// an outage. nil, or 0: the default (orders 20 min, transactions, reversals and documents 30 min, settlements never);
	// a negative age is never. It is asked each time.
	StaleAfter func(k job.Kind) time.Duration
	// LateAfter is the age from which a first copy is marked late; 0 is 5 minutes.
	LateAfter time.Duration
	// CopyPause is the pause between two copies of one job at a printer; nil is none.
	CopyPause func(printer string) time.Duration
	// Prepare is shown, while a copy is at a printer, the one that probably follows, so that it can be rendered meanwhile.
	// Begin and Report of that Delivery are nil. nil: nobody is told.
	Prepare func(d dispatch.Delivery)
	// RetentionMonths is how long closed batches are kept; 0 is 24, less than 6 is 6.
	RetentionMonths int
	// PersonalDays is how long orders and documents are kept; 0 is 30.
	PersonalDays int
	// Allow names the commands that the drop folder may give although they need a permission: archive_copy,
	// resolve_reversal, electronic_copy (of settled batches).
	Allow []string
	// ReplaceCorrupt lets Open begin a new journal when the old one is damaged; the old one is kept aside.
	ReplaceCorrupt bool
	// Traces names what only a journal that was here before can have left: when there is none beside them, it was lost. It is
	// called when there is no journal; nil gives nothing.
	Traces func() []string
	// Home tells where the journal lies, so that a copy of it is found out; nil tells nothing.
	Home func(path string) Home
	// Ballast is the size in bytes of the file given up when the disk is full; 0 is 64 MiB, negative is none.
	Ballast int64
}

// A Queue is an open journal with its rules and its workers. Its methods may be used by many goroutines.
type Queue struct {
	db       *journal.DB
	rules    *rules.Rules
	dispatch *dispatch.Dispatcher
	history  *history.History
	written  *rules.Written
	notices  *notices.Notices
}

func (o *Options) fill() {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Label == nil {
		o.Label = func(printer string) string { return printer }
	}
	if o.LateAfter == 0 {
		o.LateAfter = 5 * time.Minute
	}
	if o.RetentionMonths == 0 {
		o.RetentionMonths = 24
	}
	o.RetentionMonths = max(o.RetentionMonths, 6)
	if o.PersonalDays == 0 {
		o.PersonalDays = 30
	}
	if o.Ballast == 0 {
		o.Ballast = 64 << 20
	}
}

// Close writes what is pending, closes the journal and gives up the lock. Run must have returned.
func (q *Queue) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(q.written.Close(ctx), q.db.Close())
}

// Born is when this journal began, and whether an earlier one was lost before it.
func (q *Queue) Born() (at time.Time, replaced bool) { return q.db.Born() }

// ID is a name of this journal: another one, or one that was begun anew, has another.
func (q *Queue) ID() string { return q.db.ID() }

// Notices are what somebody outside is told, and how far each receiver was told.
func (q *Queue) Notices() *notices.Notices { return q.notices }

// DiskFull reports whether the journal lives on its ballast: states are still written, new jobs are not taken.
func (q *Queue) DiskFull() bool { return q.db.DiskFull() }

// Writable finds out whether a commit could begin now: ErrBusy when another program holds the journal.
func (q *Queue) Writable(ctx context.Context) error { return q.db.Writable(ctx) }

// Backup writes a whole copy of the journal to file while everything goes on. The copy stands under its name only when
// it is complete and on disk. An existing file is not overwritten.
func (q *Queue) Backup(ctx context.Context, file string) error { return q.db.Backup(ctx, file) }

// Verify checks every page of the journal, its references, and what may never be: a print number given twice, a second
// copy without its mark, content that is not what was written. A loss that nobody acknowledged counts too. It reads everything
// and hinders nobody. Error: ErrCorrupt, with all that was found.
func (q *Queue) Verify(ctx context.Context) error { return q.db.Verify(ctx) }

// Loss gives what the journal lost; ok is false when it is whole or somebody acknowledged it.
func (q *Queue) Loss() (l journal.Loss, ok bool) { return q.db.Loss() }

// Acknowledge notes that a person knows of the loss. It reports false when there was none.
func (q *Queue) Acknowledge(ctx context.Context, operator string) (bool, error) {
	return q.db.Acknowledge(ctx, operator)
}

// NextFileSeq gives a number for a file that is being claimed. It is never given again, whatever crashes.
func (q *Queue) NextFileSeq(ctx context.Context) (int64, error) { return q.db.NextFileSeq(ctx) }

// Subscribe reads the events after the one with number after; a negative number begins with what comes next, and so does one
// that this journal has not reached: it is of a journal that was replaced. A subscription costs nothing while nobody reads it
// and needs no closing.
func (q *Queue) Subscribe(after int64) *journal.Subscription { return q.db.Subscribe(after) }
