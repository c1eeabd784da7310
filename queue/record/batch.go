package record

import (
	"time"

	"github.com/receiptd/receiptd/vocabulary"
)

// A BatchRow is one row of batches: one instance of a batch number, from the first slip or notice to the settlement.
type BatchRow struct {
	ID                            int64
	Merchant, Terminal, BatchNo   string
	State                         vocabulary.BatchState
	Began, Ended                  int64 // terminal's clock; ended 0: not yet
	Opened, Closed                int64 // our clock
	ClosedBy                      string
	Settlement, FirstJob, LastJob int64
}

func (b *BatchRow) scan(s Scanner) error {
	return s.Scan(&b.ID, &b.Merchant, &b.Terminal, &b.BatchNo, &b.State, &b.Began, &b.Ended, &b.Opened, &b.Closed, &b.ClosedBy,
		&b.Settlement, &b.FirstJob, &b.LastJob)
}

const batchColumns = `id, merchant_no, terminal_no, batch_no, state, began, coalesce(ended, 0), opened_at, coalesce(closed_at, 0), closed_by,
	coalesce(settlement, 0), first_job, coalesce(last_job, 0)`

// BatchRows gives the instances that a condition selects.
func BatchRows(s Source, where string, args ...any) ([]BatchRow, error) {
	rows, err := s.Query("SELECT "+batchColumns+" FROM batches WHERE "+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []BatchRow
	for rows.Next() {
		var b BatchRow
		if err := b.scan(rows); err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, rows.Err()
}

// BatchByID gives one instance. Error: ErrNotFound.
func BatchByID(s Source, id int64) (BatchRow, error) {
	var b BatchRow
	err := b.scan(s.Row("SELECT "+batchColumns+" FROM batches WHERE id = ?", id))
	return b, NoRow(err)
}

// OfMerchant is the condition that a batch is the merchant's. Notices may name no merchant: what is known only from one may be
// anybody's.
const OfMerchant = "(merchant_no IN (?, '') OR ? = '')"

// LastBatch gives the instance of the terminal's latest slip by arrival, late ones aside, whatever became of the batch since; its id
// is 0 when there is none.
func LastBatch(s Source, terminal string) (BatchRow, error) {
	list, err := BatchRows(s, "terminal_no = ? AND last_job IS NOT NULL ORDER BY last_job DESC LIMIT 1", terminal)
	if err != nil || len(list) == 0 {
		return BatchRow{}, err
	}
	return list[0], nil
}

// OpenBatches gives a terminal's instances whose slips may be reprinted, the open one first, then the youngest.
func OpenBatches(s Source, terminal string) ([]BatchRow, error) {
	return BatchRows(s, "terminal_no = ? AND state IN ('open', 'superseded') ORDER BY state, last_job DESC, id DESC", terminal)
}

// Terminals names the terminals that a command without a number may mean: those with an open batch, and those settled
// lately. A slip of the only one that is still open must not go to the counter of another.
func Terminals(s Source, now time.Time) ([]string, error) {
	return Column[string](s, `SELECT DISTINCT terminal_no FROM batches WHERE state IN ('open', 'superseded') OR closed_at > ? ORDER BY 1`,
		Millis(now.AddDate(0, 0, -activeDays)))
}

// activeDays is how long a settled terminal still counts as one that may be meant.
const activeDays = 7

// ClosedByTerminal is who closed a batch that its terminal settled; else it is a person.
const ClosedByTerminal = "terminal"
