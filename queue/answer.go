package queue

import (
	"time"

	"github.com/receiptd/receiptd/job"
)

// Outcome says what became of a request.
type Outcome string

// The outcomes of the contract.
const (
	Accepted  Outcome = "accepted"
	Duplicate Outcome = "duplicate" // same id, same content: the first answer's copies are shown
	Conflict  Outcome = "conflict"  // same id or same voucher, other content
	Rejected  Outcome = "rejected"  // invalid
	Refused   Outcome = "refused"   // valid, but not now
)

// State of a copy.
type State string

// The states of the contract.
const (
	Queued    State = "queued"
	Sending   State = "sending"
	Printed   State = "printed"
	Processed State = "processed"
	Sent      State = "sent"
	Held      State = "held"
	Uncertain State = "uncertain"
	Defective State = "defective"
	Cancelled State = "cancelled"
)

// Proof says what proved a copy.
type Proof string

// The proofs of the contract.
const (
	ProofNone      Proof = "none"
	ProofSent      Proof = "sent"
	ProofProcessed Proof = "processed"
	ProofPrinted   Proof = "printed"
	ProofPerson    Proof = "person"
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
