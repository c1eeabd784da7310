package rules

import (
	"errors"
	"fmt"
	"slices"

	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// Who takes a step of a copy's life.
const (
	byReceiptd = "receiptd"
	byPrinter  = "printer"
	byPerson   = "person"
	bySoftware = "software" // the program that drops jobs
)

// A Cause is why a copy's state changes: the act, where a reason is the circumstance that an answer shows.
type Cause string

// The causes.
const (
	causeStart       Cause = "start"
	causeProof       Cause = "proof"
	causeHold        Cause = "hold"
	causeGoOn        Cause = "go on"
	causeNothingLeft Cause = "nothing left"
	causeCleared     Cause = "cleared"
	causeLost        Cause = "link or power lost"
	causeNoStart     Cause = "no start"
	causeUnprintable Cause = "cannot be rendered"
	causeUnproven    Cause = "cannot be proven"
	causeMove        Cause = "move"
	causeStale       Cause = "too old"
	causeHalf        Cause = "broke off"
	causeRelease     Cause = "release"
	causeDrop        Cause = "drop"
	causeCancel      Cause = "cancel"
	causeOrderGone   Cause = "order cancelled"
	causeCameOut     Cause = "came out"
	causeNotOut      Cause = "not out"
	causeLateProof   Cause = "late proof"
	causeReplaced    Cause = "replaced"
	causeKept        Cause = "kept"
	causeDefective   Cause = "defective"
)

// Whether the start of the copy's attempt is on disk when the step is done, so that a byte of it may have left.
const (
	either  = "either"
	unbegun = "no" // nothing of it has left
	begun   = "yes"
)

// A Step is a legal change of a copy's state.
type Step struct {
	From, To []vocabulary.State
	By       string
	Why      string            // in words
	Attempt  string            // whether it has begun: yes, no, either
	Had      vocabulary.Reason // the reason that it must have had; "" any
	Cause    Cause
}

// steps are all the ways in which a copy's state may change. docs/architecture.md shows them.
var steps = []Step{
	{From: waiting, To: []vocabulary.State{vocabulary.StateSending}, By: byReceiptd, Cause: causeStart, Attempt: begun,
		Why: "the start of its attempt goes to disk, before its first byte"},
	{From: atPrinter, To: []vocabulary.State{vocabulary.StatePrinted, vocabulary.StateProcessed, vocabulary.StateSent}, By: byPrinter, Cause: causeProof, Attempt: begun,
		Why: "the slip is out, as far as this printer can prove it"},
	{From: []vocabulary.State{vocabulary.StateQueued, vocabulary.StateHeld, vocabulary.StateSending}, To: []vocabulary.State{vocabulary.StateHeld}, By: byPrinter, Cause: causeHold, Attempt: either,
		Why: "paper, cover, cutter, heat: the printer waits for a hand"},
	{From: []vocabulary.State{vocabulary.StateHeld}, To: []vocabulary.State{vocabulary.StateSending}, By: byPrinter, Cause: causeGoOn, Attempt: begun,
		Why: "what held the printer is over; it goes on with the slip"},
	{From: []vocabulary.State{vocabulary.StateQueued, vocabulary.StateHeld, vocabulary.StateSending}, To: waiting, By: byPrinter, Cause: causeNothingLeft, Attempt: unbegun,
		Why: "the delivery ended and not one byte had left: it waits as before"},
	{From: atPrinter, To: []vocabulary.State{vocabulary.StateCancelled}, By: byPrinter, Cause: causeCleared, Attempt: begun,
		Why: "the rest of it was cleared inside the printer; a marked copy follows"},
	{From: atPrinter, To: []vocabulary.State{vocabulary.StateUncertain}, By: byPrinter, Cause: causeLost, Attempt: begun,
		Why: "link, power or receiptd was lost after the start"},
	{From: waiting, To: []vocabulary.State{vocabulary.StateUncertain}, By: byReceiptd, Cause: causeNoStart, Attempt: begun,
		Why: "it was delivered although its start is not on disk: nobody may call it unprinted"},
	{From: waiting, To: []vocabulary.State{vocabulary.StateCancelled}, By: byReceiptd, Cause: causeUnprintable, Attempt: unbegun,
		Why: "it can never be rendered"},
	{From: waiting, To: []vocabulary.State{vocabulary.StateCancelled}, By: byReceiptd, Cause: causeUnproven, Attempt: unbegun,
		Why: "a recovery copy that made itself, at a printer that proves nothing: a person is asked instead"},
	{From: waiting, To: waiting, By: byPerson, Cause: causeMove, Attempt: unbegun,
		Why: "it goes to another printer: a person, a route or a failover says so"},
	{From: waiting, To: []vocabulary.State{vocabulary.StateHeld}, By: byReceiptd, Cause: causeStale, Attempt: unbegun,
		Why: "it is too old to pour out after an outage: a person is asked"},
	{From: []vocabulary.State{vocabulary.StateQueued}, To: []vocabulary.State{vocabulary.StateHeld}, By: byReceiptd, Cause: causeHalf, Attempt: unbegun,
		Why: "the program that printed it broke off in the middle: a person is asked"},
	{From: []vocabulary.State{vocabulary.StateHeld}, To: []vocabulary.State{vocabulary.StateQueued}, By: byPerson, Cause: causeRelease, Attempt: unbegun, Had: vocabulary.ReasonHalf,
		Why: "what came is to be printed"},
	{From: []vocabulary.State{vocabulary.StateHeld}, To: []vocabulary.State{vocabulary.StateCancelled}, By: byPerson, Cause: causeDrop, Attempt: unbegun, Had: vocabulary.ReasonHalf,
		Why: "what came is not wanted"},
	{From: []vocabulary.State{vocabulary.StateHeld}, To: []vocabulary.State{vocabulary.StateQueued}, By: byPerson, Cause: causeRelease, Attempt: unbegun, Had: vocabulary.ReasonStale,
		Why: "the old one is wanted all the same"},
	{From: []vocabulary.State{vocabulary.StateHeld}, To: []vocabulary.State{vocabulary.StateCancelled}, By: byPerson, Cause: causeDrop, Attempt: unbegun, Had: vocabulary.ReasonStale,
		Why: "the old one is not wanted any more"},
	{From: waiting, To: []vocabulary.State{vocabulary.StateCancelled}, By: byPerson, Cause: causeCancel, Attempt: unbegun,
		Why: "somebody cancelled it before anything left"},
	{From: waiting, To: []vocabulary.State{vocabulary.StateCancelled}, By: bySoftware, Cause: causeOrderGone, Attempt: unbegun,
		Why: "its order was cancelled before anything left"},
	{From: []vocabulary.State{vocabulary.StateUncertain}, To: []vocabulary.State{vocabulary.StatePrinted}, By: byPerson, Cause: causeCameOut, Attempt: begun,
		Why: "somebody saw it"},
	{From: []vocabulary.State{vocabulary.StateUncertain}, To: []vocabulary.State{vocabulary.StateCancelled}, By: byPerson, Cause: causeNotOut, Attempt: begun,
		Why: "somebody says that it did not come out. This piece of paper is over, so it is cancelled; what replaces it is a copy of its own, marked"},
	{From: []vocabulary.State{vocabulary.StateUncertain}, To: []vocabulary.State{vocabulary.StatePrinted}, By: byPrinter, Cause: causeLateProof, Attempt: begun,
		Why: "the printer answered its very id after all"},
	{From: []vocabulary.State{vocabulary.StateCancelled}, To: []vocabulary.State{vocabulary.StatePrinted}, By: byPrinter, Cause: causeLateProof, Attempt: begun, Had: vocabulary.ReasonNotOut,
		Why: "the same after somebody had said that it did not come out: the printer's own id is the better witness, and the story must show that two pieces may lie about"},
	{From: waiting, To: []vocabulary.State{vocabulary.StateCancelled}, By: byReceiptd, Cause: causeReplaced, Attempt: unbegun,
		Why: "the copy that it was to stand in for turned out to be printed"},
	{From: onPaper, To: []vocabulary.State{vocabulary.StateDefective}, By: byPerson, Cause: causeDefective, Attempt: begun,
		Why: "blank or illegible paper; a marked copy follows while its batch is open"},
	kept(vocabulary.StatePrinted), kept(vocabulary.StateProcessed), kept(vocabulary.StateSent),
}

// kept is the step of a slip in two pieces that somebody keeps.
func kept(s vocabulary.State) Step {
	return Step{From: []vocabulary.State{s}, To: []vocabulary.State{s}, By: byPerson, Cause: causeKept, Attempt: begun, Had: vocabulary.ReasonInPieces,
		Why: "it came out in two pieces, and somebody keeps them: it is as proven as before"}
}

var (
	onPaper   = []vocabulary.State{vocabulary.StatePrinted, vocabulary.StateProcessed, vocabulary.StateSent}
	waiting   = []vocabulary.State{vocabulary.StateQueued, vocabulary.StateHeld}
	atPrinter = []vocabulary.State{vocabulary.StateSending, vocabulary.StateHeld}
)

// Steps gives the legal steps of a copy's life.
func Steps() []Step { return slices.Clone(steps) }

// errStep is what a step is refused with that is not in the table: the program is wrong, and trying again does not help.
var errStep = errors.New("no legal step of a copy")

// Legal looks a step up. The copy is as it is on disk, but for what the step itself writes: its print number.
func Legal(c *record.CopyRow, why Cause, to vocabulary.State) error {
	attempt := unbegun
	if c.Begun() {
		attempt = begun
	}
	for i := range steps {
		s := &steps[i]
		if s.Cause == why && slices.Contains(s.From, c.State) && slices.Contains(s.To, to) && (s.Attempt == either || s.Attempt == attempt) &&
			(s.Had == "" || s.Had == c.Reason) {
			return nil
		}
	}
	return fmt.Errorf("%w: copy %d, print number %d, from %s %s to %s because of %q", errStep, c.Seq, c.PrintNo, c.State, c.Reason, to, why)
}
