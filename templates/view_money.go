package templates

import (
	"strings"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

func (r *renderer) transaction(v *View, in *Input, t *job.Transaction) {
	v.MerchantName, v.MerchantNo = clean(t.Merchant.Name), clean(t.Merchant.No)
	v.TerminalNo, v.OperatorNo = clean(t.TerminalNo), clean(t.OperatorNo)
	v.Issuer, v.Acquirer = institution(t.Issuer), institution(t.Acquirer)
	v.BatchNo, v.VoucherNo = clean(t.BatchNo), clean(t.VoucherNo)
	v.AuthCode, v.ReferenceNo = clean(t.AuthCode), clean(t.ReferenceNo)
	v.At, v.Time = t.TransactedAt.In(r.zone), r.stamp(t.TransactedAt)
	v.OrderNo, v.ResponseCode = clean(t.OrderNo), clean(t.ResponseCode)
	v.SettlementDate = monthDay(t.SettlementDate)
	v.Card = r.card(in, t.Card)
	v.UnionPay = t.Card != nil && isUnionPay(t.Card.Scheme)
	v.Type = slipWord(vocabulary.KindType, string(t.Type)).paren(r.lang)
	v.Original = r.original(t.Original)
	v.Remarks = cleanAll(t.Remarks)
	r.negative = r.shop.writesNegative(t)
	r.amounts(v, t.Amount)
	v.DCC, v.Taxes = r.dcc(t), r.taxes(t.Taxes, t.Amount.Currency, in.Width)
	r.verification(v, in, t)
	if t.Scan != nil {
		v.Scan = r.scan(t)
	}
	if t.EMV != nil && t.Card != nil && (t.Card.EntryMode == "chip" || t.Card.EntryMode == "contactless") {
		v.EMV = emv(t)
		v.Balance = r.positive().said(t.EMV.OfflineBalance, t.Amount.Currency)
	}
	for _, m := range []Message{
		{word{"发卡行返回", "ISSUER"}.in(r.lang), cleanLines(t.HostMessages.Issuer)},
		{word{"中心返回", "NETWORK"}.in(r.lang), cleanLines(t.HostMessages.Network)},
		{word{"收单行返回", "ACQUIRER"}.in(r.lang), cleanLines(t.HostMessages.Acquirer)},
	} {
		if m.Text != "" {
			v.Messages = append(v.Messages, m)
		}
	}
	shown := v.Original
	shown.BatchNo = "" // no slip shows it
	v.Reference = shown != Original{} || len(v.Remarks) > 0 || len(v.EMV) > 0 || len(v.Messages) > 0
}

// monthDay writes YYYY-MM-DD as MM/DD, the way terminals print the clearing date.
func monthDay(date string) string {
	if date == "" {
		return ""
	}
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return clean(date)
	}
	return d.Format("01/02")
}

func (r *renderer) amounts(v *View, a job.Amount) {
	v.Amount = r.money(a.Total, a.Currency)
	v.Tip, v.CashBack, v.Surcharge = r.some(a.Tip, a.Currency), r.some(a.CashBack, a.Currency), r.some(a.Surcharge, a.Currency)
	v.Parts = v.Tip != nil || v.CashBack != nil || v.Surcharge != nil
	if base := a.Total - a.Tip - a.CashBack - a.Surcharge; v.Parts && base >= 0 { // else the parts contradict the total: the answer says so
		v.Base = r.money(base, a.Currency)
	}
	v.Discount, v.Cumulative = r.some(a.Discount, a.Currency), r.some(a.Cumulative, a.Currency)
	if a.Paid != nil && (*a.Paid != a.Total || a.Discount != 0) {
		v.Paid = r.said(a.Paid, a.Currency)
	}
}

// verification fills what stands where the cardholder signs. A declined transaction never carries the acknowledgement.
func (r *renderer) verification(v *View, in *Input, t *job.Transaction) {
	if t.Result != job.Approved || t.IsScan() || t.Type == job.BalanceQuery {
		return
	}
	// Nobody signs for, or agrees to, what was undone. A retrieval copy is not for signing either: the signed original is on paper.
	v.Legal = !v.Mark.Voided && !v.Mark.Reversed
	v.Signature = v.Legal && in.Copy == job.CopyMerchant && t.NeedsSignature() && v.Mark.Archive == ""
	if t.NeedsSignature() {
		return
	}
	v.NoSignature = true
	v.NoPIN = t.CVM.PIN == "none"
	if v.NoPIN {
		v.NoCVMLimit = r.positive().some(t.CVM.NoCVMLimit, t.Amount.Currency)
	}
}

func (r *renderer) scan(t *job.Transaction) *Scan {
	channel, ok := channelWords[t.Scan.Channel]
	if !ok {
		channel = word{t.Scan.Channel, t.Scan.Channel}
	}
	return &Scan{
		Channel:         clean(channel.in(r.lang)),
		MerchantOrderNo: clean(t.Scan.MerchantOrderNo), TransactionID: clean(t.Scan.ChannelTransactionID),
		Payer: clean(t.Scan.PayerMasked), Coupon: r.some(t.Scan.Coupon, t.Amount.Currency),
	}
}

func (r *renderer) original(o job.Original) Original {
	out := Original{
		VoucherNo: clean(o.VoucherNo), ReferenceNo: clean(o.ReferenceNo), AuthCode: clean(o.AuthCode),
		BatchNo: clean(o.BatchNo), Date: strings.ReplaceAll(clean(o.TransactedOn), "-", "/"),
	}
	if out.Date == "" && !o.TransactedAt.IsZero() {
		out.Date = o.TransactedAt.In(r.zone).Format(dateLayout)
	}
	return out
}

// emv lists the chip's data under the names that terminals print. EMVCo and the schemes ask for AID and application
// name; the rest is what UnionPay terminals add.
func emv(t *job.Transaction) []string {
	e := t.EMV
	fields := [...]struct{ name, value string }{
		{"ARQC:", e.ARQC}, {"TC:", e.TC}, {"TSI:", e.TSI}, {"TVR:", e.TVR}, {"ATC:", e.ATC}, {"AID:", e.AID},
		{"UNPR NUM:", e.UnpredictableNumber}, {"AIP:", e.AIP}, {"IAD:", e.IAD}, {"TermCap:", e.TerminalCapabilities},
		{"APPLAB:", e.ApplicationLabel}, {"APPNAME:", e.ApplicationPreferredName}, {"PAN SN:", t.Card.SequenceNo},
	}
	size := 0
	for i := range fields {
		fields[i].value = clean(fields[i].value)
		size += len(fields[i].name) + len(fields[i].value)
	}
	var b strings.Builder // they share its memory
	b.Grow(size)
	out := make([]string, 0, len(fields))
	for _, f := range fields {
		if f.value != "" {
			from := b.Len()
			b.WriteString(f.name)
			b.WriteString(f.value)
			out = append(out, b.String()[from:])
		}
	}
	return out
}

func (r *renderer) reversal(v *View, in *Input, t *job.Reversal) {
	v.MerchantName, v.MerchantNo = clean(t.Merchant.Name), clean(t.Merchant.No)
	v.TerminalNo, v.OperatorNo = clean(t.TerminalNo), clean(t.OperatorNo)
	v.BatchNo, v.VoucherNo = clean(t.BatchNo), clean(t.VoucherNo)
	v.At, v.Time = t.UpdatedAt.In(r.zone), r.stamp(t.UpdatedAt)
	v.Card = r.card(in, t.Card)
	v.Original, v.Remarks = r.original(t.Original), cleanAll(t.Remarks)
	r.amounts(v, t.Amount)
	v.Reversal = &Reversal{
		Pending: t.Status == job.ReversalPending, Succeeded: t.Status == job.ReversalSucceeded,
		Failed: t.Status == job.ReversalFailed, Attempts: t.Attempts, TransactedAt: r.stamp(t.Original.TransactedAt),
	}
	reason := ""
	if w, ok := reasonWords[t.Reason]; ok {
		reason = w.in(r.lang)
	}
	v.Reversal.Reason = strings.TrimSpace(reason + " " + clean(t.ReasonCode))
}

// Settlement is the terminal's own totals.
type Settlement struct {
	Interim, Last bool // an interim total; the totals of the batch before, printed again
	NextBatchNo   string
	Blocks        []Block
	Lists         []List // those that hold something
	Received      string // receiptd's own count of slips, when it is known: never a verdict
}

// List is a list of single transactions: all of the batch, or those that the host did not take.
type List struct {
	Name, NameEn string
	Details      []Detail
}

// Block is one group of cards with the terminal's verdict.
type Block struct {
	Name, NameEn       string // 内卡, DOMESTIC
	Verdict, VerdictEn string // 对账平, BALANCED
	Alarm              bool   // the terminal says unbalanced or error
	Rows               []Row  // by type of transaction; rows of zero are left out
	Totals             []Row  // debit and credit, as reconciled with the host; rows of zero are left out
}

// Row is a count and an amount.
type Row struct {
	Name, NameEn string // 消费, SALE
	Count        int
	Amount       *Money
}

// Detail is one transaction in a list.
type Detail struct {
	VoucherNo, Letter, AuthCode, Card string
	Amount                            *Money
}

func (r *renderer) settlement(v *View, in *Input, t *job.Settlement) {
	v.MerchantName, v.MerchantNo = clean(t.Merchant.Name), clean(t.Merchant.No)
	v.TerminalNo, v.OperatorNo = clean(t.TerminalNo), clean(t.OperatorNo)
	v.BatchNo = clean(t.BatchNo)
	v.At, v.Time = t.SettledAt.In(r.zone), r.stamp(t.SettledAt)
	v.Remarks = cleanAll(t.Remarks)
	s := &Settlement{
		Interim: t.Scope == job.ScopeInterim, Last: t.Scope == job.ScopeLastSettlement,
		NextBatchNo: clean(t.NextBatchNo),
	}
	if in.Received != nil {
		s.Received = itoa(*in.Received)
	}
	for _, b := range t.Blocks {
		s.Blocks = append(s.Blocks, r.block(b, t.Currency))
	}
	for _, l := range []struct {
		name word
		list []job.SettlementDetail
	}{
		{word{"结算明细单", "TRANSACTION LIST"}, t.Details},
		{word{"未成功上送交易明细", "UNSUCCESSFUL LIST"}, t.NotUploaded},
		{word{"上送后被平台拒绝交易明细", "DENIED LIST"}, t.Rejected},
	} {
		if len(l.list) > 0 {
			s.Lists = append(s.Lists, List{l.name.zh, l.name.en, r.details(in, l.list, t.Currency)})
		}
	}
	v.Settlement = s
}

func (r *renderer) block(b job.SettlementBlock, currency string) Block {
	name, verdict := blockWords[b.Scope], verdictWords[b.Reconciliation]
	out := Block{
		Name: name.zh, NameEn: name.en, Verdict: verdict.zh, VerdictEn: verdict.en,
		Alarm: b.Reconciliation == "unbalanced" || b.Reconciliation == "error",
	}
	add := func(rows []Row, name word, count int, amount int64) []Row {
		if count == 0 && amount == 0 {
			return rows
		}
		return append(rows, Row{name.zh, name.en, count, r.money(amount, currency)})
	}
	for _, row := range b.Rows {
		out.Rows = add(out.Rows, slipWord(vocabulary.KindType, string(row.Type), vocabulary.Total), row.Count, row.Amount)
	}
	out.Totals = add(out.Totals, word{"借记", "DEBIT"}, b.Debit.Count, b.Debit.Amount)
	out.Totals = add(out.Totals, word{"贷记", "CREDIT"}, b.Credit.Count, b.Credit.Amount)
	return out
}

func (r *renderer) details(in *Input, list []job.SettlementDetail, currency string) []Detail {
	out := make([]Detail, 0, len(list))
	for _, d := range list {
		out = append(out, Detail{
			VoucherNo: clean(d.VoucherNo), Letter: clean(d.TypeLetter), AuthCode: clean(d.AuthCode),
			Card:   strings.ReplaceAll(maskCard(d.MaskedPAN, in.Shop.MaskPolicy), " ", ""),
			Amount: r.money(d.Amount, currency),
		})
	}
	return out
}
