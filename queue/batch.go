package queue

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// BatchState is how a batch instance stands.
type BatchState = vocabulary.BatchState

// The states of a batch instance. Slips of an open or superseded one can be reprinted.
const (
	BatchOpen       = vocabulary.BatchOpen
	BatchSuperseded = vocabulary.BatchSuperseded // the terminal went on with another number and nobody settled this one
	BatchSettled    = vocabulary.BatchSettled
)

// Who closed a batch.
const (
	closedByTerminal = "terminal"
)

type instance struct {
	id                          int64
	merchant, terminal, batchNo string
	state                       BatchState
	began, ended                int64 // terminal's clock; ended 0: not yet
	opened, closed              int64 // our clock
	closedBy                    string
	settlement, first, lastJob  int64
}

const batchColumns = `id, merchant_no, terminal_no, batch_no, state, began, coalesce(ended, 0), opened_at, coalesce(closed_at, 0), closed_by,
	coalesce(settlement, 0), first_job, coalesce(last_job, 0)`

func (b *instance) scan(s scanner) error {
	return s.Scan(&b.id, &b.merchant, &b.terminal, &b.batchNo, &b.state, &b.began, &b.ended, &b.opened, &b.closed, &b.closedBy,
		&b.settlement, &b.first, &b.lastJob)
}

func instances(s source, where string, args ...any) ([]instance, error) {
	rows, err := s.query("SELECT "+batchColumns+" FROM batches WHERE "+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []instance
	for rows.Next() {
		var b instance
		if err := b.scan(rows); err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, rows.Err()
}

func instanceByID(s source, id int64) (instance, error) {
	var b instance
	err := b.scan(s.row("SELECT "+batchColumns+" FROM batches WHERE id = ?", id))
	return b, noRow(err)
}

// ofMerchant is the condition that a batch is the merchant's. Notices may name no merchant: what is known only from one may be
// anybody's.
const ofMerchant = "(merchant_no IN (?, '') OR ? = '')"

// instanceFor gives the instance that a slip belongs to, and opens one when there is none. The first slip of a batch supersedes the
// one that the terminal had open.
func (t *tx) instanceFor(f *facts) (instance, error) {
	ms := millis(f.transacted)
	b, err := t.findOrOpen(f, ms)
	if err != nil || b.state != BatchOpen || b.lastJob != 0 {
		return b, err
	}
	later, err := t.laterBatch(f, b.id, ms)
	if err != nil {
		return b, err
	}
	if later != 0 { // a notice opened it, and its slip comes late
		return b, t.supersede(&b, later)
	}
	open, err := instances(t, "terminal_no = ? AND "+ofMerchant+" AND state = 'open' AND id <> ?", f.terminal, f.merchant, f.merchant, b.id)
	if err != nil {
		return b, err
	}
	for i := range open {
		o := &open[i]
		if ended := ms; ended < o.began {
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
func (t *tx) findOrOpen(f *facts, ms int64) (instance, error) {
	list, err := t.numbered(f)
	if err != nil {
		return instance{}, err
	}
	var found *instance
	for i := range list {
		b := &list[i]
		if b.ended != 0 && ms > b.ended {
			continue
		}
		if found == nil || b.ended != 0 && (found.ended == 0 || b.ended < found.ended) {
			found = b
		}
	}
	if found == nil {
		return t.openInstance(f, ms)
	}
	return *found, t.learn(found, f, ms)
}

// learn notes what a slip or notice tells about its instance: an earlier beginning, the merchant. ms 0 is no time.
func (t *tx) learn(b *instance, f *facts, ms int64) error {
	if ms != 0 && ms < b.began {
		b.began = ms
		if err := t.exec("UPDATE batches SET began = ? WHERE id = ?", ms, b.id); err != nil {
			return err
		}
	}
	if b.merchant != "" || f.merchant == "" {
		return nil
	}
	b.merchant = f.merchant
	if err := t.exec("UPDATE reversals SET merchant_no = ? WHERE batch = ? AND merchant_no = ''", f.merchant, b.id); err != nil {
		return err
	}
	return t.exec("UPDATE batches SET merchant_no = ? WHERE id = ?", f.merchant, b.id)
}

// openInstance begins an instance. A late arrival - older than another batch of its terminal - is superseded at once.
func (t *tx) openInstance(f *facts, ms int64) (instance, error) {
	b := instance{merchant: f.merchant, terminal: f.terminal, batchNo: f.batchNo, state: BatchOpen, began: ms, opened: millis(t.now)}
	later, err := t.laterBatch(f, 0, ms)
	if err != nil {
		return b, err
	}
	if later != 0 {
		b.state, b.ended = BatchSuperseded, later
	}
	t.batch++
	b.id, b.first = t.batch, t.job+1
	err = t.exec(`INSERT INTO batches (id, merchant_no, terminal_no, batch_no, state, began, ended, opened_at, first_job)
		VALUES (?, ?, ?, ?, ?, ?, nullif(?, 0), ?, ?)`,
		b.id, b.merchant, b.terminal, b.batchNo, b.state, b.began, b.ended, b.opened, b.first)
	if err != nil {
		return b, err
	}
	_, err = t.emit(Event{Type: EventBatch, Batch: b.id, State: State(b.state), Detail: b.terminal + " " + b.batchNo})
	return b, err
}

// wrongClock is from where on a slip that seems older than a batch before it is not late: its terminal's year is wrong, as happens at
// New Year, and the order of arrival counts.
const wrongClock = 180 * 24 * time.Hour

// soonAfter is how many batches later the number of a later batch may be. A terminal whose numbers were reset is far off.
const soonAfter = 100

// laterBatch gives the first time of the batch with slips that came after a time, another than id; 0 when there is none. Terminals
// count batches upwards, so only one whose number follows soon is later, whatever its time says: else a clock was set back.
func (t *tx) laterBatch(f *facts, id, ms int64) (began int64, err error) {
	err = t.row(`SELECT coalesce(min(began), 0) FROM batches b WHERE terminal_no = ? AND `+ofMerchant+` AND id <> ? AND began > ? AND began <= ?
		AND (CAST(batch_no AS INTEGER) - ? + 1000000) % 1000000 < ?
		AND EXISTS (SELECT 1 FROM jobs j WHERE j.batch = b.id AND j.kind = 'transaction')`,
		f.terminal, f.merchant, f.merchant, id, ms, ms+wrongClock.Milliseconds(), max(voucherNumber(f.batchNo), 0), soonAfter).Scan(&began)
	return began, err
}

// supersede notes that the terminal went on with another batch at a time of its clock; 0: nobody knows when.
func (t *tx) supersede(b *instance, ended int64) error {
	b.state, b.ended = BatchSuperseded, ended
	if err := t.exec("UPDATE batches SET state = ?, ended = nullif(?, 0) WHERE id = ?", b.state, ended, b.id); err != nil {
		return err
	}
	_, err := t.emit(Event{Type: EventBatch, Batch: b.id, State: State(b.state), Detail: b.terminal + " " + b.batchNo + " without settlement"})
	return err
}

// closedBySettlement gives the instance that a settlement is about, of those of its number with the youngest first: the youngest that is
// not settled, else the youngest.
func closedBySettlement(list []instance) (b instance, found bool) {
	for _, x := range list {
		if x.state != BatchSettled {
			return x, true
		}
	}
	if len(list) == 0 {
		return instance{}, false
	}
	return list[0], true
}

// settlement takes a settlement slip; one of scope settlement closes the batch instance that it names.
func (t *tx) settlement(j *job.Job, f *facts) (decision, error) {
	d := decision{names: t.q.copyNames(j)}
	list, err := t.numbered(f)
	if err != nil {
		return d, err
	}
	b, found := closedBySettlement(list)
	if found {
		d.batch = b.id
	}
	switch {
	case j.Settlement.Scope != job.ScopeSettlement:
		return d, nil
	case !found:
		d.warnings = append(d.warnings, problemBatchUnknown(f.batchNo))
		return d, nil
	case b.state == BatchSettled:
		d.warnings = append(d.warnings, problemAlreadySettled(f.batchNo))
		return d, nil
	}
	d.warnings, err = t.openMatters(&b)
	d.then = func(seq int64) error {
		if err := t.learn(&b, f, 0); err != nil {
			return err
		}
		return t.settle(&b, millis(f.transacted), closedByTerminal, f.operator, seq)
	}
	for _, p := range d.warnings {
		t.q.log.Warn("a batch was settled with open matters", "terminal", b.terminal, "batch", b.batchNo, "code", p.Code)
	}
	return d, err
}

// openMatters lists what a person should know when a batch is settled.
func (t *tx) openMatters(b *instance) ([]job.Problem, error) {
	var list []job.Problem
	var unprinted, pending int
	err := t.row(`SELECT count(*) FROM copies WHERE `+isOpen+` AND job IN (SELECT seq FROM jobs WHERE batch = ?)`, b.id).Scan(&unprinted)
	if err != nil {
		return nil, err
	}
	if unprinted > 0 {
		list = append(list, problemUnprinted(unprinted))
	}
	err = t.row("SELECT count(*) FROM reversals WHERE batch = ? AND status = 'pending'", b.id).Scan(&pending)
	if err != nil {
		return nil, err
	}
	if pending > 0 {
		list = append(list, problemSettledPending(pending))
	}
	return list, nil
}

// settle closes an instance. at is the terminal's clock, or what stands in for it: every slip that the batch has lies before its
// end, so that one of them that comes again finds itself.
func (t *tx) settle(b *instance, at int64, by, operator string, settlement int64) error {
	t.marksChange()
	var latest int64
	err := t.row("SELECT coalesce(max(transacted), 0) FROM jobs WHERE batch = ? AND kind = 'transaction' AND outcome = 'accepted'", b.id).Scan(&latest)
	if err != nil {
		return err
	}
	at = max(at, latest)
	err = t.exec("UPDATE batches SET state = 'settled', ended = ?, closed_at = ?, closed_by = ?, settlement = nullif(?, 0) WHERE id = ?",
		at, millis(t.now), by, settlement, b.id)
	if err != nil {
		return err
	}
	e := Event{Type: EventBatch, Batch: b.id, State: State(BatchSettled), Operator: operator, Detail: b.terminal + " " + b.batchNo + " by " + by}
	_, err = t.emit(e)
	return err
}

// lastBatch gives the instance of the terminal's latest slip by arrival, late ones aside, whatever became of the batch since; its id
// is 0 when there is none.
func lastBatch(s source, terminal string) (instance, error) {
	list, err := instances(s, "terminal_no = ? AND last_job IS NOT NULL ORDER BY last_job DESC LIMIT 1", terminal)
	if err != nil || len(list) == 0 {
		return instance{}, err
	}
	return list[0], nil
}

// openBatches gives a terminal's instances whose slips may be reprinted, the open one first, then the youngest.
func openBatches(s source, terminal string) ([]instance, error) {
	return instances(s, "terminal_no = ? AND state IN ('open', 'superseded') ORDER BY state, last_job DESC, id DESC", terminal)
}

// activeDays is how long a settled terminal still counts as one that may be meant.
const activeDays = 7

// terminals names the terminals that a command without a number may mean: those with an open batch, and those settled
// lately. A slip of the only one that is still open must not go to the counter of another.
func terminals(s source, now time.Time) ([]string, error) {
	return column[string](s, `SELECT DISTINCT terminal_no FROM batches WHERE state IN ('open', 'superseded') OR closed_at > ? ORDER BY 1`,
		millis(now.AddDate(0, 0, -activeDays)))
}

// theTerminal gives the terminal a command is about: the one it names, else the only one there is.
func (t *tx) theTerminal(named string) (string, *job.Problem, error) {
	list, err := terminals(t, t.now)
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
	err = noRow(t.row("SELECT terminal_no FROM batches ORDER BY id DESC LIMIT 1").Scan(&last))
	if errors.Is(err, ErrNotFound) {
		p := problemNoSlip()
		return "", &p, nil
	}
	return last, nil, err
}
