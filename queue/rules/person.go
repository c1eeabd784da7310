package rules

import (
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// answerUncertain settles an uncertain copy by what a person saw. request is who gets the marked copy into its answer.
func (t commands) answerUncertain(c *record.CopyRow, request int64, cameOut bool, operator string) error {
	row, err := record.JobBySeq(t, c.Job)
	if err != nil {
		return err
	}
	said := "came out"
	if !cameOut {
		said = "did not come out"
	}
	if err := t.personSaid(&row, c, operator, said); err != nil {
		return err
	}
	if cameOut {
		if err := t.copies().setState(c, causeCameOut, vocabulary.StatePrinted, "", vocabulary.ProofPerson, "by "+operator); err != nil {
			return err
		}
		return t.attempts().dropReplacements(c)
	}
	if err := t.copies().setState(c, causeNotOut, vocabulary.StateCancelled, vocabulary.ReasonNotOut, vocabulary.ProofNone, "by "+operator); err != nil {
		return err
	}
	replaced, err := t.replacement(c.Seq)
	if err != nil || replaced {
		return err // its automatic recovery copy is under way or out
	}
	old := *c
	old.Request = request
	_, err = t.copies().recover(&old, operator, vocabulary.ReasonNotOut, false, true)
	return err
}

// answerPieces settles a slip that came out in two pieces by what a person wants: to keep them, or a whole one, marked. request is who
// gets the marked copy into its answer.
func (t commands) answerPieces(c *record.CopyRow, request int64, keep bool, operator string) (decision, error) {
	row, err := record.JobBySeq(t, c.Job)
	if err != nil {
		return decision{}, err
	}
	said := "keeps the two pieces"
	if !keep {
		said = "wants a whole one"
	}
	if err := t.personSaid(&row, c, operator, said); err != nil {
		return decision{}, err
	}
	if keep {
		return decision{}, t.copies().setState(c, causeKept, c.State, vocabulary.ReasonPieces, c.Proof, "by "+operator)
	}
	d := decision{}
	again, closed, err := t.mayReplace(&row)
	if err != nil {
		return d, err
	}
	if !again {
		d.warnings = append(d.warnings, problemDefectiveClosed(closed))
	}
	return d, t.replaceDefective(c, request, vocabulary.ReasonPieces, operator, again)
}

// personSaid journals what a person answered about a copy.
func (t commands) personSaid(row *record.JobRow, c *record.CopyRow, operator, said string) error {
	_, err := t.Emit(record.Event{Type: vocabulary.EventPersonSaid, JobID: row.JobID, Operator: operator, Batch: row.Batch, Detail: said, JobSeq: c.Job, CopySeq: c.Seq, CopyID: t.CopyID(c.Seq, c.Asked)})
	return err
}

// mayReplace reports whether a piece of paper that is no good may be replaced without a permission: not once its batch is settled, or a
// cashier would get a reprint of a closed batch this way. closed is the number of that batch.
func (t commands) mayReplace(row *record.JobRow) (again bool, closed string, err error) {
	if !row.OfBatch() {
		return true, "", nil
	}
	b, err := record.BatchByID(t, row.Batch)
	return b.State != vocabulary.BatchSettled, b.BatchNo, err
}

// replaceDefective ends a copy whose paper is no good, and queues a marked one for it if that is allowed.
func (t commands) replaceDefective(old *record.CopyRow, request int64, why vocabulary.Reason, operator string, again bool) error {
	if err := t.copies().setState(old, causeDefective, vocabulary.StateDefective, why, old.Proof, "reported by "+operator); err != nil || !again {
		return err
	}
	_, err := t.copies().add(record.CopyRow{
		Job: old.Job, Request: request, Name: old.Name, Printer: old.Printer, Base: job.MarkDuplicate, Operator: operator, Why: why,
		Archive: old.Archive, Replaces: old.Seq,
	})
	return err
}
