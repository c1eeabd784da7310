package record

import (
	"encoding/json"

	"github.com/receiptd/receiptd/job"
)

// An ElectronicRow is a slip as a file. Its file is read apart.
type ElectronicRow struct {
	Job     int64
	No      int
	Request int64
	Name    job.CopyName // the copy of which it has the layout
	Mark    job.Mark
	At      int64
}

// ElectronicRows reads rows of electronic copies in the order in which they were asked for.
func ElectronicRows(s Source, where string, args ...any) ([]ElectronicRow, error) {
	rows, err := s.Query("SELECT job, no, request, name, mark, at FROM electronic WHERE "+where+" ORDER BY job, no", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []ElectronicRow
	for rows.Next() {
		var (
			r    ElectronicRow
			mark []byte
		)
		if err := rows.Scan(&r.Job, &r.No, &r.Request, &r.Name, &mark, &r.At); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(mark, &r.Mark); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}
