package queue

import (
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// isOpen is the condition of the index copies_open; queries repeat it word by word so that SQLite sees that it may use it.
const isOpen = "(state = 'queued' OR state = 'held' OR state = 'sending' OR state = 'uncertain')"

// isRunnable is what a worker may take: nothing of it has left, and no person is asked about it.
const isRunnable = isOpen + " AND state IN ('queued', 'held') AND print_no = 0 AND reason <> '" + reasonStale + "'"

// Reasons that the queue itself gives; others come from the printer.
const (
	reasonStale      = string(vocabulary.ReasonStale)      // too old to come out by itself after an outage: a person is asked
	reasonCrash      = string(vocabulary.ReasonCrash)      // the daemon died while it was printed
	reasonNotOut     = string(vocabulary.ReasonNotOut)     // a person said that it did not come out
	reasonLateProof  = string(vocabulary.ReasonLateProof)  // its predecessor's proof came after all
	reasonCancelled  = string(vocabulary.ReasonCancelled)  // somebody cancelled it
	reasonSuperseded = string(vocabulary.ReasonSuperseded) // its order was cancelled before it printed
	reasonMoved      = string(vocabulary.ReasonMoved)      // it goes to another printer
	reasonUnproven   = string(vocabulary.ReasonUnproven)   // made by itself for a printer that proves nothing: a person is asked instead
	reasonUnprinted  = string(vocabulary.ReasonUnprinted)  // it can never be rendered
	reasonDropped    = string(vocabulary.ReasonDropped)    // a person decided that an old one need not come out
)

// operatorSystem is who asks for automatic recovery copies.
const operatorSystem = "SYSTEM"

// A copyRow is one row of copies.
type copyRow struct {
	seq, job, request int64
	name              job.CopyName
	printer, moved    string
	ord               int64
	printNo           int
	state             State
	reason            string
	proof             Proof
	mark              job.MarkKind // as printed; before that as expected
	base              job.MarkKind // why it exists: original, duplicate, recovery
	operator, why     string
	archive           string
	torn, auto, fresh bool // fresh: a person said that it is wanted although it is old
	replaces          int64
	attempt           int64
	asked, at         int64
	rev               int64

	names *names // when it was read with them
}

const copyColumns = `seq, job, request, name, printer, moved, ord, print_no, state, reason, proof, mark, base, operator, why, archive,
	torn, auto, fresh, coalesce(replaces, 0), coalesce(attempt, 0), asked, at, rev`

func (c *copyRow) scan(s scanner) error {
	return s.Scan(&c.seq, &c.job, &c.request, &c.name, &c.printer, &c.moved, &c.ord, &c.printNo, &c.state, &c.reason, &c.proof, &c.mark,
		&c.base, &c.operator, &c.why, &c.archive, &c.torn, &c.auto, &c.fresh, &c.replaces, &c.attempt, &c.asked, &c.at, &c.rev)
}

func copies(s source, where string, args ...any) ([]copyRow, error) {
	rows, err := s.query("SELECT "+copyColumns+" FROM copies WHERE "+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []copyRow
	for rows.Next() {
		var c copyRow
		if err := c.scan(rows); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// copyWithNames reads a copy and what its events will tell, in one go.
func (t *tx) copyWithNames(seq int64) (copyRow, error) {
	var c copyRow
	n := &names{}
	err := t.row(`SELECT c.seq, c.job, c.request, c.name, c.printer, c.moved, c.ord, c.print_no, c.state, c.reason, c.proof, c.mark, c.base,
			c.operator, c.why, c.archive, c.torn, c.auto, c.fresh, coalesce(c.replaces, 0), coalesce(c.attempt, 0), c.asked, c.at,
			c.rev, r.job_id, r.file, r.aliases, j.job_id, coalesce(j.batch, 0)
		FROM copies c CROSS JOIN jobs j CROSS JOIN jobs r WHERE c.seq = ? AND j.seq = c.job AND r.seq = c.request`, seq).Scan(
		&c.seq, &c.job, &c.request, &c.name, &c.printer, &c.moved, &c.ord, &c.printNo, &c.state, &c.reason, &c.proof, &c.mark,
		&c.base, &c.operator, &c.why, &c.archive, &c.torn, &c.auto, &c.fresh, &c.replaces, &c.attempt, &c.asked, &c.at, &c.rev,
		&n.request, &n.file, &n.aliases, &n.jobID, &n.batch)
	c.names = n
	return c, noRow(err)
}

func copyBySeq(s source, seq int64) (copyRow, error) {
	var c copyRow
	err := c.scan(s.row("SELECT "+copyColumns+" FROM copies WHERE seq = ?", seq))
	return c, noRow(err)
}

// begun reports whether an attempt to print it is on disk: from then on a byte may have left.
func (c *copyRow) begun() bool { return c.printNo > 0 }

// waiting reports whether the copy will still come out by itself or after a question, and nothing of it has left.
func (c *copyRow) waiting() bool {
	return !c.begun() && (c.state == Queued || c.state == Held)
}

// pending reports whether the copy is on its way: a reprint now could come out beside it.
func (c *copyRow) pending() bool {
	return c.state == Queued || c.state == Held || c.state == Sending
}

// onPaper reports whether the printer gave some proof of the copy, or a person did.
func (c *copyRow) onPaper() bool {
	return c.state == Printed || c.state == Processed || c.state == Sent
}

func (q *Queue) status(c *copyRow, nextNo int) CopyStatus {
	s := CopyStatus{
		CopyID: q.copyID(c.seq, c.asked), Copy: c.name, PrintNo: c.printNo, State: c.state, Reason: c.reason, Proof: c.proof,
		Mark: c.mark, Printer: c.printer, At: fromMillis(c.at),
	}
	if s.PrintNo == 0 && c.pending() {
		s.PrintNo = nextNo
	}
	return s
}

// addCopy inserts a copy in state queued, tells it and wakes its printer.
func (t *tx) addCopy(c copyRow) (copyRow, error) {
	t.enqueue(&c, t.event+1)
	err := t.exec(`INSERT INTO copies (seq, job, request, name, printer, moved, ord, state, reason, proof, mark, base,
			operator, why, archive, torn, auto, fresh, replaces, asked, at, rev)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.seq, c.job, c.request, c.name, c.printer, c.moved, c.ord, c.state, c.reason, c.proof, c.mark, c.base,
		c.operator, c.why, c.archive, c.torn, c.auto, c.fresh, unless(c.replaces, 0), c.asked, c.at, c.rev)
	if err != nil {
		return c, err
	}
	return c, t.copyEvent(&c, "")
}

// enqueue fills the row of a new copy in state queued, and wakes its printer.
func (t *tx) enqueue(c *copyRow, rev int64) {
	c.state, c.proof, c.mark, c.rev = Queued, ProofNone, c.base, rev
	c.asked = millis(t.now)
	c.at = c.asked
	t.copy++
	if c.seq = t.copy; c.ord == 0 {
		c.ord = c.seq
	}
	t.wake(c.printer)
}

// setState changes a copy's state and tells it. A step that is not in the table is refused: see steps.
func (t *tx) setState(c *copyRow, why cause, state State, reason string, proof Proof, detail string) error {
	if err := c.legal(why, state); err != nil {
		return err
	}
	c.state, c.reason, c.proof, c.at, c.rev = state, reason, proof, millis(t.now), t.event+1
	err := t.exec("UPDATE copies SET state = ?, reason = ?, proof = ?, at = ?, rev = ?, print_no = ?, mark = ?, attempt = nullif(?, 0) WHERE seq = ?",
		c.state, c.reason, c.proof, c.at, c.rev, c.printNo, c.mark, c.attempt, c.seq)
	if err != nil {
		return err
	}
	return t.copyEvent(c, detail)
}

// names are what an event needs to know about a copy's job and request.
type names struct {
	jobID, request, file string
	aliases              int
	batch                int64
}

func (t *tx) namesOf(jobSeq, request int64) (n names, err error) {
	err = t.row("SELECT job_id, file, aliases, coalesce(batch, 0) FROM jobs WHERE seq = ?", request).Scan(&n.request, &n.file, &n.aliases, &n.batch)
	n.jobID = n.request
	if err == nil && jobSeq != request {
		err = t.row("SELECT job_id, coalesce(batch, 0) FROM jobs WHERE seq = ?", jobSeq).Scan(&n.jobID, &n.batch)
	}
	return n, noRow(err)
}

// copyEvent tells of a copy's state, once for each file whose answer shows it.
func (t *tx) copyEvent(c *copyRow, detail string) error {
	n := c.names
	if n == nil {
		read, err := t.namesOf(c.job, c.request)
		if err != nil {
			return err
		}
		n = &read
	}
	e := Event{
		Type: EventCopy, JobID: n.jobID, Request: n.request, File: n.file, Printer: c.printer, State: c.state, Reason: c.reason,
		Operator: c.operator, Batch: n.batch, Detail: detail, job: c.job, copy: c.seq, CopyID: t.q.copyID(c.seq, c.asked),
		about: c.sum(&t.w.digest),
	}
	if _, err := t.emit(e); err != nil {
		return err
	}
	if n.aliases > 0 {
		if err := t.aliasEvents(c.request, e); err != nil {
			return err
		}
	}
	return t.replacedEvents(c, e)
}

// replacedEvents repeats a copy's event for the files of the requests whose copy it stands in for: their answers show it too.
func (t *tx) replacedEvents(c *copyRow, e Event) error {
	told := []int64{c.request}
	base, before := c.base, c.replaces
	for base == job.MarkRecovery && before != 0 {
		var request int64
		err := t.row("SELECT request, base, coalesce(replaces, 0) FROM copies WHERE seq = ?", before).Scan(&request, &base, &before)
		if err != nil {
			return noRow(err)
		}
		if slices.Contains(told, request) {
			continue
		}
		told = append(told, request)
		n, err := t.namesOf(c.job, request)
		if err != nil {
			return err
		}
		e.Request, e.File = n.request, n.file
		if _, err := t.emit(e); err != nil {
			return err
		}
		if n.aliases > 0 {
			if err := t.aliasEvents(request, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// aliasEvents repeats an event for the other files that asked for the same.
func (t *tx) aliasEvents(request int64, e Event) error {
	rows, err := t.query("SELECT DISTINCT name FROM files WHERE job = ? AND name <> ?", request, e.File)
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
	for _, e.File = range files {
		if _, err := t.emit(e); err != nil {
			return err
		}
	}
	return nil
}

// wake lets a printer's worker look again once the transaction is on disk.
func (t *tx) wake(printer string) {
	t.after = append(t.after, func() { t.q.Wake(printer) })
}

// originals inserts the first copies of a job. The event of its acceptance tells of them too.
func (t *tx) originals(seq int64, j *job.Job, names []job.CopyName) ([]copyRow, error) {
	if len(names) == 0 {
		return nil, nil
	}
	// What is the same for all stands first and is given once; the names of states and marks are in the text.
	const row = "(?1, ?1, ?2, ?2, ?3, 'queued', 'none', 'original', 'original', '', '', '', 0, 0, ?, ?, ?, ?)"
	list := make([]copyRow, len(names))
	args := append(make([]any, 0, 3+4*len(names)), seq, millis(t.now), t.event)
	for i, n := range names {
		c := &list[i]
		*c = copyRow{job: seq, request: seq, name: n, printer: t.q.route(j, n), base: job.MarkOriginal}
		t.enqueue(c, t.event)
		args = append(args, c.seq, c.ord, string(c.name), c.printer)
	}
	return list, t.exec(`INSERT INTO copies (job, request, asked, at, rev, state, proof, mark, base, operator, why, archive, torn, auto,
		seq, ord, name, printer) VALUES `+row+strings.Repeat(", "+row, len(names)-1), args...)
}

// recover inserts the marked copy that stands in for one that did not come out whole.
func (t *tx) recover(old *copyRow, operator, why string, auto, torn bool) (copyRow, error) {
	return t.addCopy(copyRow{
		job: old.job, request: old.request, name: old.name, printer: old.printer, moved: old.moved, ord: old.ord,
		base: job.MarkRecovery, operator: operator, why: why, archive: old.archive, torn: torn, auto: auto, replaces: old.seq,
	})
}

func (q *Queue) route(j *job.Job, c job.CopyName) string {
	if q.o.Route != nil {
		if p := q.o.Route(j, c); p != "" {
			return p
		}
	}
	if j.Printer != "" {
		return j.Printer
	}
	return "default"
}

// copyNames gives the copies that a job asks for.
func (q *Queue) copyNames(j *job.Job) []job.CopyName {
	if j.Transaction != nil && j.Transaction.Result == job.Unknown {
		return nil // nobody knows whether it is a sale: no paper
	}
	if len(j.Copies) > 0 {
		return j.Copies
	}
	if q.o.DefaultCopies != nil {
		if c := q.o.DefaultCopies(j); c != nil {
			return c
		}
	}
	return j.DefaultCopies()
}

func age(now time.Time, ms int64) time.Duration { return now.Sub(fromMillis(ms)) }
