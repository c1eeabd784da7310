package rules

import (
	"context"

	"github.com/receiptd/receiptd/queue/journal"
)

// An act is one transaction of the journal with the rules that hold in it. What it may do is grouped by what it is about; each group is
// made where it is asked for and keeps nothing.
type act struct {
	*journal.Tx
	r *Rules
}

type (
	intake   struct{ act } // of a request: whether it is known, what becomes of it, what is stored of it
	mirror   struct{ act } // of what the terminal says about money: transactions and reversals
	batches  struct{ act } // opened, superseded, settled, and which terminal is meant
	orders   struct{ act } // of the kitchen: which are one, and which a cancellation stops
	firsts   struct{ act } // copies of which there never was one, asked for later
	reprints struct{ act } // which slip is meant, and whether it may be printed again
	commands struct{ act } // what a person asks for, and answers
	copies   struct{ act } // the rows of copies: made, moved from state to state, told of
	attempts struct{ act } // of a copy at its printer: begun, ended, proven late
	drawers  struct{ act } // openings of cash drawers: wanted, answered for, begun, over
	lifted   struct{ act } // slips that a program printed, whose facts were read off their text
	removals struct{ act } // of what is too old to be kept
)

func (t act) intake() intake     { return intake{t} }
func (t act) mirror() mirror     { return mirror{t} }
func (t act) batches() batches   { return batches{t} }
func (t act) orders() orders     { return orders{t} }
func (t act) firsts() firsts     { return firsts{t} }
func (t act) reprints() reprints { return reprints{t} }
func (t act) commands() commands { return commands{t} }
func (t act) copies() copies     { return copies{t} }
func (t act) attempts() attempts { return attempts{t} }
func (t act) drawers() drawers   { return drawers{t} }
func (t act) lifted() lifted     { return lifted{t} }
func (t act) removals() removals { return removals{t} }

// do runs fn in a transaction of the journal: see journal.DB.Do.
func (r *Rules) do(ctx context.Context, fn func(act) error) error {
	return r.db.Do(ctx, func(t *journal.Tx) error { return fn(act{t, r}) })
}
