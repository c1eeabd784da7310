package rules

import (
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// transaction decides about a slip: its batch instance, whether the journal has it already, and whether it is a legal
// next step of what the journal knows about its voucher.
func (t mirror) transaction(j *job.Job, f *record.Facts) (decision, error) {
	in, err := t.batches().instanceFor(f)
	if err != nil {
		return decision{}, err
	}
	d := decision{batch: in.ID, names: t.r.copyNames(j)}
	if over, err := t.nextStep(j, f, in.ID, &d); err != nil || over {
		if err == nil && d.outcome == vocabulary.OutcomeDuplicate {
			return t.firsts().alreadyTaken(j, f, d.target)
		}
		return d, err
	}
	if in.State == vocabulary.BatchSettled {
		d.warnings = append(d.warnings, problemLateArrival(f.BatchNo, len(d.names) > 0))
	}
	early, err := t.batches().earlySettlement(f, &in)
	if err != nil {
		return d, err
	}
	if early.Seq != 0 {
		d.warnings = append(d.warnings, problemSettledBefore(f.BatchNo, early.JobID, len(d.names) > 0))
		d.then = func(int64) error { return t.batches().settleEarly(&in, &early) }
	}
	if j.Transaction.IsVoid() {
		t.ChangeMarks() // its sale's waiting reprints must say so
	}
	if len(d.names) > 0 && in.State == vocabulary.BatchOpen && early.Seq == 0 { // a late arrival is not the last slip
		return d, t.batches().setLast(in.ID, t.LastJob()+1) // the number of the row that is inserted next
	}
	return d, nil
}

// nextStep looks for what the batch has under this voucher already. It reports true when the decision is made.
func (t mirror) nextStep(j *job.Job, f *record.Facts, batch int64, d *decision) (bool, error) {
	var known bool // most often there is nothing, and one query of two indexes tells
	err := t.Row(`SELECT EXISTS (SELECT 1 FROM jobs WHERE batch = ?1 AND voucher = ?2)
		OR EXISTS (SELECT 1 FROM reversals WHERE batch = ?1 AND voucher = ?2)`, batch, f.Voucher).Scan(&known)
	if err != nil || !known {
		return false, err
	}
	if clash, err := t.sameVoucher(j, f, batch, d); err != nil || clash {
		return true, err
	}
	// An adjustment changes a sale that was approved; an unknown result that is learned after its reversal began is a conflict.
	if !f.Approved() || d.revision > 0 && f.Is(job.Adjustment) {
		return false, nil
	}
	r, err := record.ReversalOf(t, batch, f.Voucher)
	if err != nil || r.ID == 0 || r.Resolution == job.ResolutionPaid {
		return false, err
	}
	*d = decision{outcome: vocabulary.OutcomeConflict, batch: batch, errors: []job.Problem{problemLateApproval(f.Voucher, r.Status)}}
	return true, nil
}

// sameVoucher compares with what the batch has under this voucher. It reports true when the decision is made.
func (t mirror) sameVoucher(j *job.Job, f *record.Facts, batch int64, d *decision) (bool, error) {
	rows, err := t.Query(`SELECT seq, job_id, `+record.HashColumn+`, type, result FROM jobs WHERE batch = ? AND voucher = ? AND kind = 'transaction'
		AND outcome = 'accepted' ORDER BY seq`, batch, f.Voucher)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	var lastID, lastType, lastResult string
	for rows.Next() {
		var seq int64
		var hash string
		if err := rows.Scan(&seq, &lastID, &hash, &lastType, &lastResult); err != nil {
			return false, err
		}
		if hash == j.Hash {
			d.outcome, d.target, d.names = vocabulary.OutcomeDuplicate, seq, nil
			return true, nil
		}
		d.revision++
	}
	if err := rows.Err(); err != nil || d.revision == 0 {
		return false, err
	}
	adjusted := f.Is(job.Adjustment)
	learned := lastResult == string(job.Unknown) && f.Result != lastResult && f.Type == lastType
	if adjusted || learned {
		return false, nil
	}
	*d = conflict(problemVoucherConflict(f.Voucher, lastID))
	d.batch = batch
	return true, nil
}
