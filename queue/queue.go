// Package queue is the door of the journal: which jobs arrived, which copies of them came out of which printer and what proved it, which
// batches are open, and who may reprint what. It wires its rooms and hands out their parts: journal is the file, record the shape of its rows,
// rules decides, dispatch feeds the printers, history and answer tell. It knows no printer and no template.
//
// It owns one SQLite file and a lock beside it. After a crash everything that was answered is there; a copy whose
// attempt had begun is uncertain, and its late proof still settles it; nothing prints that was not on disk before.
// Rows of the events table are only ever added (retention removes old ones).
//
// Open starts one goroutine, which writes: all that is asked at the same time goes into one transaction and one fsync.
// Printing.Run starts one goroutine for each printer and waits for them.
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
	"github.com/receiptd/receiptd/queue/outbox"
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
	// Drawer names the printer on which the drawer is that a job wants open, "" for none; nil: the job's own printer, else "default".
	Drawer func(j *job.Job) string
	// Allow names the commands that the drop folder may give although they need a permission: archive_copy,
	// resolve_reversal, electronic_copy (of settled batches), drawer_open.
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

// A Queue is an open journal with its rules and its workers, in parts. A caller takes the parts that it needs; those do not change
// while the queue is open. Their methods may be used by many goroutines, until Close.
type Queue struct {
	Requests  *rules.Requests  // takes job files, requests and commands
	Decisions *rules.Decisions // takes what only a person can say
	Alarms    *rules.Alarms    // writes down what a person should see
	Retention *rules.Retention // removes what is no longer kept
	Printing  *Printing        // feeds the printers
	Drawers   *Drawers         // opens cash drawers, and tells who opened them when
	Jobs      *history.Jobs    // what arrived: answers, lists, stories
	Batches   *history.Batches // what a batch has, and its exports
	Reports   *history.Reports // what came in a day or a batch, and what became of it
	Waiting   *history.Waiting // what is not out
	Files     *Files           // the answers of the drop folder's files
	Journal   *Journal         // the file itself: whole or not, full or not, copies of it
	Events    *journal.Feed    // what happens, as it happens
	Notices   *notices.Notices // what somebody outside is told, and how far each receiver was told
	Outbox    *outbox.Outbox   // what a fleet is told, and how far each of its centres has stored it
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

// Close writes what is pending, closes the journal and gives up the lock. Printing.Run must have returned.
func (q *Queue) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(q.Files.written.Close(ctx), q.Journal.db.Close())
}
