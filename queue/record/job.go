package record

import (
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// A JobRow is a row of jobs without its JSON.
type JobRow struct {
	Seq      int64
	JobID    string
	Hash     string
	Kind     job.Kind
	Outcome  vocabulary.Outcome
	File     string
	Test     bool
	At       int64
	Created  int64
	Target   int64
	Batch    int64
	Revision int
	Notes    string
	Facts
}

// OfBatch reports whether the row is a slip of a batch: its transaction, or another paper of one that a program printed.
func (r *JobRow) OfBatch() bool {
	return r.Batch != 0 && (r.Kind == job.KindTransaction || r.Kind == job.KindDocument)
}

// CapturedOrder reports whether the row is an order ticket that a program printed: of those nothing but the text is known, so that
// two of the same text are no sign of one order. Orders that are jobs have no terminal, captured ones their program's name.
func (r *JobRow) CapturedOrder() bool { return r.Kind == job.KindOrder && r.Terminal != "" }

func (r *JobRow) scan(s Scanner) error {
	var transacted int64
	var zone int
	err := s.Scan(&r.Seq, &r.JobID, &r.Hash, &r.Kind, &r.Outcome, &r.File, &r.Test, &r.At, &r.Created, &r.Target, &r.Batch, &r.Revision,
		&r.Notes, &r.Merchant, &r.Terminal, &r.BatchNo, &r.Voucher, &r.Original, &r.Type, &r.Result, &r.Amount, &r.Currency,
		&r.Last4, &r.OrderNo, &transacted, &zone, &r.Operator)
	r.Transacted = FromMillis(transacted).In(time.FixedZone("", zone))
	return err
}

// JobColumns are what JobRow.Scan reads.
const JobColumns = `seq, job_id, ` + HashColumn + `, kind, outcome, file, test, at, created, coalesce(target, 0), coalesce(batch, 0), revision,
	coalesce(notes, ''), merchant_no, terminal_no, batch_no, coalesce(voucher, -1), coalesce(original, -1), type, result, amount, currency,
	last4, order_no, transacted, zone, operator`

// HashColumn reads a job's hash, as hex digits; see KeptHash.
const HashColumn = "iif(typeof(hash) = 'blob', lower(hex(hash)), hash)"

// KeptHash gives the hash of a job's content as the journal holds it: of what is looked for by it (IsHashed) as its hex digits, of all else
// as the digest's own bytes.
func KeptHash(kind job.Kind, digits string) any {
	b, err := hex.DecodeString(digits)
	if err != nil || len(b) == 0 || kind == job.KindSettlement || kind == job.KindReversal || kind == job.KindOrder {
		return digits
	}
	return b
}

// OneJob gives the job that a condition selects. Error: ErrNotFound.
func OneJob(s Source, where string, args ...any) (JobRow, error) {
	var r JobRow
	err := r.scan(s.Row("SELECT "+JobColumns+" FROM jobs WHERE "+where, args...))
	return r, NoRow(err)
}

// JobByID asks for the number first: most often there is none, and a query of an index costs a third of one that reads the row. The row is asked
// for by its id again: a refused job that is asked again gets another number meanwhile.
func JobByID(s Source, id string) (JobRow, error) {
	var seq int64
	if err := s.Row("SELECT seq FROM jobs WHERE job_id = ?", id).Scan(&seq); err != nil {
		return JobRow{}, NoRow(err)
	}
	return OneJob(s, "job_id = ?", id)
}

// JobBySeq gives one job. Error: ErrNotFound.
func JobBySeq(s Source, seq int64) (JobRow, error) { return OneJob(s, "seq = ?", seq) }

// Jobs gives the jobs that a condition selects.
func Jobs(s Source, where string, args ...any) ([]JobRow, error) {
	rows, err := s.Query("SELECT "+JobColumns+" FROM jobs WHERE "+where, args...)
	return ScanJobs(rows, err)
}

// ScanJobs reads the rows of a query for JobColumns.
func ScanJobs(rows Rows, err error) ([]JobRow, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []JobRow
	for rows.Next() {
		var r JobRow
		if err := r.scan(rows); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// HeldMark stands between a job id and the number of a further content that came under it: x~2 is the second. No job id
// holds one. HeldUnder finds these by the two bounds of their ids.
const (
	HeldMark  = "~"
	HeldUnder = "job_id > ? AND job_id < ?"
)

// Notes are the errors and warnings of an answer as they are kept.
type Notes struct {
	Errors   []job.Problem `json:"errors,omitempty"`
	Warnings []job.Problem `json:"warnings,omitempty"`
}

// Text gives the notes as they are kept, nil when there are none.
func (n Notes) Text() any {
	if len(n.Errors)+len(n.Warnings) == 0 {
		return nil
	}
	b, _ := json.Marshal(n) // strings and integers only
	return string(b)
}

// ReadNotes reads what Text gave.
func ReadNotes(text string) (n Notes) {
	if text != "" {
		_ = json.Unmarshal([]byte(text), &n) // it was written by text
	}
	return n
}

// TakenColumns are the takenCount columns of a job that its last event about itself has the digest of: what was taken. Whoever
// changes one of them later emits an event with JobSum.
const takenCount = 32

// TakenColumns are these columns.
const TakenColumns = `seq, job_id, hash, kind, outcome, source, test, at, created, target, batch, merchant_no,
	terminal_no, batch_no, voucher, original, type, result, revision, amount, currency, last4, order_no, transacted,
	zone, operator, copies, rev, notes, json, ref, refers`

// BucketOf gives the block of search keys of a job. Small blocks keep writing to few pages; each costs a search one look.
func BucketOf(seq int64) int64 { return seq >> 12 }

// AddTaken reads TakenColumns, and more columns behind them, adds them to an empty digest and gives the first one.
func AddTaken(s Scanner, d *Digest, more ...any) (seq any, err error) {
	values := make([]cell, takenCount)
	into := make([]any, 0, takenCount)
	for i := range values {
		into = append(into, &values[i])
	}
	if err := s.Scan(append(into, more...)...); err != nil {
		return nil, err
	}
	for _, v := range values {
		d.Add(v.value)
	}
	return values[0].value, nil
}

// A cell takes a value of any kind, good until the next row.
type cell struct{ value any }

// Scan takes the value.
func (c *cell) Scan(v any) error {
	c.value = v
	return nil
}
