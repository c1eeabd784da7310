package queue

import (
	"time"

	"github.com/receiptd/receiptd/job"
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

// An Answer is what the asker is told: the one JSON type of an answer for results files, page and commands.
type Answer struct {
	File        string        `json:"file,omitempty"`
	JobID       string        `json:"job_id,omitempty"`
	Outcome     Outcome       `json:"outcome"`
	TargetJobID string        `json:"target_job_id,omitempty"`
	Copies      []CopyStatus  `json:"copies"`
	Errors      []job.Problem `json:"errors"`
	Warnings    []job.Problem `json:"warnings"`
	Fix         *job.Text     `json:"fix,omitempty"` // of a duplicate: what to send when paper was wanted
	UpdatedAt   time.Time     `json:"updated_at"`
}

// CopyStatus is one copy in an answer.
type CopyStatus struct {
	CopyID  string       `json:"copy_id"`
	Copy    job.CopyName `json:"copy"`
	PrintNo int          `json:"print_no"`
	State   State        `json:"state"`
	Reason  string       `json:"reason,omitempty"`
	Proof   Proof        `json:"proof"`
	Mark    job.MarkKind `json:"mark"`
	Printer string       `json:"printer"`
	At      time.Time    `json:"at"`

	Replaces string `json:"replaces,omitempty"` // the copy_id of the copy in this answer that it stands in for
}
