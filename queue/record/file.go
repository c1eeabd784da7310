package record

import (
	"github.com/receiptd/receiptd/vocabulary"
)

// FileRow is a row of files.
type FileRow struct {
	Seq                   int64
	Name, JobID, Notes    string
	Outcome               vocabulary.Outcome
	Job, At, Rev, Written int64
}

// Scan reads a row of FileColumns.
func (r *FileRow) Scan(s Scanner) error {
	return s.Scan(&r.Seq, &r.Name, &r.Outcome, &r.JobID, &r.Job, &r.At, &r.Rev, &r.Written, &r.Notes)
}

// FileColumns are what FileRow.Scan reads.
const FileColumns = "seq, name, outcome, job_id, coalesce(job, 0), at, rev, written, coalesce(notes, '')"
