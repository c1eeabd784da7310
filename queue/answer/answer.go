package answer

import (
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// An Answer is what the asker is told.
type Answer = api.Answer

// CopyStatus is one copy in an answer.
type CopyStatus = api.CopyStatus

// ElectronicCopy is a slip as a file.
type ElectronicCopy = api.ElectronicCopy

// A Report is what came in a day or a batch, and what became of it.
type Report = api.Report

// A PrintedCopy is a copy that came out, with what its paper says of itself.
type PrintedCopy = api.PrintedCopy

// tellParts says of an order that is divided among stations whether each of its tickets in the answer came out.
func tellParts(a *Answer) {
	out, divided, all := map[job.CopyName]bool{}, false, true
	for i := range a.Copies {
		if c := &a.Copies[i]; c.Copy == job.CopyKitchen {
			divided = divided || c.Station != ""
			out[c.Name()] = out[c.Name()] || c.State.OnPaper()
		}
	}
	for _, came := range out {
		all = all && came
	}
	if divided {
		a.AllPartsOut = &all
	}
}

// A FileAnswer is the present answer of a file in the drop folder.
type FileAnswer struct {
	Answer   Answer
	Seq      int64     // the arrival's number
	Revision int64     // rises with each change of the answer
	Written  int64     // the revision told to MarkWritten
	At       time.Time // of arrival
}

// For builds the present answer of a job.
func For(s record.View, row record.JobRow) (Answer, error) {
	n := record.ReadNotes(row.Notes)
	ans := Answer{
		File: FileName(row.File), JobID: row.JobID, Outcome: row.Outcome, Copies: []CopyStatus{}, Errors: List(n.Errors), Warnings: List(n.Warnings),
		UpdatedAt: record.FromMillis(row.At),
	}
	if row.Outcome == vocabulary.OutcomeRefused || row.Outcome == vocabulary.OutcomeConflict {
		return ans, nil
	}
	request := row.Seq
	if row.Target != 0 {
		target, err := record.JobBySeq(s, row.Target)
		if errors.Is(err, record.ErrNotFound) {
			return ans, nil // retention took it
		} else if err != nil {
			return ans, err
		}
		ans.TargetJobID = target.JobID
		if row.Outcome == vocabulary.OutcomeDuplicate {
			request = target.Seq
			if target.Target != 0 {
				row.Target = target.Target
			}
		}
	}
	content := row.Target
	if content == 0 {
		content = row.Seq
	}
	_, err := fillCopies(s, &ans, content, request)
	if err == nil {
		_, err = fillOpening(s, &ans, &row)
	}
	if err == nil && row.Outcome == vocabulary.OutcomeDuplicate {
		ans.Fix, err = Fix(s, request)
	}
	return ans, err
}

// OfNew builds the answer of a job that was just taken, from what was just written.
func OfNew(s record.View, row record.JobRow, file string, made []record.CopyRow) Answer {
	n := record.ReadNotes(row.Notes)
	ans := Answer{
		File: FileName(file), JobID: row.JobID, Outcome: row.Outcome, Copies: make([]CopyStatus, len(made)), Errors: List(n.Errors),
		Warnings: List(n.Warnings), UpdatedAt: record.FromMillis(row.At),
	}
	for i := range made {
		ans.Copies[i] = Status(s, &made[i], 1)
	}
	tellParts(&ans)
	return ans
}

// furtherPapers gives the jobs of the other papers that a program printed of transaction ?1.
const furtherPapers = `SELECT k.seq FROM jobs m CROSS JOIN jobs k WHERE m.seq = ?1 AND m.kind = 'transaction' AND k.batch = m.batch AND k.voucher = m.voucher AND k.kind = 'document'`

// fillCopies adds the copies that a request made of a job's content and those that stand in for one of them after a person's
// "no" or a fault, whoever asked for these. What followed a report of a bad slip is in the answer to the report. It gives the last revision among them.
func fillCopies(s record.View, ans *Answer, content, request int64) (rev int64, err error) {
	list, err := record.Copies(s, "job = ? ORDER BY seq", content)
	if err != nil {
		return 0, err
	}
	if request != content { // a reprint of what a program printed is of all its papers
		others, err := record.Copies(s, "job IN ("+furtherPapers+") ORDER BY seq", content)
		if err != nil {
			return 0, err
		}
		list = append(list, others...)
	}
	type named struct {
		job  int64
		name job.CopyName
	}
	next, out := map[named]int{}, map[named]bool{}
	for i := range list {
		n := named{list[i].Job, list[i].Name}
		out[n] = out[n] || list[i].OnPaper()
		next[n] = max(next[n], list[i].PrintNo)
	}
	shown := map[int64]string{} // copies in the answer, which come before what replaces them
	for i := range list {
		c := &list[i]
		replaced := ""
		if c.Base == job.MarkRecovery {
			replaced = shown[c.Replaces]
		}
		if c.Request != request && replaced == "" {
			continue
		}
		n := named{c.Job, c.Name}
		st := Status(s, c, next[n]+1)
		st.Replaces, shown[c.Seq] = replaced, st.CopyID
		if !out[n] && (c.Pending() || c.State == vocabulary.StateUncertain) {
			if err := s.Row("SELECT "+record.IsOverdue+" FROM copies c WHERE c.seq = ?", c.Seq).Scan(&st.Overdue); err != nil {
				return 0, err
			}
			ans.Overdue = ans.Overdue || st.Overdue
		}
		ans.Copies = append(ans.Copies, st)
		rev = max(rev, c.Rev)
		if st.At.After(ans.UpdatedAt) {
			ans.UpdatedAt = st.At
		}
	}
	tellParts(ans)
	return rev, nil
}

// Status shows a copy; nextNo is the number that it gets when it begins.
func Status(s record.View, c *record.CopyRow, nextNo int) CopyStatus {
	st := CopyStatus{
		CopyID: s.CopyID(c.Seq, c.Asked), Copy: c.Name.Base(), Station: c.Name.Station(), PrintNo: c.PrintNo, State: c.State, Reason: c.Reason, Proof: c.Proof,
		Mark: c.Mark, Printer: c.Printer, At: record.FromMillis(c.At), Pieces: c.Pieces(),
	}
	if st.PrintNo == 0 && c.Pending() {
		st.PrintNo = nextNo
	}
	return st
}

// List gives an empty list for none, so that JSON shows [].
func List(list []job.Problem) []job.Problem {
	if list == nil {
		return []job.Problem{}
	}
	return list
}

// FileName is what an answer calls a file: what stands behind a slash tells its name apart from others that look like it (the
// drop folder's matter), and is no part of a name.
func FileName(called string) string {
	name, _, _ := strings.Cut(called, "/")
	return name
}

// OfArrival gives the answer of a claimed file that was answered before a crash.
func OfArrival(s record.View, seq int64) (Answer, error) {
	var r record.FileRow
	if err := r.Scan(s.Row("SELECT "+record.FileColumns+" FROM files WHERE seq = ?", seq)); err != nil {
		return Answer{}, record.NoRow(err)
	}
	fa, err := OfFile(s, r)
	return fa.Answer, err
}

// OfFile builds the present answer of an arrival.
func OfFile(s record.View, r record.FileRow) (FileAnswer, error) {
	n := record.ReadNotes(r.Notes)
	fa := FileAnswer{Seq: r.Seq, Revision: r.Rev, Written: r.Written, At: record.FromMillis(r.At), Answer: Answer{
		File: FileName(r.Name), JobID: r.JobID, Outcome: r.Outcome, Copies: []CopyStatus{}, Errors: List(n.Errors), Warnings: List(n.Warnings),
		UpdatedAt: record.FromMillis(r.At),
	}}
	if r.Job == 0 || r.Outcome == vocabulary.OutcomeRefused {
		return fa, nil
	}
	row, err := record.JobBySeq(s, r.Job)
	if errors.Is(err, record.ErrNotFound) {
		return fa, nil // retention took it
	} else if err != nil {
		return fa, err
	}
	if row.JobID != r.JobID {
		fa.Answer.TargetJobID = row.JobID
	}
	content := row.Seq
	if row.Target != 0 {
		content = row.Target
		target, err := record.JobBySeq(s, row.Target)
		if errors.Is(err, record.ErrNotFound) {
			return fa, nil
		} else if err != nil {
			return fa, err
		}
		fa.Answer.TargetJobID = target.JobID
	}
	rev, err := fillCopies(s, &fa.Answer, content, row.Seq)
	if err != nil {
		return fa, err
	}
	opened := int64(0)
	if row.Kind == job.KindCommand { // what else wants a drawer open comes in no file
		opened, err = fillOpening(s, &fa.Answer, &row)
	}
	fa.Revision = max(fa.Revision, rev, opened)
	if err == nil && r.Outcome == vocabulary.OutcomeDuplicate {
		fa.Answer.Fix, err = Fix(s, row.Seq)
	}
	return fa, err
}

// Revision gives the last change of what the answer of an arrival shows: of the same copies as fillCopies.
func Revision(s record.Source, r record.FileRow) (int64, error) {
	var rev sql.NullInt64
	if r.Job != 0 && r.Outcome != vocabulary.OutcomeRefused {
		err := s.Row(`WITH RECURSIVE content(seq) AS (SELECT coalesce(target, seq) FROM jobs WHERE seq = ?1),
			papers(seq) AS (SELECT seq FROM content
				UNION SELECT k.seq FROM jobs j CROSS JOIN jobs m CROSS JOIN jobs k
				WHERE j.seq = ?1 AND m.seq = j.target AND m.kind = 'transaction' AND k.batch = m.batch AND k.voucher = m.voucher AND k.kind = 'document'),
			shown(seq, job, rev) AS (
				SELECT c.seq, c.job, c.rev FROM papers p CROSS JOIN copies c WHERE c.job = p.seq AND c.request = ?1
				UNION SELECT c.seq, c.job, c.rev FROM shown s, copies c WHERE c.job = s.job AND c.replaces = s.seq AND c.base = 'recovery')
			SELECT max(coalesce((SELECT max(rev) FROM shown), 0), coalesce((SELECT rev FROM openings WHERE job = ?1), 0))`, r.Job).Scan(&rev)
		if err != nil {
			return 0, err
		}
	}
	return max(r.Rev, rev.Int64), nil
}

// Kept is how long an answer stands in the results folder.
const Kept = 7 * 24 * time.Hour

// fillOpening adds the opening of a drawer that a job asked for, and gives its revision.
func fillOpening(s record.View, ans *Answer, row *record.JobRow) (rev int64, err error) {
	o, rev, err := openingFor(s, row)
	if o != nil {
		ans.Drawer = o
		if o.Changed.After(ans.UpdatedAt) {
			ans.UpdatedAt = o.Changed
		}
	}
	return rev, err
}
