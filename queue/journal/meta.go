package journal

import "github.com/receiptd/receiptd/queue/record"

// readMeta reads the journal's own numbers.
func readMeta(s record.Source) (map[string]int64, error) {
	m := map[string]int64{}
	rows, err := s.Query("SELECT key, value FROM meta")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var k string
		var v int64
		if err := rows.Scan(&k, &v); err != nil {
			return nil, err
		}
		m[k] = v
	}
	return m, rows.Err()
}
