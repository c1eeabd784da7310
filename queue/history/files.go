package history

import (
	"context"

	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/record"
)

// Unwritten names the files of the last seven days whose newest answer has a revision that was never told to
// MarkWritten: what the results folder lacks after a crash.
func (h *Files) Unwritten(ctx context.Context) ([]string, error) { return h.recent(ctx, true) }

// Written names the other files of the last seven days, the newest first: what the results folder should hold, unless a reader
// removed it.
func (h *Files) Written(ctx context.Context) ([]string, error) { return h.recent(ctx, false) }

// recent names the files of the last seven days whose newest answer is behind what is noted as written, or is not.
func (h *Files) recent(ctx context.Context, behind bool) ([]string, error) {
	s := h.db.Read(ctx)
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
		if record.Age(h.now(), r.At) > answer.Kept {
			break
		}
		if seen[r.Name] {
			continue
		}
		seen[r.Name] = true
		rev, err := answer.Revision(s, r)
		if err != nil {
			return nil, err
		}
		if (rev > r.Written) == behind {
			list = append(list, r.Name)
		}
	}
	return list, rows.Err()
}
