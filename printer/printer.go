package printer

import (
	"context"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/evidence"
)

// State is how one attempt stands.
type State = evidence.State

// The states an attempt can be reported in.
const (
	Printed   = evidence.Printed   // the printer confirmed the end of printing
	Processed = evidence.Processed // it confirmed having read everything and its status is clean
	Sent      = evidence.Sent      // everything left; no back channel can tell more
	Held      = evidence.Held      // the printer is alive but not ready: nothing may be sent again
	Uncertain = evidence.Uncertain // link or power was lost between the first byte and the proof
	Cancelled = evidence.Cancelled // the rest was cancelled inside the printer, acknowledged: a marked copy may follow
	NotSent   = evidence.NotSent   // not one byte of this attempt left: the copy is still unprinted
	Sending   = evidence.Sending   // reported when a hold is over and the slip goes on
)

// Reason is why an attempt is held, uncertain or was not sent.
type Reason = evidence.Reason

// The reasons.
const (
	PaperOut  = evidence.PaperOut
	CoverOpen = evidence.CoverOpen
	Cutter    = evidence.Cutter
	Hot       = evidence.Hot
	Offline   = evidence.Offline
	Busy      = evidence.Busy     // its line takes nothing, and it does not say why
	Fault     = evidence.Fault    // the printer reports an unrecoverable error
	LinkDown  = evidence.LinkDown // not reachable, port taken, unplugged
	ProofLost = evidence.ProofLost
	PowerLost = evidence.PowerLost
	Stopped   = evidence.Stopped // the daemon was stopped
)

// ID is an attempt's proof id: four printable bytes (0x20-0x7E) from a durable counter, never used twice.
type ID [4]byte

// A Slip is what one attempt prints: its bytes from ESC @ up to the last cut, the cut, and the paper length that tells
// how long the mechanism needs at least. Proof requests are added here.
type Slip = escpos.Slip

// An Attempt is one try to print one copy.
type Attempt struct {
	Slip Slip
	// Begin makes the start of this attempt durable and gives its proof id. It is called at most once, after the
	// printer was found ready and before the first byte. When it errs nothing is sent.
	Begin func(ctx context.Context) (ID, error)
	// Report tells of states on the way, in the middle of the slip: Held with its reason, Sending when it goes on. It
	// must not block; nil tells nobody.
	Report func(State, Reason)
}

// An Outcome is how an attempt ended.
type Outcome struct {
	State   State
	Reason  Reason
	Tier    byte      // 'A' to 'D': which tier of proof spoke
	At      time.Time // when it was known
	Cut     bool      // the proof behind the cut came too
	Bytes   int       // how many bytes of the slip left this process
	Alarm   string    // something a person should see although the slip is settled, e.g. cutter
	Torn    bool      // part of the slip may lie on the counter
	Pieces  int       // 2 when it is out, but its paper ended in the middle and it went on on the new roll; else 0
	Message string    // for the log, English
}
