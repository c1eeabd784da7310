package daemon

import (
	"testing"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/queue"
)

// TestResultOfTwoPieces: a slip that lies in two pieces is as proven as it is, and a person is asked about it.
func TestResultOfTwoPieces(t *testing.T) {
	for _, s := range []printer.State{printer.Printed, printer.Processed, printer.Sent} {
		r := result(printer.Outcome{State: s, Pieces: 2})
		if r.State != s || r.Proof != queue.Proof(s) || r.Reason != "in_pieces" {
			t.Errorf("%+v", r)
		}
	}
	if r := result(printer.Outcome{State: printer.Printed}); r.Reason != "" {
		t.Errorf("%+v", r)
	}
	if r := result(printer.Outcome{State: printer.Uncertain, Reason: printer.LinkDown, Pieces: 2}); r.Reason != "link_down" {
		t.Errorf("%+v", r)
	}
}
