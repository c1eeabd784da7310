package queue

import (
	"errors"
	"fmt"
	"slices"

	"github.com/receiptd/receiptd/queue/record"
)

// Who takes a step of a copy's life.
const (
	byReceiptd = "receiptd"
	byPrinter  = "printer"
	byPerson   = "person"
	bySoftware = "software" // the program that drops jobs
)

// A cause is why a copy's state changes: the act, where a reason is the circumstance that an answer shows.
type cause string

// The causes.
const (
	causeStart       cause = "start"
	causeProof       cause = "proof"
	causeHold        cause = "hold"
	causeGoOn        cause = "go on"
	causeNothingLeft cause = "nothing left"
	causeCleared     cause = "cleared"
	causeLost        cause = "lost"
	causeNoStart     cause = "no start"
	causeUnprintable cause = "unprintable"
	causeUnproven    cause = "unproven"
	causeMove        cause = "move"
	causeStale       cause = "stale"
	causeRelease     cause = "release"
	causeDrop        cause = "drop"
	causeCancel      cause = "cancel"
	causeOrderGone   cause = "order cancelled"
	causeCameOut     cause = "came out"
	causeNotOut      cause = "not out"
	causeLateProof   cause = "late proof"
	causeReplaced    cause = "replaced"
	causeDefective   cause = "defective"
)

// Whether the start of the copy's attempt is on disk when the step is done, so that a byte of it may have left.
const (
	either  = "either"
	unbegun = "no" // nothing of it has left
	begun   = "yes"
)

// A Step is a legal change of a copy's state.
type Step struct {
	From, To []State
	By       string
	Why      string // in words
	Attempt  string // whether it has begun: yes, no, either
	Had      string // the reason that it must have had; "" any
	cause    cause
}

// steps are all the ways in which a copy's state may change. docs/architecture.md shows them.
var steps = []Step{
	{From: waits, To: []State{Sending}, By: byReceiptd, cause: causeStart, Attempt: begun,
		Why: "the start of its attempt goes to disk, before its first byte"},
	{From: atPrinter, To: []State{Printed, Processed, Sent}, By: byPrinter, cause: causeProof, Attempt: begun,
		Why: "the slip is out, as far as this printer can prove it"},
	{From: []State{Queued, Held, Sending}, To: []State{Held}, By: byPrinter, cause: causeHold, Attempt: either,
		Why: "paper, cover, cutter, heat: the printer waits for a hand"},
	{From: []State{Held}, To: []State{Sending}, By: byPrinter, cause: causeGoOn, Attempt: begun,
		Why: "what held the printer is over; it goes on with the slip"},
	{From: []State{Queued, Held, Sending}, To: waits, By: byPrinter, cause: causeNothingLeft, Attempt: unbegun,
		Why: "the delivery ended and not one byte had left: it waits as before"},
	{From: atPrinter, To: []State{Cancelled}, By: byPrinter, cause: causeCleared, Attempt: begun,
		Why: "the rest of it was cleared inside the printer; a marked copy follows"},
	{From: atPrinter, To: []State{Uncertain}, By: byPrinter, cause: causeLost, Attempt: begun,
		Why: "link, power or receiptd was lost after the start"},
	{From: waits, To: []State{Uncertain}, By: byReceiptd, cause: causeNoStart, Attempt: begun,
		Why: "it was delivered although its start is not on disk: nobody may call it unprinted"},
	{From: waits, To: []State{Cancelled}, By: byReceiptd, cause: causeUnprintable, Attempt: unbegun,
		Why: "it can never be rendered"},
	{From: waits, To: []State{Cancelled}, By: byReceiptd, cause: causeUnproven, Attempt: unbegun,
		Why: "a recovery copy that made itself, at a printer that proves nothing: a person is asked instead"},
	{From: waits, To: waits, By: byPerson, cause: causeMove, Attempt: unbegun,
		Why: "it goes to another printer: a person, a route or a failover says so"},
	{From: waits, To: []State{Held}, By: byReceiptd, cause: causeStale, Attempt: unbegun,
		Why: "it is too old to pour out after an outage: a person is asked"},
	{From: []State{Held}, To: []State{Queued}, By: byPerson, cause: causeRelease, Attempt: unbegun, Had: record.ReasonStale,
		Why: "the old one is wanted all the same"},
	{From: []State{Held}, To: []State{Cancelled}, By: byPerson, cause: causeDrop, Attempt: unbegun, Had: record.ReasonStale,
		Why: "the old one is not wanted any more"},
	{From: waits, To: []State{Cancelled}, By: byPerson, cause: causeCancel, Attempt: unbegun,
		Why: "somebody cancelled it before anything left"},
	{From: waits, To: []State{Cancelled}, By: bySoftware, cause: causeOrderGone, Attempt: unbegun,
		Why: "its order was cancelled before anything left"},
	{From: []State{Uncertain}, To: []State{Printed}, By: byPerson, cause: causeCameOut, Attempt: begun,
		Why: "somebody saw it"},
	{From: []State{Uncertain}, To: []State{Cancelled}, By: byPerson, cause: causeNotOut, Attempt: begun,
		Why: "somebody says that it did not come out. This piece of paper is over, so it is cancelled; what replaces it is a copy of its own, marked"},
	{From: []State{Uncertain}, To: []State{Printed}, By: byPrinter, cause: causeLateProof, Attempt: begun,
		Why: "the printer answered its very id after all"},
	{From: []State{Cancelled}, To: []State{Printed}, By: byPrinter, cause: causeLateProof, Attempt: begun, Had: record.ReasonNotOut,
		Why: "the same after somebody had said that it did not come out: the printer's own id is the better witness, and the story must show that two pieces may lie about"},
	{From: waits, To: []State{Cancelled}, By: byReceiptd, cause: causeReplaced, Attempt: unbegun,
		Why: "the copy that it was to stand in for turned out to be printed"},
	{From: []State{Printed, Processed, Sent}, To: []State{Defective}, By: byPerson, cause: causeDefective, Attempt: begun,
		Why: "blank or illegible paper; a marked copy follows while its batch is open"},
}

var (
	waits     = []State{Queued, Held}
	atPrinter = []State{Sending, Held}
)

// Steps gives the legal steps of a copy's life.
func Steps() []Step { return slices.Clone(steps) }

// errStep is what a step is refused with that is not in the table: the program is wrong, and trying again does not help.
var errStep = errors.New("no legal step of a copy")

// legal looks a step up. The copy is as it is on disk, but for what the step itself writes: its print number.
func legal(c *record.CopyRow, why cause, to State) error {
	attempt := unbegun
	if c.Begun() {
		attempt = begun
	}
	for i := range steps {
		s := &steps[i]
		if s.cause == why && slices.Contains(s.From, c.State) && slices.Contains(s.To, to) && (s.Attempt == either || s.Attempt == attempt) &&
			(s.Had == "" || s.Had == c.Reason) {
			return nil
		}
	}
	return fmt.Errorf("%w: copy %d, print number %d, from %s %s to %s because of %q", errStep, c.Seq, c.PrintNo, c.State, c.Reason, to, why)
}
