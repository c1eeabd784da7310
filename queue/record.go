package queue

import (
	"fmt"

	"github.com/receiptd/receiptd/job"
)

// begin writes the start of an attempt: number, mark, proof counter. ErrSkip: the copy was cancelled, moved, or its mark
// changed since it was rendered.
func (t *tx) begin(printer string, seq int64, m job.Mark) (proof int64, err error) {
	c, err := copyBySeq(t, seq)
	if err != nil {
		return 0, err
	}
	if !c.waiting() || c.reason == reasonStale || c.printer != printer {
		return 0, ErrSkip
	}
	row, err := rowBySeq(t, c.job)
	if err != nil {
		return 0, err
	}
	now, err := t.q.markOf(t, &c, &row, millis(t.now))
	if err != nil {
		return 0, err
	}
	if now.Late && !m.Late && m.PrintNo == 1 && now.Kind == job.MarkLate {
		// Only the clock moved on between rendering and now: a slip is not late for that.
		if b, err := t.settled(row.batch); err != nil {
			return 0, err
		} else if !b {
			now.Late, now.Kind = m.Late, m.Kind
		}
	}
	if now != m {
		return 0, ErrSkip
	}
	t.w.proof += proofStep
	proof = t.w.proof
	if err := t.exec("INSERT INTO attempts (proof, copy, printer, started) VALUES (?, ?, ?, ?)", proof, seq, printer, millis(t.now)); err != nil {
		return 0, err
	}
	if err := t.exec("UPDATE copies SET print_no = ?, mark = ? WHERE seq = ?", m.PrintNo, m.Kind, seq); err != nil {
		return 0, err
	}
	c.printNo, c.mark = m.PrintNo, m.Kind
	return proof, t.setState(&c, Sending, "", ProofNone, fmt.Sprintf("print %d %s", m.PrintNo, m.Kind))
}

func (t *tx) settled(batch int64) (bool, error) {
	if batch == 0 {
		return false, nil
	}
	b, err := instanceByID(t, batch)
	return b.state == BatchSettled, err
}

// record writes how a delivery ended and queues what must follow.
func (t *tx) record(printer string, o outcome) error {
	c, err := copyBySeq(t, o.copy)
	if err != nil {
		return err
	}
	if o.Alarm != "" {
		e := Event{Type: EventAlarm, Printer: printer, Detail: o.Alarm, Reason: o.Reason, job: c.job, copy: c.seq, CopyID: t.q.copyID(c.seq, c.asked)}
		if _, err := t.emit(e); err != nil {
			return err
		}
	}
	if o.proof == 0 {
		return t.notBegun(&c, o)
	}
	if o.State == Queued && o.Bytes > 0 {
		o.State = Uncertain // something left: nobody may call it unprinted
	}
	ended := string(o.State)
	if o.State == Queued {
		ended = "not_sent"
	}
	err = t.exec("UPDATE attempts SET ended = ?, outcome = ?, reason = ?, bytes = ?, hash = ? WHERE proof = ? AND ended IS NULL",
		millis(o.At), ended, o.Reason, o.Bytes, o.Hash, o.proof)
	if err != nil {
		return err
	}
	if c.state != Sending && c.state != Held {
		return nil // settled meanwhile by a late proof
	}
	return t.outcome(&c, o)
}

// outcome moves a copy whose attempt had begun.
func (t *tx) outcome(c *copyRow, o outcome) error {
	switch o.State {
	case Printed, Processed, Sent:
		proof := o.Proof
		if proof == "" {
			proof = Proof(o.State)
		}
		return t.setState(c, o.State, o.Reason, proof, "")
	case Queued:
		if err := t.exec("UPDATE copies SET print_no = 0, mark = base WHERE seq = ?", c.seq); err != nil {
			return err
		}
		c.printNo, c.mark = 0, c.base
		return t.setState(c, holding(o.Reason), o.Reason, ProofNone, "nothing left the computer")
	case Cancelled:
		if err := t.setState(c, Cancelled, o.Reason, ProofNone, "cancelled in the printer"); err != nil {
			return err
		}
		_, err := t.recover(c, operatorSystem, o.Reason, true, o.Torn)
		return err
	}
	return t.uncertain(c, o.Reason, o.Torn)
}

// uncertain notes that nobody knows whether a copy came out. An order ticket follows by itself, marked, once.
func (t *tx) uncertain(c *copyRow, reason string, torn bool) error {
	if err := t.setState(c, Uncertain, reason, ProofNone, ""); err != nil {
		return err
	}
	var kind job.Kind
	if err := t.row("SELECT kind FROM jobs WHERE seq = ?", c.job).Scan(&kind); err != nil {
		return err
	}
	if kind != job.KindOrder {
		return nil
	}
	var before int
	err := t.row("SELECT count(*) FROM copies WHERE job = ? AND name = ? AND auto = 1", c.job, c.name).Scan(&before)
	if err != nil || before > 0 {
		return err
	}
	_, err = t.recover(c, operatorSystem, reason, true, torn)
	return err
}

// notBegun moves a copy that was not started: it waits on, or can never be printed.
func (t *tx) notBegun(c *copyRow, o outcome) error {
	if !c.waiting() {
		return nil // cancelled or moved meanwhile
	}
	if o.Err != nil {
		e := Event{Type: EventAlarm, Printer: c.printer, Reason: reasonUnprinted, Detail: o.Err.Error(), job: c.job, copy: c.seq, CopyID: t.q.copyID(c.seq, c.asked)}
		if _, err := t.emit(e); err != nil {
			return err
		}
		t.q.log.Error("a copy cannot be printed", "copy", e.CopyID, "error", o.Err)
		return t.setState(c, Cancelled, reasonUnprinted, ProofNone, o.Err.Error())
	}
	if o.State != Queued {
		t.q.log.Error("a copy was delivered without its start in the journal", "printer", c.printer, "state", string(o.State))
		c.printNo = 1
		if err := t.exec("UPDATE copies SET print_no = (SELECT max(print_no) + 1 FROM copies WHERE job = ? AND name = ?) WHERE seq = ?", c.job, c.name, c.seq); err != nil {
			return err
		}
		return t.setState(c, Uncertain, o.Reason, ProofNone, "no start on disk")
	}
	state := holding(o.Reason)
	if c.state == state && c.reason == o.Reason {
		return nil
	}
	return t.setState(c, state, o.Reason, ProofNone, "")
}

// holding is the state of a copy that waits: held when there is a reason that a person can see.
func holding(reason string) State {
	if reason == "" {
		return Queued
	}
	return Held
}

// afterCrash makes attempts that were open when the process died uncertain.
func (q *Queue) afterCrash(t *tx) error {
	rows, err := t.query("SELECT proof, copy FROM attempts WHERE ended IS NULL")
	if err != nil {
		return err
	}
	type open struct{ proof, copy int64 }
	var list []open
	for rows.Next() {
		var o open
		if err := rows.Scan(&o.proof, &o.copy); err != nil {
			return err
		}
		list = append(list, o)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, o := range list {
		if err := t.exec("UPDATE attempts SET ended = ?, outcome = 'uncertain', reason = ? WHERE proof = ?", millis(t.now), reasonCrash, o.proof); err != nil {
			return err
		}
		c, err := copyBySeq(t, o.copy)
		if err != nil {
			return err
		}
		if c.state == Sending || c.state == Held {
			if err := t.uncertain(&c, reasonCrash, true); err != nil {
				return err
			}
		}
	}
	return nil
}
