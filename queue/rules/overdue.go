package rules

import (
	"context"
	"errors"
	"fmt"

	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// Overdue notes of copies that they are not out although they should be, once for each, as long as they are not. What is overdue
// follows from the journal alone from then on: the copy, and that it was told.
func (a *Alarms) Overdue(ctx context.Context, seqs []int64) error {
	err := a.r.do(ctx, func(t act) error {
		for _, seq := range seqs {
			c, err := t.copies().withOrigin(seq)
			if errors.Is(err, record.ErrNotFound) {
				continue
			} else if err != nil {
				return err
			}
			var told bool
			if err := t.Row("SELECT "+record.IsOverdue+" FROM copies c WHERE c.seq = ?", seq).Scan(&told); err != nil {
				return err
			}
			if told || !c.Pending() && c.State != vocabulary.StateUncertain {
				continue
			}
			c.Rev = t.LastEvent() + 1
			if err := t.Exec("UPDATE copies SET rev = ? WHERE seq = ?", c.Rev, c.Seq); err != nil {
				return err
			}
			if err := t.copies().tellAs(&c, vocabulary.EventAlarm, vocabulary.ReasonOverdue, "not out in time"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note what is overdue: %w", err)
	}
	return nil
}
