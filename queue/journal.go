package queue

import (
	"context"
	"time"

	"github.com/receiptd/receiptd/queue/journal"
)

// Journal is the file itself: whether it is whole and can be written, and copies of it. Its methods may be used by many goroutines.
type Journal struct{ db *journal.DB }

// Born is when this journal began, and whether an earlier one was lost before it.
func (j *Journal) Born() (at time.Time, replaced bool) { return j.db.Born() }

// ID is a name of this journal: another one, or one that was begun anew, has another.
func (j *Journal) ID() string { return j.db.ID() }

// DiskFull reports whether the journal lives on its ballast: states are still written, new jobs are not taken.
func (j *Journal) DiskFull() bool { return j.db.DiskFull() }

// HasSpace reports whether new jobs can be taken. When the disk was full it tries, at most once a second, to get the ballast back.
func (j *Journal) HasSpace() bool { return j.db.HasSpace() }

// Writable finds out whether a commit could begin now: ErrBusy when another program holds the journal.
func (j *Journal) Writable(ctx context.Context) error { return j.db.Writable(ctx) }

// Backup writes a whole copy of the journal to file while everything goes on. The copy stands under its name only when
// it is complete and on disk. An existing file is not overwritten.
func (j *Journal) Backup(ctx context.Context, file string) error { return j.db.Backup(ctx, file) }

// Verify checks every page of the journal, its references, and what may never be: a print number given twice, a second
// copy without its mark, content that is not what was written. A loss that nobody acknowledged counts too. It reads everything
// and hinders nobody. Error: ErrCorrupt, with all that was found.
func (j *Journal) Verify(ctx context.Context) error { return j.db.Verify(ctx) }

// Loss gives what the journal lost; ok is false when it is whole or somebody acknowledged it.
func (j *Journal) Loss() (l journal.Loss, ok bool) { return j.db.Loss() }

// Acknowledge notes that a person knows of the loss. It reports false when there was none.
func (j *Journal) Acknowledge(ctx context.Context, operator string) (bool, error) {
	return j.db.Acknowledge(ctx, operator)
}
