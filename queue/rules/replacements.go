package rules

import (
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// dropReplacements cancels what waits to stand in for a copy that turned out to be printed.
func (t attempts) dropReplacements(c *record.CopyRow) error {
	list, err := record.Copies(t, "job = ? AND replaces = ?", c.Job, c.Seq)
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].Waiting() {
			if err := t.copies().setState(&list[i], causeReplaced, vocabulary.StateCancelled, vocabulary.ReasonLateProof, vocabulary.ProofNone, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// replacement reports whether a copy already has a marked one that stands in for it.
func (t commands) replacement(seq int64) (found bool, err error) {
	err = t.Row(`SELECT EXISTS (SELECT 1 FROM copies WHERE job = (SELECT job FROM copies WHERE seq = ?) AND replaces = ?
		AND state <> 'cancelled')`, seq, seq).Scan(&found)
	return found, err
}
