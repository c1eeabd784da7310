package queue

import (
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/receiptd/receiptd/job"
)

// facts are the searchable columns of a job.
type facts struct {
	merchant, terminal, batchNo string
	voucher, original           int64 // noVoucher: none; original is the voucher of this batch that a void takes back
	typ, result                 string
	amount                      int64
	paid                        int64 // where it is not amount; 0: none
	currency, last4, orderNo    string
	transacted                  time.Time
	operator                    string
	ref, refers                 string // what it is named by later, and what it names: see schema 0002
	keys                        []string
}

func factsOf(j *job.Job) facts {
	var f facts
	switch {
	case j.Transaction != nil:
		f = transactionFacts(j.Transaction)
	case j.Reversal != nil:
		r := j.Reversal
		f = facts{
			merchant: r.Merchant.No, terminal: r.TerminalNo, batchNo: r.BatchNo, typ: "reversal", result: string(r.Status), amount: r.Amount.Total, currency: r.Amount.Currency, last4: last4(r.Card), transacted: r.UpdatedAt, operator: r.OperatorNo,
		}
	case j.Settlement != nil:
		s := j.Settlement
		f = facts{
			merchant: s.Merchant.No, terminal: s.TerminalNo, batchNo: s.BatchNo, typ: string(s.Scope), result: verdict(s),
			currency: s.Currency, transacted: s.SettledAt, operator: s.OperatorNo,
		}
	case j.Order != nil:
		o := j.Order
		f = facts{typ: string(o.Status), currency: o.Currency, orderNo: o.OrderNo, transacted: o.PlacedAt}
		if o.PaidTotal != nil {
			f.amount = *o.PaidTotal
		}
	case j.Command != nil:
		c := j.Command
		f = facts{terminal: c.TerminalNo, typ: string(c.Name), operator: c.OperatorNo}
	}
	f.voucher, f.original = vouchersOf(j)
	f.keys = f.searchKeys()
	return f
}

// vouchersOf gives the voucher that a job is about, and that of the same batch that it takes back.
func vouchersOf(j *job.Job) (own, original int64) {
	switch {
	case j.Transaction != nil:
		own, original = voucherNumber(j.Transaction.VoucherNo), noVoucher
		if o := j.Transaction.Original; j.Transaction.IsVoid() && !ofOtherBatch(j.Transaction) {
			original = voucherNumber(o.VoucherNo)
		}
		return own, original
	case j.Reversal != nil:
		return voucherNumber(j.Reversal.VoucherNo), noVoucher
	}
	return noVoucher, noVoucher
}

// ofOtherBatch reports whether a transaction names an earlier one by its voucher in another batch.
func ofOtherBatch(t *job.Transaction) bool {
	o := t.Original
	return o.VoucherNo != "" && o.BatchNo != "" && job.NormalVoucher(o.BatchNo) != job.NormalVoucher(t.BatchNo)
}

func transactionFacts(t *job.Transaction) facts {
	f := facts{
		merchant: t.Merchant.No, terminal: t.TerminalNo, batchNo: t.BatchNo,
		typ: string(t.Type), result: string(t.Result), amount: t.Amount.Total, currency: t.Amount.Currency,
		last4: last4(t.Card), orderNo: t.OrderNo, transacted: t.TransactedAt, operator: t.OperatorNo,
	}
	if t.Scan != nil && f.orderNo == "" {
		f.orderNo = t.Scan.MerchantOrderNo
	}
	if t.Amount.Paid != nil {
		f.paid = *t.Amount.Paid // what a paper with a discount says
	}
	f.ref, f.refers = references(t)
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

// searchKeys lists what the slip is found by when its voucher is not known.
func (f *facts) searchKeys() []string {
	var keys []string
	if f.voucher != noVoucher {
		keys = append(keys, "v"+strconv.FormatInt(f.voucher, 10))
	}
	if f.amount != 0 {
		keys = append(keys, "a"+strconv.FormatInt(f.amount, 10))
	}
	if f.paid != 0 && f.paid != f.amount {
		keys = append(keys, "a"+strconv.FormatInt(f.paid, 10))
	}
	if f.last4 != "" {
		keys = append(keys, "l"+f.last4)
	}
	if f.orderNo != "" {
		keys = append(keys, "o"+f.orderNo)
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

// noVoucher is the number where there is none. Terminals count from 000001, but 000000 is what some software sends, and a
// second slip under it is as much a second one as under any other.
const noVoucher = -1

// voucherNumber reads a voucher number with or without its leading zeros.
func voucherNumber(s string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil || n < 0 || n > 999999 {
		return noVoucher
	}
	return n
}

func voucherText(n int64) string { return job.NormalVoucher(strconv.FormatInt(n, 10)) }

// noRow turns "no rows" into ErrNotFound.
func noRow(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// jobCache keeps the jobs that are likely to be printed next, so that they need not be read and parsed again.
type jobCache struct {
	mu   sync.Mutex
	jobs map[int64]*job.Job
	fifo []int64
}

const (
	cachedJobs = 512
	cachedSize = 8 << 10 // a longer job is read again
)

func (c *jobCache) init() { c.jobs = make(map[int64]*job.Job, cachedJobs) }

func (c *jobCache) put(seq int64, j *job.Job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(j.JSON) > cachedSize {
		delete(c.jobs, seq)
		return
	}
	if _, ok := c.jobs[seq]; ok {
		c.jobs[seq] = j
		return
	}
	if len(c.fifo) == cachedJobs {
		delete(c.jobs, c.fifo[0])
		c.fifo = append(c.fifo[:0], c.fifo[1:]...)
	}
	c.fifo = append(c.fifo, seq)
	c.jobs[seq] = j
}

// drop forgets jobs that retention took; their places are used up in turn.
func (c *jobCache) drop(list []int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, seq := range list {
		delete(c.jobs, seq)
	}
}

func (c *jobCache) get(seq int64) *job.Job {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.jobs[seq]
}

// jobBySeq gives a kept job.
func (q *Queue) jobBySeq(s source, seq int64) (*job.Job, error) {
	if j := q.jobs.get(seq); j != nil {
		return j, nil
	}
	var text []byte
	if err := s.row("SELECT json FROM jobs WHERE seq = ?", seq).Scan(&text); err != nil {
		return nil, noRow(err)
	}
	if len(text) == 0 {
		return nil, ErrNotFound
	}
	j, err := job.FromJSON(text)
	if err != nil {
		return nil, err
	}
	q.jobs.put(seq, j)
	return j, nil
}
