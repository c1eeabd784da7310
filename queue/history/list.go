package history

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// A Summary is one job in a list.
type Summary struct {
	JobID        string                `json:"job_id"`
	Kind         job.Kind              `json:"kind"`
	Outcome      vocabulary.Outcome    `json:"outcome"` // accepted or conflict
	Type         string                `json:"type,omitempty"`
	Result       string                `json:"result,omitempty"`
	Money        vocabulary.Money      `json:"money,omitempty"` // what the mirror says now: approved, declined, unknown, voided, refunded (all of it), completed (a pre-authorisation), reversal_pending, reversal_failed, reversed, resolved
	MerchantNo   string                `json:"merchant_no,omitempty"`
	TerminalNo   string                `json:"terminal_no,omitempty"`
	BatchNo      string                `json:"batch_no,omitempty"`
	Batch        int64                 `json:"batch,omitempty"` // instance
	BatchState   vocabulary.BatchState `json:"batch_state,omitempty"`
	VoucherNo    string                `json:"voucher_no,omitempty"`
	Amount       int64                 `json:"amount"` // minor units
	Currency     string                `json:"currency,omitempty"`
	Last4        string                `json:"last4,omitempty"`
	OrderNo      string                `json:"order_no,omitempty"`
	Operator     string                `json:"operator,omitempty"`
	TransactedAt time.Time             `json:"transacted_at,omitzero"` // as the slip says it: with the terminal's offset
	AcceptedAt   time.Time             `json:"accepted_at"`
	Test         bool                  `json:"test,omitempty"`
	Revision     int                   `json:"revision,omitempty"`
	Copies       []answer.CopyStatus   `json:"copies"` // all that exist, reprints too, in the order they were asked for
}

// A Filter narrows a list. Empty fields do not. A search (Q) finds orders and documents, which have no batch and no
// terminal, in the open batches and at any terminal too.
type Filter struct {
	Batch    string    // "current" (open ones), "all" or "", a batch number
	Loose    bool      // with "current": also the orders and documents of the last day
	BatchID  int64     // one instance
	Terminal string    // number
	State    string    // of any copy; or "conflict"; or "in_pieces": a person is asked about it
	Kind     job.Kind  // commands are listed only when asked for
	Q        string    // voucher, amount (42.50), last four digits, order number, or a time on the slip (12:34, 12.34, 1234, 2026-08-11, day and time)
	From, To time.Time // of the transaction; To is not in it
	Limit    int       // 1 to 500; 0 is 50
	Cursor   string    // of the page before
}

// List lists jobs, the latest arrival first, and gives the cursor of the next page, "" at the end.
func (h *Jobs) List(ctx context.Context, f Filter) ([]Summary, string, error) {
	s := h.db.Read(ctx)
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, 500)
	before := int64(1) << 62
	if f.Cursor != "" {
		n, err := strconv.ParseInt(f.Cursor, 10, 64)
		if err != nil {
			return nil, "", fmt.Errorf("cursor %q: %w", f.Cursor, record.ErrNotFound)
		}
		before = n
	}
	where, args, err := h.conditions(s, &f)
	if err != nil {
		return nil, "", err
	}
	rows, err := h.search(s.Unprepared(), f.Q, before, f.Limit+1, where, args)
	if err != nil {
		return nil, "", err
	}
	cursor := ""
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		cursor = strconv.FormatInt(rows[f.Limit-1].Seq, 10)
	}
	list := make([]Summary, len(rows))
	for i := range rows {
		if list[i], err = summary(s, &rows[i]); err != nil {
			return nil, "", err
		}
	}
	return list, cursor, nil
}

// conditions writes a filter as SQL that follows "seq < ?". Jobs are walked from the latest backwards; the plus signs
// keep SQLite from walking by batch and sorting, or from the first job up to the first loose one.
func (h *Jobs) conditions(s record.Source, f *Filter) (where string, args []any, err error) {
	var b strings.Builder
	add := func(cond string, v ...any) {
		b.WriteString(" AND " + cond)
		args = append(args, v...)
	}
	if f.Kind != "" {
		add("kind = ?", f.Kind)
	} else {
		add("kind <> 'command'")
	}
	add("outcome IN ('accepted', 'conflict')")
	if err := h.batchCondition(s, f, add); err != nil {
		return "", nil, err
	}
	switch {
	case f.Terminal != "" && (f.Loose || f.Q != ""):
		add("+terminal_no IN (?, '')", f.Terminal)
	case f.Terminal != "":
		add("+terminal_no = ?", f.Terminal)
	}
	if !f.From.IsZero() {
		add("transacted >= ? AND transacted > 0", record.Millis(f.From))
	}
	if !f.To.IsZero() {
		add("transacted < ? AND transacted > 0", record.Millis(f.To))
	}
	switch vocabulary.State(f.State) {
	case "":
	case vocabulary.StateQueued, vocabulary.StateHeld, vocabulary.StateSending, vocabulary.StateUncertain:
		add("seq IN (SELECT job FROM copies WHERE "+record.IsOpen+" AND state = ?)", f.State)
	case vocabulary.State(vocabulary.ReasonInPieces):
		add("seq IN (SELECT job FROM copies WHERE reason = 'in_pieces')") // as its index says it
	case vocabulary.State(vocabulary.OutcomeConflict):
		add("outcome = 'conflict'")
	default:
		add("EXISTS (SELECT 1 FROM copies c WHERE c.job = jobs.seq AND c.state = ?)", f.State)
	}
	return b.String(), args, nil
}

// looseShown is how long an order or document stands in the list of what is current.
const looseShown = 24 * time.Hour

func (h *Jobs) batchCondition(s record.Source, f *Filter, add func(string, ...any)) error {
	var list []record.BatchRow
	var err error
	switch {
	case f.BatchID != 0:
		add("batch = ?", f.BatchID)
		return nil
	case f.Batch == "" || f.Batch == "all":
		return nil
	case f.Batch == "current":
		list, err = record.BatchRows(s, "state IN ('open', 'superseded') AND (? = '' OR terminal_no = ?)", f.Terminal, f.Terminal)
	default:
		list, err = record.BatchRows(s, "batch_no = ? AND (? = '' OR terminal_no = ?)", job.NormalVoucher(f.Batch), f.Terminal, f.Terminal)
	}
	if err != nil {
		return err
	}
	ids := []string{"0"}
	first := int64(1) << 62 // nothing is so late
	for _, b := range list {
		ids = append(ids, strconv.FormatInt(b.ID, 10))
		first = min(first, b.FirstJob)
	}
	in := "+batch IN (" + strings.Join(ids, ", ") + ")"
	switch {
	case f.Batch == "current" && f.Q != "":
		add("("+in+" AND seq >= ? OR +batch IS NULL)", first)
	case f.Batch == "current" && f.Loose:
		day := record.Millis(h.now().Add(-looseShown))
		add("("+in+" AND seq >= ? OR +batch IS NULL AND at >= ?)", first, day)
		add("seq >= min(?, (SELECT coalesce(min(+seq), 1 << 62) FROM jobs WHERE batch IS NULL AND at >= ?))", first, day)
	default:
		add(in)
		add("seq >= ?", first)
	}
	return nil
}

// summary builds one line of a list.
func summary(s record.View, r *record.JobRow) (Summary, error) {
	sum := Summary{
		JobID: r.JobID, Kind: r.Kind, Outcome: r.Outcome, Type: r.Type, Result: r.Result, MerchantNo: r.Merchant, TerminalNo: r.Terminal,
		BatchNo: r.BatchNo, Batch: r.Batch, Amount: r.Amount, Currency: r.Currency, Last4: r.Last4, OrderNo: r.OrderNo,
		Operator: r.Operator, TransactedAt: r.Transacted, AcceptedAt: record.FromMillis(r.At), Test: r.Test, Revision: r.Revision,
		Copies: []answer.CopyStatus{},
	}
	if r.Voucher != record.NoVoucher {
		sum.VoucherNo = record.VoucherText(r.Voucher)
	}
	if r.Batch != 0 {
		if err := s.Row("SELECT state FROM batches WHERE id = ?", r.Batch).Scan(&sum.BatchState); err != nil {
			return sum, err
		}
	}
	if r.Kind == job.KindSettlement {
		sum.Currency = "" // its figures are those of its slip: as one amount it has none
	}
	var err error
	if sum.Money, err = money(s, r); err != nil {
		return sum, err
	}
	list, err := record.Copies(s, "job = ? ORDER BY seq", r.Seq)
	if err != nil {
		return sum, err
	}
	next := map[job.CopyName]int{}
	for i := range list {
		next[list[i].Name] = max(next[list[i].Name], list[i].PrintNo)
	}
	for i := range list {
		sum.Copies = append(sum.Copies, answer.Status(s, &list[i], next[list[i].Name]+1))
	}
	return sum, nil
}

// money is what the mirror says about a slip now.
func money(s record.Source, r *record.JobRow) (vocabulary.Money, error) {
	switch {
	case r.Kind == job.KindReversal:
		m, err := record.ReversalOf(s, r.Batch, r.Voucher)
		return mirrorWord(m.Status), err
	case r.Kind != job.KindTransaction:
		return "", nil
	}
	m, err := record.ReversalOf(s, r.Batch, r.Voucher)
	if err != nil || m.ID != 0 {
		return mirrorWord(m.Status), err
	}
	st, err := record.StandingOf(s, r)
	if err != nil || st.Voided {
		return vocabulary.MoneyVoided, err
	}
	if r.Approved() {
		return record.MoneyAfter(s, r)
	}
	return vocabulary.Money(r.Result), nil
}

func mirrorWord(status vocabulary.ReversalStatus) vocabulary.Money {
	switch status {
	case job.ReversalPending:
		return vocabulary.MoneyReversalPending
	case job.ReversalSucceeded:
		return vocabulary.MoneyReversed
	case job.ReversalFailed:
		return vocabulary.MoneyReversalFailed
	}
	return vocabulary.Money(status)
}

// Last gives the slip that "reprint last" means now; terminal "" is the only terminal there is. Error: ErrNotFound.
func (h *Jobs) Last(ctx context.Context, terminal string) (Summary, error) {
	s := h.db.Read(ctx)
	if terminal == "" {
		list, err := h.Terminals(ctx)
		if err != nil || len(list) != 1 {
			return Summary{}, orNotFound(err)
		}
		terminal = list[0]
	}
	b, err := record.LastBatch(s, terminal)
	if err != nil || b.ID == 0 || b.State == vocabulary.BatchSettled {
		return Summary{}, orNotFound(err)
	}
	row, err := record.JobBySeq(s, b.LastJob)
	if err != nil {
		return Summary{}, err
	}
	return summary(s, &row)
}

func orNotFound(err error) error {
	if err == nil {
		return record.ErrNotFound
	}
	return err
}

// Terminals names the terminals that "last" may mean: with an open batch, or settled within seven days.
func (h *Jobs) Terminals(ctx context.Context) ([]string, error) {
	return record.Terminals(h.db.Read(ctx), h.now())
}

// Reversals lists the standing alarms - pending and failed reversals that nobody resolved - or all that are kept.
func (h *Jobs) Reversals(ctx context.Context, all bool) ([]Reversal, error) {
	s := h.db.Read(ctx)
	rows, err := s.Query(`SELECT r.merchant_no, r.terminal_no, b.batch_no, r.voucher, r.status, r.amount, r.currency, r.last4, j.job_id, r.opened_at,
			r.updated_at, r.resolution, r.case_no, r.operator
		FROM reversals r JOIN batches b ON b.id = r.batch JOIN jobs j ON j.seq = r.job
		WHERE ? OR r.status IN ('pending', 'failed') ORDER BY r.id DESC LIMIT 500`, all)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Reversal{}
	for rows.Next() {
		var r Reversal
		var voucher, since, updated int64
		if err := rows.Scan(&r.MerchantNo, &r.TerminalNo, &r.BatchNo, &voucher, &r.Status, &r.Amount, &r.Currency, &r.Last4, &r.JobID, &since,
			&updated, &r.Resolution, &r.CaseNo, &r.Operator); err != nil {
			return nil, err
		}
		r.VoucherNo, r.Since, r.UpdatedAt = record.VoucherText(voucher), record.FromMillis(since), record.FromMillis(updated)
		list = append(list, r)
	}
	return list, rows.Err()
}

// Outstanding counts the copies of one printer that have not come out, or are not known to have.
type Outstanding struct {
	Printer string            `json:"printer"`
	State   vocabulary.State  `json:"state"`
	Reason  vocabulary.Reason `json:"reason,omitempty"`
	Count   int               `json:"count"`
	Oldest  time.Time         `json:"oldest"` // when the oldest was asked for
}

// Outstanding counts what is queued, at a printer, held or uncertain, by printer, state and reason.
func (h *Waiting) Outstanding(ctx context.Context) ([]Outstanding, error) {
	rows, err := h.db.Read(ctx).Query("SELECT printer, state, reason, count(*), min(asked) FROM copies WHERE " + record.IsOpen + " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Outstanding{}
	for rows.Next() {
		var o Outstanding
		var oldest int64
		if err := rows.Scan(&o.Printer, &o.State, &o.Reason, &o.Count, &oldest); err != nil {
			return nil, err
		}
		o.Oldest = record.FromMillis(oldest)
		list = append(list, o)
	}
	return list, rows.Err()
}

// Unbegun counts what waits for a printer and of which nothing has left, by state and reason: what may be cancelled.
func (h *Waiting) Unbegun(ctx context.Context, printer string) ([]Outstanding, error) {
	rows, err := h.db.Read(ctx).Query("SELECT state, reason, count(*), min(asked) FROM copies WHERE printer = ? AND "+record.IsOpen+
		" AND state IN ('queued', 'held') AND print_no = 0 GROUP BY 1, 2 ORDER BY 1, 2", printer)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Outstanding
	for rows.Next() {
		o := Outstanding{Printer: printer}
		var oldest int64
		if err := rows.Scan(&o.State, &o.Reason, &o.Count, &oldest); err != nil {
			return nil, err
		}
		o.Oldest = record.FromMillis(oldest)
		list = append(list, o)
	}
	return list, rows.Err()
}

// A Reversal is a standing alarm: the money is not where it should be, and nobody has settled it.
type Reversal struct {
	MerchantNo string                    `json:"merchant_no"`
	TerminalNo string                    `json:"terminal_no"`
	BatchNo    string                    `json:"batch_no"`
	VoucherNo  string                    `json:"voucher_no"`
	Status     vocabulary.ReversalStatus `json:"status"` // pending, failed; succeeded and resolved only when all are asked for
	Amount     int64                     `json:"amount"` // minor units
	Currency   string                    `json:"currency"`
	Last4      string                    `json:"last4,omitempty"`
	JobID      string                    `json:"job_id"` // the latest notice
	Since      time.Time                 `json:"since"`
	UpdatedAt  time.Time                 `json:"updated_at"`
	Resolution vocabulary.Resolution     `json:"resolution,omitempty"`
	CaseNo     string                    `json:"case_no,omitempty"`
	Operator   string                    `json:"operator,omitempty"`
}
