package queue

import (
	"strings"

	"github.com/receiptd/receiptd/job"
)

// storeJob writes the job's row and its event.
func (t *tx) storeJob(a Arrival, j *job.Job, f *facts, d *decision, again int64) (jobRow, error) {
	row := jobRow{
		jobID: j.ID, hash: j.Hash, kind: j.Kind, outcome: d.outcome, file: a.File, test: j.Test, at: millis(t.now), created: millis(j.CreatedAt),
		target: d.target, batch: d.batch, facts: *f,
	}
	note := notes{d.errors, d.warnings}.text()
	row.notes, _ = note.(string)
	if again != 0 {
		if err := t.exec("DELETE FROM jobs WHERE seq = ?", again); err != nil {
			return row, err
		}
		if err := t.exec("UPDATE files SET job = NULL WHERE job = ?", again); err != nil {
			return row, err
		}
	}
	t.job++
	seq := t.job
	_, zone := f.transacted.Zone()
	values := []any{
		a.File, seq, j.ID, j.Hash, string(j.Kind), string(d.outcome), string(a.Source), j.Test, row.at, row.created, unless(d.target, 0), unless(d.batch, 0), f.merchant,
		f.terminal, f.batchNo, unless(f.voucher, noVoucher), unless(f.original, noVoucher), f.typ, f.result, d.revision, f.amount, f.currency, f.last4, f.orderNo,
		millis(f.transacted), zone, f.operator, joinNames(d.names), t.event + 1, note, j.JSON, f.ref, f.refers,
	}
	err := t.exec("INSERT INTO jobs (file, "+takenColumns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
			?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
			?, ?, ?, ?, ?, ?, ?, ?)`, values...)
	if err != nil {
		return row, err
	}
	row.seq = seq
	if d.outcome == Accepted {
		if err := t.storeKeys(seq, f.keys); err != nil {
			return row, err
		}
		t.after = append(t.after, func() { t.q.jobs.put(seq, j) })
	}
	e := Event{
		Type: EventAccepted, JobID: j.ID, Request: j.ID, File: a.File, Operator: f.operator, Batch: d.batch, Detail: string(a.Source), job: seq,
	}
	switch d.outcome {
	case Refused, Duplicate:
		e.Type, e.Detail = EventAnswered, strings.TrimSpace(string(d.outcome)+" "+codes(d.errors))
	case Conflict:
		e.Type, e.Detail = EventConflict, codes(d.errors)
	}
	t.w.digest.add(values[1:]...)
	e.about = t.w.digest.sum()
	_, err = t.emit(e)
	return row, err
}

// takenColumns are the takenCount columns of a job that its last event about itself has the digest of: what was taken. Whoever
// changes one of them later emits an event with jobSum.
const takenCount = 32

const takenColumns = `seq, job_id, hash, kind, outcome, source, test, at, created, target, batch, merchant_no,
	terminal_no, batch_no, voucher, original, type, result, revision, amount, currency, last4, order_no, transacted,
	zone, operator, copies, rev, notes, json, ref, refers`

// storeKeys writes what the slip is searched by.
func (t *tx) storeKeys(seq int64, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	args := make([]any, 0, 2+len(keys))
	args = append(args, bucketOf(seq), seq)
	for _, k := range keys {
		args = append(args, k)
	}
	return t.exec("INSERT OR IGNORE INTO keys (bucket, job, key) VALUES (?1, ?2, ?)"+strings.Repeat(", (?1, ?2, ?)", len(keys)-1), args...)
}

// file writes the row of a drop file's answer.
func (t *tx) file(a Arrival, o Outcome, shown int64, n notes) error {
	if a.File == "" {
		return nil
	}
	id := a.Parsed.ID
	if a.Parsed.Job != nil {
		id = a.Parsed.Job.ID
	}
	return t.exec(`INSERT INTO files (seq, name, sha256, outcome, job_id, job, at, rev, notes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.FileSeq, a.File, a.SHA256, o, id, unless(shown, 0), millis(t.now), t.event, n.text())
}

// bucketOf gives the block of search keys of a job. Small blocks keep writing to few pages; each costs a search one look.
func bucketOf(seq int64) int64 { return seq >> 12 }
