package rules

import (
	"time"

	"github.com/receiptd/receiptd/vocabulary"
)

// A Result is how a delivery ended.
type Result struct {
	State  vocabulary.State // Printed, Processed, Sent; Queued when not one byte left (not ready; Reason says why); Uncertain; Cancelled when the rest was cancelled inside the printer (a marked copy follows)
	Reason vocabulary.Reason
	Proof  vocabulary.Proof
	At     time.Time
	Paper  int    // millimetres that the slip takes; 0: not known
	Bytes  int    // bytes of the slip that left
	Alarm  string // something a person should see although the copy is settled
	Torn   bool   // a torn piece may lie on the counter
	// Unproven, with Queued, of an Auto delivery: this printer answers no proof. The copy is given up and a person is asked
	// about its predecessor.
	Unproven bool
	MoveTo   string // with Queued: another printer that is to print it, marked with the name of this one
	Err      error  // a copy that can never be rendered: it is cancelled with this message, loudly
}

// Ended is a result with the attempt that it is about.
type Ended struct {
	Copy    int64
	Attempt int64 // the attempt's counter; 0: it had not begun
	Result
}
