package vocabulary

// State is how a copy stands.
type State string

// The states of a copy.
const (
	StateQueued    State = "queued"
	StateSending   State = "sending"
	StatePrinted   State = "printed"   // the printer confirmed the end of printing, or a person saw it
	StateProcessed State = "processed" // the printer confirmed having read everything and its status is clean
	StateSent      State = "sent"      // everything left; no back channel can tell more
	StateHeld      State = "held"      // the printer is not ready: nothing is sent meanwhile
	StateUncertain State = "uncertain" // nobody knows whether it came out
	StateDefective State = "defective" // a person says that it cannot be read
	StateCancelled State = "cancelled"
	StateNotSent   State = "not_sent" // of one attempt only: not one byte of it left
)

// OnPaper reports whether the printer gave some proof of a copy in this state, or a person did.
func (s State) OnPaper() bool { return s == StatePrinted || s == StateProcessed || s == StateSent }

// Proof says what proved a copy.
type Proof string

// The proofs.
const (
	ProofNone      Proof = "none"
	ProofSent      Proof = "sent"
	ProofProcessed Proof = "processed"
	ProofPrinted   Proof = "printed"
	ProofPerson    Proof = "person"
)

// Tier is how much a printer can prove.
type Tier string

// The tiers, the highest first.
const (
	TierA Tier = "A" // that it has printed
	TierB Tier = "B" // that it has read everything
	TierC Tier = "C" // how it is
	TierD Tier = "D" // nothing
)

// Outcome says what became of a request.
type Outcome string

// The outcomes.
const (
	OutcomeAccepted  Outcome = "accepted"
	OutcomeDuplicate Outcome = "duplicate" // same id, same content: the first answer's copies are shown
	OutcomeConflict  Outcome = "conflict"  // same id or same voucher, other content
	OutcomeRejected  Outcome = "rejected"  // invalid
	OutcomeRefused   Outcome = "refused"   // valid, but not now
	OutcomeExpired   Outcome = "expired"   // it came from a centre too late, and is never printed
)

// Reason is why a copy, an attempt or a printer is in its state.
type Reason string

// The reasons that a printer gives.
const (
	ReasonPaperOut  Reason = "paper_out"
	ReasonCoverOpen Reason = "cover_open"
	ReasonCutter    Reason = "cutter"
	ReasonHot       Reason = "hot"
	ReasonOffline   Reason = "offline"
	ReasonBusy      Reason = "busy"      // its line takes nothing, and it does not say why
	ReasonFault     Reason = "error"     // the printer reports an unrecoverable error
	ReasonLinkDown  Reason = "link_down" // not reachable, port taken, unplugged
	ReasonProofLost Reason = "proof_lost"
	ReasonPowerLost Reason = "power_lost"
	ReasonStopped   Reason = "stopped" // the daemon was stopped
)

// The reasons that the journal itself gives.
const (
	ReasonStale        Reason = "stale"         // too old to come out by itself after an outage: a person is asked
	ReasonCrash        Reason = "crash"         // the daemon died while it was printed
	ReasonNotOut       Reason = "not_out"       // a person said that it did not come out
	ReasonLateProof    Reason = "late_proof"    // its predecessor's proof came after all
	ReasonCancelled    Reason = "cancelled"     // somebody cancelled it
	ReasonSuperseded   Reason = "superseded"    // its order was cancelled before it printed
	ReasonMoved        Reason = "moved"         // it goes to another printer
	ReasonUnproven     Reason = "unproven"      // made by itself for a printer that proves nothing: a person is asked instead
	ReasonUnprinted    Reason = "unprintable"   // it can never be rendered
	ReasonOrderUnclear Reason = "order_unclear" // a cancellation that does not tell one order stopped none
	ReasonHalf         Reason = "half"          // the program that printed it broke off: a person is asked whether to print what came
	ReasonInPieces     Reason = "in_pieces"     // it came out in two pieces: a person is asked whether a whole one is wanted
	ReasonPieces       Reason = "pieces"        // it came out in two pieces, and a person has answered
	ReasonOverdue      Reason = "overdue"       // not out within the time that was asked for
	ReasonDropped      Reason = "dropped"       // a person decided that an old one need not come out
	ReasonPaused       Reason = "paused"        // of a printer: a person has paused it
	ReasonTooLate      Reason = "too_late"      // of a drawer: not opened in time, and never later
	ReasonNotWanted    Reason = "not_wanted"    // of a drawer: a person said no
)

// The reasons that people give when they ask for one more. They may give others.
const (
	ReasonNoPaper         Reason = "no_paper"
	ReasonBlankSlip       Reason = "blank_slip"
	ReasonLost            Reason = "lost"
	ReasonCustomerRequest Reason = "customer_request"
)

// The reasons of alarms: something that a person should see.
const (
	ReasonJournalLost      Reason = "journal_lost"      // the journal is shorter than its seal, or damaged
	ReasonFileReplaced     Reason = "file_replaced"     // a second file took the name of one that was not taken yet
	ReasonTemplateFallback Reason = "template_fallback" // the shop's own template failed on a job: the built-in one was used
	ReasonTemplateBroken   Reason = "template_broken"   // a template of the shop cannot be used at all
	ReasonFleetTaken       Reason = "fleet_taken_over"  // another receiptd came under this shop's identity in the fleet
	ReasonSettleAsk        Reason = "settle_ask"        // a program printed a settlement slip: a person says whether its batch is settled
	ReasonVoucherTaken     Reason = "voucher_taken"     // a program printed a slip whose voucher is another slip's
)

// BatchState is how a batch stands.
type BatchState string

// The states of a batch. Slips of an open or superseded one can be reprinted.
const (
	BatchOpen       BatchState = "open"
	BatchSuperseded BatchState = "superseded" // the terminal went on with another number and nobody settled this one
	BatchSettled    BatchState = "settled"
)

// EventType says what an event is about.
type EventType string

// The types of events.
const (
	EventAccepted   EventType = "accepted" // a job was taken
	EventAnswered   EventType = "answered" // a file or request got an answer that changed nothing else (its detail: the outcome)
	EventRejected   EventType = "rejected" // a file was invalid
	EventCopy       EventType = "copy"     // a copy changed its state
	EventBatch      EventType = "batch"    // a batch was opened, superseded, settled, reopened
	EventReversal   EventType = "reversal" // what is known of a reversal changed
	EventConflict   EventType = "conflict" // two stories about one voucher: a person should look
	EventAlarm      EventType = "alarm"    // something a person should see
	EventLateProof  EventType = "late_proof"
	EventPersonSaid EventType = "person"     // somebody answered a question
	EventRetention  EventType = "retention"  // old records were removed
	EventElectronic EventType = "electronic" // a slip was asked for as a file
	EventErased     EventType = "erased"     // what a job said of a person was removed on request
	EventDrawer     EventType = "drawer"     // a cash drawer was wanted open, its pulse left, or it opened or closed
)

// Source says which way a request came.
type Source string

// The ways.
const (
	SourceSpool   Source = "spool"
	SourceHTTP    Source = "http"
	SourceCLI     Source = "cli"
	SourceCapture Source = "capture" // a program that prints to receiptd as to a printer
	SourceFleet   Source = "fleet"
)

// Readiness is how a printer stands.
type Readiness string

// The states of a printer.
const (
	PrinterUnknown  Readiness = "unknown"  // not asked yet
	PrinterReady    Readiness = "ready"    // it answered and is well
	PrinterIdle     Readiness = "idle"     // it was well, and the link was given back
	PrinterPrinting Readiness = "printing" // a slip is on its way
	PrinterHeld     Readiness = "held"     // it is alive and not ready; the reason says why
	PrinterDown     Readiness = "down"     // it cannot be reached, or does not answer
)
