package queue

import (
	"context"
	"io"
	"time"

	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/history"
)

// Answer gives the present answer of a job or command by its id. Error: ErrNotFound.
func (q *Queue) Answer(ctx context.Context, jobID string) (answer.Answer, error) {
	return q.history.Answer(ctx, jobID)
}

// Captured gives the slips that programs printed to receiptd as to a printer since a time, as far as they are among the newest jobs.
func (q *Queue) Captured(ctx context.Context, since time.Time) ([]history.CapturedSlip, error) {
	return q.history.Captured(ctx, since)
}

// AnswerForFile gives the answer of the newest arrival with this file name. Error: ErrNotFound.
func (q *Queue) AnswerForFile(ctx context.Context, name string) (answer.FileAnswer, error) {
	a, err := q.history.AnswerForFile(ctx, name)
	a.Written = max(a.Written, q.written.Of(name))
	return a, err
}

// Unwritten names the files of the last seven days whose newest answer has a revision that was never told to
// MarkWritten: what the results folder lacks after a crash.
func (q *Queue) Unwritten(ctx context.Context) ([]string, error) { return q.history.Unwritten(ctx) }

// Written names the other files of the last seven days, the newest first: what the results folder should hold, unless a reader
// removed it.
func (q *Queue) Written(ctx context.Context) ([]string, error) { return q.history.Written(ctx) }

// Jobs lists jobs, the latest arrival first, and gives the cursor of the next page, "" at the end.
func (q *Queue) Jobs(ctx context.Context, f history.Filter) ([]history.Summary, string, error) {
	return q.history.Jobs(ctx, f)
}

// Last gives the slip that "reprint last" means now; terminal "" is the only terminal there is. Error: ErrNotFound.
func (q *Queue) Last(ctx context.Context, terminal string) (history.Summary, error) {
	return q.history.Last(ctx, terminal)
}

// Terminals names the terminals that "last" may mean: with an open batch, or settled within seven days.
func (q *Queue) Terminals(ctx context.Context) ([]string, error) { return q.history.Terminals(ctx) }

// Reversals lists the standing alarms - pending and failed reversals that nobody resolved - or all that are kept.
func (q *Queue) Reversals(ctx context.Context, all bool) ([]history.Reversal, error) {
	return q.history.Reversals(ctx, all)
}

// Outstanding counts what is queued, at a printer, held or uncertain, by printer, state and reason.
func (q *Queue) Outstanding(ctx context.Context) ([]history.Outstanding, error) {
	return q.history.Outstanding(ctx)
}

// Unbegun counts what waits for a printer and of which nothing has left, by state and reason: what CancelWaiting cancels.
func (q *Queue) Unbegun(ctx context.Context, printer string) ([]history.Outstanding, error) {
	return q.history.Unbegun(ctx, printer)
}

// Watched gives tickets that have a limit and of which nobody was told yet that they are not out, the one first whose time ends first.
func (q *Queue) Watched(ctx context.Context, limits history.Limits, most int) ([]history.Ticket, error) {
	return q.history.Watched(ctx, limits, most)
}

// OverdueTickets gives the tickets that are not out in time, the oldest first.
func (q *Queue) OverdueTickets(ctx context.Context, limits history.Limits, most int) ([]history.Ticket, error) {
	return q.history.Overdue(ctx, limits, most)
}

// CountOverdue counts the tickets that are not out in time, by printer.
func (q *Queue) CountOverdue(ctx context.Context) (map[string]int, error) {
	return q.history.CountOverdue(ctx)
}

// Uncertain gives the slips of which nobody knows whether they came out, the oldest first.
func (q *Queue) Uncertain(ctx context.Context, most int) ([]history.Ticket, error) {
	return q.history.Uncertain(ctx, most)
}

// UnsettledBatches gives the batches that were opened before a time and are not settled.
func (q *Queue) UnsettledBatches(ctx context.Context, before time.Time) ([]history.Batch, error) {
	return q.history.Unsettled(ctx, before)
}

// LastCopy gives the number of the newest copy, 0 for none.
func (q *Queue) LastCopy(ctx context.Context) (int64, error) { return q.history.LastCopy(ctx) }

// Batches lists the instances, the latest first, at most 200: all, or those with one batch number. Leading zeros of a
// number may be left out.
func (q *Queue) Batches(ctx context.Context, batchNo string) ([]history.Batch, error) {
	return q.history.Batches(ctx, batchNo)
}

// Batch gives one instance. Error: ErrNotFound.
func (q *Queue) Batch(ctx context.Context, id int64) (history.Batch, error) {
	return q.history.Batch(ctx, id)
}

// Tally counts what arrived in a batch. It reads every slip of the batch.
func (q *Queue) Tally(ctx context.Context, id int64) ([]history.Tally, error) {
	return q.history.Tally(ctx, id)
}

// Sums adds up the slips of a batch, a line for each currency. It reads every slip of the batch. Error: ErrNotFound.
func (q *Queue) Sums(ctx context.Context, id int64) ([]history.Sum, error) {
	return q.history.Sums(ctx, id)
}

// Received counts the approved transactions of the batch that a settlement job tells of, as far as they came here; ok is
// false when its batch is not known. An advisory beside the terminal's figures, never a verdict.
func (q *Queue) Received(ctx context.Context, settlementID string) (n int, ok bool, err error) {
	return q.history.Received(ctx, settlementID)
}

// Show tells a job's whole story, other contents that came under its id included. Error: ErrNotFound.
func (q *Queue) Show(ctx context.Context, jobID string) (history.Story, error) {
	return q.history.Show(ctx, jobID)
}

// Electronic lists the electronic copies of a job, or those that one command asked for. Error: ErrNotFound.
func (q *Queue) Electronic(ctx context.Context, jobID string) ([]answer.ElectronicCopy, error) {
	return q.history.Electronic(ctx, jobID)
}

// ElectronicFile gives the file of an electronic copy, nil when it was not made yet. Error: ErrNotFound.
func (q *Queue) ElectronicFile(ctx context.Context, jobID string, no int) ([]byte, error) {
	return q.history.ElectronicFile(ctx, jobID, no)
}

// Printed gives copies that came out, each once, in the order in which that was known: at most so many, of events behind after. upTo is
// the event up to which there is none else. A negative after gives none, and the newest event.
func (q *Queue) Printed(ctx context.Context, after int64, most int) (list []answer.PrintedCopy, upTo int64, err error) {
	return q.history.Printed(ctx, after, most)
}

// ReportDay reports what came to this machine from one time to another, and what became of it.
func (q *Queue) ReportDay(ctx context.Context, from, to time.Time) (answer.Report, error) {
	return q.history.ReportDay(ctx, from, to)
}

// ReportBatch reports one batch. Error: ErrNotFound.
func (q *Queue) ReportBatch(ctx context.Context, id int64) (answer.Report, error) {
	return q.history.ReportBatch(ctx, id)
}

// AgreedTime is the time by which retention goes: this machine's clock, or the terminals' if that is earlier; zero while nothing tells it.
func (q *Queue) AgreedTime(ctx context.Context) (time.Time, error) { return q.rules.AgreedTime(ctx) }

// BatchLines tells what happened to a batch instance itself.
func (q *Queue) BatchLines(ctx context.Context, id int64) ([]history.Line, error) {
	return q.history.BatchLines(ctx, id)
}

// Export writes one batch instance, the earliest slip first: "json" (one object with the batch and its jobs, each with
// its summary and sanitised content) or "csv" (a line for each copy, one for a job without copies; UTF-8 with a byte
// order mark for spreadsheets). Errors: ErrNotFound, and those of w.
func (q *Queue) Export(ctx context.Context, batch int64, w io.Writer, format string) error {
	return q.history.Export(ctx, batch, w, format)
}

// ExportSlips writes a batch as what adds up, the earliest slip first: a row for each transaction with its signed amount. "json": one
// object with the batch, its slips and their sums; "csv": a line for each slip, no line of sums, so that a column can be added up.
// Errors: ErrNotFound, and those of w.
func (q *Queue) ExportSlips(ctx context.Context, batch int64, w io.Writer, format string) error {
	return q.history.ExportSlips(ctx, batch, w, format)
}
