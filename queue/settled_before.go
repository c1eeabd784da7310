package queue

import (
	"errors"
	"time"

	"github.com/receiptd/receiptd/job"
)

// A settlement that comes before the slips of its batch closes nothing when it comes: there is no batch yet. It closes it later, when
// it is dropped again, or by itself when the slips come.

// settlementWaits is how long a settlement closes its batch by itself. A later batch of the same number is not its own.
const settlementWaits = 24 * time.Hour

// closedNothing is the condition that a settlement has closed no batch yet; one that a person reopened is still its own.
const closedNothing = "NOT EXISTS (SELECT 1 FROM batches b WHERE b.settlement = jobs.seq)"

// earlySettlement finds the settlement that was waiting for the first slip of an instance: the terminal settled the batch after this
// slip, and closed nothing with it. Its number is 0 when there is none.
func (t *tx) earlySettlement(f *facts, b *instance) (s jobRow, err error) {
	if b.state == BatchSettled || b.lastJob != 0 {
		return s, nil // slips of an instance that is known found their settlement, or it them
	}
	s, err = oneRow(t, `terminal_no = ? AND kind = 'settlement' AND batch_no = ? AND `+ofMerchant+` AND type = 'settlement' AND outcome = 'accepted'
		AND test = 0 AND transacted >= ? AND at >= ? AND `+closedNothing+` ORDER BY transacted, seq LIMIT 1`,
		f.terminal, f.batchNo, f.merchant, f.merchant, millis(f.transacted), millis(t.now.Add(-settlementWaits)))
	if errors.Is(err, ErrNotFound) {
		return jobRow{}, nil
	}
	return s, err
}

// settleEarly closes the instance of a slip that has just been stored by a settlement that came before it, and tells the settlement's
// own answer too.
func (t *tx) settleEarly(b *instance, s *jobRow) error {
	if err := t.settle(b, millis(s.transacted), closedByTerminal, s.operator, s.seq); err != nil {
		return err
	}
	return t.appliedLate(b, s)
}

// appliedLate notes with a settlement which batch it has closed after all.
func (t *tx) appliedLate(b *instance, s *jobRow) error {
	n := readNotes(s.notes)
	kept := n.Warnings[:0]
	for _, p := range n.Warnings {
		if p.Code != "batch_unknown" && p.Code != "already_settled" {
			kept = append(kept, p)
		}
	}
	n.Warnings = append(kept, problemClosedLater(b.batchNo))
	if err := t.exec("UPDATE jobs SET batch = ?, notes = ? WHERE seq = ?", b.id, n.text(), s.seq); err != nil {
		return err
	}
	return t.renote(s, n)
}

// renote changes what the answers of a job's files say besides its copies.
func (t *tx) renote(row *jobRow, n notes) error {
	sum, err := t.jobSum(row.seq)
	if err != nil {
		return err
	}
	e := Event{Type: EventAnswered, JobID: row.jobID, Request: row.jobID, File: row.file, Batch: row.batch, Detail: codes(n.Warnings), job: row.seq, about: sum}
	if _, err := t.emit(e); err != nil {
		return err
	}
	if err := t.exec("UPDATE files SET notes = ?, rev = ? WHERE job = ? AND outcome = 'accepted'", n.text(), t.event, row.seq); err != nil {
		return err
	}
	return t.aliasEvents(row.seq, e)
}

// settleAgain closes a batch when its settlement is dropped once more: one that a person reopened, or one whose slips came after it. No
// second original is printed, but the terminal has settled. first is the settlement as it was accepted.
func (t *tx) settleAgain(j *job.Job, first int64) ([]job.Problem, error) {
	if j.Settlement == nil || j.Settlement.Scope != job.ScopeSettlement || j.Test {
		return nil, nil
	}
	row, err := rowBySeq(t, first)
	if errors.Is(err, ErrNotFound) {
		return nil, nil // retention took it
	} else if err != nil {
		return nil, err
	}
	b, late, err := t.stillToClose(j, &row)
	if err != nil || b.id == 0 {
		return nil, err
	}
	warnings, err := t.openMatters(&b)
	if err != nil {
		return nil, err
	}
	f := factsOf(j)
	if err := t.learn(&b, &f, 0); err != nil {
		return nil, err
	}
	if err := t.settle(&b, millis(f.transacted), closedByTerminal, f.operator, first); err != nil || !late {
		return warnings, err
	}
	return append(warnings, problemClosedLater(b.batchNo)), t.appliedLate(&b, &row)
}

// stillToClose gives the instance that a settlement has yet to close; its id is 0 when there is none. late says that the slips came
// after it, and then all of them must be older than the settlement: it never closes a later batch of the same number.
func (t *tx) stillToClose(j *job.Job, row *jobRow) (b instance, late bool, err error) {
	var own int64
	if err := t.row("SELECT coalesce(max(id), 0) FROM batches WHERE settlement = ?", row.seq).Scan(&own); err != nil {
		return b, false, err
	}
	if own == 0 && row.batch != 0 { // a person had closed it before, and may have reopened it since
		if b, err = instanceByID(t, row.batch); err != nil && !errors.Is(err, ErrNotFound) {
			return b, false, err
		} else if err == nil && b.state != BatchSettled && b.settlement == 0 {
			own = b.id
		}
	}
	if own != 0 {
		b, err := instanceByID(t, own)
		if b.state == BatchSettled {
			return instance{}, false, err
		}
		return b, false, err
	}
	f := factsOf(j)
	list, err := t.numbered(&f)
	if err != nil {
		return b, true, err
	}
	for _, x := range list {
		var younger bool
		err := t.row(`SELECT EXISTS (SELECT 1 FROM jobs WHERE batch = ? AND kind = 'transaction' AND outcome = 'accepted' AND transacted > ?)`,
			x.id, millis(f.transacted)).Scan(&younger)
		if err != nil {
			return b, true, err
		}
		if x.state != BatchSettled && x.settlement == 0 && !younger {
			return x, true, nil
		}
	}
	return b, true, nil
}
