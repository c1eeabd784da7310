package queue

import (
	"github.com/receiptd/receiptd/job"
)

// transaction decides about a slip: its batch instance, whether the journal has it already, and whether it is a legal
// next step of what the journal knows about its voucher.
func (t *tx) transaction(j *job.Job, f *facts) (decision, error) {
	in, err := t.instanceFor(f)
	if err != nil {
		return decision{}, err
	}
	d := decision{batch: in.id, names: t.q.copyNames(j)}
	if over, err := t.nextStep(j, f, in.id, &d); err != nil || over {
		if err == nil && d.outcome == Duplicate {
			return t.known(j, f, d.target)
		}
		return d, err
	}
	if in.state == BatchSettled {
		d.warnings = append(d.warnings, problemLateArrival(f.batchNo, len(d.names) > 0))
	}
	early, err := t.earlySettlement(f, &in)
	if err != nil {
		return d, err
	}
	if early.seq != 0 {
		d.warnings = append(d.warnings, problemSettledBefore(f.batchNo, early.jobID, len(d.names) > 0))
		d.then = func(int64) error { return t.settleEarly(&in, &early) }
	}
	if j.Transaction.IsVoid() {
		t.marksChange() // its sale's waiting reprints must say so
	}
	if len(d.names) > 0 && in.state == BatchOpen && early.seq == 0 { // a late arrival is not the last slip
		t.noteLast(in.id, t.job+1) // the number of the row that is inserted next, so that the common way needs no second look at it
	}
	return d, nil
}

// nextStep looks for what the batch has under this voucher already. It reports true when the decision is made.
func (t *tx) nextStep(j *job.Job, f *facts, batch int64, d *decision) (bool, error) {
	var known bool // most often there is nothing, and one narrow question tells
	err := t.row(`SELECT EXISTS (SELECT 1 FROM jobs WHERE batch = ?1 AND voucher = ?2)
		OR EXISTS (SELECT 1 FROM reversals WHERE batch = ?1 AND voucher = ?2)`, batch, f.voucher).Scan(&known)
	if err != nil || !known {
		return false, err
	}
	if clash, err := t.sameVoucher(j, f, batch, d); err != nil || clash {
		return true, err
	}
	// An adjustment changes a sale that was approved; an unknown result that is learned after its reversal began is a conflict.
	if f.result != string(job.Approved) || d.revision > 0 && f.typ == string(job.Adjustment) {
		return false, nil
	}
	r, err := reversalOf(t, batch, f.voucher)
	if err != nil || r.id == 0 || r.resolution == job.ResolutionPaid {
		return false, err
	}
	*d = decision{outcome: Conflict, batch: batch, errors: []job.Problem{problemLateApproval(f.voucher, r.status)}}
	return true, nil
}

// sameVoucher compares with what the batch has under this voucher. It reports true when the decision is made.
func (t *tx) sameVoucher(j *job.Job, f *facts, batch int64, d *decision) (bool, error) {
	rows, err := t.query(`SELECT seq, job_id, hash, type, result FROM jobs WHERE batch = ? AND voucher = ? AND kind = 'transaction'
		AND outcome = 'accepted' ORDER BY seq`, batch, f.voucher)
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
			d.outcome, d.target, d.names = Duplicate, seq, nil
			return true, nil
		}
		d.revision++
	}
	if err := rows.Err(); err != nil || d.revision == 0 {
		return false, err
	}
	adjusted := f.typ == string(job.Adjustment)
	learned := lastResult == string(job.Unknown) && f.result != lastResult && f.typ == lastType
	if adjusted || learned {
		return false, nil
	}
	*d = conflict(problemVoucherConflict(f.voucher, lastID))
	d.batch = batch
	return true, nil
}
