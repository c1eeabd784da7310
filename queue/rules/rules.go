package rules

import (
	"errors"
	"log/slog"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/vocabulary"
)

// ErrSkip refuses a start: this copy must not start now.
var ErrSkip = errors.New("this copy must not start now")

// Options tunes Rules. Logger, Now and Wake are needed; the rest is as the door's options say.
type Options struct {
	Logger *slog.Logger
	Now    func() time.Time

	// Route names the printer for one copy. nil, or an empty answer: the job's own printer, else "default".
	Route func(j *job.Job, c job.CopyName) string
	// Known reports whether there is a printer of that name; nil knows all.
	Known func(printer string) bool
	// Label gives what people call a printer.
	Label func(printer string) string
	// Check finds what is wrong with a job beyond its schema; nil finds nothing. It is called outside the transaction.
	Check func(j *job.Job) []job.Problem
	// Notes finds what a person should know about a job that is taken; nil finds nothing. It is called outside the transaction.
	Notes func(j *job.Job) []job.Problem
	// DefaultCopies names the copies of a job that asks for none; nil, or a nil answer: the job's own default.
	DefaultCopies func(j *job.Job) []job.CopyName
	// StaleAfter is the age since acceptance from which a kind's copies wait for a person instead of pouring out after
	// an outage. nil, or 0: the default (orders 20 min, transactions, reversals and documents 30 min, settlements never);
	// a negative age is never. It is asked each time.
	StaleAfter func(k job.Kind) time.Duration
	// LateAfter is the age from which a first copy is marked late.
	LateAfter time.Duration
	// RetentionMonths is how long closed batches are kept.
	RetentionMonths int
	// PersonalDays is how long orders and documents are kept.
	PersonalDays int
	// Allow names the commands that the drop folder may give although they need a permission.
	Allow []string
	// Drawer names the printer on which the drawer is that a job wants open, "" for none; nil: the job's own printer, else "default".
	Drawer func(j *job.Job) string
	// Open takes an opening that is on disk: it waits, or is asked about, for so long. It must not block; nil: nobody opens drawers.
	Open func(seq int64, printer string, state vocabulary.Opening, within time.Duration)
	// Wake lets a printer's worker look again. It must not block.
	Wake func(printer string)
}

// Rules says what may be done with a journal, and does it. Its methods may be used by many goroutines.
type Rules struct {
	o   Options
	log *slog.Logger
	db  *journal.DB // set once by Use, before anything but AfterCrash is asked
}

// New gives the rules for a journal that is about to be opened: see AfterCrash and Use.
func New(o Options) *Rules { return &Rules{o: o, log: o.Logger} }

// Use gives the rules their journal.
func (r *Rules) Use(db *journal.DB) { r.db = db }

func (r *Rules) born() time.Time { at, _ := r.db.Born(); return at }

// replacedAt is when this journal began and replaced another; zero: it replaced none.
func (r *Rules) replacedAt() time.Time {
	if at, replaced := r.db.Born(); replaced {
		return at
	}
	return time.Time{}
}

// StaleAfter gives the age at which a kind's copies wait for a person; 0 is never.
func (r *Rules) StaleAfter(k job.Kind) time.Duration {
	var d time.Duration
	if r.o.StaleAfter != nil {
		d = r.o.StaleAfter(k)
	}
	switch {
	case d != 0:
		return max(d, 0)
	case k == job.KindOrder:
		return 20 * time.Minute
	case k == job.KindSettlement:
		return 0
	}
	return 30 * time.Minute
}
