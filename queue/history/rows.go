package history

import (
	"encoding/json"
	"slices"

	"github.com/receiptd/receiptd/queue/record"
)

// slipsAtOnce is how many rows of a batch are read in one query.
const slipsAtOnce = 500

// eachRow calls fn for a batch's jobs that a condition selects, in the order of their arrival, without holding them all. Each is read once: a
// page that began where the one before ended would sort the whole batch again.
func eachRow(s record.View, batch int64, condition string, fn func(r *record.JobRow) error) error {
	list, err := record.Column[int64](s, "SELECT seq FROM jobs WHERE batch = ? ORDER BY seq", batch)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(list, slipsAtOnce) {
		rows, err := record.Jobs(s, condition+" AND seq IN (SELECT value FROM json_each(?)) ORDER BY seq", numbers(part))
		if err != nil {
			return err
		}
		for i := range rows {
			if err := fn(&rows[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// numbers writes a list as JSON.
func numbers(list []int64) string {
	text, _ := json.Marshal(list) // numbers only
	return string(text)
}
