package rules

import (
	"slices"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// standingReversals gives the entries of a voucher that nobody settled. The terminal, with or without its leading zeros, and the
// batch number narrow them when they are given.
func (t mirror) standingReversals(voucher int64, terminal, batchNo string) ([]standingReversal, error) {
	rows, err := t.Query("SELECT "+record.ReversalColumns+`, (SELECT batch_no FROM batches b WHERE b.id = reversals.batch) FROM reversals
		WHERE status IN ('pending', 'failed') AND voucher = ?1 AND (?2 = '' OR ltrim(terminal_no, '0') = ltrim(?2, '0')) ORDER BY id`, voucher, terminal)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []standingReversal
	for rows.Next() {
		var r standingReversal
		if err := r.Scan(rows, &r.batchNo); err != nil {
			return nil, err
		}
		if batchNo == "" || r.batchNo == job.NormalVoucher(batchNo) {
			list = append(list, r)
		}
	}
	if exact := func(r standingReversal) bool { return r.Terminal == terminal }; slices.ContainsFunc(list, exact) {
		list = slices.DeleteFunc(list, func(r standingReversal) bool { return !exact(r) })
	}
	return list, rows.Err()
}

// reversal takes a notice: it moves the mirror's entry for the transaction that is taken back.
func (t mirror) reversal(j *job.Job, f *record.Facts) (decision, error) {
	d := decision{names: t.r.copyNames(j)}
	r := j.Reversal
	if v := record.VoucherNumber(r.Original.VoucherNo); v != record.NoVoucher {
		f.Voucher = v
		f.Keys = f.SearchKeys()
	}
	b, err := t.noticeInstance(f, r)
	if err != nil {
		return d, err
	}
	d.batch = b.ID
	if f.Merchant == "" {
		f.Merchant = b.Merchant
	}
	if r.Status == job.ReversalPending {
		d.warnings = append(d.warnings, problemDoNotCharge(f.Voucher))
	}
	d.then = func(seq int64) error { return t.moveReversal(seq, j, f, b.ID) }
	return d, nil
}

// noticeInstance gives the instance that a notice is about. Notices come late, after the settlement too, and need not say when the
// transaction was: where the voucher is known, there it belongs. A notice supersedes no batch.
func (t mirror) noticeInstance(f *record.Facts, r *job.Reversal) (record.BatchRow, error) {
	list, err := t.batches().withNumber(f)
	if err != nil {
		return record.BatchRow{}, err
	}
	told := record.Millis(r.Original.TransactedAt)
	for i := range list {
		b := &list[i]
		var standing, known bool
		err := t.Row(`SELECT EXISTS (SELECT 1 FROM reversals WHERE batch = ?1 AND voucher = ?2 AND status IN ('pending', 'failed')),
			EXISTS (SELECT 1 FROM jobs WHERE batch = ?1 AND voucher = ?2 AND kind IN ('transaction', 'reversal') AND outcome = 'accepted')`,
			b.ID, f.Voucher).Scan(&standing, &known)
		if err != nil {
			return record.BatchRow{}, err
		}
		after := b.Ended != 0 && told > b.Ended // counters were reset: another transaction of these numbers
		if standing || known && !after {
			return *b, t.batches().noteFacts(b, f, told)
		}
	}
	if told == 0 {
		told = record.Millis(r.UpdatedAt)
	}
	return t.batches().findOrOpen(f, told)
}

// moveReversal applies a notice in arrival order. A reversal that succeeded stays so: a notice that comes late must not
// make the banner come back; and what a person resolved only a success overrides.
func (t mirror) moveReversal(seq int64, j *job.Job, f *record.Facts, batch int64) error {
	t.ChangeMarks()
	old, err := record.ReversalOf(t, batch, f.Voucher)
	if err != nil {
		return err
	}
	status := j.Reversal.Status
	now := record.Millis(t.Now)
	switch {
	case old.ID == 0:
		err = t.Exec(`INSERT INTO reversals (batch, voucher, merchant_no, terminal_no, status, amount, currency, last4, job, opened_at, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			batch, f.Voucher, f.Merchant, f.Terminal, status, f.Amount, f.Currency, f.Last4, seq, now, now)
	case old.Status == job.ReversalSucceeded, old.Status == vocabulary.ReversalResolved && status != job.ReversalSucceeded:
		status = old.Status
	default:
		err = t.Exec("UPDATE reversals SET status = ?, job = ?, updated_at = ? WHERE id = ?", status, seq, now, old.ID)
	}
	if err != nil {
		return err
	}
	e := record.ReversalEvent(j.ID, status, "")
	e.JobSeq, e.Batch, e.Detail = seq, batch, record.VoucherText(f.Voucher)
	_, err = t.Emit(e)
	return err
}
