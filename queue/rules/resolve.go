package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// LateProof takes a proof that arrived outside its delivery: the printer answered the id of an attempt that is uncertain.
// id is the attempt's base id. The copy becomes printed, on any link epoch, and a marked copy that was to stand in for
// it is cancelled if nothing of it has left. Error: ErrNotFound for an id that no attempt had.
func (r *Rules) LateProof(ctx context.Context, id record.ProofID, at time.Time) error {
	return r.do(ctx, func(t act) error { return t.attempts().lateProof(id, at) })
}

func (t attempts) lateProof(id record.ProofID, at time.Time) error {
	proof, ok := id.Counter(t.LastProof())
	if !ok {
		return record.ErrNotFound
	}
	var seq int64
	var outcome string
	err := t.Row("SELECT copy, outcome FROM attempts WHERE proof = ?", proof).Scan(&seq, &outcome)
	if err != nil {
		return fmt.Errorf("late proof: %w", record.NoRow(err))
	}
	c, err := record.CopyBySeq(t, seq)
	if err != nil {
		return err
	}
	if outcome != string(vocabulary.StateUncertain) || c.State != vocabulary.StateUncertain && (c.State != vocabulary.StateCancelled || c.Reason != vocabulary.ReasonNotOut) {
		return nil // its own delivery tells, or a person settled it
	}
	if err := t.Exec("UPDATE attempts SET outcome = 'printed', ended = ? WHERE proof = ?", record.Millis(at), proof); err != nil {
		return err
	}
	e := record.Event{Type: vocabulary.EventLateProof, Printer: c.Printer, JobSeq: c.Job, CopySeq: seq, CopyID: t.CopyID(c.Seq, c.Asked)}
	if _, err := t.Emit(e); err != nil {
		return err
	}
	if err := t.copies().setState(&c, causeLateProof, vocabulary.StatePrinted, "", vocabulary.ProofPrinted, "late proof"); err != nil {
		return err
	}
	return t.dropReplacements(&c)
}

// Resolve takes a person's answer to "did it come out?" about one uncertain copy: yes makes it printed (proof: person),
// no queues one more, marked. Of a slip that came out in two pieces yes keeps them, and no queues a whole one, marked, while its batch is
// open. Error: ErrNotFound. A copy that nobody asks about is refused.
func (d *Decisions) Resolve(ctx context.Context, copyID string, cameOut bool, operator string) (answer.Answer, error) {
	return d.onCopy(ctx, copyID, func(t act, c *record.CopyRow) (decision, error) {
		switch {
		case c.AsksForWhole():
			return t.commands().answerPieces(c, c.Request, cameOut, operator)
		case c.State != vocabulary.StateUncertain:
			return refuse(problemNotUncertain()), nil
		}
		return decision{}, t.commands().answerUncertain(c, c.Request, cameOut, operator)
	})
}

// Release answers the question about copies held as stale: print them (marked late), or drop them. No ids: all of the
// printer. It gives the number of copies it changed.
func (d *Decisions) Release(ctx context.Context, printer string, print bool, operator string, copyIDs ...string) (int, error) {
	return d.release(ctx, printer, vocabulary.ReasonStale, print, operator, copyIDs)
}

// ReleaseHalf answers the question about copies held because the program that printed them broke off.
func (d *Decisions) ReleaseHalf(ctx context.Context, printer string, print bool, operator string) (int, error) {
	return d.release(ctx, printer, vocabulary.ReasonHalf, print, operator, nil)
}

func (d *Decisions) release(ctx context.Context, printer string, held vocabulary.Reason, print bool, operator string, copyIDs []string) (int, error) {
	n := 0
	err := d.r.do(ctx, func(t act) error {
		n = 0
		list, err := record.Copies(t, record.IsOpen+" AND printer = ? AND reason = ? ORDER BY ord, seq", printer, held)
		if err != nil {
			return err
		}
		for i := range list {
			c := &list[i]
			if len(copyIDs) > 0 && !slices.Contains(copyIDs, t.CopyID(c.Seq, c.Asked)) {
				continue
			}
			why, state, reason := causeRelease, vocabulary.StateQueued, vocabulary.Reason("")
			if !print {
				why, state, reason = causeDrop, vocabulary.StateCancelled, vocabulary.ReasonDropped
			}
			if err := t.Exec("UPDATE copies SET fresh = 1 WHERE seq = ?", c.Seq); err != nil {
				return err
			}
			c.Fresh = true
			if err := t.copies().setState(c, why, state, reason, vocabulary.ProofNone, "by "+operator); err != nil {
				return err
			}
			n++
		}
		t.copies().wake(printer)
		return nil
	})
	return n, err
}

// HoldStale holds what is too old to pour out of a printer after an outage: a person is asked about all of it at once, see Release.
func (r *Rules) HoldStale(ctx context.Context, printer string) error {
	return r.do(ctx, func(t act) error {
		list, err := record.Copies(t, "printer = ? AND "+record.IsRunnable+" ORDER BY ord, seq", printer)
		if err != nil {
			return err
		}
		for i := range list {
			c := &list[i]
			row, err := record.JobBySeq(t, c.Job)
			if err != nil {
				return err
			}
			limit := r.StaleAfter(row.Kind)
			if limit == 0 || c.Fresh || record.Age(t.Now, c.Asked) <= limit {
				continue
			}
			if err := t.copies().setState(c, causeStale, vocabulary.StateHeld, vocabulary.ReasonStale, vocabulary.ProofNone, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// onCopy changes one copy by its public id and answers for its request.
func (d *Decisions) onCopy(ctx context.Context, id string, fn func(act, *record.CopyRow) (decision, error)) (answer.Answer, error) {
	var ans answer.Answer
	err := d.r.do(ctx, func(t act) error {
		seq, err := record.CopySeq(t, id)
		if err != nil {
			return err
		}
		c, err := record.CopyBySeq(t, seq)
		if err != nil {
			return err
		}
		d, err := fn(t, &c)
		if err != nil {
			return err
		}
		row, err := record.JobBySeq(t, c.Request)
		if err != nil {
			return err
		}
		if ans, err = answer.For(t, row); err != nil {
			return err
		}
		if d.outcome != "" {
			ans.Outcome, ans.Errors = d.outcome, answer.List(d.errors)
		}
		ans.Warnings = append(ans.Warnings, d.warnings...)
		return nil
	})
	if errors.Is(err, record.ErrNotFound) {
		err = fmt.Errorf("copy %s: %w", id, record.ErrNotFound)
	}
	return ans, err
}
