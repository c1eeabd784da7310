package rules

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// instanceFor gives the instance that a slip belongs to, and opens one when there is none. The first slip of a batch supersedes the
// one that the terminal had open.
func (t batches) instanceFor(f *record.Facts) (record.BatchRow, error) {
	ms := record.Millis(f.Transacted)
	b, err := t.findOrOpen(f, ms)
	if err != nil || b.State != vocabulary.BatchOpen || b.LastJob != 0 {
		return b, err
	}
	later, err := t.laterBatch(f, b.ID, ms)
	if err != nil {
		return b, err
	}
	if later != 0 { // a notice opened it, and its slip comes late
		return b, t.supersede(&b, later)
	}
	open, err := record.BatchRows(t, "terminal_no = ? AND "+record.OfMerchant+" AND state = 'open' AND id <> ?", f.Terminal, f.Merchant, f.Merchant, b.ID)
	if err != nil {
		return b, err
	}
	for i := range open {
		o := &open[i]
		if ended := ms; ended < o.Began {
			err = t.supersede(o, 0) // a clock was wrong: nobody knows when it ended
		} else {
			err = t.supersede(o, ended)
		}
		if err != nil {
			return b, err
		}
	}
	return b, nil
}

// findOrOpen gives the instance that something done at a time belongs to, and opens one when there is none. ms is the
// terminal's clock: it is compared only with that terminal's own times.
func (t batches) findOrOpen(f *record.Facts, ms int64) (record.BatchRow, error) {
	list, err := t.withNumber(f)
	if err != nil {
		return record.BatchRow{}, err
	}
	var found *record.BatchRow
	for i := range list {
		b := &list[i]
		if b.Ended != 0 && ms > b.Ended {
			continue
		}
		if found == nil || b.Ended != 0 && (found.Ended == 0 || b.Ended < found.Ended) {
			found = b
		}
	}
	if found == nil {
		return t.openInstance(f, ms)
	}
	return *found, t.noteFacts(found, f, ms)
}

// noteFacts notes what a slip or notice tells about its instance: an earlier beginning, the merchant. ms 0 is no time.
func (t batches) noteFacts(b *record.BatchRow, f *record.Facts, ms int64) error {
	if ms != 0 && ms < b.Began {
		b.Began = ms
		if err := t.Exec("UPDATE batches SET began = ? WHERE id = ?", ms, b.ID); err != nil {
			return err
		}
	}
	if b.Merchant != "" || f.Merchant == "" {
		return nil
	}
	b.Merchant = f.Merchant
	if err := t.Exec("UPDATE reversals SET merchant_no = ? WHERE batch = ? AND merchant_no = ''", f.Merchant, b.ID); err != nil {
		return err
	}
	return t.Exec("UPDATE batches SET merchant_no = ? WHERE id = ?", f.Merchant, b.ID)
}

// openInstance begins an instance. A late arrival - older than another batch of its terminal - is superseded at once.
func (t batches) openInstance(f *record.Facts, ms int64) (record.BatchRow, error) {
	b := record.BatchRow{Merchant: f.Merchant, Terminal: f.Terminal, BatchNo: f.BatchNo, State: vocabulary.BatchOpen, Began: ms, Opened: record.Millis(t.Now)}
	later, err := t.laterBatch(f, 0, ms)
	if err != nil {
		return b, err
	}
	if later != 0 {
		b.State, b.Ended = vocabulary.BatchSuperseded, later
	}
	b.ID = t.NewBatch()
	b.FirstJob = t.LastJob() + 1
	err = t.Exec(`INSERT INTO batches (id, merchant_no, terminal_no, batch_no, state, began, ended, opened_at, first_job)
		VALUES (?, ?, ?, ?, ?, ?, nullif(?, 0), ?, ?)`,
		b.ID, b.Merchant, b.Terminal, b.BatchNo, b.State, b.Began, b.Ended, b.Opened, b.FirstJob)
	if err != nil {
		return b, err
	}
	_, err = t.Emit(record.BatchEvent(b.ID, b.State, "", b.Terminal+" "+b.BatchNo))
	return b, err
}

// wrongClock is from where on a slip that seems older than a batch before it is not late: its terminal's year is wrong, as happens at
// New Year, and the order of arrival counts.
const wrongClock = 180 * 24 * time.Hour

// soonAfter is how many batches later the number of a later batch may be. A terminal whose numbers were reset is far off.
const soonAfter = 100

// laterBatch gives the first time of the batch with slips that came after a time, another than id; 0 when there is none. Terminals
// count batches upwards, so only one whose number follows soon is later, whatever its time says: else a clock was set back.
func (t batches) laterBatch(f *record.Facts, id, ms int64) (began int64, err error) {
	err = t.Row(`SELECT coalesce(min(began), 0) FROM batches b WHERE terminal_no = ? AND `+record.OfMerchant+` AND id <> ? AND began > ? AND began <= ?
		AND (CAST(batch_no AS INTEGER) - ? + 1000000) % 1000000 < ?
		AND EXISTS (SELECT 1 FROM jobs j WHERE j.batch = b.id AND j.kind = 'transaction')`,
		f.Terminal, f.Merchant, f.Merchant, id, ms, ms+wrongClock.Milliseconds(), max(record.VoucherNumber(f.BatchNo), 0), soonAfter).Scan(&began)
	return began, err
}

// supersede notes that the terminal went on with another batch at a time of its clock; 0: nobody knows when.
func (t batches) supersede(b *record.BatchRow, ended int64) error {
	b.State, b.Ended = vocabulary.BatchSuperseded, ended
	if err := t.Exec("UPDATE batches SET state = ?, ended = nullif(?, 0) WHERE id = ?", b.State, ended, b.ID); err != nil {
		return err
	}
	_, err := t.Emit(record.BatchEvent(b.ID, b.State, "", b.Terminal+" "+b.BatchNo+" without settlement"))
	return err
}

// closedBySettlement gives the instance that a settlement is about, of those of its number with the youngest first: the youngest that is
// not settled, else the youngest.
func closedBySettlement(list []record.BatchRow) (b record.BatchRow, found bool) {
	for _, x := range list {
		if x.State != vocabulary.BatchSettled {
			return x, true
		}
	}
	if len(list) == 0 {
		return record.BatchRow{}, false
	}
	return list[0], true
}

// settlement takes a settlement slip; one of scope settlement closes the batch instance that it names.
func (t batches) settlement(j *job.Job, f *record.Facts) (decision, error) {
	d := decision{names: t.r.copyNames(j)}
	list, err := t.withNumber(f)
	if err != nil {
		return d, err
	}
	b, found := closedBySettlement(list)
	if found {
		d.batch = b.ID
	}
	switch {
	case j.Settlement.Scope != job.ScopeSettlement:
		return d, nil
	case !found:
		d.warnings = append(d.warnings, problemBatchUnknown(f.BatchNo))
		return d, nil
	case b.State == vocabulary.BatchSettled:
		d.warnings = append(d.warnings, problemAlreadySettled(f.BatchNo))
		return d, nil
	}
	d.warnings, err = t.openMatters(&b)
	d.then = func(seq int64) error {
		if err := t.noteFacts(&b, f, 0); err != nil {
			return err
		}
		return t.close(&b, record.Millis(f.Transacted), record.ClosedByTerminal, f.Operator, seq)
	}
	for _, p := range d.warnings {
		t.r.log.Warn("a batch was settled with open matters", "terminal", b.Terminal, "batch", b.BatchNo, "code", p.Code)
	}
	return d, err
}

// openMatters lists what a person should know when a batch is settled.
func (t batches) openMatters(b *record.BatchRow) ([]job.Problem, error) {
	var list []job.Problem
	var unprinted, pending int
	err := t.Row(`SELECT count(*) FROM copies WHERE `+record.IsOpen+` AND job IN (SELECT seq FROM jobs WHERE batch = ?)`, b.ID).Scan(&unprinted)
	if err != nil {
		return nil, err
	}
	if unprinted > 0 {
		list = append(list, problemUnprinted(unprinted))
	}
	err = t.Row("SELECT count(*) FROM reversals WHERE batch = ? AND status = 'pending'", b.ID).Scan(&pending)
	if err != nil {
		return nil, err
	}
	if pending > 0 {
		list = append(list, problemSettledPending(pending))
	}
	return list, nil
}

// close closes an instance. at is the terminal's clock, or what stands in for it: every slip that the batch has lies before its
// end, so that one of them that comes again finds itself.
func (t batches) close(b *record.BatchRow, at int64, by, operator string, settlement int64) error {
	t.ChangeMarks()
	var latest int64
	err := t.Row("SELECT coalesce(max(transacted), 0) FROM jobs WHERE batch = ? AND kind = 'transaction' AND outcome = 'accepted'", b.ID).Scan(&latest)
	if err != nil {
		return err
	}
	at = max(at, latest)
	err = t.Exec("UPDATE batches SET state = 'settled', ended = ?, closed_at = ?, closed_by = ?, settlement = nullif(?, 0) WHERE id = ?",
		at, record.Millis(t.Now), by, settlement, b.ID)
	if err != nil {
		return err
	}
	_, err = t.Emit(record.BatchEvent(b.ID, vocabulary.BatchSettled, operator, b.Terminal+" "+b.BatchNo+" by "+by))
	return err
}

// terminalMeant gives the terminal a command is about: the one it names, else the only one there is.
func (t reprints) terminalMeant(named string) (string, *job.Problem, error) {
	list, err := record.Terminals(t, t.Now)
	if err != nil {
		return "", nil, err
	}
	if named != "" {
		for _, known := range list { // leading zeros may be left out, as with vouchers
			if known != named && !slices.Contains(list, named) && strings.TrimLeft(known, "0") == strings.TrimLeft(named, "0") {
				return known, nil, nil
			}
		}
		return named, nil, nil
	}
	if len(list) == 1 {
		return list[0], nil, nil
	}
	if len(list) > 1 {
		p := problemTerminalAmbiguous(list)
		return "", &p, nil
	}
	var last string
	err = record.NoRow(t.Row("SELECT terminal_no FROM batches ORDER BY id DESC LIMIT 1").Scan(&last))
	if errors.Is(err, record.ErrNotFound) {
		p := problemNoSlip()
		return "", &p, nil
	}
	return last, nil, err
}

// withNumber gives the terminal's instances of a batch number, the youngest first.
func (t batches) withNumber(f *record.Facts) ([]record.BatchRow, error) {
	return record.BatchRows(t, "terminal_no = ? AND batch_no = ? AND "+record.OfMerchant+" ORDER BY id DESC", f.Terminal, f.BatchNo, f.Merchant, f.Merchant)
}

// setLast notes an instance's latest slip.
func (t batches) setLast(batch, seq int64) error {
	return t.Exec("UPDATE batches SET last_job = ? WHERE id = ?", seq, batch)
}
