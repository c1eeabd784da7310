package job

import (
	"time"

	"github.com/receiptd/receiptd/vocabulary"
)

// ReversalStatus is how far a reversal has come.
type ReversalStatus = vocabulary.ReversalStatus

// The states of a reversal as the terminal reports them.
const (
	ReversalPending   = vocabulary.ReversalPending
	ReversalSucceeded = vocabulary.ReversalSucceeded
	ReversalFailed    = vocabulary.ReversalFailed
)

// A Reversal is a notice about a transaction whose outcome the terminal never learned. It is not a voucher.
type Reversal struct {
	Status     ReversalStatus `json:"status"`
	Attempts   int            `json:"attempts,omitempty"`
	Reason     string         `json:"reason,omitempty"`      // no_response bad_mac other
	ReasonCode string         `json:"reason_code,omitempty"` // DE39 of the reversal: 98, A0, 06
	Merchant   Merchant       `json:"merchant,omitzero"`
	TerminalNo string         `json:"terminal_no"`
	OperatorNo string         `json:"operator_no,omitempty"`
	BatchNo    string         `json:"batch_no"`   // six digits
	VoucherNo  string         `json:"voucher_no"` // six digits
	Card       *Card          `json:"card,omitempty"`
	Amount     Amount         `json:"amount"`
	Original   Original       `json:"original,omitzero"`
	UpdatedAt  time.Time      `json:"updated_at"`
	Remarks    []string       `json:"remarks,omitempty"`
}

// SettlementScope says what a settlement slip is. Only ScopeSettlement closes a batch.
type SettlementScope = vocabulary.SettlementScope

// The scopes of a settlement slip.
const (
	ScopeSettlement     = vocabulary.ScopeSettlement
	ScopeInterim        = vocabulary.ScopeInterim
	ScopeLastSettlement = vocabulary.ScopeLastSettlement
)

// A Settlement is the terminal's own totals of a batch. The figures are printed as sent and never counted again: debit
// totals and rows of one batch differ legally.
type Settlement struct {
	Merchant    Merchant           `json:"merchant"`
	TerminalNo  string             `json:"terminal_no"`
	OperatorNo  string             `json:"operator_no,omitempty"`
	BatchNo     string             `json:"batch_no"`                // six digits, of the batch that was settled
	NextBatchNo string             `json:"next_batch_no,omitempty"` // six digits
	SettledAt   time.Time          `json:"settled_at"`
	Scope       SettlementScope    `json:"scope"`
	Currency    string             `json:"currency"`
	Blocks      []SettlementBlock  `json:"blocks"`
	Details     []SettlementDetail `json:"details,omitempty"`
	NotUploaded []SettlementDetail `json:"not_uploaded,omitempty"`
	Rejected    []SettlementDetail `json:"rejected,omitempty"`
	Remarks     []string           `json:"remarks,omitempty"`
}

// SettlementBlock is one group of cards with its own verdict.
type SettlementBlock struct {
	Scope          string          `json:"scope"`          // domestic, foreign
	Reconciliation string          `json:"reconciliation"` // balanced, unbalanced, error, not_checked
	Debit          Total           `json:"debit"`
	Credit         Total           `json:"credit"`
	Rows           []SettlementRow `json:"rows"`
}

// Total is a count and a sum in minor units.
type Total struct {
	Count  int   `json:"count"`
	Amount int64 `json:"amount"`
}

// SettlementRow is the total of one type of transaction.
type SettlementRow struct {
	Type   TransactionType `json:"type"`
	Count  int             `json:"count"`
	Amount int64           `json:"amount"` // minor units
}

// SettlementDetail is one transaction in a settlement's lists.
type SettlementDetail struct {
	VoucherNo  string `json:"voucher_no"`            // six digits
	TypeLetter string `json:"type_letter,omitempty"` // S sale, P completion, R refund, L offline, C advice, T, B, E, Q; then V or A
	AuthCode   string `json:"auth_code,omitempty"`
	Amount     int64  `json:"amount"` // minor units
	MaskedPAN  string `json:"masked_pan,omitempty"`
}
