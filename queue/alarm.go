package queue

import (
	"context"
	"errors"
	"fmt"

	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// Alarm writes down something a person should see that no printer said: reason is its code, detail says what to do. JobID
// names the slip that showed it, "" for none.
func (q *Queue) Alarm(ctx context.Context, jobID, reason, detail string) error {
	err := q.do(ctx, func(t *tx) error {
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

// Received counts the approved transactions of the batch that a settlement job tells of, as far as they came here; ok is
// false when its batch is not known. An advisory beside the terminal's figures, never a verdict.
func (q *Queue) Received(ctx context.Context, settlementID string) (n int, ok bool, err error) {
	s := q.db.Read(ctx)
	row, err := record.JobByID(s, settlementID)
	if errors.Is(err, record.ErrNotFound) || err == nil && row.Batch == 0 {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("count slips of settlement %s: %w", settlementID, err)
	}
	err = s.Row("SELECT count(*) FROM jobs WHERE batch = ? AND kind = 'transaction' AND outcome = 'accepted' AND result = 'approved'", row.Batch).Scan(&n)
	if err != nil {
		return 0, false, fmt.Errorf("count slips of settlement %s: %w", settlementID, err)
	}
	return n, true, nil
}
