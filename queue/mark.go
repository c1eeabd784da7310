package queue

import (
	"github.com/receiptd/receiptd/job"
)

// markOf gives the facts that a copy must show if its attempt begins now. The number decides: the first physical copy of
// a name is the original, and every later one is marked.
func (q *Queue) markOf(s source, c *copyRow, row *jobRow, now int64) (job.Mark, error) {
	m := job.Mark{
		Kind: c.base, At: fromMillis(c.asked), Operator: c.operator, Reason: c.why, TornPiece: c.torn, Archive: c.archive, From: c.moved,
		Possible: q.replaced && min(row.created, row.at) < millis(q.born),
	}
	if row.batch == 0 || row.kind != job.KindTransaction {
		var err error
		if m.PrintNo, err = nextNo(s, c); err != nil {
			return m, err
		}
		if row.kind == job.KindOrder {
			if m.SameAs, err = sameTicket(s, row, c.name); err != nil {
				return m, err
			}
		}
	} else {
		var state BatchState
		err := s.row(markQuery, c.job, c.name, row.batch, row.voucher).Scan(&m.PrintNo, &state, &m.Reversed, &m.Voided)
		if err != nil {
			return m, err
		}
		m.Late = state == BatchSettled
	}
	if m.PrintNo == 1 {
		m.Late = m.Late || q.isLate(c, row, now)
		m.Kind, m.Operator, m.Reason = job.MarkOriginal, "", ""
		if m.Late {
			m.Kind = job.MarkLate
		}
		return m, nil
	}
	if m.Kind == job.MarkOriginal {
		m.Kind = job.MarkRecovery
	}
	if m.Operator == "" && m.Kind == job.MarkRecovery { // of a person who did not say who they are nothing is known
		m.Operator = operatorSystem
	}
	return m, nil
}

// isLate reports whether a first copy comes so long after its slip that it must say so. One that was asked for later was
// meant to come later: it is late when its slip is so old that it would not come out by itself, or when it had to wait itself.
func (q *Queue) isLate(c *copyRow, row *jobRow, now int64) bool {
	waited := fromMillis(now).Sub(fromMillis(c.asked)) > q.o.LateAfter
	old := fromMillis(now).Sub(fromMillis(row.at))
	if c.request == c.job || c.base != job.MarkOriginal {
		return old > q.o.LateAfter
	}
	limit := q.o.staleAfter(row.kind)
	return waited || limit != 0 && old > limit
}

// markQuery asks in one go what standingOf, nextNo and the batch say about a transaction's copy.
var markQuery = `SELECT (SELECT coalesce(max(print_no), 0) + 1 FROM copies WHERE job = ?1 AND name = ?2),
	(SELECT state FROM batches WHERE id = ?3),
	coalesce((SELECT status = 'succeeded' OR resolution = 'refunded' FROM reversals WHERE batch = ?3 AND voucher = ?4), 0),
	` + isVoided

// nextNo gives the number of the next piece of paper with a copy's name.
func nextNo(s source, c *copyRow) (no int, err error) {
	err = s.row("SELECT coalesce(max(print_no), 0) + 1 FROM copies WHERE job = ? AND name = ?", c.job, c.name).Scan(&no)
	return no, err
}

// marksChange notes that something happens in this transaction that marks of waiting copies depend on.
func (t *tx) marksChange() {
	if !t.marks {
		t.marks = true
		t.after = append(t.after, func() { t.q.marks.Add(1) })
	}
}
