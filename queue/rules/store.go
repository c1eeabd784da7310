package rules

import (
	"strconv"
	"strings"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// storeJob writes the job's row and its event.
func (t intake) storeJob(a Arrival, j *job.Job, f *record.Facts, d *decision, again int64) (record.JobRow, error) {
	kind := j.Kind
	if d.kind != "" {
		kind = d.kind
	}
	row := record.JobRow{
		JobID: j.ID, Hash: j.Hash, Kind: kind, Outcome: d.outcome, File: a.File, Test: j.Test, At: record.Millis(t.Now), Created: record.Millis(j.CreatedAt),
		Target: d.target, Batch: d.batch, Revision: d.revision, Facts: *f,
	}
	note := record.Notes{Errors: d.errors, Warnings: d.warnings}.Text()
	row.Notes, _ = note.(string)
	if again != 0 {
		if err := t.Exec("DELETE FROM jobs WHERE seq = ?", again); err != nil {
			return row, err
		}
		if err := t.Exec("UPDATE files SET job = NULL WHERE "+record.OtherFiles, again); err != nil {
			return row, err
		}
	}
	kept := a.kept
	if j != a.Parsed.Job {
		kept = record.Pack(j.JSON)
	}
	seq := t.NewJob()
	_, zone := f.Transacted.Zone()
	values := []any{
		j.DueIn, a.File, seq, j.ID, record.KeptHash(kind, j.Hash), string(kind), string(d.outcome), string(a.Source), j.Test, row.At, row.Created, record.OrNull(d.target, 0), record.OrNull(d.batch, 0), f.Merchant,
		f.Terminal, f.BatchNo, record.OrNull(f.Voucher, record.NoVoucher), record.OrNull(f.Original, record.NoVoucher), f.Type, f.Result, d.revision, f.Amount, f.Currency, f.Last4, f.OrderNo,
		record.Millis(f.Transacted), zone, f.Operator, number(d.names), t.LastEvent() + 1, note, kept, f.Ref, f.Refers,
	}
	err := t.Exec("INSERT INTO jobs (due, file, "+record.TakenColumns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
			?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
			?, ?, ?, ?, ?, ?, ?, ?)`, values...)
	if err != nil {
		return row, err
	}
	row.Seq = seq
	if d.outcome == vocabulary.OutcomeAccepted {
		if err := t.storeKeys(seq, f.Keys); err != nil {
			return row, err
		}
		t.KeepJob(seq, j)
	}
	e := record.Event{
		Type: vocabulary.EventAccepted, JobID: j.ID, Request: j.ID, File: a.File, Operator: f.Operator, Batch: d.batch, Detail: string(a.Source), JobSeq: seq,
	}
	switch d.outcome {
	case vocabulary.OutcomeRefused, vocabulary.OutcomeDuplicate:
		e.Type, e.Detail = vocabulary.EventAnswered, strings.TrimSpace(string(d.outcome)+" "+codes(d.errors))
	case vocabulary.OutcomeConflict:
		e.Type, e.Detail = vocabulary.EventConflict, codes(d.errors)
	default: // a job that was taken stays as long as its events
		e.Same = sameAsJob(e.File)
	}
	t.Digest().Add(values[2:]...)
	e.About = t.Digest().Sum()
	_, err = t.Emit(e)
	return row, err
}

// number is how many copies a job asks for, "" for none. Which ones, their own rows say.
func number(names []job.CopyName) string {
	if len(names) == 0 {
		return ""
	}
	return strconv.Itoa(len(names))
}

// storeKeys writes what the slip is searched by.
func (t intake) storeKeys(seq int64, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	args := make([]any, 0, 2+len(keys))
	args = append(args, record.BucketOf(seq), seq)
	for _, k := range keys {
		args = append(args, k)
	}
	return t.Exec("INSERT OR IGNORE INTO keys (bucket, job, key) VALUES (?1, ?2, ?)"+strings.Repeat(", (?1, ?2, ?)", len(keys)-1), args...)
}

// storeFile writes the row of a drop file's answer.
func (t intake) storeFile(a Arrival, o vocabulary.Outcome, shown int64, n record.Notes) error {
	if a.File == "" {
		return nil
	}
	id := a.Parsed.ID
	if a.Parsed.Job != nil {
		id = a.Parsed.Job.ID
	}
	if o == vocabulary.OutcomeAccepted {
		id = "" // its job's: see record.FileColumns
	}
	return t.Exec(`INSERT INTO files (seq, name, sha256, outcome, job_id, job, at, rev, notes) VALUES (?, ?, '', ?, ?, ?, ?, ?, ?)`,
		a.FileSeq, a.File, o, id, record.OrNull(shown, 0), record.Millis(t.Now), t.LastEvent(), n.Text())
}

// sameAsJob says of an event with its job's own file that its texts need not be written again. A file may still become the job's where
// it has none.
func sameAsJob(file string) record.Same {
	if file == "" {
		return record.SameID | record.SameRequest
	}
	return record.SameID | record.SameRequest | record.SameFile
}
