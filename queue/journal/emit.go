package journal

import (
	"github.com/receiptd/receiptd/queue/record"
)

// Emit appends an event to the transaction and gives its number.
func (t *Tx) Emit(e record.Event) (int64, error) {
	t.event++
	e.Seq, e.At = t.event, t.Now
	t.events = append(t.events, e)
	t.chain = e.Link(t.chain, &t.digest)
	e = e.Kept()
	if e.CopySeq == 0 && e.JobID == e.Request && e.Printer == "" && e.State == "" && e.Reason == "" { // as most are when jobs come
		return e.Seq, t.Exec(`INSERT INTO events (seq, at, type, job, job_id, request, file, operator, batch, detail, chain, about, same, printer, state, reason)
			VALUES (?, ?, ?, ?, ?5, ?5, ?, ?, ?, ?, ?, ?, ?, '', '', '')`,
			e.Seq, record.Millis(e.At), string(e.Type), record.OrNull(e.JobSeq, 0), e.JobID, e.File, e.Operator, record.OrNull(e.Batch, 0), e.Detail, t.chain, e.About, int64(e.Same))
	}
	return e.Seq, t.Exec(`INSERT INTO events (seq, at, type, job, job_id, request, copy, file, printer, state, reason, operator, batch, detail, chain, about, same)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Seq, record.Millis(e.At), e.Type, record.OrNull(e.JobSeq, 0), e.JobID, e.Request, record.OrNull(e.CopySeq, 0), e.File, e.Printer, e.State, e.Reason, e.Operator,
		record.OrNull(e.Batch, 0), e.Detail, t.chain, e.About, int64(e.Same))
}
