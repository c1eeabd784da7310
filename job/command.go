package job

// CommandName is what a command asks of the queue.
type CommandName string

// The commands.
const (
	ReprintLast       CommandName = "reprint_last"
	ReprintByVoucher  CommandName = "reprint_by_voucher"
	ReprintSettlement CommandName = "reprint_settlement"
	ReprintJob        CommandName = "reprint_job"
	ArchiveCopy       CommandName = "archive_copy"
	MarkDefective     CommandName = "mark_defective"
	Cancel            CommandName = "cancel"
	ResolveUncertain  CommandName = "resolve_uncertain"
	ResolveReversal   CommandName = "resolve_reversal"
)

// The resolutions of a failed reversal.
const (
	ResolutionPaid     = "paid"
	ResolutionRefunded = "refunded"
)

// A Command is an order to the queue about jobs that it already has.
type Command struct {
	Name            CommandName `json:"command"`
	TerminalNo      string      `json:"terminal_no,omitempty"`
	OperatorNo      string      `json:"operator_no,omitempty"`
	Reason          string      `json:"reason,omitempty"`
	Copies          []CopyName  `json:"copies,omitempty"`            // empty: all
	VoucherNo       string      `json:"voucher_no,omitempty"`        // six digits
	ExpectVoucherNo string      `json:"expect_voucher_no,omitempty"` // six digits: what the asker believes is last
	BatchNo         string      `json:"batch_no,omitempty"`          // six digits
	CaseNo          string      `json:"case_no,omitempty"`
	TargetJobID     string      `json:"target_job_id,omitempty"`
	Copy            CopyName    `json:"copy,omitempty"`
	Station         string      `json:"station,omitempty"`    // of a kitchen copy; empty: all of them
	CameOut         *bool       `json:"came_out,omitempty"`   // resolve_uncertain: always set
	Resolution      string      `json:"resolution,omitempty"` // paid, refunded
}
