package history

import (
	"context"
	"strings"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// A Ticket is a slip that is not out, or not known to be.
type Ticket struct {
	Seq     int64 // of the copy
	CopyID  string
	JobID   string
	Kind    job.Kind
	Copy    job.CopyName
	Printer string
	State   vocabulary.State
	Reason  vocabulary.Reason
	Voucher string
	Order   string
	Since   time.Time     // from when its time runs
	Limit   time.Duration // within which it should be out

	Amount   int64
	Currency string
}

// Limits are the times within which the slips of each kind should be out; a kind that is not there is not watched.
type Limits map[job.Kind]time.Duration

// ticketsFrom finds the tickets of copies c and their jobs j: what is not out, of what was printed for the first time or in place of that.
// Its time runs from the job's acceptance; of a slip that a person reported as blank, from that report.
const ticketsFrom = ` FROM copies c JOIN jobs j ON j.seq = c.job WHERE ` + record.IsOpen + ` AND c.base <> 'duplicate'
	AND NOT EXISTS (SELECT 1 FROM copies p WHERE p.job = c.job AND p.name = c.name AND p.state IN ('printed', 'processed', 'sent'))`

const ticketSince = `CASE WHEN EXISTS (SELECT 1 FROM copies d WHERE d.job = c.job AND d.name = c.name AND d.state = 'defective') THEN c.asked ELSE j.at END`

// ticketLimit gives the seconds, 0 for none. It must not be named as a column is: a condition would mean the column.
const ticketLimit = `CASE WHEN j.due > 0 THEN j.due ELSE CASE j.kind WHEN 'transaction' THEN ?1 WHEN 'reversal' THEN ?2 WHEN 'settlement' THEN ?3
	WHEN 'order' THEN ?4 WHEN 'document' THEN ?5 ELSE 0 END END`

// ticketReason is why a slip waits: what holds up the one that its printer has before it, where it waits for nothing else.
const ticketReason = `CASE WHEN c.state = 'queued' AND c.reason = '' THEN coalesce((SELECT w.reason FROM copies w WHERE ` + record.IsOpen + ` AND w.printer = c.printer
	AND w.state = 'held' AND w.seq < c.seq AND w.reason <> '` + string(vocabulary.ReasonStale) + `' AND w.reason <> '` + string(vocabulary.ReasonHalf) + `' ORDER BY w.seq LIMIT 1), '') ELSE c.reason END`

const ticketColumns = `SELECT c.seq, c.asked, j.job_id, j.kind, c.name, c.printer, c.state, c.reason, coalesce(j.voucher, -1), j.order_no, j.amount, j.currency, ` +
	ticketSince + ` AS since, ` + ticketLimit + ` AS allowed`

// Watched gives tickets that have a limit and of which nobody was told yet that they are not out, the one first whose time ends first.
func (h *Waiting) Watched(ctx context.Context, limits Limits, most int) ([]Ticket, error) {
	return h.tickets(ctx, limits, ticketColumns+ticketsFrom+` AND allowed > 0 AND NOT `+record.IsOverdue+` ORDER BY since + allowed * 1000 LIMIT ?6`, most)
}

// Overdue gives the tickets that are not out in time, the oldest first.
func (h *Waiting) Overdue(ctx context.Context, limits Limits, most int) ([]Ticket, error) {
	return h.tickets(ctx, limits, strings.Replace(ticketColumns, "c.reason", ticketReason, 1)+ticketsFrom+` AND `+record.IsOverdue+` ORDER BY c.seq LIMIT ?6`, most)
}

// Uncertain gives the slips of which nobody knows whether they came out, the oldest first.
func (h *Waiting) Uncertain(ctx context.Context, most int) ([]Ticket, error) {
	return h.tickets(ctx, nil, ticketColumns+` FROM copies c JOIN jobs j ON j.seq = c.job WHERE `+record.IsOpen+` AND c.state = 'uncertain' ORDER BY c.seq LIMIT ?6`, most)
}

// Unsettled gives the batches that were opened before a time and are not settled.
func (h *Batches) Unsettled(ctx context.Context, before time.Time) ([]Batch, error) {
	list, err := record.BatchRows(h.db.Read(ctx), "state IN ('open', 'superseded') AND opened_at < ? ORDER BY id LIMIT ?", record.Millis(before), batchesShown)
	out := make([]Batch, len(list))
	for i, b := range list {
		out[i] = Batch{ID: b.ID, MerchantNo: b.Merchant, TerminalNo: b.Terminal, BatchNo: b.BatchNo, State: b.State}
	}
	return out, err
}

// CountOverdue counts them by printer.
func (h *Waiting) CountOverdue(ctx context.Context) (map[string]int, error) {
	rows, err := h.db.Read(ctx).Query("SELECT c.printer, count(*)" + ticketsFrom + " AND " + record.IsOverdue + " GROUP BY 1")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var name string
		var n int
		if err := rows.Scan(&name, &n); err != nil {
			return nil, err
		}
		out[name] = n
	}
	return out, rows.Err()
}

func (h *Waiting) tickets(ctx context.Context, limits Limits, query string, most int) ([]Ticket, error) {
	s := h.db.Read(ctx)
	seconds := func(k job.Kind) int64 { return int64(limits[k] / time.Second) }
	rows, err := s.Query(query, seconds(job.KindTransaction), seconds(job.KindReversal), seconds(job.KindSettlement), seconds(job.KindOrder),
		seconds(job.KindDocument), most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Ticket
	for rows.Next() {
		var x Ticket
		var asked, voucher, since, limit int64
		if err := rows.Scan(&x.Seq, &asked, &x.JobID, &x.Kind, &x.Copy, &x.Printer, &x.State, &x.Reason, &voucher, &x.Order, &x.Amount, &x.Currency, &since, &limit); err != nil {
			return nil, err
		}
		x.CopyID, x.Since, x.Limit = s.CopyID(x.Seq, asked), record.FromMillis(since), time.Duration(limit)*time.Second
		if voucher != record.NoVoucher {
			x.Voucher = record.VoucherText(voucher)
		}
		list = append(list, x)
	}
	return list, rows.Err()
}

// LastCopy gives the number of the newest copy, 0 for none.
func (h *Waiting) LastCopy(ctx context.Context) (n int64, err error) {
	err = h.db.Read(ctx).Row("SELECT coalesce(max(seq), 0) FROM copies").Scan(&n)
	return n, err
}
