package rules

import (
	"errors"
	"slices"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// decide decides about a slip that a program printed. Such a slip always comes out: its program has done with it. Where its facts
// contradict what the journal has, it is kept as a document and stands for no voucher.
func (t lifted) decide(a Arrival, j *job.Job, f *record.Facts) (decision, error) {
	switch l := j.Lifted(); l.Kind {
	case job.KindTransaction:
		return t.slip(a, j, f, l)
	case job.KindSettlement:
		return t.settlement(a, j, f, l)
	}
	d := t.document(a, j)
	if j.Lifted().Kind == job.KindOrder {
		d.kind = job.KindOrder
	}
	return d, nil
}

// document is a slip that stands for nothing but itself. One that comes again says what it may be; one that says itself that it is a reprint
// need not.
func (t lifted) document(a Arrival, j *job.Job) decision {
	d := decision{names: t.r.copyNames(j)}
	if l := j.Lifted(); a.Again && (l == nil || !l.Duplicate) {
		d.revision = 1
	}
	return d
}

// slip takes a transaction's slip: the first of a voucher is its transaction, further papers of the same are documents of its batch.
func (t lifted) slip(a Arrival, j *job.Job, f *record.Facts, l *job.Lifted) (decision, error) {
	d := t.document(a, j)
	known, err := t.sameVoucher(f)
	if err != nil {
		return d, err
	}
	if len(known) > 0 {
		b, err := record.BatchByID(t, known[0].Batch)
		if err != nil {
			return d, err
		}
		last := &known[len(known)-1]
		anew, err := t.beganAnew(&b, f, l, last)
		if err != nil {
			return d, err
		}
		switch {
		case anew:
		case last.Amount == f.Amount && last.Type == f.Type && last.Currency == f.Currency:
			return d, t.furtherPaper(&d, &b, j, known)
		case l.Duplicate:
			return d, nil // of something that is not here, or an adjusted one: it says so itself
		case b.State == vocabulary.BatchSettled: // the numbers began anew
		case f.Is(vocabulary.TypeAdjustment):
			d.revision = len(known)
		default:
			return t.clash(d, j, f, last.JobID), nil
		}
	}
	if a.Again || l.Duplicate { // its first one is not here
		return d, nil
	}
	in, err := t.batches().instanceFor(f)
	if err != nil {
		return d, err
	}
	d.kind, d.batch = job.KindTransaction, in.ID
	if r, err := record.ReversalOf(t, in.ID, f.Voucher); err != nil || r.ID != 0 && r.Resolution != job.ResolutionPaid {
		d.kind = "" // the terminal said that it takes it back: no approval
		d.warnings = append(d.warnings, problemReversedSlip(f.Voucher))
		return d, err
	}
	if l.IsVoid() {
		t.ChangeMarks()
	}
	if in.State == vocabulary.BatchSettled {
		d.warnings = append(d.warnings, problemLateArrival(f.BatchNo, true))
		return d, nil
	}
	if in.State == vocabulary.BatchOpen {
		return d, t.batches().setLast(in.ID, t.LastJob()+1)
	}
	return d, nil
}

// sameVoucher gives what stands under a slip's voucher already, in the youngest batch of its number that has it: the transaction and its
// adjustments, in their order.
func (t lifted) sameVoucher(f *record.Facts) ([]record.JobRow, error) {
	list, err := t.batches().withNumber(f)
	if err != nil {
		return nil, err
	}
	for _, b := range list {
		rows, err := record.Jobs(t, "batch = ? AND voucher = ? AND kind = 'transaction' AND outcome = 'accepted' ORDER BY seq", b.ID, f.Voucher)
		if err != nil || len(rows) > 0 {
			return rows, err
		}
	}
	return nil, nil
}

// wellBehind is how long after the end of its batch no further paper of a slip comes: one with the same voucher is another.
const wellBehind = 36 * time.Hour

// beganAnew reports whether a slip is another than the one of its voucher in a settled batch, though it may say the same: a terminal's
// numbers begin again, and two customers may pay the same.
func (t lifted) beganAnew(b *record.BatchRow, f *record.Facts, l *job.Lifted, last *record.JobRow) (bool, error) {
	if b.State != vocabulary.BatchSettled || l.Duplicate {
		return false, nil
	}
	if b.Ended != 0 && record.Millis(f.Transacted)-b.Ended > wellBehind.Milliseconds() {
		return true, nil
	}
	if l.At.IsZero() {
		return false, nil
	}
	content, err := t.Job(last.Seq)
	if errors.Is(err, record.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	before := content.Lifted()
	return before != nil && !before.At.IsZero() && !before.At.Equal(l.At), nil
}

// furtherPaper takes another paper of a slip that is here: the customer's beside the shop's, or the same once more, which says what it may
// be.
func (t lifted) furtherPaper(d *decision, b *record.BatchRow, j *job.Job, known []record.JobRow) error {
	d.batch = b.ID
	if b.State == vocabulary.BatchSettled {
		d.warnings = append(d.warnings, problemLateArrival(b.BatchNo, true))
	}
	l := j.Lifted()
	if l.Duplicate || d.revision > 0 {
		return nil
	}
	papers, err := t.papers(&known[len(known)-1])
	if err != nil {
		return err
	}
	for _, p := range papers {
		if p.copy != "" && p.copy == l.Copy || p.row.Hash == j.Hash {
			d.revision = 1
		}
	}
	return nil
}

// A paper is one that a program printed of a transaction.
type paper struct {
	row  record.JobRow
	copy job.CopyName // "" when its text does not say
}

// papers gives the latest paper of each sort that there is of a captured transaction; those that say of themselves that they are reprints,
// or may be, stand aside.
func (t lifted) papers(slip *record.JobRow) ([]paper, error) {
	rows, err := record.Jobs(t, `batch = ? AND voucher = ? AND outcome = 'accepted' AND (seq = ? OR kind = 'document' AND seq > ? AND revision = 0) ORDER BY seq`,
		slip.Batch, slip.Voucher, slip.Seq, slip.Seq)
	if err != nil {
		return nil, err
	}
	var list []paper
	for _, row := range rows {
		content, err := t.Job(row.Seq)
		if err != nil {
			return nil, err
		}
		l := content.Lifted()
		if l == nil || l.Duplicate && row.Seq != slip.Seq {
			continue
		}
		if i := slices.IndexFunc(list, func(p paper) bool { return p.copy == l.Copy && p.copy != "" }); i >= 0 {
			list[i].row = row
			continue
		}
		list = append(list, paper{row, l.Copy})
	}
	return list, nil
}

// clash takes a slip whose voucher is another slip's: it comes out and is found by search, and a person is told.
func (t lifted) clash(d decision, j *job.Job, f *record.Facts, other string) decision {
	p := problemVoucherTaken(f.Voucher, other)
	d.warnings = append(d.warnings, p)
	d.then = t.tell(j, vocabulary.ReasonVoucherTaken, p)
	return d
}

// tell writes an alarm about a slip when it is stored.
func (t lifted) tell(j *job.Job, why vocabulary.Reason, p job.Problem) func(int64) error {
	return func(seq int64) error {
		_, err := t.Emit(record.Event{Type: vocabulary.EventAlarm, JobSeq: seq, JobID: j.ID, Reason: why, Detail: p.Message.Zh + " / " + p.Message.En})
		return err
	}
}

// settlement takes a settlement slip. It closes its batch by itself only where the shop's configuration says so and nothing about it is in
// doubt; else a person is asked.
func (t lifted) settlement(a Arrival, j *job.Job, f *record.Facts, l *job.Lifted) (decision, error) {
	d := t.document(a, j)
	if a.Again || l.Duplicate {
		return d, nil
	}
	d.kind = job.KindSettlement
	list, err := t.batches().withNumber(f)
	if err != nil {
		return d, err
	}
	b, found := closedBySettlement(list)
	if found {
		d.batch = b.ID
	}
	switch {
	case l.Type != string(vocabulary.ScopeSettlement) || l.Settle == job.SettleNever:
		return d, nil
	case !found:
		d.warnings = append(d.warnings, problemBatchUnknown(f.BatchNo))
		return d, nil
	case b.State == vocabulary.BatchSettled:
		d.warnings = append(d.warnings, problemAlreadySettled(f.BatchNo))
		return d, nil
	}
	old, err := t.settledBefore(&b, j, l)
	if err != nil {
		return d, err
	}
	if old || l.Settle != job.SettleAuto || l.Doubt || l.Amount == nil {
		p := problemSettleAsk(f.Terminal, f.BatchNo)
		d.warnings = append(d.warnings, p)
		d.then = t.tell(j, vocabulary.ReasonSettleAsk, p)
		return d, nil
	}
	d.warnings, err = t.batches().openMatters(&b)
	d.then = func(seq int64) error {
		if err := t.batches().noteFacts(&b, f, 0); err != nil {
			return err
		}
		return t.batches().close(&b, record.Millis(f.Transacted), record.ClosedByTerminal, f.Operator, seq)
	}
	return d, err
}

// settledBefore reports whether a settlement may be that of an earlier batch of the number, printed once more: the same slip came as a
// settlement before, or the batch has a sale from after it.
func (t lifted) settledBefore(b *record.BatchRow, j *job.Job, l *job.Lifted) (old bool, err error) {
	err = t.Row(`SELECT EXISTS (SELECT 1 FROM jobs WHERE hash = ? AND `+record.IsHashed+` AND kind = 'settlement' AND outcome = 'accepted' AND test = 0)`, j.Hash).Scan(&old)
	if err != nil || old || l.At.IsZero() { // that it came now says nothing of when it was made
		return old, err
	}
	err = t.Row("SELECT EXISTS (SELECT 1 FROM jobs WHERE batch = ? AND kind = 'transaction' AND outcome = 'accepted' AND transacted > ?)",
		b.ID, record.Millis(l.At)).Scan(&old)
	return old, err
}

// lastPaper gives the latest slip that a program printed through a capture without being of a terminal that is known.
func (t lifted) lastPaper(capture string) (record.JobRow, error) {
	return record.OneJob(t, newestOnly+` AND source = 'capture' AND terminal_no = ? AND kind IN ('document', 'order') AND outcome = 'accepted' AND test = 0
		AND revision = 0 ORDER BY seq DESC LIMIT 1`, mostLooked, capture)
}

// captures names those through which slips came lately that are of no known terminal.
func (t lifted) captures() ([]string, error) {
	return record.Column[string](t, `SELECT DISTINCT terminal_no FROM jobs WHERE `+newestOnly+` AND source = 'capture' AND kind IN ('document', 'order')
		AND outcome = 'accepted' AND test = 0 AND terminal_no <> '' AND coalesce(batch, 0) = 0 ORDER BY 1`, mostLooked)
}

// mostLooked is among how many of the newest jobs the last captured slip is looked for.
const (
	mostLooked = 5000
	newestOnly = "seq > (SELECT coalesce(max(seq), 0) FROM jobs) - ?"
)

// reprints queues marked copies of a captured slip: of each paper there is of it, or of those that are named.
func (t lifted) reprints(j *job.Job, row record.JobRow, archive string) (decision, error) {
	c := j.Command
	papers := []paper{{row: row}}
	if row.Kind == job.KindTransaction && c.Name != job.ReprintJob {
		var err error
		if papers, err = t.papers(&row); err != nil {
			return decision{}, err
		}
	}
	if len(c.Copies) > 0 && c.Name != job.ReprintJob {
		have := make([]job.CopyName, 0, len(papers))
		for _, p := range papers {
			have = append(have, p.copy)
		}
		for _, want := range c.Copies {
			if !slices.Contains(have, want) {
				return refuse(problemNoSuchCopy(want, slices.DeleteFunc(have, func(n job.CopyName) bool { return n == "" }))), nil
			}
		}
		papers = slices.DeleteFunc(papers, func(p paper) bool { return !slices.Contains(c.Copies, p.copy) })
	}
	d := decision{target: row.Seq, batch: row.Batch}
	var wanted []record.CopyRow
	for _, p := range papers {
		list, err := record.Copies(t, "job = ? ORDER BY seq", p.row.Seq)
		if err != nil {
			return d, err
		}
		want, _, problem := copiesWanted(list, nil, t.r.o.Label)
		if problem != nil {
			return refuse(*problem), nil
		}
		content, err := t.Job(p.row.Seq)
		if err != nil {
			return d, err
		}
		for _, n := range want {
			to := j.Printer
			if to == "" {
				to = t.r.route(content, n)
			}
			wanted = append(wanted, record.CopyRow{Job: p.row.Seq, Name: n, Printer: to, Base: job.MarkDuplicate, Operator: c.OperatorNo, Why: c.Reason, Archive: archive})
		}
	}
	st, err := record.StandingOf(t, &row)
	if err != nil {
		return d, err
	}
	if st.Pending {
		d.warnings = append(d.warnings, problemDoNotCharge(row.Voucher))
	}
	d.then = func(seq int64) error {
		for _, w := range wanted {
			w.Request = seq
			if _, err := t.copies().add(w); err != nil {
				return err
			}
		}
		return nil
	}
	return d, nil
}

// noTerminal gives the latest captured slip where no terminal is known: that of the capture that is named, or of the only one.
func (t lifted) noTerminal(named string) (row record.JobRow, p *job.Problem, err error) {
	if named == "" {
		list, err := t.captures()
		switch {
		case err != nil:
			return row, nil, err
		case len(list) == 0:
			p := problemNoSlip()
			return row, &p, nil
		case len(list) > 1:
			p := problemTerminalAmbiguous(list)
			return row, &p, nil
		}
		named = list[0]
	}
	row, err = t.lastPaper(named)
	if errors.Is(err, record.ErrNotFound) {
		p := problemNoSlip()
		return row, &p, nil
	}
	return row, nil, err
}
