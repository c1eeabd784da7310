package queue

import (
	"context"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/dispatch"
	"github.com/receiptd/receiptd/queue/history"
	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/notices"
	"github.com/receiptd/receiptd/queue/outbox"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/queue/rules"
	"github.com/receiptd/receiptd/vocabulary"
)

// Errors that callers branch on.
var (
	ErrLocked   = journal.ErrLocked
	ErrCorrupt  = journal.ErrCorrupt
	ErrNewer    = journal.ErrNewer
	ErrNoWay    = journal.ErrNoWayBack
	ErrNotFound = record.ErrNotFound
	ErrNotOut   = rules.ErrNotOut // a slip of the order is not out yet
	ErrClosed   = journal.ErrClosed
	ErrOccupied = journal.ErrOccupied  // from Arrive
	ErrStays    = journal.ErrStaysHere // from CopyForMove, Stay
	ErrBusy     = journal.ErrBusy      // from Journal.Writable
	ErrFull     = journal.ErrFull      // from Requests.Accept: nothing was taken; ask again later
	ErrSkip     = rules.ErrSkip        // from Begin: this copy must not start now
)

// Requests takes job files, requests and commands.
type Requests = rules.Requests

// Decisions takes what only a person can say.
type Decisions = rules.Decisions

// Alarms writes down what a person should see.
type Alarms = rules.Alarms

// Retention removes what is no longer kept, and what a person wants erased.
type Retention = rules.Retention

// Jobs tells what arrived.
type Jobs = history.Jobs

// Batches tells what a batch has.
type Batches = history.Batches

// Reports tells what came in a day or a batch.
type Reports = history.Reports

// Waiting tells what is not out.
type Waiting = history.Waiting

// Feed gives what happens, as it happens.
type Feed = journal.Feed

// A Ticket is a slip that is not out, or not known to be.
type Ticket = history.Ticket

// Limits say within which time the slips of each kind should be out.
type Limits = history.Limits

// A Condition is something that stands now and that somebody outside is told of.
type Condition = notices.Condition

// An Event is one line of the audit and one message of the feed.
type Event = record.Event

// EventType says what an event is about.
type EventType = vocabulary.EventType

// The types of events.
const (
	EventAccepted   = vocabulary.EventAccepted // a job was taken
	EventAnswered   = vocabulary.EventAnswered // a file or request got an answer that changed nothing else (see Detail: the outcome)
	EventRejected   = vocabulary.EventRejected // a file was invalid
	EventCopy       = vocabulary.EventCopy     // a copy changed its state
	EventBatch      = vocabulary.EventBatch    // a batch instance was opened, superseded, settled, reopened
	EventReversal   = vocabulary.EventReversal // a reversal's mirror changed
	EventConflict   = vocabulary.EventConflict // two stories about one voucher: a person should look
	EventAlarm      = vocabulary.EventAlarm    // something a person should see
	EventLateProof  = vocabulary.EventLateProof
	EventPersonSaid = vocabulary.EventPersonSaid // somebody answered a question
	EventDrawer     = vocabulary.EventDrawer     // a cash drawer was wanted open, its pulse left, or it opened or closed
	EventRetention  = vocabulary.EventRetention  // old records were removed
)

// Source says which way a request came.
type Source = vocabulary.Source

// The sources.
const (
	SourceSpool   = vocabulary.SourceSpool
	SourceHTTP    = vocabulary.SourceHTTP
	SourceCLI     = vocabulary.SourceCLI
	SourceCapture = vocabulary.SourceCapture
	SourceFleet   = vocabulary.SourceFleet
)

// A Cursor is how far a centre of the fleet has stored the events.
type Cursor = outbox.Cursor

// A FleetFeed reads the events for the fleet.
type FleetFeed = outbox.Feed

// A Subscription reads the feed of events at its own pace.
type Subscription = journal.Subscription

// A Loss is what a start found missing in the journal.
type Loss = journal.Loss

// A LossCause says what showed that the journal is not whole.
type LossCause = journal.LossCause

// The causes.
const (
	LossMissing = journal.LossMissing
	LossBehind  = journal.LossBehind
	LossForeign = journal.LossForeign
	LossChanged = journal.LossChanged
	LossSeal    = journal.LossSeal
	LossCopied  = journal.LossCopied
)

// ProofID is an attempt's id on the wire: four bytes, each 0x20-0x7E, from a durable counter with a random start.
type ProofID = record.ProofID

// An Arrival is one request as it came in.
type Arrival = rules.Arrival

// A Delivery is one copy that is to come out of a printer now.
type Delivery = dispatch.Delivery

// Deliver prints one copy and returns when its outcome is known or ctx ends (then Uncertain or Queued).
type Deliver = dispatch.Deliver

// A Result is how a delivery ended.
type Result = rules.Result

// A Step is a legal change of a copy's state.
type Step = rules.Step

// Steps gives the legal steps of a copy's life.
func Steps() []Step { return rules.Steps() }

// An Answer is what the asker is told: the one JSON type of an answer for results files, page and commands.
type Answer = answer.Answer

// A CopyStatus is one copy in an answer.
type CopyStatus = answer.CopyStatus

// A FileAnswer is the present answer of a file in the drop folder.
type FileAnswer = answer.FileAnswer

// Summary is one job in a list.
type Summary = history.Summary

// Filter narrows a list of jobs.
type Filter = history.Filter

// Outstanding counts the copies of one printer that have not come out, or are not known to have.
type Outstanding = history.Outstanding

// CapturedSlip is a slip that a program printed to receiptd as to a printer.
type CapturedSlip = history.CapturedSlip

// Reversal is a standing alarm: the money is not where it should be, and nobody has settled it.
type Reversal = history.Reversal

// Batch is one batch instance.
type Batch = history.Batch

// Tally is receiptd's own count of one kind of transaction in a batch.
type Tally = history.Tally

// A Report is what came in a day or a batch, and what became of it.
type Report = answer.Report

// A Sum is what the slips of a batch add up to in one currency.
type Sum = history.Sum

// Story is everything the journal knows about one job.
type Story = history.Story

// An Opening is a wish to open a cash drawer, and what became of it.
type Opening = answer.Opening

// A Wish says how a pulse in what a program printed is taken.
type Wish = rules.Wish

// The wishes.
const (
	WishNone = rules.WishNone
	WishPass = rules.WishPass
	WishAsk  = rules.WishAsk
)

// A DrawerPulse is a cash drawer that is to be opened now.
type DrawerPulse = dispatch.Opening

// A DrawerResult is what became of it.
type DrawerResult = dispatch.OpeningResult

// Line is one thing that happened, in words.
type Line = history.Line

// DamageOf gives what was found wrong with a journal, in both languages; ok is false where an error says something else.
func DamageOf(err error) (found job.Text, ok bool) { return journal.DamageOf(err) }

// DetailZh gives a text that an event or a printer tells in English in Chinese; a text that is not known stays.
func DetailZh(text string) string { return history.DetailZh(text) }

// BackupFile is Journal.Backup for a journal that no daemon uses: see journal.BackupFile. Error: ErrLocked.
func BackupFile(ctx context.Context, path, file string) error {
	return journal.BackupFile(ctx, path, file)
}

// VerifyFile is Journal.Verify for a journal that no daemon uses, or for a backup: see journal.VerifyFile. Errors: also ErrLocked,
// ErrNewer.
func VerifyFile(ctx context.Context, path string) error { return journal.VerifyFile(ctx, path) }

// A Home says where a journal lies; see Options.
type Home = journal.Home

// A MovedError says that a journal was moved to another till.
type MovedError = journal.MovedError

// Leave is the first step of a journal's move to another till; CopyForMove, Arrive, Stay and MovedTo are the others: see package
// journal.
func Leave(ctx context.Context, path string, code int64, now time.Time) error {
	return journal.Leave(ctx, path, code, now)
}

// CopyForMove writes the file that arrives: see journal.CopyForMove.
func CopyForMove(ctx context.Context, path, file string) error {
	return journal.CopyForMove(ctx, path, file)
}

// Arrive puts it in place: see journal.Arrive.
func Arrive(ctx context.Context, path, file string, code int64, now time.Time, before func() error) (arrived bool, err error) {
	return journal.Arrive(ctx, path, file, code, now, before)
}

// HasArrived tells whether a journal came by that move: see journal.HasArrived.
func HasArrived(ctx context.Context, path string, code int64) bool {
	return journal.HasArrived(ctx, path, code)
}

// Stay takes a Leave back: see journal.Stay.
func Stay(ctx context.Context, path string) error { return journal.Stay(ctx, path) }

// MovedTo gives a *MovedError for a journal that was moved: see journal.MovedTo.
func MovedTo(ctx context.Context, path string) error { return journal.MovedTo(ctx, path) }

// WayBack gives the copy of a journal from before its upgrade that this program can read, "" for none: see journal.WayBack.
func WayBack(path string) string { return journal.WayBack(path) }

// Restore puts a backup in the place of the journal at path, which no daemon may use, and gives the name under which the journal that
// was there is kept: see journal.Restore. Errors: ErrLocked, ErrCorrupt, ErrNewer.
func Restore(ctx context.Context, path, backup string, now time.Time) (kept string, err error) {
	return journal.Restore(ctx, path, backup, now)
}
