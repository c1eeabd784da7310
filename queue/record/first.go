package record

import (
	"time"

	"github.com/receiptd/receiptd/vocabulary"
)

// NoFirst says why copies of a slip of which there never was one must not be printed now as its first. The zero value: they may.
type NoFirst struct {
	Precedes bool     // it is older than a journal that replaced another: the lost one may have printed any copy of it
	Settled  string   // the number of its batch, which is settled
	Undone   Standing // it was taken back, or may be soon
}

// Refused reports whether there is a reason.
func (n NoFirst) Refused() bool { return n != NoFirst{} }

// WhyNoFirst asks whether further copies of an accepted slip may be its first ones. born is when this journal began and replaced another;
// zero: it replaced none. Rules and page both ask here: what is offered is also done.
func WhyNoFirst(s Source, row *JobRow, born time.Time) (NoFirst, error) {
	if !born.IsZero() && row.Precedes(born) {
		return NoFirst{Precedes: true}, nil
	}
	if !row.OfBatch() {
		return NoFirst{}, nil
	}
	b, err := BatchByID(s, row.Batch)
	if err != nil {
		return NoFirst{}, err
	}
	if b.State == vocabulary.BatchSettled {
		return NoFirst{Settled: b.BatchNo}, nil
	}
	st, err := StandingOf(s, row)
	if st.Voided || st.Reversed || st.Pending {
		return NoFirst{Undone: st}, err
	}
	return NoFirst{}, err
}

// Precedes reports whether a slip was made before a journal began.
func (r *JobRow) Precedes(born time.Time) bool {
	made := r.Created
	if made == 0 {
		made = Millis(r.Transacted)
	}
	return made < Millis(born)
}
