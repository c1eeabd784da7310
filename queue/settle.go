package queue

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Settle takes a proof that arrived outside its delivery: the printer answered the id of an attempt that is uncertain.
// id is the attempt's base id. The copy becomes printed, on any link epoch, and a marked copy that was to stand in for
// it is cancelled if nothing of it has left. Error: ErrNotFound for an id that no attempt had.
func (q *Queue) Settle(ctx context.Context, id ProofID, at time.Time) error {
	q.mu.Lock()
	workers := make([]*worker, 0, len(q.workers))
	for _, w := range q.workers {
		workers = append(workers, w)
	}
	q.mu.Unlock()
	for _, w := range workers {
		w.flush()
	}
	return q.w.do(ctx, func(t *tx) error { return t.lateProof(id, at) })
}

func (t *tx) lateProof(id ProofID, at time.Time) error {
	proof, ok := id.counter(t.w.proof)
	if !ok {
		return ErrNotFound
	}
	var seq int64
	var outcome string
	err := t.row("SELECT copy, outcome FROM attempts WHERE proof = ?", proof).Scan(&seq, &outcome)
	if err != nil {
		return fmt.Errorf("late proof: %w", noRow(err))
	}
	c, err := copyBySeq(t, seq)
	if err != nil {
		return err
	}
	if outcome != string(Uncertain) || c.state != Uncertain && (c.state != Cancelled || c.reason != reasonNotOut) {
		return nil // its own delivery tells, or a person settled it
	}
	if err := t.exec("UPDATE attempts SET outcome = 'printed', ended = ? WHERE proof = ?", millis(at), proof); err != nil {
		return err
	}
	e := Event{Type: EventLateProof, Printer: c.printer, job: c.job, copy: seq, CopyID: t.q.copyID(c.seq, c.asked)}
	if _, err := t.emit(e); err != nil {
		return err
	}
	if err := t.setState(&c, causeLateProof, Printed, "", ProofPrinted, "late proof"); err != nil {
		return err
	}
	return t.dropReplacements(&c)
}

// dropReplacements cancels what waits to stand in for a copy that turned out to be printed.
func (t *tx) dropReplacements(c *copyRow) error {
	list, err := copies(t, "job = ? AND replaces = ?", c.job, c.seq)
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].waiting() {
			if err := t.setState(&list[i], causeReplaced, Cancelled, reasonLateProof, ProofNone, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// Resolve takes a person's answer to "did it come out?" about one uncertain copy: yes makes it printed (proof: person),
// no queues one more, marked. Error: ErrNotFound. A copy that is not uncertain is refused.
func (q *Queue) Resolve(ctx context.Context, copyID string, cameOut bool, operator string) (Answer, error) {
	return q.onCopy(ctx, copyID, func(t *tx, c *copyRow) (decision, error) {
		if c.state != Uncertain {
			return refuse(problemNotUncertain()), nil
		}
		return decision{}, t.answerUncertain(c, c.request, cameOut, operator)
	})
}

// Release answers the question about copies held as stale: print them (marked late), or drop them. No ids: all of the
// printer. It gives the number of copies it changed.
func (q *Queue) Release(ctx context.Context, printer string, print bool, operator string, copyIDs ...string) (int, error) {
	n := 0
	err := q.w.do(ctx, func(t *tx) error {
		n = 0
		list, err := copies(t, isOpen+" AND printer = ? AND reason = ? ORDER BY ord, seq", printer, reasonStale)
		if err != nil {
			return err
		}
		for i := range list {
			c := &list[i]
			if len(copyIDs) > 0 && !contains(copyIDs, q.copyID(c.seq, c.asked)) {
				continue
			}
			why, state, reason := causeRelease, Queued, ""
			if !print {
				why, state, reason = causeDrop, Cancelled, reasonDropped
			}
			if err := t.exec("UPDATE copies SET fresh = 1 WHERE seq = ?", c.seq); err != nil {
				return err
			}
			c.fresh = true
			if err := t.setState(c, why, state, reason, ProofNone, "by "+operator); err != nil {
				return err
			}
			n++
		}
		t.wake(printer)
		return nil
	})
	return n, err
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// holdStale puts one question before everything at a printer that is too old to pour out after an outage.
func (q *Queue) holdStale(ctx context.Context, printer string) error {
	return q.w.do(ctx, func(t *tx) error {
		list, err := copies(t, "printer = ? AND "+isRunnable+" ORDER BY ord, seq", printer)
		if err != nil {
			return err
		}
		for i := range list {
			c := &list[i]
			row, err := rowBySeq(t, c.job)
			if err != nil {
				return err
			}
			limit := q.o.staleAfter(row.kind)
			if limit == 0 || c.fresh || age(t.now, c.asked) <= limit {
				continue
			}
			if err := t.setState(c, causeStale, Held, reasonStale, ProofNone, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// onCopy changes one copy by its public id and answers for its request.
func (q *Queue) onCopy(ctx context.Context, id string, fn func(*tx, *copyRow) (decision, error)) (Answer, error) {
	var ans Answer
	err := q.w.do(ctx, func(t *tx) error {
		seq, err := q.copySeq(t, id)
		if err != nil {
			return err
		}
		c, err := copyBySeq(t, seq)
		if err != nil {
			return err
		}
		d, err := fn(t, &c)
		if err != nil {
			return err
		}
		row, err := rowBySeq(t, c.request)
		if err != nil {
			return err
		}
		if ans, err = q.answerFor(t, row); err != nil {
			return err
		}
		if d.outcome != "" {
			ans.Outcome, ans.Errors = d.outcome, some(d.errors)
		}
		return nil
	})
	if errors.Is(err, ErrNotFound) {
		err = fmt.Errorf("copy %s: %w", id, ErrNotFound)
	}
	return ans, err
}
