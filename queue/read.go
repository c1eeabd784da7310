package queue

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
)

// answerFor builds the present answer of a job.
func answerFor(s record.View, row record.JobRow) (Answer, error) {
	n := record.ReadNotes(row.Notes)
	ans := Answer{
		File: shownFile(row.File), JobID: row.JobID, Outcome: row.Outcome, Copies: []CopyStatus{}, Errors: some(n.Errors), Warnings: some(n.Warnings),
		UpdatedAt: record.FromMillis(row.At),
	}
	if row.Outcome == Refused || row.Outcome == Conflict {
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
		if row.Outcome == Duplicate {
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
	if err == nil && row.Outcome == Duplicate {
		ans.Fix, err = fixDuplicate(s, request)
	}
	return ans, err
}

// fixDuplicate says what to send instead of a job that prints nothing, as the journal has its content in row seq.
func fixDuplicate(s record.Source, seq int64) (*job.Text, error) {
	row, err := record.JobBySeq(s, seq)
	if err == nil {
		row, err = behind(s, row)
	}
	if errors.Is(err, record.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	fix := textDuplicate(&row)
	return &fix, nil
}

// fillCopies adds the copies that a request made of a job's content and those that stand in for one of them after a person's
// "no" or a fault, whoever asked for these. What followed a report of a bad slip is in the answer to the report. It gives the last revision among them.
func fillCopies(s record.View, ans *Answer, content, request int64) (rev int64, err error) {
	list, err := record.Copies(s, "job = ? ORDER BY seq", content)
	if err != nil {
		return 0, err
	}
	next := map[job.CopyName]int{}
	for i := range list {
		next[list[i].Name] = max(next[list[i].Name], list[i].PrintNo)
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
		st := status(s, c, next[c.Name]+1)
		st.Replaces, shown[c.Seq] = replaced, st.CopyID
		ans.Copies = append(ans.Copies, st)
		rev = max(rev, c.Rev)
		if st.At.After(ans.UpdatedAt) {
			ans.UpdatedAt = st.At
		}
	}
	return rev, nil
}

// Answer gives the present answer of a job or command by its id. Error: ErrNotFound.
func (q *Queue) Answer(ctx context.Context, jobID string) (Answer, error) {
	s := q.db.Read(ctx)
	row, err := record.JobByID(s, jobID)
	if err != nil {
		return Answer{}, err
	}
	return answerFor(s, row)
}

// A FileAnswer is the present answer of a file in the drop folder.
type FileAnswer struct {
	Answer   Answer
	Seq      int64     // the arrival's number
	Revision int64     // rises with each change of the answer
	Written  int64     // the revision told to MarkWritten
	At       time.Time // of arrival
}

// fileAnswer builds the present answer of an arrival.
func fileAnswer(s record.View, r record.FileRow) (FileAnswer, error) {
	n := record.ReadNotes(r.Notes)
	fa := FileAnswer{Seq: r.Seq, Revision: r.Rev, Written: r.Written, At: record.FromMillis(r.At), Answer: Answer{
		File: shownFile(r.Name), JobID: r.JobID, Outcome: r.Outcome, Copies: []CopyStatus{}, Errors: some(n.Errors), Warnings: some(n.Warnings),
		UpdatedAt: record.FromMillis(r.At),
	}}
	if r.Job == 0 || r.Outcome == Refused {
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
	fa.Revision = max(fa.Revision, rev)
	if err == nil && r.Outcome == Duplicate {
		fa.Answer.Fix, err = fixDuplicate(s, row.Seq)
	}
	return fa, err
}

// AnswerForFile gives the answer of the newest arrival with this file name. Error: ErrNotFound.
func (q *Queue) AnswerForFile(ctx context.Context, name string) (FileAnswer, error) {
	s := q.db.Read(ctx)
	var r record.FileRow
	if err := r.Scan(s.Row("SELECT "+record.FileColumns+" FROM files WHERE name = ? ORDER BY seq DESC LIMIT 1", name)); err != nil {
		return FileAnswer{}, record.NoRow(err)
	}
	fa, err := fileAnswer(s, r)
	q.mu.Lock()
	fa.Written = max(fa.Written, q.written[name])
	q.mu.Unlock()
	return fa, err
}

// answerForSeq gives the answer of a claimed file that was answered before a crash.
func answerForSeq(s record.View, seq int64) (Answer, error) {
	var r record.FileRow
	if err := r.Scan(s.Row("SELECT "+record.FileColumns+" FROM files WHERE seq = ?", seq)); err != nil {
		return Answer{}, record.NoRow(err)
	}
	fa, err := fileAnswer(s, r)
	return fa.Answer, err
}

// resultsKept is how long an answer stands in the results folder.
const resultsKept = 7 * 24 * time.Hour

// Unwritten names the files of the last seven days whose newest answer has a revision that was never told to
// MarkWritten: what the results folder lacks after a crash.
func (q *Queue) Unwritten(ctx context.Context) ([]string, error) { return q.recent(ctx, true) }

// Written names the other files of the last seven days, the newest first: what the results folder should hold, unless a reader
// removed it.
func (q *Queue) Written(ctx context.Context) ([]string, error) { return q.recent(ctx, false) }

// recent names the files of the last seven days whose newest answer is behind what is noted as written, or is not.
func (q *Queue) recent(ctx context.Context, behind bool) ([]string, error) {
	s := q.db.Read(ctx)
	rows, err := s.Query("SELECT " + record.FileColumns + " FROM files ORDER BY seq DESC")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	seen := map[string]bool{}
	var list []string
	for rows.Next() {
		var r record.FileRow
		if err := r.Scan(rows); err != nil {
			return nil, err
		}
		if record.Age(q.now(), r.At) > resultsKept {
			break
		}
		if seen[r.Name] {
			continue
		}
		seen[r.Name] = true
		rev, err := revision(s, r)
		if err != nil {
			return nil, err
		}
		if (rev > r.Written) == behind {
			list = append(list, r.Name)
		}
	}
	return list, rows.Err()
}

// shownFile is what an answer calls a file: what stands behind a slash tells its name apart from others that look like it (the
// drop folder's matter), and is no part of a name.
func shownFile(called string) string {
	name, _, _ := strings.Cut(called, "/")
	return name
}

func revision(s record.Source, r record.FileRow) (int64, error) {
	var rev sql.NullInt64
	if r.Job != 0 && r.Outcome != Refused {
		err := s.Row(`WITH RECURSIVE shown(seq, job, rev) AS (
				SELECT c.seq, c.job, c.rev FROM jobs j, copies c WHERE j.seq = ? AND c.job = coalesce(j.target, j.seq) AND c.request = j.seq
				UNION SELECT c.seq, c.job, c.rev FROM shown s, copies c WHERE c.job = s.job AND c.replaces = s.seq AND c.base = 'recovery')
			SELECT max(rev) FROM shown`, r.Job).Scan(&rev)
		if err != nil {
			return 0, err
		}
	}
	return max(r.Rev, rev.Int64), nil
}
