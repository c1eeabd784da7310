package queue

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/receiptd/receiptd/job"
)

// A jobRow is a row of jobs without its JSON.
type jobRow struct {
	seq      int64
	jobID    string
	hash     string
	kind     job.Kind
	outcome  Outcome
	file     string
	test     bool
	at       int64
	created  int64
	target   int64
	batch    int64
	revision int
	names    string
	notes    string
	facts
}

const jobColumns = `seq, job_id, hash, kind, outcome, file, test, at, created, coalesce(target, 0), coalesce(batch, 0), revision, copies,
	coalesce(notes, ''), merchant_no, terminal_no, batch_no, coalesce(voucher, -1), coalesce(original, -1), type, result, amount, currency,
	last4, order_no, transacted, zone, operator`

func (r *jobRow) scan(s scanner) error {
	var transacted int64
	var zone int
	err := s.Scan(&r.seq, &r.jobID, &r.hash, &r.kind, &r.outcome, &r.file, &r.test, &r.at, &r.created, &r.target, &r.batch, &r.revision,
		&r.names, &r.notes, &r.merchant, &r.terminal, &r.batchNo, &r.voucher, &r.original, &r.typ, &r.result, &r.amount, &r.currency,
		&r.last4, &r.orderNo, &transacted, &zone, &r.operator)
	r.transacted = fromMillis(transacted).In(time.FixedZone("", zone))
	return err
}

func oneRow(s source, where string, args ...any) (jobRow, error) {
	var r jobRow
	err := r.scan(s.row("SELECT "+jobColumns+" FROM jobs WHERE "+where, args...))
	return r, noRow(err)
}

// rowByID asks for the number first: most often there is none, and a narrow question costs a third of a wide one. The row is asked
// for by its id again: a refused job that is asked again gets another number meanwhile.
func rowByID(s source, id string) (jobRow, error) {
	var seq int64
	if err := s.row("SELECT seq FROM jobs WHERE job_id = ?", id).Scan(&seq); err != nil {
		return jobRow{}, noRow(err)
	}
	return oneRow(s, "job_id = ?", id)
}

func rowBySeq(s source, seq int64) (jobRow, error) { return oneRow(s, "seq = ?", seq) }

// answerFor builds the present answer of a job.
func (q *Queue) answerFor(s source, row jobRow) (Answer, error) {
	n := readNotes(row.notes)
	ans := Answer{
		File: shownFile(row.file), JobID: row.jobID, Outcome: row.outcome, Copies: []CopyStatus{}, Errors: some(n.Errors), Warnings: some(n.Warnings),
		UpdatedAt: fromMillis(row.at),
	}
	if row.outcome == Refused || row.outcome == Conflict {
		return ans, nil
	}
	request := row.seq
	if row.target != 0 {
		target, err := rowBySeq(s, row.target)
		if errors.Is(err, ErrNotFound) {
			return ans, nil // retention took it
		} else if err != nil {
			return ans, err
		}
		ans.TargetJobID = target.jobID
		if row.outcome == Duplicate {
			request = target.seq
			if target.target != 0 {
				row.target = target.target
			}
		}
	}
	content := row.target
	if content == 0 {
		content = row.seq
	}
	_, err := q.fillCopies(s, &ans, content, request)
	if err == nil && row.outcome == Duplicate {
		ans.Fix, err = fixDuplicate(s, request)
	}
	return ans, err
}

// fixDuplicate says what to send instead of a job that prints nothing, as the journal has its content in row seq.
func fixDuplicate(s source, seq int64) (*job.Text, error) {
	row, err := rowBySeq(s, seq)
	if err == nil {
		row, err = behind(s, row)
	}
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	fix := textDuplicate(&row)
	return &fix, nil
}

// fillCopies adds the copies that a request made of a job's content and those that stand in for one of them after a person's
// "no" or a fault, whoever asked for these. What followed a report of a bad slip is in the answer to the report. It gives the last revision among them.
func (q *Queue) fillCopies(s source, ans *Answer, content, request int64) (rev int64, err error) {
	list, err := copies(s, "job = ? ORDER BY seq", content)
	if err != nil {
		return 0, err
	}
	next := map[job.CopyName]int{}
	for i := range list {
		next[list[i].name] = max(next[list[i].name], list[i].printNo)
	}
	shown := map[int64]string{} // copies in the answer, which come before what replaces them
	for i := range list {
		c := &list[i]
		replaced := ""
		if c.base == job.MarkRecovery {
			replaced = shown[c.replaces]
		}
		if c.request != request && replaced == "" {
			continue
		}
		st := q.status(c, next[c.name]+1)
		st.Replaces, shown[c.seq] = replaced, st.CopyID
		ans.Copies = append(ans.Copies, st)
		rev = max(rev, c.rev)
		if st.At.After(ans.UpdatedAt) {
			ans.UpdatedAt = st.At
		}
	}
	return rev, nil
}

// Answer gives the present answer of a job or command by its id. Error: ErrNotFound.
func (q *Queue) Answer(ctx context.Context, jobID string) (Answer, error) {
	s := q.reader(ctx)
	row, err := rowByID(s, jobID)
	if err != nil {
		return Answer{}, err
	}
	return q.answerFor(s, row)
}

// A FileAnswer is the present answer of a file in the drop folder.
type FileAnswer struct {
	Answer   Answer
	Seq      int64     // the arrival's number
	Revision int64     // rises with each change of the answer
	Written  int64     // the revision told to MarkWritten
	At       time.Time // of arrival
}

// fileRow is a row of files.
type fileRow struct {
	seq                   int64
	name, jobID, notes    string
	outcome               Outcome
	job, at, rev, written int64
}

const fileColumns = "seq, name, outcome, job_id, coalesce(job, 0), at, rev, written, coalesce(notes, '')"

func (r *fileRow) scan(s scanner) error {
	return s.Scan(&r.seq, &r.name, &r.outcome, &r.jobID, &r.job, &r.at, &r.rev, &r.written, &r.notes)
}

// fileAnswer builds the present answer of an arrival.
func (q *Queue) fileAnswer(s source, r fileRow) (FileAnswer, error) {
	n := readNotes(r.notes)
	fa := FileAnswer{Seq: r.seq, Revision: r.rev, Written: r.written, At: fromMillis(r.at), Answer: Answer{
		File: shownFile(r.name), JobID: r.jobID, Outcome: r.outcome, Copies: []CopyStatus{}, Errors: some(n.Errors), Warnings: some(n.Warnings),
		UpdatedAt: fromMillis(r.at),
	}}
	if r.job == 0 || r.outcome == Refused {
		return fa, nil
	}
	row, err := rowBySeq(s, r.job)
	if errors.Is(err, ErrNotFound) {
		return fa, nil // retention took it
	} else if err != nil {
		return fa, err
	}
	if row.jobID != r.jobID {
		fa.Answer.TargetJobID = row.jobID
	}
	content := row.seq
	if row.target != 0 {
		content = row.target
		target, err := rowBySeq(s, row.target)
		if errors.Is(err, ErrNotFound) {
			return fa, nil
		} else if err != nil {
			return fa, err
		}
		fa.Answer.TargetJobID = target.jobID
	}
	rev, err := q.fillCopies(s, &fa.Answer, content, row.seq)
	fa.Revision = max(fa.Revision, rev)
	if err == nil && r.outcome == Duplicate {
		fa.Answer.Fix, err = fixDuplicate(s, row.seq)
	}
	return fa, err
}

// AnswerForFile gives the answer of the newest arrival with this file name. Error: ErrNotFound.
func (q *Queue) AnswerForFile(ctx context.Context, name string) (FileAnswer, error) {
	s := q.reader(ctx)
	var r fileRow
	if err := r.scan(s.row("SELECT "+fileColumns+" FROM files WHERE name = ? ORDER BY seq DESC LIMIT 1", name)); err != nil {
		return FileAnswer{}, noRow(err)
	}
	fa, err := q.fileAnswer(s, r)
	q.mu.Lock()
	fa.Written = max(fa.Written, q.written[name])
	q.mu.Unlock()
	return fa, err
}

// answerForSeq gives the answer of a claimed file that was answered before a crash.
func (q *Queue) answerForSeq(s source, seq int64) (Answer, error) {
	var r fileRow
	if err := r.scan(s.row("SELECT "+fileColumns+" FROM files WHERE seq = ?", seq)); err != nil {
		return Answer{}, noRow(err)
	}
	fa, err := q.fileAnswer(s, r)
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
	s := q.reader(ctx)
	rows, err := s.query("SELECT " + fileColumns + " FROM files ORDER BY seq DESC")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	seen := map[string]bool{}
	var list []string
	for rows.Next() {
		var r fileRow
		if err := r.scan(rows); err != nil {
			return nil, err
		}
		if age(q.now(), r.at) > resultsKept {
			break
		}
		if seen[r.name] {
			continue
		}
		seen[r.name] = true
		rev, err := q.revision(s, r)
		if err != nil {
			return nil, err
		}
		if (rev > r.written) == behind {
			list = append(list, r.name)
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

func (q *Queue) revision(s source, r fileRow) (int64, error) {
	var rev sql.NullInt64
	if r.job != 0 && r.outcome != Refused {
		err := s.row(`WITH RECURSIVE shown(seq, job, rev) AS (
				SELECT c.seq, c.job, c.rev FROM jobs j, copies c WHERE j.seq = ? AND c.job = coalesce(j.target, j.seq) AND c.request = j.seq
				UNION SELECT c.seq, c.job, c.rev FROM shown s, copies c WHERE c.job = s.job AND c.replaces = s.seq AND c.base = 'recovery')
			SELECT max(rev) FROM shown`, r.job).Scan(&rev)
		if err != nil {
			return 0, err
		}
	}
	return max(r.rev, rev.Int64), nil
}
