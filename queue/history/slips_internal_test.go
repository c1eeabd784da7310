package history

import (
	"path/filepath"
	"regexp"
	"testing"

	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/record"
)

// TestNoSlipReadsItsBatch: what is asked of each slip of a batch finds its rows by more than the batch, else a batch would take the square of
// its slips.
func TestNoSlipReadsItsBatch(t *testing.T) {
	db, err := journal.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), journal.Options{Ballast: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	slow := regexp.MustCompile(`^SCAN (jobs|[a-z]|reversals|copies)\b|\(batch=\?\)$`)
	for query, want := range map[string]int{
		replacedQuery:               0,
		"SELECT " + record.IsVoided: 0,
	} {
		rows, err := db.Read(t.Context()).Query("EXPLAIN QUERY PLAN "+query, 1)
		if err != nil {
			t.Fatal(err)
		}
		got, plan := 0, ""
		for rows.Next() {
			var n int
			var step string
			if err := rows.Scan(&n, &n, &n, &step); err != nil {
				t.Fatal(err)
			}
			plan += step + "\n"
			if slow.MatchString(step) {
				got++
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
		if got != want || plan == "" {
			t.Errorf("%d searches of a whole batch, want %d:\n%s", got, want, plan)
		}
	}
}
