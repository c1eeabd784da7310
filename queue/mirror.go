package queue

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/job"
)

// reversalRow mirrors what the terminal said about taking a transaction back.
type reversalRow struct {
	id, batch, voucher           int64
	merchant, terminal           string
	status                       string
	amount                       int64
	currency, last4              string
	job, opened, updated         int64
	resolution, caseNo, operator string
}

const statusResolved = "resolved"

const reversalColumns = `id, batch, voucher, merchant_no, terminal_no, status, amount, currency, last4, job, opened_at, updated_at, resolution,
	case_no, operator`

func (r *reversalRow) scan(s scanner, more ...any) error {
	return s.Scan(append([]any{&r.id, &r.batch, &r.voucher, &r.merchant, &r.terminal, &r.status, &r.amount, &r.currency, &r.last4, &r.job, &r.opened,
		&r.updated, &r.resolution, &r.caseNo, &r.operator}, more...)...)
}

// reversalOf gives the mirror of one voucher; id 0 when there is none.
func reversalOf(s source, batch, voucher int64) (reversalRow, error) {
	var r reversalRow
	err := r.scan(s.row("SELECT "+reversalColumns+" FROM reversals WHERE batch = ? AND voucher = ?", batch, voucher))
	if errors.Is(err, sql.ErrNoRows) {
		return r, nil
	}
	return r, err
}

// A standingReversal is an entry that nobody settled, with the number of its batch.
type standingReversal struct {
	reversalRow
	batchNo string
}

// standingReversals gives the entries of a voucher that nobody settled. The terminal, with or without its leading zeros, and the
// batch number narrow them when they are given.
func (t *tx) standingReversals(voucher int64, terminal, batchNo string) ([]standingReversal, error) {
	rows, err := t.query("SELECT "+reversalColumns+`, (SELECT batch_no FROM batches b WHERE b.id = reversals.batch) FROM reversals
		WHERE status IN ('pending', 'failed') AND voucher = ?1 AND (?2 = '' OR ltrim(terminal_no, '0') = ltrim(?2, '0')) ORDER BY id`, voucher, terminal)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []standingReversal
	for rows.Next() {
		var r standingReversal
		if err := r.scan(rows, &r.batchNo); err != nil {
			return nil, err
		}
		if batchNo == "" || r.batchNo == job.NormalVoucher(batchNo) {
			list = append(list, r)
		}
	}
	if exact := func(r standingReversal) bool { return r.terminal == terminal }; slices.ContainsFunc(list, exact) {
		list = slices.DeleteFunc(list, func(r standingReversal) bool { return !exact(r) })
	}
	return list, rows.Err()
}

// reversed reports whether the money went back to the card.
func (r *reversalRow) reversed() bool {
	return r.status == string(job.ReversalSucceeded) || r.resolution == job.ResolutionRefunded
}

// reversal takes a notice: it moves the mirror's entry for the transaction that is taken back.
func (t *tx) reversal(j *job.Job, f *facts) (decision, error) {
	d := decision{names: t.q.copyNames(j)}
	r := j.Reversal
	if v := voucherNumber(r.Original.VoucherNo); v != noVoucher {
		f.voucher = v
		f.keys = f.searchKeys()
	}
	b, err := t.noticeInstance(f, r)
	if err != nil {
		return d, err
	}
	d.batch = b.id
	if f.merchant == "" {
		f.merchant = b.merchant
	}
	if r.Status == job.ReversalPending {
		d.warnings = append(d.warnings, problemDoNotCharge(f.voucher))
	}
	d.then = func(seq int64) error { return t.moveReversal(seq, j, f, b.id) }
	return d, nil
}

// noticeInstance gives the instance that a notice is about. Notices come late, after the settlement too, and need not say when the
// transaction was: where the voucher is known, there it belongs. A notice supersedes no batch.
func (t *tx) noticeInstance(f *facts, r *job.Reversal) (instance, error) {
	list, err := t.numbered(f)
	if err != nil {
		return instance{}, err
	}
	told := millis(r.Original.TransactedAt)
	for i := range list {
		b := &list[i]
		var standing, known bool
		err := t.row(`SELECT EXISTS (SELECT 1 FROM reversals WHERE batch = ?1 AND voucher = ?2 AND status IN ('pending', 'failed')),
			EXISTS (SELECT 1 FROM jobs WHERE batch = ?1 AND voucher = ?2 AND kind IN ('transaction', 'reversal') AND outcome = 'accepted')`,
			b.id, f.voucher).Scan(&standing, &known)
		if err != nil {
			return instance{}, err
		}
		after := b.ended != 0 && told > b.ended // counters were reset: another transaction of these numbers
		if standing || known && !after {
			return *b, t.learn(b, f, told)
		}
	}
	if told == 0 {
		told = millis(r.UpdatedAt)
	}
	return t.findOrOpen(f, told)
}

// moveReversal applies a notice in arrival order. A reversal that succeeded stays so: a notice that comes late must not
// make the banner come back; and what a person resolved only a success overrides.
func (t *tx) moveReversal(seq int64, j *job.Job, f *facts, batch int64) error {
	t.marksChange()
	old, err := reversalOf(t, batch, f.voucher)
	if err != nil {
		return err
	}
	status := string(j.Reversal.Status)
	now := millis(t.now)
	switch {
	case old.id == 0:
		err = t.exec(`INSERT INTO reversals (batch, voucher, merchant_no, terminal_no, status, amount, currency, last4, job, opened_at, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			batch, f.voucher, f.merchant, f.terminal, status, f.amount, f.currency, f.last4, seq, now, now)
	case old.status == string(job.ReversalSucceeded), old.status == statusResolved && status != string(job.ReversalSucceeded):
		status = old.status
	default:
		err = t.exec("UPDATE reversals SET status = ?, job = ?, updated_at = ? WHERE id = ?", status, seq, now, old.id)
	}
	if err != nil {
		return err
	}
	_, err = t.emit(Event{Type: EventReversal, JobID: j.ID, State: State(status), Batch: batch, Detail: voucherText(f.voucher), job: seq})
	return err
}

// takenBack is the condition that an approved void, which was not itself reversed, takes back a slip, given by its alias. The void
// names it by its voucher; one of another batch by batch and voucher; a pre-authorisation by its code, which alone is not
// unique: merchant and card must be the same.
func takenBack(slip string) string {
	const stands = `u.result = 'approved' AND u.outcome = 'accepted' AND NOT EXISTS (SELECT 1 FROM reversals r
		WHERE r.batch = u.batch AND r.voucher = u.voucher AND (r.status = 'succeeded' OR r.resolution = 'refunded'))`
	return strings.ReplaceAll(`(EXISTS (SELECT 1 FROM jobs u WHERE u.batch = SLIP.batch AND u.original = SLIP.voucher
			AND (u.type <> 'pre_auth_void' OR SLIP.type IN ('pre_auth', 'pre_auth_add')) AND `+stands+`)
		OR EXISTS (SELECT 1 FROM jobs u WHERE u.refers IN (SLIP.ref, 'v' || SLIP.batch_no || printf('%06d', SLIP.voucher)) AND u.refers <> ''
			AND u.type IN ('sale_void', 'pre_auth_void', 'pre_auth_completion_void', 'scan_pay_void') AND u.merchant_no = SLIP.merchant_no
			AND (u.refers = SLIP.ref OR u.terminal_no = SLIP.terminal_no) AND (u.last4 = SLIP.last4 OR u.last4 = '') AND `+stands+`))`, "SLIP", slip)
}

// isVoided asks whether slip ?1 was taken back.
var isVoided = "coalesce((SELECT " + takenBack("s") + " FROM jobs s WHERE s.seq = ?1), 0)"

// A standing is what the mirror says about a sale besides its own slip.
type standing struct {
	voided, reversed, pending bool
}

// standingOf looks up voids and reversals of a slip.
func standingOf(s source, slip *jobRow) (standing, error) {
	var st standing
	if slip.batch == 0 || slip.voucher == noVoucher {
		return st, nil
	}
	r, err := reversalOf(s, slip.batch, slip.voucher)
	if err != nil {
		return st, err
	}
	st.reversed = r.reversed()
	st.pending = r.status == string(job.ReversalPending)
	err = s.row("SELECT "+isVoided, slip.seq).Scan(&st.voided)
	return st, err
}

// followersQuery adds up the approved transactions that name slip ?1 as the one they give back or complete, those taken back
// themselves aside. An authorisation code alone is not unique: merchant and card must be the same.
var followersQuery = `SELECT count(*), coalesce(sum(v.amount), 0) FROM jobs s CROSS JOIN jobs v
	WHERE s.seq = ?1 AND v.refers = s.ref AND v.refers <> '' AND v.seq > s.seq AND v.merchant_no = s.merchant_no
	AND (v.last4 = s.last4 OR v.last4 = '') AND v.currency = s.currency AND v.kind = 'transaction' AND v.result = 'approved'
	AND v.outcome = 'accepted' AND v.test = 0 AND v.type <> 'pre_auth_void' AND NOT ` + takenBack("v") + `
	AND NOT EXISTS (SELECT 1 FROM reversals r WHERE r.batch = v.batch AND r.voucher = v.voucher AND (r.status = 'succeeded' OR r.resolution = 'refunded'))`

// followed gives what became of an approved slip later: completed, refunded when all of it was given back, else approved.
func followed(s source, r *jobRow) (string, error) {
	var n int
	var sum int64
	if err := s.row(followersQuery, r.seq).Scan(&n, &sum); err != nil {
		return "", err
	}
	switch {
	case n > 0 && r.typ == string(job.PreAuth):
		return "completed", nil
	case n > 0 && sum >= r.amount:
		return "refunded", nil
	}
	return r.result, nil
}

// A Reversal is a standing alarm: the money is not where it should be, and nobody has settled it.
type Reversal struct {
	MerchantNo string    `json:"merchant_no"`
	TerminalNo string    `json:"terminal_no"`
	BatchNo    string    `json:"batch_no"`
	VoucherNo  string    `json:"voucher_no"`
	Status     string    `json:"status"` // pending, failed; succeeded and resolved only when all are asked for
	Amount     int64     `json:"amount"` // minor units
	Currency   string    `json:"currency"`
	Last4      string    `json:"last4,omitempty"`
	JobID      string    `json:"job_id"` // the latest notice
	Since      time.Time `json:"since"`
	UpdatedAt  time.Time `json:"updated_at"`
	Resolution string    `json:"resolution,omitempty"`
	CaseNo     string    `json:"case_no,omitempty"`
	Operator   string    `json:"operator,omitempty"`
}
