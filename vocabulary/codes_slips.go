package vocabulary

// JobKind is what a job asks for.
type JobKind string

// The kinds of jobs.
const (
	JobTransaction JobKind = "transaction"
	JobReversal    JobKind = "reversal"
	JobSettlement  JobKind = "settlement"
	JobOrder       JobKind = "order"
	JobDocument    JobKind = "document"
	JobCommand     JobKind = "command"
)

// CopyName names one of the slips that a job asks for.
type CopyName string

// The names of copies.
const (
	CopyMerchant   CopyName = "merchant"
	CopyBank       CopyName = "bank"
	CopyCardholder CopyName = "cardholder"
	CopyKitchen    CopyName = "kitchen"
	CopyCustomer   CopyName = "customer"
	CopyDelivery   CopyName = "delivery"
	CopyDocument   CopyName = "document"
)

// MarkKind says what a copy is allowed to pass for.
type MarkKind string

// The kinds of marks.
const (
	MarkOriginal  MarkKind = "original"  // the first physical copy, in time
	MarkLate      MarkKind = "late"      // the first physical copy, printed after its batch was settled or after an outage
	MarkDuplicate MarkKind = "duplicate" // a person asked for one more
	MarkRecovery  MarkKind = "recovery"  // receiptd printed one more after a fault
)

// TransactionType is what the terminal did (names and labels: payment slip practice of UnionPay terminals).
type TransactionType string

// The types of transactions.
const (
	TypeSale                    TransactionType = "sale"
	TypeSaleVoid                TransactionType = "sale_void"
	TypeRefund                  TransactionType = "refund"
	TypePreAuth                 TransactionType = "pre_auth"
	TypePreAuthAdd              TransactionType = "pre_auth_add"
	TypePreAuthVoid             TransactionType = "pre_auth_void"
	TypePreAuthCompletion       TransactionType = "pre_auth_completion"
	TypePreAuthCompletionAdvice TransactionType = "pre_auth_completion_advice"
	TypePreAuthCompletionVoid   TransactionType = "pre_auth_completion_void"
	TypeOfflineSale             TransactionType = "offline_sale"
	TypeAdjustment              TransactionType = "adjustment"
	TypeECSale                  TransactionType = "ec_sale"
	TypeECLoad                  TransactionType = "ec_load"
	TypeInstallment             TransactionType = "installment"
	TypeLoyalty                 TransactionType = "loyalty"
	TypeBalanceQuery            TransactionType = "balance_query"
	TypeScanPay                 TransactionType = "scan_pay"
	TypeScanPayVoid             TransactionType = "scan_pay_void"
	TypeScanPayRefund           TransactionType = "scan_pay_refund"
)

// Result is what the host answered to a transaction, as far as the terminal knows.
type Result string

// The results.
const (
	ResultApproved Result = "approved"
	ResultDeclined Result = "declined"
	ResultUnknown  Result = "unknown" // kept for the mirror of the money; never prints a slip
)

// Money is what became of a slip's money, as the terminal and people said it: what the host answered, or one of these.
type Money string

// What became of it later.
const (
	MoneyVoided          Money = "voided"    // an approved void took it back
	MoneyRefunded        Money = "refunded"  // all of it was given back
	MoneyCompleted       Money = "completed" // of a pre-authorisation
	MoneyReversalPending Money = "reversal_pending"
	MoneyReversalFailed  Money = "reversal_failed"
	MoneyReversed        Money = "reversed"
	MoneyResolved        Money = "resolved" // a person settled its reversal
)

// ReversalStatus is how far a reversal has come.
type ReversalStatus string

// The states of a reversal: the first three as the terminal reports them.
const (
	ReversalPending   ReversalStatus = "pending"
	ReversalSucceeded ReversalStatus = "succeeded"
	ReversalFailed    ReversalStatus = "failed"
	ReversalResolved  ReversalStatus = "resolved" // a person settled it
)

// Resolution is how a person ended a failed reversal.
type Resolution string

// The resolutions.
const (
	ResolutionPaid     Resolution = "paid"
	ResolutionRefunded Resolution = "refunded"
)

// SettlementScope says what a settlement slip is. Only ScopeSettlement closes a batch.
type SettlementScope string

// The scopes.
const (
	ScopeSettlement     SettlementScope = "settlement"
	ScopeInterim        SettlementScope = "interim"
	ScopeLastSettlement SettlementScope = "last_settlement"
)

// OrderStatus says what happened to an order.
type OrderStatus string

// The states of an order.
const (
	OrderNew           OrderStatus = "new"
	OrderCancelled     OrderStatus = "cancelled"
	OrderPartialRefund OrderStatus = "partial_refund"
	OrderReminder      OrderStatus = "reminder"
)

// CommandName is what a command asks of the queue.
type CommandName string

// The commands.
const (
	CommandReprintLast       CommandName = "reprint_last"
	CommandReprintByVoucher  CommandName = "reprint_by_voucher"
	CommandReprintSettlement CommandName = "reprint_settlement"
	CommandReprintJob        CommandName = "reprint_job"
	CommandArchiveCopy       CommandName = "archive_copy"
	CommandElectronicCopy    CommandName = "electronic_copy"
	CommandMarkDefective     CommandName = "mark_defective"
	CommandCancel            CommandName = "cancel"
	CommandResolveUncertain  CommandName = "resolve_uncertain"
	CommandResolveReversal   CommandName = "resolve_reversal"
	CommandDrawerOpen        CommandName = "drawer_open"
)
