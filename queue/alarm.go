package queue

import (
	"context"
	"errors"
	"fmt"
)

// Alarm writes down something a person should see that no printer said: reason is its code, detail says what to do. jobID
// names the slip that showed it, "" for none.
func (q *Queue) Alarm(ctx context.Context, jobID, reason, detail string) error {
	err := q.w.do(ctx, func(t *tx) error {
		e := Event{Type: EventAlarm, Reason: reason, Detail: detail}
		switch row, err := rowByID(t, jobID); {
		case err == nil:
			e.job, e.JobID = row.seq, row.jobID
		case !errors.Is(err, ErrNotFound):
			return err
		}
		_, err := t.emit(e)
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
	s := q.reader(ctx)
	row, err := rowByID(s, settlementID)
	if errors.Is(err, ErrNotFound) || err == nil && row.batch == 0 {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("count slips of settlement %s: %w", settlementID, err)
	}
	err = s.row("SELECT count(*) FROM jobs WHERE batch = ? AND kind = 'transaction' AND outcome = 'accepted' AND result = 'approved'", row.batch).Scan(&n)
	if err != nil {
		return 0, false, fmt.Errorf("count slips of settlement %s: %w", settlementID, err)
	}
	return n, true, nil
}
