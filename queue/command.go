package queue

import (
	"errors"
	"slices"

	"github.com/receiptd/receiptd/job"
)

// command decides about a command and, when it is taken, carries it out in the same transaction.
func (t *tx) command(a Arrival, j *job.Job) (decision, error) {
	c := j.Command
	if (c.Name == job.ArchiveCopy || c.Name == job.ResolveReversal) && !t.permitted(a, c.Name) {
		return refuse(problemNotPermitted(string(c.Name))), nil
	}
	switch c.Name {
	case job.ReprintLast, job.ReprintByVoucher, job.ReprintSettlement, job.ReprintJob:
		if a.Source == SourceSpool && a.Age > maxCommandAge {
			return refuse(problemStaleCommand()), nil
		}
		return t.reprint(j)
	case job.ArchiveCopy:
		return t.archive(j)
	case job.MarkDefective:
		return t.defective(c, a.Permitted)
	case job.Cancel:
		return t.cancel(c)
	case job.ResolveUncertain:
		return t.resolveUncertain(c)
	case job.ResolveReversal:
		return t.resolveReversal(c)
	}
	return decision{}, errors.New("unknown command " + string(c.Name)) // the schema lets none through
}

func (t *tx) permitted(a Arrival, name job.CommandName) bool {
	if a.Source == SourceSpool {
		return slices.Contains(t.q.o.Allow, string(name))
	}
	return a.Permitted
}

// targetOf finds the job a command names.
func (t *tx) targetOf(id string) (jobRow, *job.Problem, error) {
	row, err := rowByID(t, id)
	if err == nil {
		row, err = behind(t, row)
	}
	if errors.Is(err, ErrNotFound) || err == nil && (row.outcome != Accepted || row.kind == job.KindCommand) {
		p := problemJobUnknown(id)
		return row, &p, nil
	}
	return row, nil, err
}

// defective notes that a copy came out blank or illegible and queues a marked one. After settlement it only notes: a
// cashier must not get a reprint of a closed batch this way.
func (t *tx) defective(c *job.Command, permitted bool) (decision, error) {
	row, p, err := t.targetOf(c.TargetJobID)
	if err != nil || p != nil {
		return refusal(p), err
	}
	list, err := copies(t, "job = ? ORDER BY seq DESC", row.seq)
	if err != nil {
		return decision{}, err
	}
	have := namesOf(list)
	list = slices.DeleteFunc(list, func(x copyRow) bool { return x.name != c.Copy })
	if len(list) == 0 {
		return refuse(problemNoSuchCopy(c.Copy, have)), nil
	}
	out := slices.IndexFunc(list, func(x copyRow) bool { return x.onPaper() })
	if way := slices.IndexFunc(list, func(x copyRow) bool { return x.pending() }); way >= 0 {
		return refuse(problemNotPrinted(list[way].state)), nil
	} else if out < 0 {
		return refuse(problemNotPrinted(list[0].state)), nil
	}
	old := list[out] // what was asked for since and did not come out is no paper
	d := decision{target: row.seq, batch: row.batch}
	again := true
	if row.batch != 0 && row.kind == job.KindTransaction && !permitted {
		b, err := instanceByID(t, row.batch)
		if err != nil {
			return d, err
		}
		if again = b.state != BatchSettled; !again {
			d.warnings = append(d.warnings, problemDefectiveClosed(b.batchNo))
		}
	}
	why := c.Reason
	if why == "" {
		why = "blank_slip"
	}
	d.then = func(seq int64) error {
		if err := t.setState(&old, causeDefective, Defective, why, old.proof, "reported by "+c.OperatorNo); err != nil || !again {
			return err
		}
		_, err := t.addCopy(copyRow{
			job: row.seq, request: seq, name: old.name, printer: old.printer, base: job.MarkDuplicate, operator: c.OperatorNo, why: why,
			archive: old.archive, replaces: old.seq,
		})
		return err
	}
	return d, nil
}

// cancel stops the copies of a job of which nothing has left.
func (t *tx) cancel(c *job.Command) (decision, error) {
	row, err := rowByID(t, c.TargetJobID)
	if errors.Is(err, ErrNotFound) {
		return refuse(problemJobUnknown(c.TargetJobID)), nil
	} else if err != nil {
		return decision{}, err
	}
	content := row.seq
	if row.kind == job.KindCommand {
		content = row.target
	}
	list, err := copies(t, "job = ? ORDER BY seq", content)
	if err != nil {
		return decision{}, err
	}
	list = slices.DeleteFunc(list, func(x copyRow) bool {
		return !x.waiting() || row.kind == job.KindCommand && x.request != row.seq || c.Copy != "" && x.name != c.Copy
	})
	if len(list) == 0 {
		return refuse(problemNothingToCancel()), nil
	}
	return decision{target: content, batch: row.batch, then: func(int64) error {
		for i := range list {
			if err := t.setState(&list[i], causeCancel, Cancelled, reasonCancelled, ProofNone, "by "+c.OperatorNo); err != nil {
				return err
			}
		}
		return nil
	}}, nil
}

// resolveUncertain takes a person's answer to "did it come out?".
func (t *tx) resolveUncertain(c *job.Command) (decision, error) {
	row, p, err := t.targetOf(c.TargetJobID)
	if err != nil || p != nil {
		return refusal(p), err
	}
	list, err := copies(t, "job = ? AND state = 'uncertain' ORDER BY seq", row.seq)
	if err != nil {
		return decision{}, err
	}
	if c.Copy != "" {
		list = slices.DeleteFunc(list, func(x copyRow) bool { return x.name != c.Copy })
	}
	if len(list) == 0 || c.CameOut == nil {
		return refuse(problemNotUncertain()), nil
	}
	return decision{target: row.seq, batch: row.batch, then: func(seq int64) error {
		for i := range list {
			if err := t.answerUncertain(&list[i], seq, *c.CameOut, c.OperatorNo); err != nil {
				return err
			}
		}
		return nil
	}}, nil
}

// answerUncertain settles an uncertain copy by what a person saw. request is who gets the marked copy into its answer.
func (t *tx) answerUncertain(c *copyRow, request int64, cameOut bool, operator string) error {
	row, err := rowBySeq(t, c.job)
	if err != nil {
		return err
	}
	said := "came out"
	if !cameOut {
		said = "did not come out"
	}
	e := Event{Type: EventPersonSaid, JobID: row.jobID, Operator: operator, Batch: row.batch, Detail: said, job: c.job, copy: c.seq, CopyID: t.q.copyID(c.seq, c.asked)}
	if _, err := t.emit(e); err != nil {
		return err
	}
	if cameOut {
		if err := t.setState(c, causeCameOut, Printed, "", ProofPerson, "by "+operator); err != nil {
			return err
		}
		return t.dropReplacements(c)
	}
	if err := t.setState(c, causeNotOut, Cancelled, reasonNotOut, ProofNone, "by "+operator); err != nil {
		return err
	}
	replaced, err := t.replacement(c.seq)
	if err != nil || replaced {
		return err // its automatic recovery copy is under way or out
	}
	old := *c
	old.request = request
	_, err = t.recover(&old, operator, reasonNotOut, false, true)
	return err
}

// replacement reports whether a copy already has a marked one that stands in for it.
func (t *tx) replacement(seq int64) (found bool, err error) {
	err = t.row(`SELECT EXISTS (SELECT 1 FROM copies WHERE job = (SELECT job FROM copies WHERE seq = ?) AND replaces = ?
		AND state <> 'cancelled')`, seq, seq).Scan(&found)
	return found, err
}

// resolveReversal takes a person's word, with the case number of whoever confirmed it, that the money is settled.
func (t *tx) resolveReversal(c *job.Command) (decision, error) {
	v := voucherNumber(c.VoucherNo)
	list, err := t.standingReversals(v, c.TerminalNo, c.BatchNo)
	switch {
	case err != nil:
		return decision{}, err
	case len(list) == 0:
		return refuse(problemNoReversal(v)), nil
	case len(list) > 1:
		return refuse(problemReversalAmbiguous(v, list)), nil
	}
	r := list[0]
	return decision{target: r.job, batch: r.batch, then: func(int64) error {
		t.marksChange()
		err := t.exec("UPDATE reversals SET status = 'resolved', resolution = ?, case_no = ?, operator = ?, updated_at = ? WHERE id = ?",
			c.Resolution, c.CaseNo, c.OperatorNo, millis(t.now), r.id)
		if err != nil {
			return err
		}
		row, err := rowBySeq(t, r.job)
		if err != nil {
			return err
		}
		_, err = t.emit(Event{Type: EventReversal, JobID: row.jobID, State: statusResolved, Reason: c.Resolution, Operator: c.OperatorNo,
			Batch: r.batch, Detail: voucherText(r.voucher) + " case " + c.CaseNo, job: r.job})
		return err
	}}, nil
}

// refusal makes a decision of a problem that may be nil.
func refusal(p *job.Problem) decision {
	if p == nil {
		return decision{}
	}
	return refuse(*p)
}
