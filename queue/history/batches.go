package history

import (
	"context"
	"errors"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// A Batch is one batch instance.
type Batch struct {
	ID         int64                 `json:"id"`
	MerchantNo string                `json:"merchant_no"`
	TerminalNo string                `json:"terminal_no"`
	BatchNo    string                `json:"batch_no"`
	State      vocabulary.BatchState `json:"state"`
	Began      time.Time             `json:"began"`     // the terminal's clock
	OpenedAt   time.Time             `json:"opened_at"` // ours
	ClosedAt   time.Time             `json:"closed_at,omitzero"`
	ClosedBy   string                `json:"closed_by,omitempty"` // "terminal", or the person
	Slips      int                   `json:"slips"`               // transactions received here: an advisory, never a verdict
	Unprinted  int                   `json:"unprinted"`           // copies not known to have come out
	Settlement string                `json:"settlement_job_id,omitempty"`
}

// batchesShown bounds a list of batches.
const batchesShown = 200

// List lists the instances, the latest first, at most 200: all, or those with one batch number. Leading zeros of a
// number may be left out.
func (h *Batches) List(ctx context.Context, batchNo string) ([]Batch, error) {
	s := h.db.Read(ctx)
	if batchNo != "" {
		batchNo = job.NormalVoucher(batchNo)
	}
	list, err := record.BatchRows(s, "? IN ('', batch_no) ORDER BY id DESC LIMIT ?", batchNo, batchesShown)
	if err != nil {
		return nil, err
	}
	open, err := unprinted(s)
	if err != nil {
		return nil, err
	}
	out := make([]Batch, len(list))
	for i := range list {
		if out[i], err = batchOf(s, &list[i], open); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// unprinted counts the copies of each batch that are not known to have come out.
func unprinted(s record.Source) (map[int64]int, error) {
	rows, err := s.Query("SELECT j.batch, count(*) FROM copies c CROSS JOIN jobs j ON j.seq = c.job WHERE " + record.IsOpen + " AND j.batch IS NOT NULL GROUP BY 1")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	m := map[int64]int{}
	for rows.Next() {
		var id int64
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		m[id] = n
	}
	return m, rows.Err()
}

// Get gives one instance. Error: ErrNotFound.
func (h *Batches) Get(ctx context.Context, id int64) (Batch, error) {
	s := h.db.Read(ctx)
	b, err := record.BatchByID(s, id)
	if err != nil {
		return Batch{}, err
	}
	open, err := unprinted(s)
	if err != nil {
		return Batch{}, err
	}
	return batchOf(s, &b, open)
}

func batchOf(s record.Source, b *record.BatchRow, open map[int64]int) (Batch, error) {
	out := Batch{
		ID: b.ID, MerchantNo: b.Merchant, TerminalNo: b.Terminal, BatchNo: b.BatchNo, State: b.State, Began: record.FromMillis(b.Began),
		OpenedAt: record.FromMillis(b.Opened), ClosedAt: record.FromMillis(b.Closed), ClosedBy: b.ClosedBy,
		Unprinted: open[b.ID],
	}
	// Notices of reversals have vouchers too, and further papers of one slip; they are few, and this count need not read the slips.
	err := s.Row(`SELECT (SELECT vouchers FROM batches WHERE id = ?1) - (SELECT count(*) FROM reversals WHERE batch = ?1)
		- (SELECT count(*) FROM jobs WHERE batch = ?1 AND voucher >= 0 AND (kind = 'document' AND batch IS NOT NULL))`, b.ID).Scan(&out.Slips)
	if err != nil {
		return out, err
	}
	var zone int
	switch err := record.NoRow(s.Row("SELECT zone FROM jobs WHERE seq = ?", b.FirstJob).Scan(&zone)); {
	case err == nil:
		out.Began = out.Began.In(time.FixedZone("", zone))
	case !errors.Is(err, record.ErrNotFound): // retention took its first job
		return out, err
	}
	if b.Settlement == 0 {
		return out, nil
	}
	err = record.NoRow(s.Row("SELECT job_id FROM jobs WHERE seq = ?", b.Settlement).Scan(&out.Settlement))
	if errors.Is(err, record.ErrNotFound) {
		err = nil
	}
	return out, err
}

// A Tally is receiptd's own count of one kind of transaction in a batch: an advisory beside the terminal's figures.
type Tally struct {
	Type     string `json:"type"`
	Result   string `json:"result"`
	Currency string `json:"currency"`
	Count    int    `json:"count"`
	Amount   int64  `json:"amount"` // minor units
}

// Tally counts what arrived in a batch. It reads every slip of the batch.
func (h *Batches) Tally(ctx context.Context, id int64) ([]Tally, error) {
	rows, err := h.db.Read(ctx).Query(`SELECT type, result, currency, count(*), sum(amount) FROM jobs
		WHERE batch = ? AND kind = 'transaction' AND outcome = 'accepted' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Tally{}
	for rows.Next() {
		var t Tally
		if err := rows.Scan(&t.Type, &t.Result, &t.Currency, &t.Count, &t.Amount); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, rows.Err()
}
