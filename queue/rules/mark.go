package rules

import (
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// Mark gives the facts that a copy must show if its attempt begins now. The number decides: the first physical copy of
// a name is the original, and every later one is marked.
func (r *Rules) Mark(s record.Source, c *record.CopyRow, row *record.JobRow, now int64) (job.Mark, error) {
	m := job.Mark{
		Kind: c.Base, At: record.FromMillis(c.Asked), Operator: c.Operator, Reason: string(c.Why), TornPiece: c.Torn, Archive: c.Archive, From: c.Moved,
		Possible: r.mayPrecede(row) || (row.Kind == job.KindDocument || row.CapturedOrder()) && row.Revision > 0, // see Arrival.Again
	}
	if !row.OfBatch() {
		var err error
		if m.PrintNo, err = nextNo(s, c); err != nil {
			return m, err
		}
		if row.Kind == job.KindOrder && !row.CapturedOrder() {
			if m.SameAs, err = record.SameTicket(s, row, c.Name); err != nil {
				return m, err
			}
		}
	} else {
		var state vocabulary.BatchState
		err := s.Row(markQuery, c.Job, c.Name, row.Batch, row.Voucher).Scan(&m.PrintNo, &state, &m.Reversed, &m.Voided)
		if err != nil {
			return m, err
		}
		m.Late = state == vocabulary.BatchSettled
	}
	if m.PrintNo == 1 {
		m.Late = m.Late || r.isLate(c, row, now)
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
func (r *Rules) isLate(c *record.CopyRow, row *record.JobRow, now int64) bool {
	waited := record.FromMillis(now).Sub(record.FromMillis(c.Asked)) > r.o.LateAfter
	old := record.FromMillis(now).Sub(record.FromMillis(row.At))
	if c.Request == c.Job || c.Base != job.MarkOriginal {
		return old > r.o.LateAfter
	}
	limit := r.StaleAfter(row.Kind)
	return waited || limit != 0 && old > limit
}

// markQuery asks in one go what StandingOf, nextNo and the batch say about a transaction's copy.
var markQuery = `SELECT (SELECT coalesce(max(print_no), 0) + 1 FROM copies WHERE job = ?1 AND name = ?2),
	(SELECT state FROM batches WHERE id = ?3),
	coalesce((SELECT status = 'succeeded' OR resolution = 'refunded' FROM reversals WHERE batch = ?3 AND voucher = ?4), 0),
	` + record.IsVoided

// nextNo gives the number of the next piece of paper with a copy's name.
func nextNo(s record.Source, c *record.CopyRow) (no int, err error) {
	err = s.Row("SELECT coalesce(max(print_no), 0) + 1 FROM copies WHERE job = ? AND name = ?", c.Job, c.Name).Scan(&no)
	return no, err
}

// mayPrecede reports whether a slip may be older than a journal that replaced another: the lost one may have printed it.
func (r *Rules) mayPrecede(row *record.JobRow) bool {
	return min(row.Created, row.At) < record.Millis(r.replacedAt())
}
