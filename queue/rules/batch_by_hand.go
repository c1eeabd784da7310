package rules

import (
	"context"

	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// CloseBatch settles a batch by hand, for software that drops no settlement job. Its warnings say what is still open.
// The caller has checked the operator's permission. Error: ErrNotFound.
func (d *Decisions) CloseBatch(ctx context.Context, id int64, operator string) (answer.Answer, error) {
	return d.onBatch(ctx, id, func(t act, b *record.BatchRow) (decision, error) {
		if b.State == vocabulary.BatchSettled {
			return refuse(problemAlreadySettled(b.BatchNo)), nil
		}
		warnings, err := t.batches().openMatters(b)
		if err != nil {
			return decision{}, err
		}
		// Our clock stands in for the terminal's: what was transacted until now belongs to this batch.
		return decision{warnings: warnings}, t.batches().close(b, max(record.Millis(t.Now), b.Began), "person "+operator, operator, 0)
	})
}

// ReopenBatch takes a settlement back, for one that was dropped or clicked in error. When the terminal has gone on with
// another batch this one becomes superseded: reprintable, and closed again by a person. Error: ErrNotFound.
func (d *Decisions) ReopenBatch(ctx context.Context, id int64, operator string) (answer.Answer, error) {
	return d.onBatch(ctx, id, func(t act, b *record.BatchRow) (decision, error) {
		if b.State != vocabulary.BatchSettled {
			return refuse(problemBatchOpen(b.BatchNo)), nil
		}
		open, err := record.BatchRows(t, "terminal_no = ? AND merchant_no = ? AND state = 'open'", b.Terminal, b.Merchant)
		if err != nil {
			return decision{}, err
		}
		t.ChangeMarks()
		state, ended := vocabulary.BatchOpen, int64(0)
		if len(open) > 0 {
			state, ended = vocabulary.BatchSuperseded, b.Ended
		}
		err = t.Exec("UPDATE batches SET state = ?, ended = nullif(?, 0), closed_at = NULL, closed_by = '' WHERE id = ?", state, ended, id)
		if err != nil {
			return decision{}, err
		}
		_, err = t.Emit(record.BatchEvent(id, state, operator, b.Terminal+" "+b.BatchNo+" reopened"))
		return decision{}, err
	})
}

// onBatch changes one batch instance.
func (d *Decisions) onBatch(ctx context.Context, id int64, fn func(act, *record.BatchRow) (decision, error)) (answer.Answer, error) {
	var ans answer.Answer
	err := d.r.do(ctx, func(t act) error {
		b, err := record.BatchByID(t, id)
		if err != nil {
			return err
		}
		d, err := fn(t, &b)
		if err != nil {
			return err
		}
		if d.outcome == "" {
			d.outcome = vocabulary.OutcomeAccepted
		}
		ans = answer.Answer{Outcome: d.outcome, Copies: []answer.CopyStatus{}, Errors: answer.List(d.errors), Warnings: answer.List(d.warnings), UpdatedAt: t.Now}
		return nil
	})
	return ans, err
}
