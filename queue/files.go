package queue

import (
	"context"

	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/history"
	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/rules"
)

// Files is what the drop folder asks: numbers for the files that it claims, their answers, and which of these stand in the results
// folder. Its methods may be used by many goroutines.
type Files struct {
	db      *journal.DB
	answers *history.Files
	written *rules.Written
}

// NextSeq gives a number for a file that is being claimed. It is never given again, whatever crashes.
func (f *Files) NextSeq(ctx context.Context) (int64, error) { return f.db.NextFileSeq(ctx) }

// Answer gives the answer of the newest arrival with this file name. Error: ErrNotFound.
func (f *Files) Answer(ctx context.Context, name string) (answer.FileAnswer, error) {
	a, err := f.answers.Answer(ctx, name)
	a.Written = max(a.Written, f.written.Of(name))
	return a, err
}

// Unwritten names the files of the last seven days whose newest answer has a revision that was never told to
// MarkWritten: what the results folder lacks after a crash.
func (f *Files) Unwritten(ctx context.Context) ([]string, error) { return f.answers.Unwritten(ctx) }

// Written names the other files of the last seven days, the newest first: what the results folder should hold, unless a reader
// removed it.
func (f *Files) Written(ctx context.Context) ([]string, error) { return f.answers.Written(ctx) }

// MarkWritten notes that this revision of a file's answer stands in the results folder. It does not block: the note goes
// to disk within a second; lost in a crash it costs one needless rewrite.
func (f *Files) MarkWritten(file string, revision int64) { f.written.Mark(file, revision) }
