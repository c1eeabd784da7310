package history

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// reportShown bounds the slips and the doubts that a report names one by one.
const reportShown = 200

// Day reports what came to this machine from one time to another.
func (h *Reports) Day(ctx context.Context, from, to time.Time) (api.Report, error) {
	r := newReport(from, to)
	p := reporter{s: h.db.Read(ctx), r: &r, from: record.Millis(from), to: record.Millis(to), now: record.Millis(h.now())}
	lo, hi, err := seqs(p.s, "jobs", "seq", "at", p.from, p.to)
	if err != nil {
		return r, err
	}
	if err := p.slips(lo, hi); err != nil {
		return r, err
	}
	closed, err := record.BatchRows(p.s, "state = 'settled' AND closed_at >= ? AND closed_at < ? ORDER BY closed_at, id LIMIT 200", p.from, p.to)
	if err != nil {
		return r, err
	}
	return r, p.rest(closed)
}

// Batch reports one batch: its slips, and what the printers did from its beginning to its end. Error: ErrNotFound.
func (h *Reports) Batch(ctx context.Context, id int64) (api.Report, error) {
	s := h.db.Read(ctx)
	b, err := record.BatchByID(s, id)
	if err != nil {
		return api.Report{}, err
	}
	to := h.now()
	if b.Closed > 0 {
		to = record.FromMillis(b.Closed)
	}
	r := newReport(record.FromMillis(b.Opened), to)
	p := reporter{s: s, r: &r, from: b.Opened, to: record.Millis(to) + 1, batch: id, now: record.Millis(h.now())}
	if err := eachRow(s, id, reported, p.slip); err != nil {
		return r, err
	}
	return r, p.rest([]record.BatchRow{b})
}

func newReport(from, to time.Time) api.Report {
	return api.Report{From: from, To: to, Slips: []api.ReportSlips{}, LeftOut: []api.ReportLeftOut{}, Sums: []api.ReportSum{}, Batches: []api.ReportBatch{},
		Notable: []api.ReportSlip{}, Reprints: []api.ReportReprints{}, Doubts: []api.ReportDoubt{}, Printers: []api.ReportPrinter{}}
}

// rest adds everything beside the slips.
func (p *reporter) rest(batches []record.BatchRow) error {
	for i := range batches {
		if err := p.settlement(&batches[i]); err != nil {
			return err
		}
	}
	lo, hi, err := seqs(p.s, "events", "seq", "at", p.from, p.to)
	if err != nil {
		return err
	}
	if err := p.doubts(lo, hi); err != nil {
		return err
	}
	if err := p.papers(); err != nil {
		return err
	}
	if err := p.troubles(); err != nil {
		return err
	}
	slices.SortFunc(p.r.Printers, func(a, b api.ReportPrinter) int { return cmp.Compare(a.Printer, b.Printer) })
	return nil
}

// reported is the condition that a report counts a job.
const reported = "outcome IN ('accepted', 'conflict') AND test = 0 AND kind <> 'command'"

// slips counts the slips of a time. Transactions that add up or do not are told by the same rule as in a batch.
func (p *reporter) slips(lo, hi int64) error {
	for last := lo - 1; ; {
		rows, err := record.Jobs(p.s, reported+" AND seq > ? AND seq <= ? AND at >= ? AND at < ? ORDER BY seq LIMIT 500", last, hi, p.from, p.to)
		if err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			last = rows[i].Seq
			if err := p.slip(&rows[i]); err != nil {
				return err
			}
		}
	}
}

func (p *reporter) slip(row *record.JobRow) error {
	line := api.ReportSlips{Kind: row.Kind, Type: row.Type, Currency: row.Currency}
	if row.Kind != job.KindTransaction {
		line.Currency = ""
		p.line(line).Count++
		if row.Kind == job.KindReversal { // mostly of a transaction that has no slip of its own
			return p.notable(row)
		}
		return nil
	}
	amount, why, err := counted(p.s, row)
	if err != nil {
		return err
	}
	at, sum := p.line(line), p.sum(row.Currency)
	at.Count++
	if why == "" {
		at.Counted++
		at.Amount += amount
		sum.Slips++
		sum.Amount += amount
	} else {
		sum.LeftOut++
		p.leftOut(why, row.Currency).Count++
	}
	return p.notable(row)
}

// notable names a transaction whose money was taken back or is not known, once: its slip and the notices of its reversal tell of the same.
func (p *reporter) notable(row *record.JobRow) error {
	said, err := money(p.s, row)
	if err != nil {
		return err
	}
	switch said {
	case vocabulary.MoneyVoided, vocabulary.MoneyReversed, vocabulary.MoneyReversalPending, vocabulary.MoneyReversalFailed, vocabulary.MoneyResolved, vocabulary.Money(vocabulary.ResultUnknown):
	default:
		return nil
	}
	of := [2]int64{row.Batch, row.Voucher}
	if by := p.told[of]; by != "" && (by == job.KindReversal || row.Kind == job.KindReversal) {
		return nil
	}
	if p.told == nil {
		p.told = map[[2]int64]job.Kind{}
	}
	p.told[of] = row.Kind
	if len(p.r.Notable) == reportShown {
		p.r.More = true
		return nil
	}
	x := api.ReportSlip{What: said, JobID: row.JobID, Type: row.Type, TerminalNo: row.Terminal, Amount: row.Amount, Currency: row.Currency, At: row.Transacted, Operator: row.Operator}
	if row.Voucher != record.NoVoucher {
		x.VoucherNo = record.VoucherText(row.Voucher)
	}
	p.r.Notable = append(p.r.Notable, x)
	return nil
}

// line gives the line of such slips; nothing else may be added until it is used.
func (p *reporter) line(want api.ReportSlips) *api.ReportSlips {
	i := slices.IndexFunc(p.r.Slips, func(x api.ReportSlips) bool {
		return x.Kind == want.Kind && x.Type == want.Type && x.Currency == want.Currency
	})
	if i < 0 {
		p.r.Slips = append(p.r.Slips, want)
		i = len(p.r.Slips) - 1
	}
	return &p.r.Slips[i]
}

func (p *reporter) leftOut(why, currency string) *api.ReportLeftOut {
	i := slices.IndexFunc(p.r.LeftOut, func(x api.ReportLeftOut) bool { return x.Why == why && x.Currency == currency })
	if i < 0 {
		p.r.LeftOut = append(p.r.LeftOut, api.ReportLeftOut{Why: why, Currency: currency})
		i = len(p.r.LeftOut) - 1
	}
	return &p.r.LeftOut[i]
}

func (p *reporter) sum(currency string) *api.ReportSum {
	i := slices.IndexFunc(p.r.Sums, func(x api.ReportSum) bool { return x.Currency == currency })
	if i < 0 {
		p.r.Sums = append(p.r.Sums, api.ReportSum{Currency: currency})
		i = len(p.r.Sums) - 1
	}
	return &p.r.Sums[i]
}

// settlement puts a batch beside what its terminal said.
func (p *reporter) settlement(b *record.BatchRow) error {
	list, err := sums(p.s, b, nil)
	if err != nil {
		return err
	}
	x := api.ReportBatch{ID: b.ID, BatchNo: b.BatchNo, TerminalNo: b.Terminal, State: b.State, ClosedAt: record.FromMillis(b.Closed), ClosedBy: b.ClosedBy, Sums: list}
	p.r.Batches = append(p.r.Batches, x)
	return nil
}

// ofBatch limits a query for copies, by their job's alias, to a batch when the report is of one.
func (p *reporter) ofBatch(alias string) (condition string, args []any) {
	if p.batch == 0 {
		return "", nil
	}
	return " AND " + alias + ".batch = ?", []any{p.batch}
}

// doubts lists the slips of which it was not known whether they came out, and how that ended.
func (p *reporter) doubts(lo, hi int64) error {
	only, more := p.ofBatch("j")
	rows, err := p.s.Query(`SELECT e.seq, e.at, e.printer, c.name, j.job_id, c.seq, j.seq FROM events e JOIN copies c ON c.seq = e.copy JOIN jobs j ON j.seq = c.job
		WHERE e.seq >= ? AND e.seq <= ? AND e.at >= ? AND e.at < ? AND e.type = 'copy' AND e.state = 'uncertain' AND j.test = 0`+only+" ORDER BY e.seq LIMIT ?",
		append(append([]any{lo, hi, p.from, p.to}, more...), reportShown+1)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	type ref struct{ event, copy, job int64 }
	var refs []ref
	seen := map[int64]bool{} // several events tell of one doubt where several files show it
	for rows.Next() {
		var x api.ReportDoubt
		var k ref
		var at int64
		if err := rows.Scan(&k.event, &at, &x.Printer, &x.Copy, &x.JobID, &k.copy, &k.job); err != nil {
			return err
		}
		if seen[k.copy] {
			continue
		}
		seen[k.copy] = true
		x.At = record.FromMillis(at)
		p.r.Doubts, refs = append(p.r.Doubts, x), append(refs, k)
	}
	if err := cmp.Or(rows.Err(), rows.Close()); err != nil {
		return err
	}
	if len(refs) > reportShown {
		refs, p.r.Doubts, p.r.More = refs[:reportShown], p.r.Doubts[:reportShown], true
	}
	for i, k := range refs {
		if err := p.ended(&p.r.Doubts[i], k.event, k.copy, k.job); err != nil {
			return err
		}
	}
	return nil
}

// ended finds how a doubt ended.
func (p *reporter) ended(x *api.ReportDoubt, event, seq, of int64) error {
	list, err := record.Events(p.s, "SELECT "+record.EventColumns+" FROM events WHERE job = ? AND copy = ? AND seq > ? AND type = 'copy' AND state <> 'uncertain' ORDER BY seq LIMIT 1", of, seq, event)
	if err != nil || len(list) == 0 {
		return err
	}
	x.Ended, x.EndedAt = list[0].State, list[0].At
	if who, ok := strings.CutPrefix(list[0].Detail, "by "); ok {
		x.Operator = who // who answered; the event's own operator is who had asked for the slip
	}
	c, err := record.CopyBySeq(p.s, seq)
	if c.State == x.Ended {
		x.Proof = c.Proof
	}
	return err
}

// papers counts what came out of the printers, how much paper it takes, and whose further copies it was.
func (p *reporter) papers() error {
	lo, hi, err := seqs(p.s, "attempts", "proof", "started", p.from, p.to)
	if err != nil {
		return err
	}
	only, more := p.ofBatch("j")
	rows, err := p.s.Query(`SELECT a.printer, c.print_no, iif(c.mark = '', coalesce(nullif(c.base, ''), 'original'), c.mark), c.operator, a.paper FROM attempts a JOIN copies c ON c.seq = a.copy JOIN jobs j ON j.seq = c.job
		WHERE a.proof >= ? AND a.proof <= ? AND a.started >= ? AND a.started < ?`+only, append([]any{lo, hi, p.from, p.to}, more...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var printer, operator string
		var no int
		var mark job.MarkKind
		var paper int64
		if err := rows.Scan(&printer, &no, &mark, &operator, &paper); err != nil {
			return err
		}
		at := p.printer(printer)
		at.Copies++
		at.PaperMM += paper
		if paper == 0 {
			at.Unknown++
		}
		if no > 1 {
			p.reprint(operator, mark).Copies++
		}
	}
	slices.SortFunc(p.r.Reprints, func(a, b api.ReportReprints) int {
		return cmp.Or(-cmp.Compare(a.Copies, b.Copies), cmp.Compare(a.Operator, b.Operator))
	})
	return rows.Err()
}

func (p *reporter) reprint(operator string, why job.MarkKind) *api.ReportReprints {
	i := slices.IndexFunc(p.r.Reprints, func(x api.ReportReprints) bool { return x.Operator == operator && x.Why == why })
	if i < 0 {
		p.r.Reprints = append(p.r.Reprints, api.ReportReprints{Operator: operator, Why: why})
		i = len(p.r.Reprints) - 1
	}
	return &p.r.Reprints[i]
}
