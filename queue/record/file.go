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
const FileColumns = `seq, name, outcome, iif(job_id = '', coalesce((SELECT j.job_id FROM jobs j WHERE j.seq = files.job), ''), job_id), coalesce(job, 0), at, rev,
	written, coalesce(notes, '')`

// The files of a job (?1): the one that it came with, which its row names, and others, as the index files_job has them.
const (
	OwnFile    = "name = (SELECT j.file FROM jobs j WHERE j.seq = ?1) AND job = ?1 AND outcome = 'accepted'"
	OtherFiles = "job = ?1 AND outcome <> 'accepted'"
)
