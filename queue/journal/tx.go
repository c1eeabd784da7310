package journal

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
)

// A base is what the transactions of one journal stand on. Its writer's goroutine alone uses it; until the first request, whoever opens
// the journal.
type base struct {
	log      *slog.Logger
	conn     *conn
	id       *identity
	contents *contents
	marks    *atomic.Int64 // DB.MarksVersion; read by anybody

	proof  int64         // the last proof counter handed out; a rolled back one is lost, never used twice
	given  numbers       // on disk
	digest record.Digest // of the row that is written
}

// A Tx is one transaction of the journal's writer. The writer's goroutine alone uses it, while the function that was given to DB.Do
// runs; nothing outside the database may change in it: see OnCommit.
type Tx struct {
	Now time.Time

	*base
	numbers
	events       []record.Event
	after        []func() // run once, when the transaction is on disk
	undo         []func() // run when it is rolled back
	marksChanged bool     // see ChangeMarks
	first        *FirstCopy
}

// A FirstCopy is the first copy that a transaction made, with its job.
type FirstCopy struct {
	Copy record.CopyRow
	Row  *record.JobRow
	Job  *job.Job
}

// OnCommit has fn called once when the transaction is on disk, by the writer: it must not wait for anything.
func (t *Tx) OnCommit(fn func()) { t.after = append(t.after, fn) }

// OnRollback has fn called when the transaction is rolled back.
func (t *Tx) OnRollback(fn func()) { t.undo = append(t.undo, fn) }

// ChangeMarks notes that something happens in this transaction that marks of waiting copies depend on: DB.MarksVersion is another one when it is
// on disk.
func (t *Tx) ChangeMarks() {
	if !t.marksChanged {
		t.marksChanged = true
		t.OnCommit(func() { t.marks.Add(1) })
	}
}

// MarksChanged reports whether ChangeMarks was called in this transaction.
func (t *Tx) MarksChanged() bool { return t.marksChanged }

// FirstCopy gives the first copy that the transaction made, nil for none.
func (t *Tx) FirstCopy() *FirstCopy { return t.first }

// SetFirstCopy notes the first copy that the transaction made.
func (t *Tx) SetFirstCopy(c FirstCopy) {
	if t.first == nil {
		t.first = &c
	}
}

// run keeps one bad request from ending the process.
func (t *Tx) run(fn func(*Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			t.log.Error("a request to the journal failed", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("internal error: %v", p)
		}
	}()
	return fn(t)
}

// Exec runs a statement that gives no rows.
func (t *Tx) Exec(query string, args ...any) error { return t.conn.exec(query, args...) }

// Query asks for rows.
func (t *Tx) Query(query string, args ...any) (record.Rows, error) {
	return t.conn.query(query, args...)
}

// Row is Query for one row; Scan gives the error.
func (t *Tx) Row(query string, args ...any) record.Scanner { return t.conn.row(query, args...) }

// CopyID gives the public id of a copy.
func (t *Tx) CopyID(seq, asked int64) string { return record.CopyID(t.id.nonce, seq, asked) }

// Job gives the content of a kept job. Error: ErrNotFound.
func (t *Tx) Job(seq int64) (*job.Job, error) { return t.contents.job(t, seq) }

// KeepJob keeps the content of a job that was just written at hand: it is likely to be printed next.
func (t *Tx) KeepJob(seq int64, j *job.Job) { t.OnCommit(func() { t.contents.put(seq, j) }) }

// ForgetJobs drops the contents of jobs that were removed.
func (t *Tx) ForgetJobs(list []int64) { t.OnCommit(func() { t.contents.drop(list) }) }

// MarksVersion is DB.MarksVersion.
func (t *Tx) MarksVersion() int64 { return t.marks.Load() }

// NewJob gives the number of a job that is about to be written.
func (t *Tx) NewJob() int64 { t.job++; return t.job }

// LastJob gives the last number of a job.
func (t *Tx) LastJob() int64 { return t.job }

// NewCopy gives the number of a copy that is about to be written.
func (t *Tx) NewCopy() int64 { t.copy++; return t.copy }

// NewBatch gives the number of a batch instance that is about to be written.
func (t *Tx) NewBatch() int64 { t.batch++; return t.batch }

// LastEvent gives the number of the last event.
func (t *Tx) LastEvent() int64 { return t.event }

// NewProof gives the counter of an attempt that is about to be written. One whose transaction is rolled back is lost, never used
// twice.
func (t *Tx) NewProof() int64 { t.proof += record.ProofStep; return t.proof }

// LastProof gives the last counter of an attempt.
func (t *Tx) LastProof() int64 { return t.proof }

// Digest gives an empty digest, which is the transaction's to use again and again.
func (t *Tx) Digest() *record.Digest { return &t.digest }

// JobSum gives the digest of a job as it stands now.
func (t *Tx) JobSum(seq int64) (int64, error) {
	_, err := record.AddTaken(t.Row("SELECT "+record.TakenColumns+" FROM jobs WHERE seq = ?", seq), &t.digest)
	return t.digest.Sum(), record.NoRow(err)
}

// Note writes one of the journal's own numbers, which stand in meta, over what it was.
func (t *Tx) Note(key string, n int64) error {
	return t.Exec("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, n)
}

// NoteNumbers puts the numbers on disk beside the rows, which are about to be removed.
func (t *Tx) NoteNumbers() error {
	return t.each(func(last *int64, _, _, key string) error {
		return t.Exec("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)", key, *last)
	})
}
