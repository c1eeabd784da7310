// Package history tells what the journal knows: lists and searches of jobs, the story of one, batches and their counts, exports, answers of
// files, standing reversals. It reads committed rows only, through the journal's readers, and hinders no writer; it decides and changes
// nothing, so a crash means nothing to it. It starts no goroutine, and any goroutine may call it. The queue's door is its caller.
package history

import (
	"time"

	"github.com/receiptd/receiptd/queue/journal"
)

// A History reads what the journal knows. Its methods may be used by many goroutines.
type History struct {
	db    *journal.DB
	now   func() time.Time
	label func(printer string) string // what people call it
}

// New gives the history of a journal; now is the clock of the machine, label what people call a printer.
func New(db *journal.DB, now func() time.Time, label func(printer string) string) *History {
	return &History{db: db, now: now, label: label}
}
