package job

import "github.com/receiptd/receiptd/vocabulary"

// CommandName is what a command asks of the queue.
type CommandName = vocabulary.CommandName

// The commands.
const (
	ReprintLast       = vocabulary.CommandReprintLast
	ReprintByVoucher  = vocabulary.CommandReprintByVoucher
	ReprintSettlement = vocabulary.CommandReprintSettlement
	ReprintJob        = vocabulary.CommandReprintJob
	ArchiveCopy       = vocabulary.CommandArchiveCopy
	ElectronicCopy    = vocabulary.CommandElectronicCopy
	MarkDefective     = vocabulary.CommandMarkDefective
	Cancel            = vocabulary.CommandCancel
	ResolveUncertain  = vocabulary.CommandResolveUncertain
	ResolveReversal   = vocabulary.CommandResolveReversal
	DrawerOpen        = vocabulary.CommandDrawerOpen
)

// Resolution is how a person ended a failed reversal.
type Resolution = vocabulary.Resolution

// The resolutions.
const (
	ResolutionPaid     = vocabulary.ResolutionPaid
	ResolutionRefunded = vocabulary.ResolutionRefunded
)

// A Command is an order to the queue about jobs that it already has.
type Command struct {
	Name            CommandName       `json:"command"`
	TerminalNo      string            `json:"terminal_no,omitempty"`
	OperatorNo      string            `json:"operator_no,omitempty"`
	Reason          vocabulary.Reason `json:"reason,omitempty"`
	Copies          []CopyName        `json:"copies,omitempty"`            // empty: all
	VoucherNo       string            `json:"voucher_no,omitempty"`        // six digits
	ExpectVoucherNo string            `json:"expect_voucher_no,omitempty"` // six digits: what the asker believes is last
	BatchNo         string            `json:"batch_no,omitempty"`          // six digits
	CaseNo          string            `json:"case_no,omitempty"`
	TargetJobID     string            `json:"target_job_id,omitempty"`
	Copy            CopyName          `json:"copy,omitempty"`
	Station         string            `json:"station,omitempty"`    // of a kitchen copy; empty: all of them
	CameOut         *bool             `json:"came_out,omitempty"`   // resolve_uncertain: always set
	Resolution      Resolution        `json:"resolution,omitempty"` // paid, refunded
}
