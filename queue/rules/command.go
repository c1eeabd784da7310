package rules

import (
	"errors"
	"slices"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// decide decides about a command and, when it is taken, carries it out in the same transaction.
func (t commands) decide(a Arrival, j *job.Job) (decision, error) {
	c := j.Command
	if (c.Name == job.ArchiveCopy || c.Name == job.ResolveReversal) && !t.permitted(a, c.Name) {
		return refuse(problemNotPermitted(string(c.Name))), nil
	}
	switch c.Name {
	case job.ReprintLast, job.ReprintByVoucher, job.ReprintSettlement, job.ReprintJob:
		if a.Source == vocabulary.SourceSpool && a.Age > maxCommandAge {
			return refuse(problemStaleCommand()), nil
		}
		return t.reprints().reprint(j)
	case job.ArchiveCopy:
		return t.reprints().archiveCopies(j)
	case job.MarkDefective:
		return t.defective(c, a.Permitted)
	case job.Cancel:
		return t.cancel(c)
	case job.ResolveUncertain:
		return t.resolveUncertain(c)
	case job.ResolveReversal:
		return t.resolveReversal(c)
	case job.DrawerOpen:
		return t.drawers().open(a, j)
	case job.ElectronicCopy:
		return t.electronicCopy(c, t.permitted(a, c.Name))
	}
	return decision{}, errors.New("unknown command " + string(c.Name)) // the schema lets none through
}

func (t commands) permitted(a Arrival, name job.CommandName) bool {
	if a.Source == vocabulary.SourceSpool {
		return slices.Contains(t.r.o.Allow, string(name))
	}
	return a.Permitted
}

// defective notes that a copy came out blank or illegible and queues a marked one. After settlement it only notes: a
// cashier must not get a reprint of a closed batch this way.
func (t commands) defective(c *job.Command, permitted bool) (decision, error) {
	row, p, err := t.targetOf(c.TargetJobID)
	if err != nil || p != nil {
		return refusal(p), err
	}
	list, err := record.Copies(t, "job = ? ORDER BY seq DESC", row.Seq)
	if err != nil {
		return decision{}, err
	}
	have := copyNamesOf(list)
	list = slices.DeleteFunc(list, func(x record.CopyRow) bool { return !named(c, x.Name) })
	if len(list) == 0 {
		return refuse(problemNoSuchCopy(c.Copy.At(c.Station), have)), nil
	}
	if way := slices.IndexFunc(list, func(x record.CopyRow) bool { return x.Pending() }); way >= 0 {
		return refuse(problemNotPrinted(list[way].State)), nil
	}
	var bad []record.CopyRow // the latest on paper of each: what was asked for since and did not come out is no paper
	for _, n := range copyNamesOf(list) {
		if out := slices.IndexFunc(list, func(x record.CopyRow) bool { return x.Name == n && x.OnPaper() }); out >= 0 {
			bad = append(bad, list[out])
		}
	}
	if len(bad) == 0 {
		return refuse(problemNotPrinted(list[0].State)), nil
	}
	d := decision{target: row.Seq, batch: row.Batch}
	again, closed, err := t.mayReplace(&row)
	if err != nil {
		return d, err
	}
	if again = again || permitted; !again {
		d.warnings = append(d.warnings, problemDefectiveClosed(closed))
	}
	why := c.Reason
	if why == "" {
		why = vocabulary.ReasonBlankSlip
	}
	d.then = func(seq int64) error {
		for i := range bad {
			if err := t.replaceDefective(&bad[i], seq, why, c.OperatorNo, again); err != nil {
				return err
			}
		}
		return nil
	}
	return d, nil
}

// cancel stops the copies of a job of which nothing has left.
func (t commands) cancel(c *job.Command) (decision, error) {
	row, err := record.JobByID(t, c.TargetJobID)
	if errors.Is(err, record.ErrNotFound) {
		return refuse(problemJobUnknown(c.TargetJobID)), nil
	} else if err != nil {
		return decision{}, err
	}
	content := row.Seq
	if row.Kind == job.KindCommand {
		content = row.Target
	}
	list, err := record.Copies(t, "job = ? ORDER BY seq", content)
	if err != nil {
		return decision{}, err
	}
	list = slices.DeleteFunc(list, func(x record.CopyRow) bool {
		return !x.Waiting() || row.Kind == job.KindCommand && x.Request != row.Seq || !named(c, x.Name)
	})
	if len(list) == 0 {
		return refuse(problemNothingToCancel()), nil
	}
	return decision{target: content, batch: row.Batch, then: func(int64) error {
		for i := range list {
			if err := t.copies().setState(&list[i], causeCancel, vocabulary.StateCancelled, vocabulary.ReasonCancelled, vocabulary.ProofNone, "by "+c.OperatorNo); err != nil {
				return err
			}
		}
		return nil
	}}, nil
}

// resolveUncertain takes a person's answer to "did it come out?".
func (t commands) resolveUncertain(c *job.Command) (decision, error) {
	row, p, err := t.targetOf(c.TargetJobID)
	if err != nil || p != nil {
		return refusal(p), err
	}
	list, err := record.Copies(t, "job = ? AND (state = 'uncertain' OR reason = ?) ORDER BY seq", row.Seq, vocabulary.ReasonInPieces)
	if err != nil {
		return decision{}, err
	}
	list = slices.DeleteFunc(list, func(x record.CopyRow) bool {
		return !named(c, x.Name) || x.State != vocabulary.StateUncertain && !x.AsksForWhole()
	})
	if len(list) == 0 || c.CameOut == nil {
		return refuse(problemNotUncertain()), nil
	}
	d := decision{target: row.Seq, batch: row.Batch}
	if !*c.CameOut && slices.ContainsFunc(list, func(x record.CopyRow) bool { return x.AsksForWhole() }) {
		again, closed, err := t.mayReplace(&row)
		if err != nil {
			return d, err
		}
		if !again {
			d.warnings = append(d.warnings, problemDefectiveClosed(closed))
		}
	}
	d.then = func(seq int64) error {
		for i := range list {
			if list[i].AsksForWhole() {
				if _, err := t.answerPieces(&list[i], seq, *c.CameOut, c.OperatorNo); err != nil {
					return err
				}
			} else if err := t.answerUncertain(&list[i], seq, *c.CameOut, c.OperatorNo); err != nil {
				return err
			}
		}
		return nil
	}
	return d, nil
}

// resolveReversal takes a person's word, with the case number of whoever confirmed it, that the money is settled.
func (t commands) resolveReversal(c *job.Command) (decision, error) {
	v := record.VoucherNumber(c.VoucherNo)
	list, err := t.mirror().standingReversals(v, c.TerminalNo, c.BatchNo)
	switch {
	case err != nil:
		return decision{}, err
	case len(list) == 0:
		return refuse(problemNoReversal(v)), nil
	case len(list) > 1:
		return refuse(problemReversalAmbiguous(v, list)), nil
	}
	r := list[0]
	return decision{target: r.Job, batch: r.Batch, then: func(int64) error {
		t.ChangeMarks()
		err := t.Exec("UPDATE reversals SET status = 'resolved', resolution = ?, case_no = ?, operator = ?, updated_at = ? WHERE id = ?",
			c.Resolution, c.CaseNo, c.OperatorNo, record.Millis(t.Now), r.ID)
		if err != nil {
			return err
		}
		row, err := record.JobBySeq(t, r.Job)
		if err != nil {
			return err
		}
		e := record.ReversalEvent(row.JobID, vocabulary.ReversalResolved, c.Resolution)
		e.JobSeq, e.Batch, e.Operator, e.Detail = r.Job, r.Batch, c.OperatorNo, record.VoucherText(r.Voucher)+" case "+c.CaseNo
		_, err = t.Emit(e)
		return err
	}}, nil
}
