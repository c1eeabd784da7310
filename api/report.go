package api

import (
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// A Report is what came to receiptd in a day, or in a batch, and what became of it. It repeats what terminals and people said, says where
// they differ, and concludes nothing about money. Amounts are minor units.
type Report struct {
	Day      string           `json:"day,omitempty"` // 2026-08-11, by the shop's clock; "" of a batch
	From     time.Time        `json:"from"`
	To       time.Time        `json:"to"`
	Slips    []ReportSlips    `json:"slips"`
	LeftOut  []ReportLeftOut  `json:"left_out"`
	Sums     []ReportSum      `json:"sums"`
	Batches  []ReportBatch    `json:"batches"` // settled meanwhile; of a batch this one
	Notable  []ReportSlip     `json:"notable"`
	Reprints []ReportReprints `json:"reprints"`
	Doubts   []ReportDoubt    `json:"doubts"`
	Printers []ReportPrinter  `json:"printers"`
	More     bool             `json:"more,omitempty"` // notable or doubts are more than stand here
}

// ReportSlips are slips of one sort. Amount is signed and of those that add up; only transactions have one.
type ReportSlips struct {
	Kind     job.Kind `json:"kind"`
	Type     string   `json:"type,omitempty"`
	Currency string   `json:"currency,omitempty"`
	Count    int      `json:"count"`
	Counted  int      `json:"counted"` // of them add up
	Amount   int64    `json:"amount"`
}

// ReportLeftOut are transactions that add nothing, and why.
type ReportLeftOut struct {
	Why      string `json:"why"`
	Currency string `json:"currency,omitempty"`
	Count    int    `json:"count"`
}

// A ReportSum is what the slips add up to in one currency: their totals. Amounts are in minor units, signed.
type ReportSum struct {
	Currency string `json:"currency"`
	Slips    int    `json:"slips"`    // that add up
	LeftOut  int    `json:"left_out"` // that do not: voided, declined, reversed, unknown, ...
	Amount   int64  `json:"amount"`
	// Paid is what was paid of it, where slips say that discounts made that another sum; nil: the same, or there is no settlement to put
	// beside it.
	Paid *int64 `json:"paid,omitempty"`
	// Settlement is debit less credit of the terminal's settlement, where the sum is a batch's; nil: there is none in this currency.
	Settlement *int64 `json:"settlement,omitempty"`
}

// Agreement says which sum of the slips is the one of the terminal's settlement.
type Agreement string

// The agreements. A terminal may settle a payment with a discount at its total or at what was paid: both are right.
const (
	AgreesNot    Agreement = ""       // neither, or there is no settlement
	AgreesAll    Agreement = "all"    // totals and what was paid are one sum
	AgreesTotals Agreement = "totals" // the totals, not what was paid
	AgreesPaid   Agreement = "paid"   // what was paid, not the totals
)

// Agrees says which sum is the settlement's.
func (s *ReportSum) Agrees() Agreement {
	switch {
	case s.Settlement == nil:
		return AgreesNot
	case *s.Settlement == s.Amount && s.Paid == nil:
		return AgreesAll
	case *s.Settlement == s.Amount:
		return AgreesTotals
	case s.Paid != nil && *s.Settlement == *s.Paid:
		return AgreesPaid
	}
	return AgreesNot
}

// A ReportBatch is a batch beside what its terminal said of it.
type ReportBatch struct {
	ID         int64                 `json:"id"`
	BatchNo    string                `json:"batch_no"`
	TerminalNo string                `json:"terminal_no"`
	State      vocabulary.BatchState `json:"state"`
	ClosedAt   time.Time             `json:"closed_at,omitzero"`
	ClosedBy   string                `json:"closed_by,omitempty"`
	Sums       []ReportSum           `json:"sums"`
}

// A ReportSlip is a slip that an owner asks about: voided, reversed, of an unknown result.
type ReportSlip struct {
	What       vocabulary.Money `json:"what"`
	JobID      string           `json:"job_id"`
	Type       string           `json:"type"`
	TerminalNo string           `json:"terminal_no"`
	VoucherNo  string           `json:"voucher_no,omitempty"`
	Amount     int64            `json:"amount"`
	Currency   string           `json:"currency"`
	At         time.Time        `json:"at"`
	Operator   string           `json:"operator_no,omitempty"`
}

// ReportReprints are further copies that came out of a printer because of one operator. SYSTEM: by themselves, after a fault.
type ReportReprints struct {
	Operator string       `json:"operator_no"`
	Why      job.MarkKind `json:"why"` // duplicate: somebody asked; recovery: the one before failed
	Copies   int          `json:"copies"`
}

// A ReportDoubt is a slip of which it was not known whether it came out, and how that ended.
type ReportDoubt struct {
	JobID    string           `json:"job_id"`
	Copy     job.CopyName     `json:"copy"`
	Printer  string           `json:"printer"`
	At       time.Time        `json:"at"`
	Ended    vocabulary.State `json:"ended,omitempty"` // "": nobody knows yet
	Proof    vocabulary.Proof `json:"proof,omitempty"` // printed: the printer told it late; person: somebody saw it
	EndedAt  time.Time        `json:"ended_at,omitzero"`
	Operator string           `json:"operator_no,omitempty"` // who said so
}

// A ReportPrinter is what a printer did.
type ReportPrinter struct {
	Printer  string          `json:"printer"`
	Copies   int             `json:"copies"`             // that began
	PaperMM  int64           `json:"paper_mm"`           // that they take, as far as their length is known
	Unknown  int             `json:"unknown,omitempty"`  // copies whose length is not known
	Bad      int64           `json:"bad_seconds"`        // in which slips waited for it because it was not ready
	Troubles []ReportTrouble `json:"troubles,omitempty"` // by why
}

// A ReportTrouble is how long slips waited for a printer for one reason.
type ReportTrouble struct {
	Reason  vocabulary.Reason `json:"reason"`
	Seconds int64             `json:"seconds"`
}
