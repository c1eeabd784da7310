package history

import (
	"context"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// Electronic lists the electronic copies of a job, or those that one command asked for, the first one first. Error: record.ErrNotFound.
func (h *Jobs) Electronic(ctx context.Context, jobID string) ([]answer.ElectronicCopy, error) {
	s := h.db.Read(ctx)
	row, err := record.JobByID(s, jobID)
	if err != nil {
		return nil, err
	}
	where, of := "job = ?", row.JobID
	if row.Kind == job.KindCommand || row.Outcome == vocabulary.OutcomeDuplicate {
		where = "request = ?"
		target, err := record.JobBySeq(s, row.Target)
		if err != nil {
			return nil, err
		}
		of = target.JobID
	}
	rows, err := record.ElectronicRows(s, where, row.Seq)
	list := make([]answer.ElectronicCopy, len(rows))
	for i := range rows {
		r := &rows[i]
		list[i] = answer.ElectronicCopy{JobID: of, No: r.No, Copy: r.Name.Base(), Station: r.Name.Station(), Mark: r.Mark, At: record.FromMillis(r.At)}
	}
	return list, err
}

// ElectronicFile gives the file of an electronic copy; nil: it was not made yet. Error: record.ErrNotFound.
func (h *Jobs) ElectronicFile(ctx context.Context, jobID string, no int) (file []byte, err error) {
	s := h.db.Read(ctx)
	row, err := record.JobByID(s, jobID)
	if err != nil {
		return nil, err
	}
	err = s.Row("SELECT file FROM electronic WHERE job = ? AND no = ?", row.Seq, no).Scan(&file)
	return file, record.NoRow(err)
}
