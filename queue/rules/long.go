package rules

import (
	"context"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// A long slip is printed while it still comes from its program. Its first portion is a job like any, with its copy; the others are jobs
// without copies that name it, each on disk before a byte of it leaves. The last one says so: a slip without it has broken off.

// portion decides about what follows of a long slip: it is kept with it, and comes out as a part of its copy.
func (t intake) portion(j *job.Job) (decision, error) {
	c := j.Document.Capture
	head, err := record.JobByID(t, c.Of)
	return decision{target: head.Seq, revision: c.Portion}, err
}

// lacksEnd finds what waits of long slips of which the last portion is not there. What a person has let go on is not asked about again.
const lacksEnd = record.IsRunnable + ` AND fresh = 0 AND EXISTS (SELECT 1 FROM jobs j WHERE j.seq = copies.job AND j.type = '` + record.LongHead + `'
	AND NOT EXISTS (SELECT 1 FROM jobs p WHERE ` + record.PortionsOf + ` AND p.type = '` + record.LongLast + `'))`

// BrokeOff notes that the program broke off in the middle of a long slip. Where nothing has left yet nothing leaves before a person says
// so; else its own delivery tells.
func (q *Requests) BrokeOff(ctx context.Context, jobID string) error {
	return q.r.do(ctx, func(t act) error {
		row, err := record.JobByID(t, jobID)
		if err != nil {
			return err
		}
		return t.copies().holdBroken(lacksEnd+" AND job = ?", row.Seq)
	})
}

func (t copies) holdBroken(where string, args ...any) error {
	list, err := record.Copies(t, where, args...)
	if err != nil {
		return err
	}
	for i := range list {
		if err := t.setState(&list[i], causeHalf, vocabulary.StateHeld, vocabulary.ReasonHalf, vocabulary.ProofNone, ""); err != nil {
			return err
		}
	}
	return nil
}

// Spare gives the counter of an id on the wire that belongs to no attempt, for what is proven before the end of one. It is never used
// twice, and tells nobody anything when it comes back late.
func (r *Rules) Spare(t *journal.Tx) (proof int64, err error) {
	proof = t.NewProof()
	return proof, t.Exec("INSERT INTO meta (key, value) VALUES ('proof', ?) ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)", proof)
}
