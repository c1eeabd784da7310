package record

import (
	"database/sql"
	"errors"
	"strings"

	"github.com/receiptd/receiptd/vocabulary"
)

// ReversalRow mirrors what the terminal said about taking a transaction back.
type ReversalRow struct {
	ID, Batch, Voucher   int64
	merchant, Terminal   string
	Status               vocabulary.ReversalStatus
	amount               int64
	currency, last4      string
	Job, opened, updated int64
	Resolution           vocabulary.Resolution
	caseNo, operator     string
}

// Scan reads a row of ReversalColumns, and more columns behind them.
func (r *ReversalRow) Scan(s Scanner, more ...any) error {
	return s.Scan(append([]any{&r.ID, &r.Batch, &r.Voucher, &r.merchant, &r.Terminal, &r.Status, &r.amount, &r.currency, &r.last4, &r.Job, &r.opened,
		&r.updated, &r.Resolution, &r.caseNo, &r.operator}, more...)...)
}

// reversed reports whether the money went back to the card.
func (r *ReversalRow) reversed() bool {
	return r.Status == vocabulary.ReversalSucceeded || r.Resolution == vocabulary.ResolutionRefunded
}

// ReversalColumns are what ReversalRow.Scan reads.
const ReversalColumns = `id, batch, voucher, merchant_no, terminal_no, status, amount, currency, last4, job, opened_at, updated_at, resolution,
	case_no, operator`

// ReversalOf gives the mirror of one voucher; id 0 when there is none.
func ReversalOf(s Source, batch, voucher int64) (ReversalRow, error) {
	var r ReversalRow
	err := r.Scan(s.Row("SELECT "+ReversalColumns+" FROM reversals WHERE batch = ? AND voucher = ?", batch, voucher))
	if errors.Is(err, sql.ErrNoRows) {
		return r, nil
	}
	return r, err
}

// takenBack is the condition that an approved void, which was not itself reversed, takes back a slip, given by its alias. The void
// names it by its voucher; one of another batch by batch and voucher; a pre-authorisation by its code, which alone is not
// unique: merchant and card must be the same.
func takenBack(slip string) string { return takenBackBy(slip, "", "") }

// takenBackBy is takenBack with a condition on the void, and one on what reversed the void.
func takenBackBy(slip, void, undone string) string {
	stands := void + `u.result = 'approved' AND u.outcome = 'accepted' AND NOT EXISTS (SELECT 1 FROM reversals r
		WHERE r.batch = u.batch AND r.voucher = u.voucher AND (r.status = 'succeeded' OR r.resolution = 'refunded')` + undone + ")"
	return strings.ReplaceAll(`(EXISTS (SELECT 1 FROM jobs u WHERE u.batch = SLIP.batch AND u.original = SLIP.voucher
			AND (u.type <> 'pre_auth_void' OR SLIP.type IN ('pre_auth', 'pre_auth_add')) AND `+stands+`)
		OR EXISTS (SELECT 1 FROM jobs u WHERE u.refers IN (SLIP.ref, 'v' || SLIP.batch_no || printf('%06d', SLIP.voucher)) AND u.refers <> ''
			AND u.type IN ('sale_void', 'pre_auth_void', 'pre_auth_completion_void', 'scan_pay_void') AND u.merchant_no = SLIP.merchant_no
			AND (u.refers = SLIP.ref OR u.terminal_no = SLIP.terminal_no) AND (u.last4 = SLIP.last4 OR u.last4 = '') AND `+stands+`))`, "SLIP", slip)
}

// IsVoided asks whether slip ?1 was taken back.
var IsVoided = "coalesce((SELECT " + takenBack("s") + " FROM jobs s WHERE s.seq = ?1), 0)"

// wasVoided is IsVoided at the time ?2, by our clock.
var wasVoided = "coalesce((SELECT " + takenBackBy("s", "u.at <= ?2 AND ", " AND r.updated_at <= ?2") + " FROM jobs s WHERE s.seq = ?1), 0)"

// StoodAt tells whether a slip of a batch was taken back or reversed at a time of ours.
func StoodAt(s Source, slip *JobRow, at int64) (voided, reversed bool, err error) {
	if slip.Voucher == NoVoucher {
		return false, false, nil
	}
	r, err := ReversalOf(s, slip.Batch, slip.Voucher)
	if err == nil {
		err = s.Row("SELECT "+wasVoided, slip.Seq, at).Scan(&voided)
	}
	return voided, r.reversed() && r.updated <= at, err
}

// A Standing is what the mirror says about a sale besides its own slip.
type Standing struct {
	Voided, Reversed, Pending bool
}

// StandingOf looks up voids and reversals of a slip.
func StandingOf(s Source, slip *JobRow) (Standing, error) {
	var st Standing
	if slip.Batch == 0 || slip.Voucher == NoVoucher {
		return st, nil
	}
	r, err := ReversalOf(s, slip.Batch, slip.Voucher)
	if err != nil {
		return st, err
	}
	st.Reversed = r.reversed()
	st.Pending = r.Status == vocabulary.ReversalPending
	err = s.Row("SELECT "+IsVoided, slip.Seq).Scan(&st.Voided)
	return st, err
}

// followersQuery adds up the approved transactions that name slip ?1 as the one they give back or complete, those taken back
// themselves aside. An authorisation code alone is not unique: merchant and card must be the same.
var followersQuery = `SELECT count(*), coalesce(sum(v.amount), 0) FROM jobs s CROSS JOIN jobs v
	WHERE s.seq = ?1 AND v.refers = s.ref AND v.refers <> '' AND v.seq > s.seq AND v.merchant_no = s.merchant_no
	AND (v.last4 = s.last4 OR v.last4 = '') AND v.currency = s.currency AND v.kind = 'transaction' AND v.result = 'approved'
	AND v.outcome = 'accepted' AND v.test = 0 AND v.type <> 'pre_auth_void' AND NOT ` + takenBack("v") + `
	AND NOT EXISTS (SELECT 1 FROM reversals r WHERE r.batch = v.batch AND r.voucher = v.voucher AND (r.status = 'succeeded' OR r.resolution = 'refunded'))`

// MoneyAfter gives what became of an approved slip later: completed, refunded when all of it was given back, else approved.
func MoneyAfter(s Source, r *JobRow) (vocabulary.Money, error) {
	var n int
	var sum int64
	if err := s.Row(followersQuery, r.Seq).Scan(&n, &sum); err != nil {
		return "", err
	}
	switch {
	case n > 0 && r.Is(vocabulary.TypePreAuth):
		return vocabulary.MoneyCompleted, nil
	case n > 0 && sum >= r.Amount:
		return vocabulary.MoneyRefunded, nil
	}
	return vocabulary.Money(r.Result), nil
}
