package record_test

import (
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// Whatever a copy's words are, the journal gives them back.
func TestCopyWords(t *testing.T) {
	marks := []job.MarkKind{job.MarkOriginal, job.MarkDuplicate, job.MarkRecovery, job.MarkLate}
	proofs := []vocabulary.Proof{vocabulary.ProofNone, vocabulary.ProofPerson, vocabulary.Proof(vocabulary.StatePrinted), vocabulary.Proof(vocabulary.StateSent)}
	for _, state := range []vocabulary.State{vocabulary.StateQueued, vocabulary.StatePrinted, vocabulary.StateProcessed, vocabulary.StateSent, vocabulary.StateDefective} {
		for _, proof := range proofs {
			for _, mark := range marks {
				for _, base := range marks {
					want := record.CopyRow{State: state, Proof: proof, Mark: mark, Base: base}
					got := want
					got.Proof, got.Mark, got.Base = want.Kept()
					if got.Spell(); got != want {
						t.Errorf("%+v becomes %+v", want, got)
					}
				}
			}
		}
	}
}

// A digest of 63 bits, as journals have it from before schema 0014, is known as well, and no other one.
func TestDigestOfBefore(t *testing.T) {
	var d record.Digest
	is := func(kept int64) bool {
		d.Strings("a slip")
		return d.Is(kept)
	}
	d.Strings("a slip")
	sum := d.Sum()
	const whole = 876963231932556721
	if sum >= 1<<31 || sum != whole>>32 || !is(sum) || !is(whole) || is(sum+1) || is(whole+1) || is(whole^1<<62) || is(0) {
		t.Errorf("%d, %d", sum, int64(whole))
	}
}
