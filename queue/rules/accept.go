package rules

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// Accept takes one request and gives its answer, which is on disk when Accept returns, a refusal's too. It may be
// retried with the same arrival after any error: what was taken is not taken twice. Requests made at the same time
// share one fsync. Error: ErrFull, when nothing can be taken for now.
func (q *Requests) Accept(ctx context.Context, a Arrival) (answer.Answer, error) {
	if err := q.admit(ctx, &a); err != nil {
		return answer.Answer{}, err
	}
	return q.acceptAdmitted(ctx, a)
}

// admit does what needs no transaction of its own: room, a number, a look at what the schema cannot see.
func (q *Requests) admit(ctx context.Context, a *Arrival) error {
	if !q.r.db.HasSpace() {
		return journal.ErrFull
	}
	if a.File != "" && a.FileSeq == 0 {
		var err error
		if a.FileSeq, err = q.r.db.NextFileSeq(ctx); err != nil {
			return err
		}
	}
	q.examine(a)
	return nil
}

// acceptAdmitted commits one admitted arrival.
func (q *Requests) acceptAdmitted(ctx context.Context, a Arrival) (answer.Answer, error) {
	var ans answer.Answer
	err := q.r.do(ctx, func(t act) (err error) {
		ans, err = t.intake().accept(a)
		return err
	})
	if err != nil {
		if journal.NoSpace(err) {
			err = errors.Join(journal.ErrFull, err)
		}
		return answer.Answer{}, err
	}
	return ans, nil
}

// examine turns a job that can never be printed into a rejection with its reasons, and adds what is to be known about another.
func (q *Requests) examine(a *Arrival) {
	j := a.Parsed.Job
	if j == nil {
		return
	}
	if q.r.o.Check != nil {
		if problems := q.r.o.Check(j); len(problems) > 0 {
			a.Parsed.Job, a.Parsed.ID, a.Parsed.Errors = nil, j.ID, problems
			return
		}
	}
	a.kept = record.Pack(j.JSON)
	if q.r.o.Notes != nil {
		a.Parsed.Warnings = slices.Concat(a.Parsed.Warnings, q.r.o.Notes(j))
	}
}

func (t intake) accept(a Arrival) (answer.Answer, error) {
	if known, err := t.isKnown(&a); err != nil {
		return answer.Answer{}, err
	} else if known && a.File != "" {
		ans, err := answer.OfArrival(t, a.FileSeq)
		if !errors.Is(err, record.ErrNotFound) {
			return ans, err
		}
	} else if !known && a.Parsed.Job != nil {
		return t.takeNew(a, 0)
	}
	if a.Parsed.Job == nil {
		return t.reject(a)
	}
	old, err := record.JobByID(t, a.Parsed.Job.ID)
	switch {
	case errors.Is(err, record.ErrNotFound):
		return t.takeNew(a, 0)
	case err != nil:
		return answer.Answer{}, err
	case old.Hash != a.Parsed.Job.Hash:
		return t.idReused(a, old)
	case old.Outcome == vocabulary.OutcomeRefused:
		return t.takeNew(a, old.Seq)
	}
	outcome := vocabulary.OutcomeDuplicate
	if old.Outcome == vocabulary.OutcomeConflict {
		outcome = vocabulary.OutcomeConflict
	}
	first := old.Seq
	if old.Outcome == vocabulary.OutcomeDuplicate {
		first = old.Target
	}
	warnings, err := t.batches().settleAgain(a.Parsed.Job, first)
	if err != nil {
		return answer.Answer{}, err
	}
	return t.answerKnown(a, outcome, old, record.Notes{Errors: record.ReadNotes(old.Notes).Errors, Warnings: append(warnings, a.Parsed.Warnings...)})
}

// isKnown reports whether the journal has the arrival's file or its job id. Most often it has neither, and one query of
// two indexes costs less than reading two rows.
func (t intake) isKnown(a *Arrival) (known bool, err error) {
	var file int64 // no file has the number 0
	if a.File != "" {
		file = a.FileSeq
	}
	id := "" // nor a job this id
	if a.Parsed.Job != nil {
		id = a.Parsed.Job.ID
	}
	err = t.Row("SELECT EXISTS (SELECT 1 FROM jobs WHERE job_id = ?) OR EXISTS (SELECT 1 FROM files WHERE seq = ?)", id, file).Scan(&known)
	return known, err
}

// idReused answers other content under an id that is taken. A slip is kept for people under an id of its own, and only
// once however often it comes: it may be a payment of which nothing else tells.
func (t intake) idReused(a Arrival, old record.JobRow) (answer.Answer, error) {
	n := record.Notes{Errors: []job.Problem{problemIDReused(old.JobID)}, Warnings: a.Parsed.Warnings}
	own := *a.Parsed.Job
	var known bool
	var last int64
	err := t.Row("SELECT coalesce(max("+record.HashColumn+" = ?), 0), coalesce(max(CAST(substr(job_id, ?) AS INTEGER)), 1) FROM jobs WHERE "+record.HeldUnder,
		own.Hash, len(own.ID)+len(record.HeldMark)+1, own.ID+record.HeldMark, own.ID+record.HeldMark+":").Scan(&known, &last)
	if err != nil {
		return answer.Answer{}, err
	}
	if known || own.Command != nil {
		return t.answerKnown(a, vocabulary.OutcomeConflict, old, n)
	}
	f := record.FactsOf(&own)
	d := decision{outcome: vocabulary.OutcomeConflict, errors: n.Errors, warnings: n.Warnings}
	err = t.Row("SELECT coalesce(max(id), 0) FROM batches WHERE terminal_no = ? AND batch_no = ?", f.Terminal, f.BatchNo).Scan(&d.batch)
	if err != nil {
		return answer.Answer{}, err
	}
	own.ID += record.HeldMark + strconv.FormatInt(last+1, 10)
	if _, err := t.storeJob(a, &own, &f, &d, 0); err != nil {
		return answer.Answer{}, err
	}
	return t.answerWith(a, vocabulary.OutcomeConflict, old, n)
}

// reject answers what cannot be a job.
func (t intake) reject(a Arrival) (answer.Answer, error) {
	n := record.Notes{Errors: a.Parsed.Errors, Warnings: a.Parsed.Warnings}
	e := record.Event{Type: vocabulary.EventRejected, Request: a.Parsed.ID, File: a.File, Detail: codes(n.Errors)}
	if _, err := t.Emit(e); err != nil {
		return answer.Answer{}, err
	}
	if err := t.storeFile(a, vocabulary.OutcomeRejected, 0, n); err != nil {
		return answer.Answer{}, err
	}
	return answer.Answer{
		File: answer.FileName(a.File), JobID: a.Parsed.ID, Outcome: vocabulary.OutcomeRejected, Copies: []answer.CopyStatus{}, Errors: answer.List(n.Errors), Warnings: answer.List(n.Warnings),
		UpdatedAt: t.Now,
	}, nil
}

// answerKnown answers a request that the journal knows already.
func (t intake) answerKnown(a Arrival, o vocabulary.Outcome, old record.JobRow, n record.Notes) (answer.Answer, error) {
	e := record.Event{Type: vocabulary.EventAnswered, JobID: old.JobID, Request: old.JobID, File: a.File, Detail: string(o), JobSeq: old.Seq}
	if o == vocabulary.OutcomeConflict {
		e.Type, e.Detail = vocabulary.EventConflict, codes(n.Errors)
	}
	if _, err := t.Emit(e); err != nil {
		return answer.Answer{}, err
	}
	return t.answerWith(a, o, old, n)
}

// answerWith answers with what a known job has.
func (t intake) answerWith(a Arrival, o vocabulary.Outcome, old record.JobRow, n record.Notes) (answer.Answer, error) {
	shown := old.Seq
	if old.Outcome == vocabulary.OutcomeDuplicate {
		shown = old.Target
	}
	if err := t.addFile(a.File, shown); err != nil {
		return answer.Answer{}, err
	}
	if err := t.storeFile(a, o, shown, n); err != nil {
		return answer.Answer{}, err
	}
	ans, err := answer.For(t, old)
	ans.File, ans.Outcome, ans.Errors, ans.Warnings, ans.UpdatedAt = answer.FileName(a.File), o, answer.List(n.Errors), answer.List(n.Warnings), t.Now
	if err == nil && o == vocabulary.OutcomeDuplicate {
		ans.Fix, err = answer.Fix(t, shown)
	}
	return ans, err
}

// addFile remembers that one more file shows a job's copies.
func (t intake) addFile(file string, seq int64) error {
	if file == "" {
		return nil
	}
	return t.Exec(`UPDATE jobs SET aliases = aliases + (file NOT IN ('', ?)), file = iif(file = '', ?, file)
		WHERE seq = ? AND file <> ?`, file, file, seq, file)
}

// takeNew decides about a job that is new, or was refused before (again is its row then).
func (t intake) takeNew(a Arrival, again int64) (answer.Answer, error) {
	j := a.Parsed.Job
	f := record.FactsOf(j)
	d, err := t.decide(a, j, &f)
	if err != nil {
		return answer.Answer{}, err
	}
	if d.outcome == "" {
		d.outcome = vocabulary.OutcomeAccepted
	}
	if d.outcome == vocabulary.OutcomeAccepted && j.Command == nil {
		d = t.drawers().within(a, j, d)
	}
	d.warnings = append(d.warnings[:len(d.warnings):len(d.warnings)], a.Parsed.Warnings...)
	if d.request {
		j, f = asRequest(j, &f)
	}
	row, err := t.storeJob(a, j, &f, &d, again)
	if err != nil {
		return answer.Answer{}, err
	}
	var made []record.CopyRow
	if d.outcome == vocabulary.OutcomeAccepted {
		if made, err = t.copies().originals(row.Seq, j, d.names); err != nil {
			return answer.Answer{}, err
		}
		if len(made) > 0 && !a.Half {
			t.SetFirstCopy(journal.FirstCopy{Copy: made[0], Row: &row, Job: j})
		}
		if d.then != nil {
			if err := d.then(row.Seq); err != nil {
				return answer.Answer{}, err
			}
			made = nil
		}
	}
	shown := row.Seq
	if d.outcome == vocabulary.OutcomeDuplicate {
		shown = d.target
		if err := t.addFile(a.File, shown); err != nil {
			return answer.Answer{}, err
		}
	}
	if err := t.storeFile(a, d.outcome, shown, record.Notes{Errors: d.errors, Warnings: d.warnings}); err != nil {
		return answer.Answer{}, err
	}
	if made == nil {
		ans, err := answer.For(t, row)
		ans.File = answer.FileName(a.File)
		return ans, err
	}
	return answer.OfNew(t, row, a.File, made), nil
}

// decide applies the rules of the job's kind.
func (t intake) decide(a Arrival, j *job.Job, f *record.Facts) (d decision, err error) {
	if known := t.r.o.Known; known != nil && j.Printer != "" && !known(j.Printer) {
		p := problemPrinterUnknown(j.Printer)
		if j.Command != nil {
			return refuse(p), nil
		}
		defer func() { d.warnings = append(d.warnings, p) }()
	}
	switch {
	case j.Command != nil:
		return t.commands().decide(a, j)
	case j.Test:
		return decision{names: t.r.copyNames(j)}, nil
	case j.Transaction != nil:
		return t.mirror().transaction(j, f)
	case j.Lifted() != nil && !a.Half:
		return t.lifted().decide(a, j, f)
	}
	if first, err := t.sameContent(j); err != nil || first != 0 {
		if err != nil {
			return d, err
		}
		return t.firsts().contentAlreadyTaken(j, f, first)
	}
	if j.Order != nil {
		if d, err := t.firsts().copiesTicketLacks(j, f); err != nil || d.request {
			return d, err
		}
	}
	switch {
	case j.Reversal != nil:
		return t.mirror().reversal(j, f)
	case j.Settlement != nil:
		return t.batches().settlement(j, f)
	case j.Order != nil:
		return t.orders().decide(j, f)
	}
	d = decision{names: t.r.copyNames(j)}
	if a.Again {
		d.revision = 1
	}
	if a.Half {
		d.then = t.copies().holdHalf
	}
	return d, nil
}

// sameContent finds an accepted notice or settlement of exactly this content: a retry with a fresh id must not print a second
// original. Documents may say the same twice; for orders see sameOrder.
func (t intake) sameContent(j *job.Job) (seq int64, err error) {
	switch j.Kind {
	case job.KindDocument:
		return 0, nil
	case job.KindOrder:
		return t.orders().sameOrder(j)
	}
	err = record.NoRow(t.Row(`SELECT seq FROM jobs WHERE hash = ? AND `+record.IsHashed+` AND kind = ?
		AND outcome = 'accepted' AND test = 0 ORDER BY seq LIMIT 1`, j.Hash, j.Kind).Scan(&seq))
	if errors.Is(err, record.ErrNotFound) {
		return 0, nil
	}
	return seq, err
}
