package rules

import (
	"slices"
	"strings"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// operatorSystem is who asks for automatic recovery copies.
const operatorSystem = "SYSTEM"

// withOrigin reads a copy and what its events will tell, in one go.
func (t copies) withOrigin(seq int64) (record.CopyRow, error) {
	var c record.CopyRow
	n := &record.Origin{}
	err := t.Row(`SELECT c.seq, c.job, c.request, c.name, c.printer, c.moved, c.ord, c.print_no, c.state, c.reason, c.proof, c.mark, c.base,
			c.operator, c.why, c.archive, c.torn, c.auto, c.fresh, coalesce(c.replaces, 0), coalesce(c.attempt, 0), c.asked, c.at,
			c.rev, r.job_id, r.file, r.aliases, j.job_id, coalesce(j.batch, 0)
		FROM copies c CROSS JOIN jobs j CROSS JOIN jobs r WHERE c.seq = ? AND j.seq = c.job AND r.seq = c.request`, seq).Scan(
		&c.Seq, &c.Job, &c.Request, &c.Name, &c.Printer, &c.Moved, &c.Ord, &c.PrintNo, &c.State, &c.Reason, &c.Proof, &c.Mark,
		&c.Base, &c.Operator, &c.Why, &c.Archive, &c.Torn, &c.Auto, &c.Fresh, &c.Replaces, &c.Attempt, &c.Asked, &c.At, &c.Rev,
		&n.Request, &n.File, &n.Aliases, &n.JobID, &n.Batch)
	c.Spell()
	c.Origin = n
	return c, record.NoRow(err)
}

// add inserts a copy in state queued, tells it and wakes its printer.
func (t copies) add(c record.CopyRow) (record.CopyRow, error) {
	t.enqueue(&c, t.LastEvent()+1)
	proof, mark, base := c.Kept()
	err := t.Exec(`INSERT INTO copies (seq, job, request, name, printer, moved, ord, state, reason, proof, mark, base,
			operator, why, archive, torn, auto, fresh, replaces, asked, at, rev)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.Seq, c.Job, c.Request, c.Name, c.Printer, c.Moved, c.Ord, c.State, c.Reason, proof, mark, base,
		c.Operator, c.Why, c.Archive, c.Torn, c.Auto, c.Fresh, record.OrNull(c.Replaces, 0), c.Asked, c.At, c.Rev)
	if err != nil {
		return c, err
	}
	return c, t.tell(&c, "")
}

// enqueue fills the row of a new copy in state queued, and wakes its printer.
func (t copies) enqueue(c *record.CopyRow, rev int64) {
	c.State, c.Proof, c.Mark, c.Rev = vocabulary.StateQueued, vocabulary.ProofNone, c.Base, rev
	c.Asked = record.Millis(t.Now)
	c.At = c.Asked
	c.Seq = t.NewCopy()
	if c.Ord == 0 {
		c.Ord = c.Seq
	}
	t.wake(c.Printer)
}

// setState changes a copy's state and tells it. A step that is not in the table is refused: see steps.
func (t copies) setState(c *record.CopyRow, why Cause, state vocabulary.State, reason vocabulary.Reason, proof vocabulary.Proof, detail string) error {
	if err := Legal(c, why, state); err != nil {
		return err
	}
	c.State, c.Reason, c.Proof, c.At, c.Rev = state, reason, proof, record.Millis(t.Now), t.LastEvent()+1
	kept, mark, _ := c.Kept()
	err := t.Exec("UPDATE copies SET state = ?, reason = ?, proof = ?, at = ?, rev = ?, print_no = ?, mark = ?, attempt = nullif(?, 0) WHERE seq = ?",
		c.State, c.Reason, kept, c.At, c.Rev, c.PrintNo, mark, c.Attempt, c.Seq)
	if err != nil {
		return err
	}
	return t.tell(c, detail)
}

// holdHalf keeps the copies of a job that broke off from being printed before a person says so.
func (t copies) holdHalf(job int64) error {
	list, err := record.Copies(t, "job = ? ORDER BY seq", job)
	if err != nil {
		return err
	}
	for i := range list {
		if err := t.setState(&list[i], causeHalf, vocabulary.StateHeld, vocabulary.ReasonHalf, vocabulary.ProofNone, ""); err != nil {
			return err
		}
	}
	return nil
}

func (t copies) originOf(jobSeq, request int64) (n record.Origin, err error) {
	err = t.Row("SELECT job_id, file, aliases, coalesce(batch, 0) FROM jobs WHERE seq = ?", request).Scan(&n.Request, &n.File, &n.Aliases, &n.Batch)
	n.JobID = n.Request
	if err == nil && jobSeq != request {
		err = t.Row("SELECT job_id, coalesce(batch, 0) FROM jobs WHERE seq = ?", jobSeq).Scan(&n.JobID, &n.Batch)
	}
	return n, record.NoRow(err)
}

// tell tells of a copy's state, once for each file whose answer shows it.
func (t copies) tell(c *record.CopyRow, detail string) error {
	return t.tellAs(c, vocabulary.EventCopy, c.Reason, detail)
}

// tellAs is tell with an event of another type.
func (t copies) tellAs(c *record.CopyRow, kind vocabulary.EventType, reason vocabulary.Reason, detail string) error {
	n := c.Origin
	if n == nil {
		read, err := t.originOf(c.Job, c.Request)
		if err != nil {
			return err
		}
		n = &read
	}
	e := record.Event{
		Type: kind, JobID: n.JobID, Request: n.Request, File: n.File, Printer: c.Printer, State: c.State, Reason: reason,
		Operator: c.Operator, Batch: n.Batch, Detail: detail, JobSeq: c.Job, CopySeq: c.Seq, CopyID: t.CopyID(c.Seq, c.Asked),
		About: c.Sum(t.Digest()), Same: record.SameID,
	}
	if c.Request == c.Job {
		e.Same = sameAsJob(e.File)
	}
	if _, err := t.Emit(e); err != nil {
		return err
	}
	if n.Aliases > 0 {
		if err := t.tellOtherFiles(c.Request, e); err != nil {
			return err
		}
	}
	return t.tellOfReplaced(c, e)
}

// tellOfReplaced repeats a copy's event for the files of the requests whose copy it stands in for: their answers show it too.
func (t copies) tellOfReplaced(c *record.CopyRow, e record.Event) error {
	told := []int64{c.Request}
	base, before := c.Base, c.Replaces
	for base == job.MarkRecovery && before != 0 {
		var request int64
		err := t.Row("SELECT request, base, coalesce(replaces, 0) FROM copies WHERE seq = ?", before).Scan(&request, &base, &before)
		if err != nil {
			return record.NoRow(err)
		}
		if slices.Contains(told, request) {
			continue
		}
		told = append(told, request)
		n, err := t.originOf(c.Job, request)
		if err != nil {
			return err
		}
		e.Request, e.File, e.Same = n.Request, n.File, record.SameID
		if _, err := t.Emit(e); err != nil {
			return err
		}
		if n.Aliases > 0 {
			if err := t.tellOtherFiles(request, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellOtherFiles repeats an event for the other files that asked for the same.
func (t copies) tellOtherFiles(request int64, e record.Event) error {
	rows, err := t.Query("SELECT DISTINCT name FROM files WHERE "+record.OtherFiles+" AND name <> ?", request, e.File)
	if err != nil {
		return err
	}
	var files []string
	for rows.Next() {
		var f string
		if err := rows.Scan(&f); err != nil {
			return err
		}
		files = append(files, f)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	e.Same &^= record.SameFile
	for _, e.File = range files {
		if _, err := t.Emit(e); err != nil {
			return err
		}
	}
	return nil
}

// wake lets a printer's worker look again once the transaction is on disk.
func (t copies) wake(printer string) {
	t.OnCommit(func() { t.r.o.Wake(printer) })
}

// originals inserts the first copies of a job. The event of its acceptance tells of them too.
func (t copies) originals(seq int64, j *job.Job, names []job.CopyName) ([]record.CopyRow, error) {
	if len(names) == 0 {
		return nil, nil
	}
	// What is the same for all stands first and is given once; state, proof and marks are in the text, as CopyRow.Kept gives them.
	const row = "(?1, ?1, ?2, ?2, ?3, 'queued', '', '', '', '', '', '', 0, 0, ?, ?, ?, ?)"
	list := make([]record.CopyRow, len(names))
	args := append(make([]any, 0, 3+4*len(names)), seq, record.Millis(t.Now), t.LastEvent())
	for i, n := range names {
		c := &list[i]
		*c = record.CopyRow{Job: seq, Request: seq, Name: n, Printer: t.r.route(j, n), Base: job.MarkOriginal}
		t.enqueue(c, t.LastEvent())
		args = append(args, c.Seq, c.Ord, string(c.Name), c.Printer)
	}
	return list, t.Exec(`INSERT INTO copies (job, request, asked, at, rev, state, proof, mark, base, operator, why, archive, torn, auto,
		seq, ord, name, printer) VALUES `+row+strings.Repeat(", "+row, len(names)-1), args...)
}

// recover inserts the marked copy that stands in for one that did not come out whole.
func (t copies) recover(old *record.CopyRow, operator string, why vocabulary.Reason, auto, torn bool) (record.CopyRow, error) {
	return t.add(record.CopyRow{
		Job: old.Job, Request: old.Request, Name: old.Name, Printer: old.Printer, Moved: old.Moved, Ord: old.Ord,
		Base: job.MarkRecovery, Operator: operator, Why: why, Archive: old.Archive, Torn: torn, Auto: auto, Replaces: old.Seq,
	})
}

func (r *Rules) route(j *job.Job, c job.CopyName) string {
	if r.o.Route != nil {
		if p := r.o.Route(j, c); p != "" {
			return p
		}
	}
	if j.Printer != "" {
		return j.Printer
	}
	return "default"
}

// copyNames gives the copies that a job asks for.
func (r *Rules) copyNames(j *job.Job) []job.CopyName {
	if j.Transaction != nil && j.Transaction.Result == job.Unknown {
		return nil // nobody knows whether it is a sale: no paper
	}
	if len(j.Copies) > 0 {
		return j.Tickets(j.Copies)
	}
	if r.o.DefaultCopies != nil {
		if c := r.o.DefaultCopies(j); c != nil {
			return j.Tickets(c)
		}
	}
	return j.Tickets(j.DefaultCopies())
}
