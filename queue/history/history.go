// Package history tells what the journal knows: lists and searches of jobs, the story of one, batches and their counts, exports, answers of
// files, standing reversals, what is not out. It reads committed rows only, through the journal's readers, and hinders no writer; it
// decides and changes nothing, so a crash means nothing to it. It starts no goroutine, and any goroutine may call it. It has five parts,
// each for another reader: Jobs, Batches, Reports, Waiting and Files. The queue's door hands them out.
package history

import (
	"time"

	"github.com/receiptd/receiptd/queue/journal"
)

// Jobs tells of the jobs that arrived, and of one its answer, its story and its files.
type Jobs struct {
	db   *journal.DB
	now  func() time.Time
	tell teller
}

// NewJobs gives the jobs of a journal; now is the clock of the machine, label what people call a printer.
func NewJobs(db *journal.DB, now func() time.Time, label func(printer string) string) *Jobs {
	return &Jobs{db: db, now: now, tell: teller{label}}
}

// Batches tells of the batches: what arrived in one, what it adds up to, what happened to it.
type Batches struct {
	db   *journal.DB
	tell teller
}

// NewBatches gives the batches of a journal; label is what people call a printer.
func NewBatches(db *journal.DB, label func(printer string) string) *Batches {
	return &Batches{db: db, tell: teller{label}}
}

// Waiting tells of the copies that are not out, or not known to be.
type Waiting struct{ db *journal.DB }

// NewWaiting gives what waits in a journal.
func NewWaiting(db *journal.DB) *Waiting { return &Waiting{db} }

// Reports tells what came in a day or a batch, and what became of it.
type Reports struct {
	db  *journal.DB
	now func() time.Time
}

// NewReports gives the reports of a journal; now is the clock of the machine.
func NewReports(db *journal.DB, now func() time.Time) *Reports { return &Reports{db: db, now: now} }

// Files tells of the answers that stand, or should stand, in the results folder.
type Files struct {
	db  *journal.DB
	now func() time.Time
}

// NewFiles gives the answered files of a journal; now is the clock of the machine.
func NewFiles(db *journal.DB, now func() time.Time) *Files { return &Files{db: db, now: now} }

// A teller puts events into words.
type teller struct {
	label func(printer string) string // what people call a printer
}
