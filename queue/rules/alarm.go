package rules

import (
	"context"
	"errors"
	"fmt"

	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// Raise writes down something a person should see that no printer said: reason is its code, detail says what to do. jobID
// names the slip that showed it, "" for none.
func (a *Alarms) Raise(ctx context.Context, jobID string, reason vocabulary.Reason, detail string) error {
	err := a.r.do(ctx, func(t act) error {
		e := record.Event{Type: vocabulary.EventAlarm, Reason: reason, Detail: detail}
		switch row, err := record.JobByID(t, jobID); {
		case err == nil:
			e.JobSeq, e.JobID = row.Seq, row.JobID
		case !errors.Is(err, record.ErrNotFound):
			return err
		}
		_, err := t.Emit(e)
		return err
	})
	if err != nil {
		return fmt.Errorf("write alarm: %w", err)
	}
	return nil
}
