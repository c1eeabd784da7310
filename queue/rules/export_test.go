package rules

import (
	"context"

	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// Force takes a step that nobody takes.
func Force(db *journal.DB, r *Rules, copySeq int64, to vocabulary.State) error {
	return db.Do(context.Background(), func(t *journal.Tx) error {
		c, err := record.CopyBySeq(t, copySeq)
		if err != nil {
			return err
		}
		return act{t, r}.copies().setState(&c, causeRelease, to, "", vocabulary.ProofNone, "")
	})
}
