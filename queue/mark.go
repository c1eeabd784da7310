package queue

import (
	"github.com/receiptd/receiptd/job"
)

// markOf gives the facts that a copy must show if its attempt begins now. The number decides: the first physical copy of
// a name is the original, and every later one is marked.
func (q *Queue) markOf(s source, c *copyRow, row *jobRow, now int64) (job.Mark, error) {
	m := job.Mark{
		Kind: c.base, At: fromMillis(c.asked), Operator: c.operator, Reason: c.why, TornPiece: c.torn, Archive: c.archive, From: c.moved,
		Possible: q.replaced && row.created < millis(q.born),
	}
	var err error
	if m.PrintNo, err = nextNo(s, c); err != nil {
		return m, err
	}
	st, err := standingOf(s, row.batch, row.voucher)
	if err != nil {
		return m, err
	}
	m.Voided, m.Reversed = st.voided, st.reversed
	if row.batch != 0 && row.kind == job.KindTransaction {
		var state BatchState
		if err := s.row("SELECT state FROM batches WHERE id = ?", row.batch).Scan(&state); err != nil {
			return m, err
		}
		m.Late = state == BatchSettled
	}
	if m.PrintNo == 1 {
		m.Late = m.Late || fromMillis(now).Sub(fromMillis(row.at)) > q.o.LateAfter
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
