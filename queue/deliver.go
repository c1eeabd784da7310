package queue

import (
	"context"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
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
	Report func(state State, reason string)
}

// A Result is how a delivery ended.
type Result struct {
	State  State // Printed, Processed, Sent; Queued when not one byte left (not ready; Reason says why); Uncertain; Cancelled when the rest was cancelled inside the printer (a marked copy follows)
	Reason string
	Proof  Proof
	At     time.Time
	Bytes  int    // bytes of the slip that left
	Hash   string // hex SHA-256 of the rendered bytes
	Alarm  string // something a person should see although the copy is settled
	Torn   bool   // a torn piece may lie on the counter
	// Unproven, with Queued, of an Auto delivery: this printer answers no proof. The copy is given up and a person is asked
	// about its predecessor.
	Unproven bool
	MoveTo   string // with Queued: another printer that is to print it, marked with the name of this one
	Err      error  // a copy that can never be rendered: it is cancelled with this message, loudly
}

// Deliver prints one copy and returns when its outcome is known or ctx ends (then Uncertain or Queued).
type Deliver func(ctx context.Context, d Delivery) Result
