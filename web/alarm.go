package web

import (
	"context"

	"github.com/receiptd/receiptd/job"
)

// An Alarm is one thing that needs a person now. Every page makes each of them heard, again and again, until it is over or somebody
// says that it was heard.
type Alarm struct {
	Key  string   // of this very occurrence: when the same happens again it has another key, and sounds anew
	Kind string   // what it is; reversals and printers sound in ways of their own, everything else like a question
	Text job.Text // what it is, in a few words
	Link string   // the page of this site where it is dealt with

	// The counter page has no place of its own for it, as it has for a question, a reversal or a printer. Its list of alarms is only heard,
	// so this one is shown beside the slips that wait.
	beside bool
}

// The kinds of alarms that the pages make themselves, the worst first.
const (
	alarmLost     = "lost" // records of the journal
	alarmReversal = "reversal"
	alarmDoubt    = "doubt"   // did it come out? a whole one?
	alarmPrinter  = "printer" // waits for a hand
)

// Alarms gives further alarms beside those that the journal and the printers give. It is asked with each page.
type Alarms func(ctx context.Context) ([]Alarm, error)
