// Package evidence says what may be claimed of a slip: from the transcript of what went out to a printer and what came back,
// from the slip's size, and from what is known of the device, to a claim and the time to look again. It is pure: it owns no
// state, reads no clock, starts no goroutine, touches no disk and no link, and so keeps nothing over a crash.
//
// Each rule is a small function with the sentence that justifies it and the document it rests on; Doubts lists those that
// take the force from a positive answer. An answer that is taken away never raises a claim.
package evidence

import (
	"time"

	"github.com/receiptd/receiptd/vocabulary"
)

// State is how one attempt stands.
type State = vocabulary.State

// The states an attempt can be reported in.
const (
	Printed   = vocabulary.StatePrinted   // the printer confirmed the end of printing
	Processed = vocabulary.StateProcessed // it confirmed having read everything and its status is clean
	Sent      = vocabulary.StateSent      // everything left; no back channel can tell more
	Held      = vocabulary.StateHeld      // the printer is alive but not ready: nothing may be sent again
	Uncertain = vocabulary.StateUncertain // link or power was lost between the first byte and the proof
	Cancelled = vocabulary.StateCancelled // the rest was cancelled inside the printer, acknowledged: a marked copy may follow
	NotSent   = vocabulary.StateNotSent   // not one byte of this attempt left: the copy is still unprinted
	Sending   = vocabulary.StateSending   // reported when a hold is over and the slip goes on
)

// Reason is why an attempt is held, uncertain or was not sent.
type Reason = vocabulary.Reason

// The reasons.
const (
	PaperOut  = vocabulary.ReasonPaperOut
	CoverOpen = vocabulary.ReasonCoverOpen
	Cutter    = vocabulary.ReasonCutter
	Hot       = vocabulary.ReasonHot
	Offline   = vocabulary.ReasonOffline
	Busy      = vocabulary.ReasonBusy     // its line takes nothing, and it does not say why
	Fault     = vocabulary.ReasonFault    // the printer reports an unrecoverable error
	LinkDown  = vocabulary.ReasonLinkDown // not reachable, port taken, unplugged
	ProofLost = vocabulary.ReasonProofLost
	PowerLost = vocabulary.ReasonPowerLost
	Stopped   = vocabulary.ReasonStopped // the daemon was stopped
)

// The margins of the rules.
const (
	ProofMargin = 3 * time.Second        // beyond three times the mechanism's least time a proof is overdue
	AgainMargin = 5 * time.Second        // for fences asked for anew, and after a hold
	CleanMargin = 300 * time.Millisecond // how long the status must stay clean once everything must have come out
	Slowness    = 7                      // a printer may be this many times slower still before silence means something
	StartTime   = time.Second            // no printer that was switched off and on is back sooner
	statusTime  = time.Minute            // a printer that is not held and does not say that it is well so long: nothing is known
	stallTime   = 4 * time.Second        // a line that is busy for longer is not busy with starting
	unseenTime  = 15 * time.Second       // a printer that is well is not switched off and on sooner while nobody watches: somebody has to go there
	resumeTime  = time.Second            // a printer that goes on prints for so long before its status counts
)

// A Slip is what of an attempt's bytes and of its printer matters to a claim.
type Slip struct {
	Size     int           // bytes, with all that is asked behind the content
	Mech     time.Duration // the least the mechanism needs for its paper
	Tier     byte          // 'A' to 'D': the tier of proof it was sent on
	Fences   bool          // GS ( H with its id stands behind the content
	Answers  bool          // GS r stands at the end, or behind the fences
	Cut      bool          // it ends with a cut, behind which a second fence stands
	Behind   int           // how many GS r stand at the end
	Acks     []int         // where a GS r stands inside the content: behind these bytes, ascending
	Paced    bool          // longer than the printer's buffer: sent in portions
	Window   int           // bytes that may be in the printer's buffer
	Network  bool          // the speed behind the link is not known: a network may lose an answer
	Patience time.Duration // for the answers to the questions inside it
	Begin    time.Time     // no earlier can its paper begin to move: the cut before it is over
}

// A Device is what is known about the printer.
type Device struct {
	Pinned  byte // the tier a person chose, 0 for none
	Tier    byte // the highest that answered, 0 when nothing was learned yet
	Early   bool // its ids come before it can have printed
	Behind  bool // its ids come behind the answers to later questions: they tell of paper
	Probing bool // a probe is under way: it asks what the ids mean
}

// trusted says whether ids of this device are known to prove printing. A person's pin overrules what was measured.
func (d Device) trusted() bool { return d.Pinned == 'A' || d.Behind && !d.Early }
