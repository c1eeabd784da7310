package record

import (
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// Facts are the searchable columns of a job.
type Facts struct {
	Merchant, Terminal, BatchNo string
	Voucher, Original           int64  // NoVoucher: none; original is the voucher of this batch that a void takes back
	Type, Result                string // codes of the payload: what they are codes of depends on the kind of the job
	Amount                      int64
	paid                        int64 // where it is not amount; 0: none
	Currency, Last4, OrderNo    string
	Transacted                  time.Time
	Operator                    string
	Ref, Refers                 string // what it is named by later, and what it names: see schema 0002
	Keys                        []string
}

// Is reports whether they are a transaction's of this type.
func (f *Facts) Is(t vocabulary.TransactionType) bool { return f.Type == string(t) }

// Approved reports whether they are an approved transaction's.
func (f *Facts) Approved() bool { return f.Result == string(vocabulary.ResultApproved) }

// FactsOf gives what a job is found by.
func FactsOf(j *job.Job) Facts {
	var f Facts
	switch {
	case j.Transaction != nil:
		f = transactionFacts(j.Transaction)
	case j.Reversal != nil:
		r := j.Reversal
		f = Facts{
			Merchant: r.Merchant.No, Terminal: r.TerminalNo, BatchNo: r.BatchNo, Type: "reversal", Result: string(r.Status), Amount: r.Amount.Total, Currency: r.Amount.Currency, Last4: last4(r.Card), Transacted: r.UpdatedAt, Operator: r.OperatorNo,
		}
	case j.Settlement != nil:
		s := j.Settlement
		f = Facts{
			Merchant: s.Merchant.No, Terminal: s.TerminalNo, BatchNo: s.BatchNo, Type: string(s.Scope), Result: verdict(s),
			Currency: s.Currency, Transacted: s.SettledAt, Operator: s.OperatorNo,
		}
	case j.Order != nil:
		o := j.Order
		f = Facts{Type: string(o.Status), Currency: o.Currency, OrderNo: o.OrderNo, Transacted: o.PlacedAt}
		if o.PaidTotal != nil {
			f.Amount = *o.PaidTotal
		}
	case j.Command != nil:
		c := j.Command
		f = Facts{Terminal: c.TerminalNo, Type: string(c.Name), Operator: c.OperatorNo}
	case j.Lifted() != nil:
		f = liftedFacts(j)
	case j.Document != nil && j.Document.Capture != nil:
		f = Facts{Terminal: j.Document.Capture.Name} // its last slip is that of the program
	}
	f.Voucher, f.Original = vouchersOf(j)
	f.Keys = f.SearchKeys()
	return f
}

// vouchersOf gives the voucher that a job is about, and that of the same batch that it takes back.
func vouchersOf(j *job.Job) (own, original int64) {
	switch {
	case j.Transaction != nil:
		own, original = VoucherNumber(j.Transaction.VoucherNo), NoVoucher
		if o := j.Transaction.Original; j.Transaction.IsVoid() && !ofOtherBatch(j.Transaction) {
			original = VoucherNumber(o.VoucherNo)
		}
		return own, original
	case j.Reversal != nil:
		return VoucherNumber(j.Reversal.VoucherNo), NoVoucher
	case j.Lifted() != nil:
		l := j.Lifted()
		if own, original = VoucherNumber(l.Voucher), NoVoucher; l.IsVoid() {
			original = VoucherNumber(l.Original)
		}
		return own, original
	}
	return NoVoucher, NoVoucher
}

// liftedFacts are those of a captured slip, as its rules found them.
func liftedFacts(j *job.Job) Facts {
	l := j.Lifted()
	f := Facts{
		Merchant: l.Merchant, Terminal: l.Terminal, BatchNo: l.Batch, Type: l.Type, Currency: l.Currency, Last4: l.Last4, OrderNo: l.Order,
		Transacted: l.At, Operator: l.Operator,
	}
	if f.Terminal == "" {
		f.Terminal = j.Document.Capture.Name
	}
	if f.Transacted.IsZero() {
		f.Transacted = j.CreatedAt
	}
	if l.Amount != nil {
		f.Amount = *l.Amount
	}
	switch l.Kind {
	case job.KindTransaction:
		f.Result = string(vocabulary.ResultApproved)
	case job.KindSettlement:
		f.Result = "not_checked"
	default:
		f.Currency = ""
	}
	return f
}

// ofOtherBatch reports whether a transaction names an earlier one by its voucher in another batch.
func ofOtherBatch(t *job.Transaction) bool {
	o := t.Original
	return o.VoucherNo != "" && o.BatchNo != "" && job.NormalVoucher(o.BatchNo) != job.NormalVoucher(t.BatchNo)
}

func transactionFacts(t *job.Transaction) Facts {
	f := Facts{
		Merchant: t.Merchant.No, Terminal: t.TerminalNo, BatchNo: t.BatchNo,
		Type: string(t.Type), Result: string(t.Result), Amount: t.Amount.Total, Currency: t.Amount.Currency,
		Last4: last4(t.Card), OrderNo: t.OrderNo, Transacted: t.TransactedAt, Operator: t.OperatorNo,
	}
	if t.Scan != nil && f.OrderNo == "" {
		f.OrderNo = t.Scan.MerchantOrderNo
	}
	if t.Amount.Paid != nil {
		f.paid = *t.Amount.Paid // what a paper with a discount says
	}
	f.Ref, f.Refers = references(t)
	return f
}

// references gives what later transactions name t by, and what t names an earlier one by when it gives money back, completes it,
// or takes it back although it is of another batch.
func references(t *job.Transaction) (ref, refers string) {
	if t.ReferenceNo != "" {
		ref = "r" + t.ReferenceNo
	}
	switch t.Type {
	case job.PreAuth:
		if ref = ""; t.AuthCode != "" {
			ref = "a" + t.AuthCode
		}
	case job.PreAuthCompletion, job.PreAuthCompletionAdvice:
		if t.Original.AuthCode != "" {
			refers = "a" + t.Original.AuthCode
		}
	case job.PreAuthVoid:
		if t.Original.AuthCode != "" { // it may be older than the batch: the voucher may be another slip's
			refers = "a" + t.Original.AuthCode
		}
	case job.ScanPay:
		if t.Scan.MerchantOrderNo != "" {
			ref = "o" + t.Scan.MerchantOrderNo
		}
	case job.ScanPayRefund:
		if t.Scan.MerchantOrderNo != "" {
			refers = "o" + t.Scan.MerchantOrderNo
		}
	case job.Refund:
		if t.Original.ReferenceNo != "" {
			refers = "r" + t.Original.ReferenceNo
		}
	}
	if t.IsVoid() && ofOtherBatch(t) {
		refers = "v" + job.NormalVoucher(t.Original.BatchNo) + job.NormalVoucher(t.Original.VoucherNo)
	}
	return ref, refers
}

// SearchKeys lists what the slip is found by when its voucher is not known.
func (f *Facts) SearchKeys() []string {
	var keys []string
	if f.Voucher != NoVoucher {
		keys = append(keys, "v"+strconv.FormatInt(f.Voucher, 10))
	}
	if f.Amount != 0 {
		keys = append(keys, "a"+strconv.FormatInt(f.Amount, 10))
	}
	if f.paid != 0 && f.paid != f.Amount {
		keys = append(keys, "a"+strconv.FormatInt(f.paid, 10))
	}
	if f.Last4 != "" {
		keys = append(keys, "l"+f.Last4)
	}
	if f.OrderNo != "" {
		keys = append(keys, "o"+f.OrderNo)
	}
	return keys
}

// verdict names the worst reconciliation among a settlement's blocks, for lists only.
func verdict(s *job.Settlement) string {
	rank := []string{"not_checked", "balanced", "unbalanced", "error"}
	worst := 0
	for _, b := range s.Blocks {
		for i, r := range rank {
			if b.Reconciliation == r {
				worst = max(worst, i)
			}
		}
	}
	return rank[worst]
}

func last4(c *job.Card) string {
	if c == nil {
		return ""
	}
	n := len(c.MaskedPAN)
	for n > 0 && c.MaskedPAN[n-1] >= '0' && c.MaskedPAN[n-1] <= '9' {
		n--
	}
	digits := c.MaskedPAN[n:]
	return digits[max(0, len(digits)-4):]
}

// NoVoucher is the number where there is none. Terminals count from 000001, but 000000 is what some software sends, and a
// second slip under it is as much a second one as under any other.
const NoVoucher = -1

// VoucherNumber reads a voucher number with or without its leading zeros.
func VoucherNumber(s string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil || n < 0 || n > 999999 {
		return NoVoucher
	}
	return n
}

// VoucherText writes a voucher number as it stands on slips.
func VoucherText(n int64) string { return job.NormalVoucher(strconv.FormatInt(n, 10)) }

// NoRow turns "no rows" into ErrNotFound.
func NoRow(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}
