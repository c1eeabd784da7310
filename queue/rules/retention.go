package rules

import (
	"context"
	"slices"
	"time"

	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

const (
	purgeStep  = 64            // jobs removed in one transaction
	purgeEvery = 6 * time.Hour // between two runs
	purgeFirst = 10 * time.Minute
)

// Purge removes what retention no longer keeps, in small steps between which others write: slips of batches settled
// longer ago than RetentionMonths, orders and documents older than PersonalDays, answered files with them. It removes
// nothing of an open batch, nothing that still waits for a printer or a person, and nothing for a clock that jumped: the
// terminals' own times must agree. It gives the number of jobs removed; nothing of them is left in the journal's files.
func (x *Retention) Purge(ctx context.Context) (removed int, err error) {
	defer func() {
		if removed > 0 && err == nil {
			err = x.r.db.RenewLog(ctx)
		}
	}()
	now, err := x.AgreedTime(ctx)
	if err != nil || now.IsZero() {
		return 0, err
	}
	old := record.Millis(now.AddDate(0, -x.r.o.RetentionMonths, 0))
	personal := record.Millis(now.AddDate(0, 0, -x.r.o.PersonalDays))
	total := 0
	for _, query := range []struct {
		text   string
		before int64
	}{
		{`SELECT j.seq FROM jobs j WHERE j.batch IN (SELECT b.id FROM batches b WHERE ` + closedBefore + `)`, old},
		{`SELECT j.seq FROM jobs j WHERE ` + looseBefore + ` AND j.kind IN ('order', 'document')`, personal},
		{`SELECT j.seq FROM jobs j WHERE ` + looseBefore, old},
	} {
		text := query.text + ` AND NOT EXISTS (SELECT 1 FROM copies c WHERE c.job = j.seq AND ` + record.IsOpen + `)
			AND NOT EXISTS (SELECT 1 FROM copies c WHERE c.request = j.seq AND c.job IN (SELECT k.seq FROM jobs m CROSS JOIN jobs k
				WHERE m.seq = j.target AND (k.seq = m.seq OR k.batch = m.batch AND k.voucher = m.voucher)))
			AND NOT EXISTS (SELECT 1 FROM reversals r WHERE r.batch = j.batch AND r.status IN ('pending', 'failed')) LIMIT ?3`
		for {
			n := 0
			err := x.r.do(ctx, func(t act) (err error) {
				n, err = t.removals().purge(text, query.before)
				return err
			})
			total += n
			if err != nil || n == 0 {
				if err != nil {
					return total, err
				}
				break
			}
		}
	}
	return total, x.r.do(ctx, func(t act) error {
		if total > 0 {
			if _, err := t.Emit(record.Event{Type: vocabulary.EventRetention, Detail: "removed by age"}); err != nil {
				return err
			}
			// Of a gap in the chain only the end is needed.
			if err := t.Exec("DELETE FROM gaps WHERE seq < ? AND NOT EXISTS (SELECT 1 FROM events e WHERE e.seq = gaps.seq + 1)", t.LastEvent()); err != nil {
				return err
			}
		}
		if err := t.NoteNumbers(); err != nil {
			return err
		}
		err := t.Exec("DELETE FROM batches AS b WHERE "+closedBefore+" AND NOT EXISTS (SELECT 1 FROM jobs WHERE batch = b.id)", old, record.Millis(x.r.born()))
		if err != nil {
			return err
		}
		if err := t.Exec(oldNotices, record.Millis(now.Add(-answer.Kept)), record.Millis(now.Add(-answer.Kept-triedFor))); err != nil {
			return err
		}
		return t.Exec("DELETE FROM files WHERE max(at, ?) < min(?, ?) AND job IS NULL", record.Millis(x.r.born()), personal, record.Millis(now.Add(-answer.Kept)))
	})
}

// What was written before ?1. Our clock may have been wrong when a record was written, by years when its battery is dead: a
// record is as young as anybody's clock says, and not older than the journal (?2).
const (
	closedBefore = "b.state = 'settled' AND b.closed_at < ?1 AND max(b.closed_at, b.opened_at, b.began, coalesce(b.ended, 0), ?2) < ?1"
	looseBefore  = "j.at < ?1 AND j.batch IS NULL AND max(j.at, j.created, j.transacted, ?2) < ?1"
)

// oldNotices removes what somebody was told, or nobody wants to be: it is kept as long as answers are. What is a day older (?2) goes
// whoever was not told: it was given up, or the receiver does not want it, whose cursor says nothing of that.
const oldNotices = `DELETE FROM notices WHERE at < ?1 AND (begun <> 0 OR over <> 0) AND (at < ?2 OR seq <= coalesce((SELECT min(cursor) FROM receivers), seq))`

// triedFor is how long it is tried to tell somebody before a notice is given up.
const triedFor = 24 * time.Hour

// Retain lets retention remove old records, every six hours until ctx ends.
func (x *Retention) Retain(ctx context.Context) {
	timer := time.NewTimer(purgeFirst)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if n, err := x.Purge(ctx); err != nil && ctx.Err() == nil {
			x.r.log.Error("retention", "error", err)
		} else if n > 0 {
			x.r.log.Info("old records removed", "jobs", n)
		}
		timer.Reset(purgeEvery)
	}
}

// AgreedTime is our clock or what the last jobs told, whichever is earlier; zero when there are none. A slip tells its
// terminal's time; a document, which has none, when it was made, or else when it came.
func (x *Retention) AgreedTime(ctx context.Context) (time.Time, error) {
	list, err := record.Column[int64](x.r.db.Read(ctx), `SELECT CASE WHEN transacted > 0 THEN transacted WHEN created > 0 THEN created ELSE at END
		FROM jobs WHERE transacted > 0 OR kind = 'document' ORDER BY seq DESC LIMIT 21`)
	if err != nil || len(list) == 0 {
		return time.Time{}, err
	}
	slices.Sort(list)
	told := record.FromMillis(list[len(list)/2])
	if now := x.r.o.Now(); now.Before(told) {
		return now, nil
	}
	return told, nil
}

// purge removes one step's jobs with everything that hangs on them.
func (t removals) purge(query string, before int64) (int, error) {
	list, err := record.Column[int64](t, query, before, record.Millis(t.r.born()), purgeStep)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	// The numbers that were given must not be given again.
	err = t.Exec("UPDATE meta SET value = max(value, ?) WHERE key = 'proof'", t.LastProof())
	if err == nil {
		err = t.NoteNumbers()
	}
	if err != nil {
		return 0, err
	}
	t.ForgetJobs(list)
	for _, seq := range list {
		row, err := record.JobBySeq(t, seq)
		if err != nil {
			return 0, err
		}
		for _, k := range row.SearchKeys() {
			if err := t.Exec("DELETE FROM keys WHERE bucket = ? AND key = ? AND job = ?", record.BucketOf(seq), k, seq); err != nil {
				return 0, err
			}
		}
		for _, q := range []string{
			"DELETE FROM attempts WHERE proof IN (SELECT attempt FROM copies WHERE job = ?)",
			"DELETE FROM copies WHERE job = ?",
			"DELETE FROM electronic WHERE job = ?",
			"DELETE FROM openings WHERE job = ?",
			"INSERT OR REPLACE INTO gaps (seq, chain) SELECT seq, chain FROM events WHERE job = ?",
			"DELETE FROM events WHERE job = ?",
			"DELETE FROM files WHERE " + record.OwnFile,
			"DELETE FROM files WHERE " + record.OtherFiles,
			"DELETE FROM reversals WHERE job = ?",
			"DELETE FROM jobs WHERE seq = ?",
		} {
			if err := t.Exec(q, seq); err != nil {
				return 0, err
			}
		}
	}
	return len(list), nil
}
