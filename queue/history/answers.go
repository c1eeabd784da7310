package history

import (
	"context"

	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/record"
)

// Answer gives the present answer of a job or command by its id. Error: ErrNotFound.
func (h *Jobs) Answer(ctx context.Context, jobID string) (answer.Answer, error) {
	s := h.db.Read(ctx)
	row, err := record.JobByID(s, jobID)
	if err != nil {
		return answer.Answer{}, err
	}
	return answer.For(s, row)
}

// Answer gives the answer of the newest arrival with this file name. Error: ErrNotFound.
func (h *Files) Answer(ctx context.Context, name string) (answer.FileAnswer, error) {
	s := h.db.Read(ctx)
	var r record.FileRow
	if err := r.Scan(s.Row("SELECT "+record.FileColumns+" FROM files WHERE name = ? ORDER BY seq DESC LIMIT 1", name)); err != nil {
		return answer.FileAnswer{}, record.NoRow(err)
	}
	return answer.OfFile(s, r)
}
