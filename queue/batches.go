package queue

import (
	"context"
	"errors"
	"time"

	"github.com/receiptd/receiptd/job"
)

// A Batch is one batch instance.
type Batch struct {
	ID         int64      `json:"id"`
	MerchantNo string     `json:"merchant_no"`
	TerminalNo string     `json:"terminal_no"`
	BatchNo    string     `json:"batch_no"`
	State      BatchState `json:"state"`
	Began      time.Time  `json:"began"`     // the terminal's clock
	OpenedAt   time.Time  `json:"opened_at"` // ours
	ClosedAt   time.Time  `json:"closed_at,omitzero"`
	ClosedBy   string     `json:"closed_by,omitempty"` // "terminal", or the person
	Slips      int        `json:"slips"`               // transactions received here: an advisory, never a verdict
	Unprinted  int        `json:"unprinted"`           // copies not known to have come out
	Settlement string     `json:"settlement_job_id,omitempty"`
}

// batchesShown bounds a list of batches.
const batchesShown = 200

// Batches lists the instances, the latest first, at most 200: all, or those with one batch number. Leading zeros of a
// number may be left out.
func (q *Queue) Batches(ctx context.Context, batchNo string) ([]Batch, error) {
	s := q.reader(ctx)
	if batchNo != "" {
		batchNo = job.NormalVoucher(batchNo)
	}
	list, err := instances(s, "? IN ('', batch_no) ORDER BY id DESC LIMIT ?", batchNo, batchesShown)
	if err != nil {
		return nil, err
	}
	open, err := unprinted(s)
	if err != nil {
		return nil, err
	}
	out := make([]Batch, len(list))
	for i := range list {
		if out[i], err = batchOf(s, &list[i], open); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// unprinted counts the copies of each batch that are not known to have come out.
func unprinted(s source) (map[int64]int, error) {
	rows, err := s.query("SELECT j.batch, count(*) FROM copies c CROSS JOIN jobs j ON j.seq = c.job WHERE " + isOpen + " AND j.batch IS NOT NULL GROUP BY 1")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	m := map[int64]int{}
	for rows.Next() {
		var id int64
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		m[id] = n
	}
	return m, rows.Err()
}

// Batch gives one instance. Error: ErrNotFound.
func (q *Queue) Batch(ctx context.Context, id int64) (Batch, error) {
	s := q.reader(ctx)
	b, err := instanceByID(s, id)
	if err != nil {
		return Batch{}, err
	}
	open, err := unprinted(s)
	if err != nil {
		return Batch{}, err
	}
	return batchOf(s, &b, open)
}

func batchOf(s source, b *instance, open map[int64]int) (Batch, error) {
	out := Batch{
		ID: b.id, MerchantNo: b.merchant, TerminalNo: b.terminal, BatchNo: b.batchNo, State: b.state, Began: fromMillis(b.began),
		OpenedAt: fromMillis(b.opened), ClosedAt: fromMillis(b.closed), ClosedBy: b.closedBy,
		Unprinted: open[b.id],
	}
	// Notices of reversals have vouchers too; they are few, and this count need not read the slips.
	err := s.row(`SELECT (SELECT count(*) FROM jobs WHERE batch = ?1 AND voucher >= 0) - (SELECT count(*) FROM reversals WHERE batch = ?1)`, b.id).Scan(&out.Slips)
	if err != nil {
		return out, err
	}
	var zone int
	switch err := noRow(s.row("SELECT zone FROM jobs WHERE seq = ?", b.first).Scan(&zone)); {
	case err == nil:
		out.Began = out.Began.In(time.FixedZone("", zone))
	case !errors.Is(err, ErrNotFound): // retention took its first job
		return out, err
	}
	if b.settlement == 0 {
		return out, nil
	}
	err = noRow(s.row("SELECT job_id FROM jobs WHERE seq = ?", b.settlement).Scan(&out.Settlement))
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return out, err
}

// A Tally is receiptd's own count of one kind of transaction in a batch: an advisory beside the terminal's figures.
type Tally struct {
	Type     string `json:"type"`
	Result   string `json:"result"`
	Currency string `json:"currency"`
	Count    int    `json:"count"`
	Amount   int64  `json:"amount"` // minor units
}

// Tally counts what arrived in a batch. It reads every slip of the batch.
func (q *Queue) Tally(ctx context.Context, id int64) ([]Tally, error) {
	rows, err := q.reader(ctx).query(`SELECT type, result, currency, count(*), sum(amount) FROM jobs
		WHERE batch = ? AND kind = 'transaction' AND outcome = 'accepted' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Tally{}
	for rows.Next() {
		var t Tally
		if err := rows.Scan(&t.Type, &t.Result, &t.Currency, &t.Count, &t.Amount); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

// CloseBatch settles a batch by hand, for software that drops no settlement job. Its warnings say what is still open.
// The caller has checked the operator's permission. Error: ErrNotFound.
func (q *Queue) CloseBatch(ctx context.Context, id int64, operator string) (Answer, error) {
	return q.onBatch(ctx, id, func(t *tx, b *instance) (decision, error) {
		if b.state == BatchSettled {
			return refuse(problemAlreadySettled(b.batchNo)), nil
		}
		warnings, err := t.openMatters(b)
		if err != nil {
			return decision{}, err
		}
		// Our clock stands in for the terminal's: what was transacted until now belongs to this batch.
		return decision{warnings: warnings}, t.settle(b, max(millis(t.now), b.began), "person "+operator, operator, 0)
	})
}

// ReopenBatch takes a settlement back, for one that was dropped or clicked in error. When the terminal has gone on with
// another batch this one becomes superseded: reprintable, and closed again by a person. Error: ErrNotFound.
func (q *Queue) ReopenBatch(ctx context.Context, id int64, operator string) (Answer, error) {
	return q.onBatch(ctx, id, func(t *tx, b *instance) (decision, error) {
		if b.state != BatchSettled {
			return refuse(problemBatchOpen(b.batchNo)), nil
		}
		open, err := instances(t, "terminal_no = ? AND merchant_no = ? AND state = 'open'", b.terminal, b.merchant)
		if err != nil {
			return decision{}, err
		}
		t.marksChange()
		state, ended := BatchOpen, int64(0)
		if len(open) > 0 {
			state, ended = BatchSuperseded, b.ended
		}
		err = t.exec("UPDATE batches SET state = ?, ended = nullif(?, 0), closed_at = NULL, closed_by = '' WHERE id = ?", state, ended, id)
		if err != nil {
			return decision{}, err
		}
		_, err = t.emit(Event{Type: EventBatch, Batch: id, State: State(state), Operator: operator, Detail: b.terminal + " " + b.batchNo + " reopened"})
		return decision{}, err
	})
}

// onBatch changes one batch instance.
func (q *Queue) onBatch(ctx context.Context, id int64, fn func(*tx, *instance) (decision, error)) (Answer, error) {
	var ans Answer
	err := q.w.do(ctx, func(t *tx) error {
		b, err := instanceByID(t, id)
		if err != nil {
			return err
		}
		d, err := fn(t, &b)
		if err != nil {
			return err
		}
		if d.outcome == "" {
			d.outcome = Accepted
		}
		ans = Answer{Outcome: d.outcome, Copies: []CopyStatus{}, Errors: some(d.errors), Warnings: some(d.warnings), UpdatedAt: t.now}
		return nil
	})
	return ans, err
}
