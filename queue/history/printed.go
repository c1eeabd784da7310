package history

import (
	"context"
	"errors"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// cameOut is the condition of an event that tells for the first time that a copy is on paper.
const cameOut = `e.type = 'copy' AND e.state IN ('printed', 'processed', 'sent') AND NOT EXISTS (SELECT 1 FROM events b
	WHERE b.job = e.job AND b.copy = e.copy AND b.type = 'copy' AND b.state IN ('printed', 'processed', 'sent') AND b.seq < e.seq)`

// Printed gives copies that came out, each once, in the order in which that was known: at most so many, of events behind after. upTo is
// the event up to which there is none else. A negative after gives none, and the newest event.
func (h *Jobs) Printed(ctx context.Context, after int64, most int) (list []answer.PrintedCopy, upTo int64, err error) {
	s := h.db.Read(ctx)
	if err := s.Row("SELECT coalesce(max(seq), 0) FROM events").Scan(&upTo); err != nil || after < 0 || after >= upTo {
		return nil, upTo, err
	}
	type found struct{ event, at, copy int64 }
	rows, err := s.Query("SELECT e.seq, e.at, e.copy FROM events e WHERE e.seq > ? AND e.seq <= ? AND "+cameOut+" ORDER BY e.seq LIMIT ?", after, upTo, most)
	if err != nil {
		return nil, after, err
	}
	defer rows.Close()
	var events []found
	for rows.Next() {
		var f found
		if err := rows.Scan(&f.event, &f.at, &f.copy); err != nil {
			return nil, after, err
		}
		events = append(events, f)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, after, err
	}
	if len(events) == most {
		upTo = events[most-1].event
	}
	for _, f := range events {
		c, err := h.printed(s, f.copy)
		if errors.Is(err, record.ErrNotFound) {
			continue // retention took it
		}
		if err != nil {
			return nil, after, err
		}
		c.Event, c.At = f.event, record.FromMillis(f.at)
		list = append(list, c)
	}
	return list, upTo, nil
}

// printed gives a copy that came out, and what its paper says of itself.
func (h *Jobs) printed(s record.View, seq int64) (p answer.PrintedCopy, err error) {
	c, err := record.CopyBySeq(s, seq)
	if err != nil {
		return p, err
	}
	row, err := record.JobBySeq(s, c.Job)
	if err != nil {
		return p, err
	}
	p = answer.PrintedCopy{JobID: row.JobID, Kind: row.Kind, Test: row.Test, CopyID: s.CopyID(c.Seq, c.Asked), Copy: c.Name.Base(), Station: c.Name.Station(),
		PrintNo: c.PrintNo, State: c.State, Proof: c.Proof, Mark: c.Mark, Printer: c.Printer}
	if p.Job, err = record.Content(s, row.Seq); err != nil {
		return p, err
	}
	p.Marks, err = h.asPrinted(s, &c, &row)
	return p, err
}

// asPrinted gives what a copy's paper says of itself: what stood when its attempt began.
func (h *Jobs) asPrinted(s record.View, c *record.CopyRow, row *record.JobRow) (job.Mark, error) {
	m := job.Mark{Kind: c.Mark, PrintNo: c.PrintNo, At: record.FromMillis(c.Asked), TornPiece: c.Torn, Archive: c.Archive, From: c.Moved, Late: c.Mark == job.MarkLate}
	if at, replaced := h.db.Born(); replaced {
		m.Possible = min(row.Created, row.At) < record.Millis(at)
	}
	if c.PrintNo > 1 {
		if m.Operator, m.Reason = c.Operator, string(c.Why); m.Operator == "" && m.Kind == job.MarkRecovery {
			m.Operator = "SYSTEM"
		}
	}
	began := c.At
	if err := record.NoRow(s.Row("SELECT started FROM attempts WHERE proof = ?", c.Attempt).Scan(&began)); err != nil && !errors.Is(err, record.ErrNotFound) {
		return m, err
	}
	var err error
	if row.Kind == job.KindOrder && !row.CapturedOrder() {
		m.SameAs, err = record.SameTicket(s, row, c.Name)
		return m, err
	}
	if !row.OfBatch() {
		return m, nil
	}
	if m.Voided, m.Reversed, err = record.StoodAt(s, row, began); err != nil {
		return m, err
	}
	b, err := record.BatchByID(s, row.Batch)
	if err == nil && b.State == vocabulary.BatchSettled && b.Closed > 0 && b.Closed <= began {
		m.Late = true
	}
	return m, err
}
