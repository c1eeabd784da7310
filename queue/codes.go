package queue

import (
	"github.com/receiptd/receiptd/vocabulary"
)

// Outcome says what became of a request.
type Outcome = vocabulary.Outcome

// The outcomes of the contract.
const (
	Accepted  = vocabulary.OutcomeAccepted
	Duplicate = vocabulary.OutcomeDuplicate // same id, same content: the first answer's copies are shown
	Conflict  = vocabulary.OutcomeConflict  // same id or same voucher, other content
	Rejected  = vocabulary.OutcomeRejected  // invalid
	Refused   = vocabulary.OutcomeRefused   // valid, but not now
)

// State of a copy.
type State = vocabulary.State

// The states of the contract.
const (
	Queued    = vocabulary.StateQueued
	Sending   = vocabulary.StateSending
	Printed   = vocabulary.StatePrinted
	Processed = vocabulary.StateProcessed
	Sent      = vocabulary.StateSent
	Held      = vocabulary.StateHeld
	Uncertain = vocabulary.StateUncertain
	Defective = vocabulary.StateDefective
	Cancelled = vocabulary.StateCancelled
)

// Proof says what proved a copy.
type Proof = vocabulary.Proof

// The proofs of the contract.
const (
	ProofNone      = vocabulary.ProofNone
	ProofSent      = vocabulary.ProofSent
	ProofProcessed = vocabulary.ProofProcessed
	ProofPrinted   = vocabulary.ProofPrinted
	ProofPerson    = vocabulary.ProofPerson
)

// BatchState is how a batch instance stands.
type BatchState = vocabulary.BatchState

// The states of a batch instance. Slips of an open or superseded one can be reprinted.
const (
	BatchOpen       = vocabulary.BatchOpen
	BatchSuperseded = vocabulary.BatchSuperseded // the terminal went on with another number and nobody settled this one
	BatchSettled    = vocabulary.BatchSettled
)
