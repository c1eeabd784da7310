package rules

import (
	"errors"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// A settlement that comes before the slips of its batch closes nothing when it comes: there is no batch yet. It closes it later, when
// it is dropped again, or by itself when the slips come.

// settlementWaits is how long a settlement closes its batch by itself. A later batch of the same number is not its own.
const settlementWaits = 24 * time.Hour

// closedNothing is the condition that a settlement has closed no batch yet; one that a person reopened is still its own.
const closedNothing = "NOT EXISTS (SELECT 1 FROM batches b WHERE b.settlement = jobs.seq)"

// earlySettlement finds the settlement that was waiting for the first slip of an instance: the terminal settled the batch after this
// slip, and closed nothing with it. Its number is 0 when there is none.
func (t batches) earlySettlement(f *record.Facts, b *record.BatchRow) (s record.JobRow, err error) {
	if b.State == vocabulary.BatchSettled || b.LastJob != 0 {
		return s, nil // slips of an instance that is known found their settlement, or it them
	}
	s, err = record.OneJob(t, `terminal_no = ? AND kind = 'settlement' AND batch_no = ? AND `+record.OfMerchant+` AND type = 'settlement' AND outcome = 'accepted'
		AND test = 0 AND source <> 'capture' AND transacted >= ? AND at >= ? AND `+closedNothing+` ORDER BY transacted, seq LIMIT 1`,
		f.Terminal, f.BatchNo, f.Merchant, f.Merchant, record.Millis(f.Transacted), record.Millis(t.Now.Add(-settlementWaits)))
	if errors.Is(err, record.ErrNotFound) {
		return record.JobRow{}, nil
	}
	return s, err
}

// settleEarly closes the instance of a slip that has just been stored by a settlement that came before it, and tells the settlement's
// own answer too.
func (t batches) settleEarly(b *record.BatchRow, s *record.JobRow) error {
	if err := t.close(b, record.Millis(s.Transacted), record.ClosedByTerminal, s.Operator, s.Seq); err != nil {
		return err
	}
	return t.noteClosedLate(b, s)
}

// noteClosedLate notes with a settlement which batch it has closed after all.
func (t batches) noteClosedLate(b *record.BatchRow, s *record.JobRow) error {
	n := record.ReadNotes(s.Notes)
	kept := n.Warnings[:0]
	for _, p := range n.Warnings {
		if p.Code != "batch_unknown" && p.Code != "already_settled" {
			kept = append(kept, p)
		}
	}
	n.Warnings = append(kept, problemClosedLater(b.BatchNo))
	if err := t.Exec("UPDATE jobs SET batch = ?, notes = ? WHERE seq = ?", b.ID, n.Text(), s.Seq); err != nil {
		return err
	}
	return t.rewriteNotes(s, n)
}

// rewriteNotes changes what the answers of a job's files say besides its copies.
func (t batches) rewriteNotes(row *record.JobRow, n record.Notes) error {
	sum, err := t.JobSum(row.Seq)
	if err != nil {
		return err
	}
	e := record.Event{Type: vocabulary.EventAnswered, JobID: row.JobID, Request: row.JobID, File: row.File, Batch: row.Batch, Detail: codes(n.Warnings), JobSeq: row.Seq, About: sum}
	if _, err := t.Emit(e); err != nil {
		return err
	}
	if err := t.Exec("UPDATE files SET notes = ?2, rev = ?3 WHERE "+record.OwnFile, row.Seq, n.Text(), t.LastEvent()); err != nil {
		return err
	}
	return t.copies().tellOtherFiles(row.Seq, e)
}

// settleAgain closes a batch when its settlement is dropped once more: one that a person reopened, or one whose slips came after it. No
// second original is printed, but the terminal has settled. first is the settlement as it was accepted.
func (t batches) settleAgain(j *job.Job, first int64) ([]job.Problem, error) {
	if j.Settlement == nil || j.Settlement.Scope != job.ScopeSettlement || j.Test {
		return nil, nil
	}
	row, err := record.JobBySeq(t, first)
	if errors.Is(err, record.ErrNotFound) {
		return nil, nil // retention took it
	} else if err != nil {
		return nil, err
	}
	b, late, err := t.stillToClose(j, &row)
	if err != nil || b.ID == 0 {
		return nil, err
	}
	warnings, err := t.openMatters(&b)
	if err != nil {
		return nil, err
	}
	f := record.FactsOf(j)
	if err := t.noteFacts(&b, &f, 0); err != nil {
		return nil, err
	}
	if err := t.close(&b, record.Millis(f.Transacted), record.ClosedByTerminal, f.Operator, first); err != nil || !late {
		return warnings, err
	}
	return append(warnings, problemClosedLater(b.BatchNo)), t.noteClosedLate(&b, &row)
}

// stillToClose gives the instance that a settlement has yet to close; its id is 0 when there is none. late says that the slips came
// after it, and then all of them must be older than the settlement: it never closes a later batch of the same number.
func (t batches) stillToClose(j *job.Job, row *record.JobRow) (b record.BatchRow, late bool, err error) {
	var own int64
	if err := t.Row("SELECT coalesce(max(id), 0) FROM batches WHERE settlement = ?", row.Seq).Scan(&own); err != nil {
		return b, false, err
	}
	if own == 0 && row.Batch != 0 { // a person had closed it before, and may have reopened it since
		if b, err = record.BatchByID(t, row.Batch); err != nil && !errors.Is(err, record.ErrNotFound) {
			return b, false, err
		} else if err == nil && b.State != vocabulary.BatchSettled && b.Settlement == 0 {
			own = b.ID
		}
	}
	if own != 0 {
		b, err := record.BatchByID(t, own)
		if b.State == vocabulary.BatchSettled {
			return record.BatchRow{}, false, err
		}
		return b, false, err
	}
	f := record.FactsOf(j)
	list, err := t.withNumber(&f)
	if err != nil {
		return b, true, err
	}
	for _, x := range list {
		var younger bool
		err := t.Row(`SELECT EXISTS (SELECT 1 FROM jobs WHERE batch = ? AND kind = 'transaction' AND outcome = 'accepted' AND transacted > ?)`,
			x.ID, record.Millis(f.Transacted)).Scan(&younger)
		if err != nil {
			return b, true, err
		}
		if x.State != vocabulary.BatchSettled && x.Settlement == 0 && !younger {
			return x, true, nil
		}
	}
	return b, true, nil
}
