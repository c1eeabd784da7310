package rules

import (
	"errors"
	"fmt"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// Begin writes the start of an attempt: number, mark, proof counter. ErrSkip: the copy was cancelled, moved, or its mark changed since it
// was rendered. version is what DB.MarksVersion gave before the mark was made.
func (r *Rules) Begin(t *journal.Tx, printer string, seq int64, m job.Mark, version int64) (proof int64, err error) {
	return act{t, r}.attempts().begin(printer, seq, m, version)
}

// Record writes how a delivery ended, and queues what must follow.
func (r *Rules) Record(t *journal.Tx, printer string, e Ended) error {
	return act{t, r}.attempts().record(printer, e)
}

// Hold notes that a copy at a printer is held, and why, or goes on.
func (r *Rules) Hold(t *journal.Tx, seq int64, s vocabulary.State, reason vocabulary.Reason) error {
	c, err := record.CopyBySeq(t, seq)
	if err != nil || c.State == s && c.Reason == reason || !c.Pending() {
		return err
	}
	why := causeHold
	if s == vocabulary.StateSending {
		why = causeGoOn
	}
	return act{t, r}.copies().setState(&c, why, s, reason, vocabulary.ProofNone, "")
}

// AfterCrash makes attempts that were open when the process died uncertain, and pulses for drawers.
func (r *Rules) AfterCrash(t *journal.Tx) error {
	return errors.Join(act{t, r}.attempts().afterCrash(), act{t, r}.drawers().afterCrash())
}

// begin writes the start of an attempt: number, mark, proof counter. ErrSkip: the copy was cancelled, moved, or its mark
// changed since it was rendered.
func (t attempts) begin(printer string, seq int64, m job.Mark, version int64) (proof int64, err error) {
	c, err := t.copies().withOrigin(seq)
	if err != nil {
		return 0, err
	}
	if !c.Waiting() || c.AsksFirst() || c.Printer != printer {
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
	return proof, t.copies().setState(&c, causeStart, vocabulary.StateSending, "", vocabulary.ProofNone, fmt.Sprintf("print %d %s", m.PrintNo, m.Kind))
}

// sameMark reports whether a mark that was made a moment ago is still right. version tells whether anything happened
// since then that marks depend on, the number aside.
func (t attempts) sameMark(c *record.CopyRow, m job.Mark, version int64) (bool, error) {
	if version == t.MarksVersion() && !t.MarksChanged() {
		no, err := nextNo(t, c)
		return no == m.PrintNo, err
	}
	row, err := record.JobBySeq(t, c.Job)
	if err != nil {
		return false, err
	}
	now, err := t.r.Mark(t, c, &row, record.Millis(t.Now))
	if err != nil {
		return false, err
	}
	if now.Kind == job.MarkLate && m.Kind == job.MarkOriginal {
		// When only the clock moved on between rendering and now, the slip is not late for that.
		b, err := t.isSettled(row.Batch)
		if err != nil {
			return false, err
		}
		if !b {
			now.Late, now.Kind = m.Late, m.Kind
		}
	}
	return now == m, nil
}

func (t attempts) isSettled(batch int64) (bool, error) {
	if batch == 0 {
		return false, nil
	}
	b, err := record.BatchByID(t, batch)
	return b.State == vocabulary.BatchSettled, err
}

// record writes how a delivery ended. What the table of steps refuses is told and left as it is: asking again would not help, and
// other copies must not wait for it. A copy that is left at the printer is uncertain at the next start.
func (t attempts) record(printer string, o Ended) error {
	err := t.endDelivery(printer, o)
	if !errors.Is(err, errStep) {
		return err
	}
	t.r.log.Error("a copy cannot end like this", "printer", printer, "error", err)
	_, err = t.Emit(record.Event{Type: vocabulary.EventAlarm, Printer: printer, Reason: o.Reason, Detail: err.Error()})
	return err
}

// endDelivery moves the copy of a delivery that ended and queues what must follow.
func (t attempts) endDelivery(printer string, o Ended) error {
	c, err := t.copies().withOrigin(o.Copy)
	if err != nil {
		return err
	}
	if o.Alarm != "" {
		e := record.Event{Type: vocabulary.EventAlarm, Printer: printer, Detail: o.Alarm, Reason: o.Reason, JobSeq: c.Job, CopySeq: c.Seq, CopyID: t.CopyID(c.Seq, c.Asked)}
		if _, err := t.Emit(e); err != nil {
			return err
		}
	}
	if o.Attempt == 0 {
		return t.notBegun(printer, &c, o)
	}
	if o.State == vocabulary.StateQueued && o.Bytes > 0 {
		o.State = vocabulary.StateUncertain // something left: nobody may call it unprinted
	}
	if o.State == vocabulary.StateQueued {
		err = t.removeAttempt(o.Attempt)
	} else {
		err = t.Exec("UPDATE attempts SET ended = ?, outcome = ?, reason = ?, bytes = ?, paper = ? WHERE proof = ? AND ended IS NULL",
			record.Millis(o.At), o.State, o.Reason, o.Bytes, o.Paper, o.Attempt)
	}
	if err != nil {
		return err
	}
	if c.State != vocabulary.StateSending && c.State != vocabulary.StateHeld {
		return nil // settled meanwhile by a late proof
	}
	return t.endAttempt(&c, o)
}

// removeAttempt removes an attempt of which nothing left. Its counter stays used.
func (t attempts) removeAttempt(proof int64) error {
	if err := t.Exec("UPDATE meta SET value = max(value, ?) WHERE key = 'proof'", t.LastProof()); err != nil {
		return err
	}
	return t.Exec("DELETE FROM attempts WHERE proof = ?", proof)
}

// endAttempt moves a copy whose attempt had begun.
func (t attempts) endAttempt(c *record.CopyRow, o Ended) error {
	switch o.State {
	case vocabulary.StatePrinted, vocabulary.StateProcessed, vocabulary.StateSent:
		proof := o.Proof
		if proof == "" {
			proof = vocabulary.Proof(o.State)
		}
		return t.copies().setState(c, causeProof, o.State, o.Reason, proof, "")
	case vocabulary.StateQueued:
		c.PrintNo, c.Mark, c.Attempt = 0, c.Base, 0
		return t.copies().setState(c, causeNothingLeft, waitingState(o.Reason), o.Reason, vocabulary.ProofNone, "nothing left the computer")
	case vocabulary.StateCancelled:
		if err := t.copies().setState(c, causeCleared, vocabulary.StateCancelled, o.Reason, vocabulary.ProofNone, "cancelled in the printer"); err != nil {
			return err
		}
		_, err := t.copies().recover(c, operatorSystem, o.Reason, true, o.Torn)
		return err
	}
	return t.uncertain(c, o.Reason, o.Torn)
}

// uncertain notes that nobody knows whether a copy came out. An order ticket follows by itself, marked, once.
func (t attempts) uncertain(c *record.CopyRow, reason vocabulary.Reason, torn bool) error {
	if err := t.copies().setState(c, causeLost, vocabulary.StateUncertain, reason, vocabulary.ProofNone, ""); err != nil {
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
	_, err = t.copies().recover(c, operatorSystem, reason, true, torn)
	return err
}

// notBegun moves a copy that was not started at a printer: it waits on, or can never be printed.
func (t attempts) notBegun(printer string, c *record.CopyRow, o Ended) error {
	if !c.Waiting() || c.Printer != printer && (o.State == vocabulary.StateQueued || o.Err != nil) {
		return nil // cancelled or moved meanwhile
	}
	if o.Err != nil {
		e := record.Event{Type: vocabulary.EventAlarm, Printer: c.Printer, Reason: vocabulary.ReasonUnprinted, Detail: o.Err.Error(), JobSeq: c.Job, CopySeq: c.Seq, CopyID: t.CopyID(c.Seq, c.Asked)}
		if _, err := t.Emit(e); err != nil {
			return err
		}
		t.r.log.Error("a copy cannot be printed", "copy", e.CopyID, "error", o.Err)
		return t.copies().setState(c, causeUnprintable, vocabulary.StateCancelled, vocabulary.ReasonUnprinted, vocabulary.ProofNone, o.Err.Error())
	}
	if o.State != vocabulary.StateQueued {
		t.r.log.Error("a copy was delivered without its start in the journal", "printer", c.Printer, "state", string(o.State))
		no, err := nextNo(t, c)
		if err != nil {
			return err
		}
		c.PrintNo = no
		return t.copies().setState(c, causeNoStart, vocabulary.StateUncertain, o.Reason, vocabulary.ProofNone, "no start on disk")
	}
	if o.Unproven && c.Auto {
		asked, err := IsAsked(t, c)
		if err != nil {
			return err
		}
		if asked {
			return t.copies().setState(c, causeUnproven, vocabulary.StateCancelled, vocabulary.ReasonUnproven, vocabulary.ProofNone, "")
		}
		// A person has said meanwhile that it did not come out, so this one is wanted.
	}
	if o.MoveTo != "" && o.MoveTo != c.Printer {
		return t.copies().move(c, o.MoveTo, c.Printer, "because of "+string(o.Reason))
	}
	state := waitingState(o.Reason)
	if c.State == state && c.Reason == o.Reason {
		return nil
	}
	return t.copies().setState(c, causeNothingLeft, state, o.Reason, vocabulary.ProofNone, "")
}

// IsAsked reports whether it is still a question whether a copy's predecessor came out.
func IsAsked(s record.Source, c *record.CopyRow) (asked bool, err error) {
	err = s.Row("SELECT EXISTS (SELECT 1 FROM copies WHERE seq = ? AND state = 'uncertain')", c.Replaces).Scan(&asked)
	return asked, err
}

// move gives a copy of which nothing was sent to another printer. standIn is the printer that should have printed it, "" when
// the new one is the right one. One that waits for a person's word goes on waiting.
func (t copies) move(c *record.CopyRow, to, standIn, why string) error {
	from, state, reason := c.Printer, vocabulary.StateQueued, vocabulary.Reason("")
	if c.AsksFirst() {
		state, reason = c.State, c.Reason
	}
	if err := t.Exec("UPDATE copies SET printer = ?, moved = ? WHERE seq = ?", to, standIn, c.Seq); err != nil {
		return err
	}
	c.Printer, c.Moved = to, standIn
	t.wake(to)
	return t.setState(c, causeMove, state, reason, vocabulary.ProofNone, "moved from "+from+" "+why)
}

// waitingState is the state of a copy that waits: held when there is a reason that a person can see.
func waitingState(reason vocabulary.Reason) vocabulary.State {
	if reason == "" {
		return vocabulary.StateQueued
	}
	return vocabulary.StateHeld
}

// afterCrash makes attempts that were open when the process died uncertain.
func (t attempts) afterCrash() error {
	list, err := record.Copies(t, record.IsOpen+" AND state IN ('sending', 'held') AND print_no > 0")
	if err != nil {
		return err
	}
	for i := range list {
		c := &list[i]
		err := t.Exec("UPDATE attempts SET ended = ?, outcome = 'uncertain', reason = ? WHERE proof = ?", record.Millis(t.Now), vocabulary.ReasonCrash, c.Attempt)
		if err != nil {
			return err
		}
		if err := t.uncertain(c, vocabulary.ReasonCrash, true); err != nil {
			return err
		}
	}
	return nil
}
