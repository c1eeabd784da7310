package job

import (
	"time"

	"github.com/receiptd/receiptd/vocabulary"
)

// Schema is the value of a job's schema member.
const Schema = "receiptd.job/1"

// Kind is what a job asks for.
type Kind = vocabulary.JobKind

// The kinds of jobs.
const (
	KindTransaction = vocabulary.JobTransaction
	KindReversal    = vocabulary.JobReversal
	KindSettlement  = vocabulary.JobSettlement
	KindOrder       = vocabulary.JobOrder
	KindDocument    = vocabulary.JobDocument
	KindCommand     = vocabulary.JobCommand
)

// CopyName names one of the slips a job asks for.
type CopyName = vocabulary.CopyName

// The names of copies.
const (
	CopyMerchant   = vocabulary.CopyMerchant
	CopyBank       = vocabulary.CopyBank
	CopyCardholder = vocabulary.CopyCardholder
	CopyKitchen    = vocabulary.CopyKitchen
	CopyCustomer   = vocabulary.CopyCustomer
	CopyDelivery   = vocabulary.CopyDelivery
	CopyDocument   = vocabulary.CopyDocument
)

// A Job is one request of the terminal software, checked and free of card data. Exactly one of the payloads is set,
// the one that Kind names.
type Job struct {
	Schema    string     `json:"schema,omitempty"`
	ID        string     `json:"job_id"`
	Kind      Kind       `json:"kind"`
	CreatedAt time.Time  `json:"created_at"`
	Counter   string     `json:"counter,omitempty"`
	Printer   string     `json:"printer,omitempty"`
	Copies    []CopyName `json:"copies,omitempty"`
	Locale    string     `json:"locale,omitempty"`
	Test      bool       `json:"test,omitempty"`
	DueIn     int        `json:"due_in,omitempty"` // seconds within which its slips must be out; 0: the shop's configuration says

	Transaction *Transaction `json:"-"`
	Reversal    *Reversal    `json:"-"`
	Settlement  *Settlement  `json:"-"`
	Order       *Order       `json:"-"`
	Document    *Document    `json:"-"`
	Command     *Command     `json:"-"`

	// Hash is the content hash: hex SHA-256 over kind and payload in canonical form. Two jobs with one Hash ask
	// for the same slip, whatever their ids.
	Hash string `json:"-"`
	// JSON is the sanitised job in canonical form: what the journal keeps, and what Parse reads again.
	JSON []byte `json:"-"`
}
