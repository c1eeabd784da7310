package dispatch

import (
	"context"
	"errors"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/queue/rules"
	"github.com/receiptd/receiptd/vocabulary"
)

// A Delivery is one copy that is to come out of a printer now.
type Delivery struct {
	CopyID  string
	Job     *job.Job // the sanitised job
	Copy    job.CopyName
	Printer string
	Mark    job.Mark // PrintNo is the number this attempt gets when Begin succeeds
	// Auto: nobody asked for it, and nobody knows whether its predecessor came out. It may begin only at a printer that has
	// answered a proof since; else the Result is Queued and Unproven.
	Auto bool

	// Begin commits the start of this attempt (its print number, state sending, proof id) with an fsync and returns
	// the proof id. To be called once, after the printer was found ready and before the first byte. The outcome of
	// the printer's previous copy is committed with it.
	Begin func(ctx context.Context) (record.ProofID, error)
	// Report tells the journal that the copy is held, and why; before or after Begin. It does not block.
	Report func(state vocabulary.State, reason vocabulary.Reason)
}

// ErrUnproven keeps a copy from beginning: see MayBegin.
var ErrUnproven = errors.New("this printer answers no proof")

// MayBegin says whether the copy may begin at its printer; knownEmpty: a proof that came back shows that nothing of the copy before is in
// the printer. A copy that nobody asked for must not come out beside the one that it stands in for: where nothing can tell, a person
// is asked instead. Its Result is Queued and Unproven then. Error: ErrUnproven.
func (d *Delivery) MayBegin(knownEmpty bool) error {
	if d.Auto && !knownEmpty {
		return ErrUnproven
	}
	return nil
}

// MayMove says whether another printer may take the copy, when not one byte of it was sent. One that stands in for a copy whose end is not
// known stays: only its own printer can tell what it still holds. And a copy moves by itself only once.
func (d *Delivery) MayMove() bool { return !d.Auto && d.Mark.From == "" }

// Deliver prints one copy and returns when its outcome is known or ctx ends (then Uncertain or Queued).
type Deliver func(ctx context.Context, d Delivery) rules.Result
