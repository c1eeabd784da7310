package vocabulary

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
