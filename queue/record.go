package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// begin writes the start of an attempt: number, mark, proof counter. ErrSkip: the copy was cancelled, moved, or its mark
// changed since it was rendered.
func (t *tx) begin(printer string, seq int64, m job.Mark, version int64) (proof int64, err error) {
	c, err := t.copyWithNames(seq)
	if err != nil {
		return 0, err
	}
	if !c.Waiting() || c.Reason == record.ReasonStale || c.Printer != printer {
		return 0, ErrSkip
	}
	same, err := t.sameMark(&c, m, version)
	if err != nil {
		return 0, err
	}
	if !same {
		return 0, ErrSkip
	}
	proof = t.NewProof()
	if err := t.Exec("INSERT INTO attempts (proof, copy, printer, started) VALUES (?, ?, ?, ?)", proof, seq, printer, record.Millis(t.Now)); err != nil {
		return 0, err
	}
	c.PrintNo, c.Mark, c.Attempt = m.PrintNo, m.Kind, proof
	return proof, t.setState(&c, causeStart, Sending, "", ProofNone, fmt.Sprintf("print %d %s", m.PrintNo, m.Kind))
}

// sameMark reports whether a mark that was made a moment ago is still right. version tells whether anything happened
// since then that marks depend on, the number aside.
func (t *tx) sameMark(c *record.CopyRow, m job.Mark, version int64) (bool, error) {
	if version == t.Version() && !t.Touched() {
		no, err := nextNo(t, c)
		return no == m.PrintNo, err
	}
	row, err := record.JobBySeq(t, c.Job)
	if err != nil {
		return false, err
	}
	now, err := t.q.markOf(t, c, &row, record.Millis(t.Now))
	if err != nil {
		return false, err
	}
	if now.Kind == job.MarkLate && m.Kind == job.MarkOriginal {
		// When only the clock moved on between rendering and now, the slip is not late for that.
		b, err := t.settled(row.Batch)
		if err != nil {
			return false, err
		}
		if !b {
			now.Late, now.Kind = m.Late, m.Kind
		}
	}
	return now == m, nil
}

func (t *tx) settled(batch int64) (bool, error) {
	if batch == 0 {
		return false, nil
	}
	b, err := record.BatchByID(t, batch)
	return b.State == BatchSettled, err
}

// record writes how a delivery ended. What the table of steps refuses is told and left as it is: asking again would not help, and
// other copies must not wait for it. A copy that is left at the printer is uncertain at the next start.
func (t *tx) record(printer string, o outcome) error {
	err := t.ended(printer, o)
	if !errors.Is(err, errStep) {
		return err
	}
	t.q.log.Error("a copy cannot end like this", "printer", printer, "error", err)
	_, err = t.Emit(record.Event{Type: vocabulary.EventAlarm, Printer: printer, Reason: o.Reason, Detail: err.Error()})
	return err
}

// ended moves the copy of a delivery that ended and queues what must follow.
func (t *tx) ended(printer string, o outcome) error {
	if isGone(o.gone) {
		return nil // the job that it is about was not taken
	}
	c, err := t.copyWithNames(o.copy)
	if err != nil {
		return err
	}
	if o.Alarm != "" {
		e := record.Event{Type: vocabulary.EventAlarm, Printer: printer, Detail: o.Alarm, Reason: o.Reason, JobSeq: c.Job, CopySeq: c.Seq, CopyID: t.CopyID(c.Seq, c.Asked)}
		if _, err := t.Emit(e); err != nil {
			return err
		}
	}
	if o.proof == 0 {
		return t.notBegun(printer, &c, o)
	}
	if o.State == Queued && o.Bytes > 0 {
		o.State = Uncertain // something left: nobody may call it unprinted
	}
	if o.State == Queued {
		err = t.forget(o.proof)
	} else {
		err = t.Exec("UPDATE attempts SET ended = ?, outcome = ?, reason = ?, bytes = ?, hash = ? WHERE proof = ? AND ended IS NULL",
			record.Millis(o.At), o.State, o.Reason, o.Bytes, o.Hash, o.proof)
	}
	if err != nil {
		return err
	}
	if c.State != Sending && c.State != Held {
		return nil // settled meanwhile by a late proof
	}
	return t.outcome(&c, o)
}

// forget removes an attempt of which nothing left. Its counter stays used.
func (t *tx) forget(proof int64) error {
	if err := t.Exec("UPDATE meta SET value = max(value, ?) WHERE key = 'proof'", t.LastProof()); err != nil {
		return err
	}
	return t.Exec("DELETE FROM attempts WHERE proof = ?", proof)
}

// outcome moves a copy whose attempt had begun.
func (t *tx) outcome(c *record.CopyRow, o outcome) error {
	switch o.State {
	case Printed, Processed, Sent:
		proof := o.Proof
		if proof == "" {
			proof = Proof(o.State)
		}
		return t.setState(c, causeProof, o.State, o.Reason, proof, "")
	case Queued:
		c.PrintNo, c.Mark, c.Attempt = 0, c.Base, 0
		return t.setState(c, causeNothingLeft, holding(o.Reason), o.Reason, ProofNone, "nothing left the computer")
	case Cancelled:
		if err := t.setState(c, causeCleared, Cancelled, o.Reason, ProofNone, "cancelled in the printer"); err != nil {
			return err
		}
		_, err := t.recover(c, operatorSystem, o.Reason, true, o.Torn)
		return err
	}
	return t.uncertain(c, o.Reason, o.Torn)
}

// uncertain notes that nobody knows whether a copy came out. An order ticket follows by itself, marked, once.
func (t *tx) uncertain(c *record.CopyRow, reason string, torn bool) error {
	if err := t.setState(c, causeLost, Uncertain, reason, ProofNone, ""); err != nil {
		return err
	}
	var kind job.Kind
	if err := t.Row("SELECT kind FROM jobs WHERE seq = ?", c.Job).Scan(&kind); err != nil {
		return err
	}
	if kind != job.KindOrder {
		return nil
	}
	var before int
	err := t.Row("SELECT count(*) FROM copies WHERE job = ? AND name = ? AND auto = 1", c.Job, c.Name).Scan(&before)
	if err != nil || before > 0 {
		return err
	}
	_, err = t.recover(c, operatorSystem, reason, true, torn)
	return err
}

// notBegun moves a copy that was not started at a printer: it waits on, or can never be printed.
func (t *tx) notBegun(printer string, c *record.CopyRow, o outcome) error {
	if !c.Waiting() || c.Printer != printer && (o.State == Queued || o.Err != nil) {
		return nil // cancelled or moved meanwhile
	}
	if o.Err != nil {
		e := record.Event{Type: vocabulary.EventAlarm, Printer: c.Printer, Reason: record.ReasonUnprinted, Detail: o.Err.Error(), JobSeq: c.Job, CopySeq: c.Seq, CopyID: t.CopyID(c.Seq, c.Asked)}
		if _, err := t.Emit(e); err != nil {
			return err
		}
		t.q.log.Error("a copy cannot be printed", "copy", e.CopyID, "error", o.Err)
		return t.setState(c, causeUnprintable, Cancelled, record.ReasonUnprinted, ProofNone, o.Err.Error())
	}
	if o.State != Queued {
		t.q.log.Error("a copy was delivered without its start in the journal", "printer", c.Printer, "state", string(o.State))
		no, err := nextNo(t, c)
		if err != nil {
			return err
		}
		c.PrintNo = no
		return t.setState(c, causeNoStart, Uncertain, o.Reason, ProofNone, "no start on disk")
	}
	if o.Unproven && c.Auto {
		asked, err := isAsked(t, c)
		if err != nil {
			return err
		}
		if asked {
			return t.setState(c, causeUnproven, Cancelled, record.ReasonUnproven, ProofNone, "")
		}
		// A person has said meanwhile that it did not come out, so this one is wanted.
	}
	if o.MoveTo != "" && o.MoveTo != c.Printer {
		return t.moveCopy(c, o.MoveTo, c.Printer, "because of "+o.Reason)
	}
	state := holding(o.Reason)
	if c.State == state && c.Reason == o.Reason {
		return nil
	}
	return t.setState(c, causeNothingLeft, state, o.Reason, ProofNone, "")
}

// isAsked reports whether it is still a question whether a copy's predecessor came out.
func isAsked(s record.Source, c *record.CopyRow) (asked bool, err error) {
	err = s.Row("SELECT EXISTS (SELECT 1 FROM copies WHERE seq = ? AND state = 'uncertain')", c.Replaces).Scan(&asked)
	return asked, err
}

// moveCopy gives a copy of which nothing was sent to another printer. standIn is the printer that should have printed it, "" when
// the new one is the right one. One that waits for a person's word goes on waiting.
func (t *tx) moveCopy(c *record.CopyRow, to, standIn, why string) error {
	from, state, reason := c.Printer, Queued, ""
	if c.Reason == record.ReasonStale {
		state, reason = c.State, c.Reason
	}
	if err := t.Exec("UPDATE copies SET printer = ?, moved = ? WHERE seq = ?", to, standIn, c.Seq); err != nil {
		return err
	}
	c.Printer, c.Moved = to, standIn
	t.wake(to)
	return t.setState(c, causeMove, state, reason, ProofNone, "moved from "+from+" "+why)
}

// holding is the state of a copy that waits: held when there is a reason that a person can see.
func holding(reason string) State {
	if reason == "" {
		return Queued
	}
	return Held
}

// Unsettled gives the id of the latest attempt at a printer when its end is not known or it was cancelled in the printer:
// what it left unfinished there must be ended before anything else is printed. The zero id: there is none.
func (q *Queue) Unsettled(ctx context.Context, printer string) (record.ProofID, error) {
	var proof int64
	var outcome State
	err := q.db.Read(ctx).Row("SELECT proof, outcome FROM attempts WHERE printer = ? ORDER BY proof DESC LIMIT 1", printer).Scan(&proof, &outcome)
	if errors.Is(err, sql.ErrNoRows) {
		return record.ProofID{}, nil
	}
	if err != nil {
		return record.ProofID{}, fmt.Errorf("read the latest attempt at %s: %w", printer, err)
	}
	switch outcome {
	case Printed, Processed, Sent:
		return record.ProofID{}, nil
	}
	return record.ProofIDOf(proof), nil
}

// afterCrash makes attempts that were open when the process died uncertain.
func (t *tx) afterCrash() error {
	list, err := record.Copies(t, record.IsOpen+" AND state IN ('sending', 'held') AND print_no > 0")
	if err != nil {
		return err
	}
	for i := range list {
		c := &list[i]
		err := t.Exec("UPDATE attempts SET ended = ?, outcome = 'uncertain', reason = ? WHERE proof = ?", record.Millis(t.Now), record.ReasonCrash, c.Attempt)
		if err != nil {
			return err
		}
		if err := t.uncertain(c, record.ReasonCrash, true); err != nil {
			return err
		}
	}
	return nil
}
