package job

import (
	"time"

	"github.com/receiptd/receiptd/vocabulary"
)

// TransactionType is what the terminal did (names and labels: payment slip practice of UnionPay terminals).
type TransactionType = vocabulary.TransactionType

// The types of transactions.
const (
	Sale                    = vocabulary.TypeSale
	SaleVoid                = vocabulary.TypeSaleVoid
	Refund                  = vocabulary.TypeRefund
	PreAuth                 = vocabulary.TypePreAuth
	PreAuthAdd              = vocabulary.TypePreAuthAdd
	PreAuthVoid             = vocabulary.TypePreAuthVoid
	PreAuthCompletion       = vocabulary.TypePreAuthCompletion
	PreAuthCompletionAdvice = vocabulary.TypePreAuthCompletionAdvice
	PreAuthCompletionVoid   = vocabulary.TypePreAuthCompletionVoid
	OfflineSale             = vocabulary.TypeOfflineSale
	Adjustment              = vocabulary.TypeAdjustment
	ECSale                  = vocabulary.TypeECSale
	ECLoad                  = vocabulary.TypeECLoad
	Installment             = vocabulary.TypeInstallment
	Loyalty                 = vocabulary.TypeLoyalty
	BalanceQuery            = vocabulary.TypeBalanceQuery
	ScanPay                 = vocabulary.TypeScanPay
	ScanPayVoid             = vocabulary.TypeScanPayVoid
	ScanPayRefund           = vocabulary.TypeScanPayRefund
)

// ResultName is what the host answered, as far as the terminal knows.
type ResultName = vocabulary.Result

// The results of a transaction.
const (
	Approved = vocabulary.ResultApproved
	Declined = vocabulary.ResultDeclined
	Unknown  = vocabulary.ResultUnknown // kept for the mirror of the money; never prints a slip
)

// A Transaction is one slip of one card or scan payment.
type Transaction struct {
	Type           TransactionType `json:"transaction_type"`
	Result         ResultName      `json:"result"`
	ResponseCode   string          `json:"response_code,omitempty"`
	Merchant       Merchant        `json:"merchant"`
	TerminalNo     string          `json:"terminal_no"`
	OperatorNo     string          `json:"operator_no,omitempty"`
	Acquirer       Institution     `json:"acquirer,omitzero"`
	Issuer         Institution     `json:"issuer,omitzero"`
	Card           *Card           `json:"card,omitempty"`
	BatchNo        string          `json:"batch_no"`   // six digits
	VoucherNo      string          `json:"voucher_no"` // six digits
	AuthCode       string          `json:"auth_code,omitempty"`
	ReferenceNo    string          `json:"reference_no,omitempty"`
	TransactedAt   time.Time       `json:"transacted_at"`             // with the terminal's own offset
	SettlementDate string          `json:"settlement_date,omitempty"` // YYYY-MM-DD
	Amount         Amount          `json:"amount"`
	DCC            *DCC            `json:"dcc,omitempty"`
	Taxes          []Tax           `json:"taxes,omitempty"`
	Original       Original        `json:"original,omitzero"`
	CVM            *CVM            `json:"cvm,omitempty"`
	EMV            *EMV            `json:"emv,omitempty"`
	Scan           *Scan           `json:"scan,omitempty"`
	HostMessages   HostMessages    `json:"host_messages,omitzero"`
	Remarks        []string        `json:"remarks,omitempty"`
	EReceipt       *EReceipt       `json:"e_receipt,omitempty"`
	OrderNo        string          `json:"order_no,omitempty"`
}

// EReceipt is where the customer finds the slip on the net.
type EReceipt struct {
	URL string `json:"url,omitempty"` // empty: none, or it was withheld
}

// Merchant is the shop as its acquirer knows it.
type Merchant struct {
	Name string `json:"name"`
	No   string `json:"no"` // DE42, up to 15 characters
}

// Institution is an acquirer or an issuer; a slip shows the name, or the code when there is none.
type Institution struct {
	Code string `json:"code,omitempty"`
	Name string `json:"name,omitempty"`
}

// Card is what a slip may say about the card.
type Card struct {
	MaskedPAN   string `json:"masked_pan,omitempty"` // digits and '*' only, at most 8 leading and 5 trailing digits
	EntryMode   string `json:"entry_mode,omitempty"` // chip contactless swipe fallback_swipe manual qr_merchant_scans qr_customer_scans none
	Scheme      string `json:"scheme,omitempty"`     // unionpay, visa, ...
	Domestic    *bool  `json:"domestic,omitempty"`   // nil: not said
	Expiry      string `json:"expiry,omitempty"`     // YYYY-MM or YYYY/MM
	SequenceNo  string `json:"sequence_no,omitempty"`
	AccountType string `json:"account_type,omitempty"`
}

// Amount is money in minor units of Currency (ISO 4217). Total includes tip, cash-back and surcharge.
type Amount struct {
	Total      int64  `json:"total"`
	Tip        int64  `json:"tip,omitempty"`
	CashBack   int64  `json:"cash_back,omitempty"`
	Surcharge  int64  `json:"surcharge,omitempty"`
	Discount   int64  `json:"discount,omitempty"`
	Paid       *int64 `json:"paid,omitempty"` // nil: not said; a coupon may pay all and leave 0
	Cumulative int64  `json:"cumulative,omitempty"`
	Currency   string `json:"currency"`
}

// Original names the transaction that this one undoes or completes.
type Original struct {
	JobID        string    `json:"job_id,omitempty"`
	VoucherNo    string    `json:"voucher_no,omitempty"` // six digits
	ReferenceNo  string    `json:"reference_no,omitempty"`
	AuthCode     string    `json:"auth_code,omitempty"`
	TransactedOn string    `json:"transacted_on,omitempty"` // YYYY-MM-DD
	TransactedAt time.Time `json:"transacted_at,omitzero"`
	BatchNo      string    `json:"batch_no,omitempty"` // six digits
}

// CVM says how the cardholder was verified.
type CVM struct {
	PIN               string `json:"pin,omitempty"`                // online, offline, none: never the PIN itself
	SignatureRequired *bool  `json:"signature_required,omitempty"` // nil: not said
	NoCVMLimit        int64  `json:"no_cvm_limit,omitempty"`       // minor units; 0: not said
}

// EMV is the chip block of a slip. All values but the two labels are hexadecimal (EMV book 3, annex A).
type EMV struct {
	AID                      string `json:"aid,omitempty"`
	ApplicationLabel         string `json:"application_label,omitempty"`
	ApplicationPreferredName string `json:"application_preferred_name,omitempty"`
	ARQC                     string `json:"arqc,omitempty"`
	TC                       string `json:"tc,omitempty"`
	TVR                      string `json:"tvr,omitempty"`
	TSI                      string `json:"tsi,omitempty"`
	ATC                      string `json:"atc,omitempty"`
	UnpredictableNumber      string `json:"unpredictable_number,omitempty"`
	AIP                      string `json:"aip,omitempty"`
	IAD                      string `json:"iad,omitempty"`
	TerminalCapabilities     string `json:"terminal_capabilities,omitempty"`
	OfflineBalance           *int64 `json:"offline_balance,omitempty"` // minor units; electronic cash only
}

// Scan is the part of a slip that only scan payments have.
type Scan struct {
	Channel              string `json:"channel"` // wechat alipay unionpay_qr ecny other
	MerchantOrderNo      string `json:"merchant_order_no,omitempty"`
	ChannelTransactionID string `json:"channel_transaction_id,omitempty"`
	PayerMasked          string `json:"payer_masked,omitempty"`
	Coupon               int64  `json:"coupon,omitempty"` // minor units
}

// HostMessages are texts that issuer, network and acquirer sent with their answer.
type HostMessages struct {
	Issuer   string `json:"issuer,omitempty"`
	Network  string `json:"network,omitempty"`
	Acquirer string `json:"acquirer,omitempty"`
}

// NaturalKey names a slip without its job_id. Voucher numbers wrap and are used again, so the queue adds its own batch
// instance; an adjustment legally uses its sale's voucher number, which is why the type is part of the key.
type NaturalKey struct {
	MerchantNo, TerminalNo, BatchNo, VoucherNo string
	Type                                       TransactionType
}

// NaturalKey gives the transaction's key.
func (t *Transaction) NaturalKey() NaturalKey {
	return NaturalKey{t.Merchant.No, t.TerminalNo, t.BatchNo, t.VoucherNo, t.Type}
}

// IsVoid reports whether the transaction takes back an earlier one of the same batch.
func (t *Transaction) IsVoid() bool { return isVoid(t.Type) }

func isVoid(t TransactionType) bool {
	switch t {
	case SaleVoid, PreAuthVoid, PreAuthCompletionVoid, ScanPayVoid:
		return true
	}
	return false
}

// IsRefund reports whether the transaction gives back what was paid in an earlier batch.
func (t *Transaction) IsRefund() bool { return t.Type == Refund || t.Type == ScanPayRefund }

// IsScan reports whether the money moved by a scanned code and not by a card.
func (t *Transaction) IsScan() bool {
	return t.Type == ScanPay || t.Type == ScanPayVoid || t.Type == ScanPayRefund
}

// NeedsSignature reports whether the merchant's copy carries a signature line: only an approved card transaction, and
// then unless the terminal said that no signature is required.
func (t *Transaction) NeedsSignature() bool {
	if t.Result != Approved || t.IsScan() || t.Type == BalanceQuery {
		return false
	}
	return t.CVM == nil || t.CVM.SignatureRequired == nil || *t.CVM.SignatureRequired
}
