package rules

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// Unsettled gives the id of the latest attempt at a printer when its end is not known or it was cancelled in the printer:
// what it left unfinished there must be ended before anything else is printed. The zero id: there is none.
func (r *Rules) Unsettled(ctx context.Context, printer string) (record.ProofID, error) {
	proof, outcome, err := r.latestAttempt(ctx, printer)
	if err != nil {
		return record.ProofID{}, fmt.Errorf("read the latest attempt at %s: %w", printer, err)
	}
	if proof == 0 || outcome.OnPaper() {
		return record.ProofID{}, nil
	}
	return record.ProofIDOf(proof), nil
}

// What the journal's table meta notes for each printer: which attempt was its latest, 0 for none, among those up to looked. Attempts
// are not indexed by printer: that would cost a page at each slip, for a question that is asked when a printer is opened.
const (
	keyLatest = "latest:"
	keyLooked = "looked:"
)

// worthNoting is how many attempts may have to be read again before a commit is the cheaper way.
const worthNoting = 1000 * record.ProofStep

// latestAttempt gives a printer's latest attempt and its outcome; proof is 0 when it has none. It reads no more than what came
// since the last note, so a printer without an attempt does not cost a reading of all others' at each start.
func (r *Rules) latestAttempt(ctx context.Context, printer string) (proof int64, outcome vocabulary.State, err error) {
	s := r.db.Read(ctx)
	var newest, looked int64
	err = s.Row(`SELECT coalesce((SELECT max(proof) FROM attempts), 0), coalesce((SELECT value FROM meta WHERE key = ?), 0),
		coalesce((SELECT value FROM meta WHERE key = ?), 0)`, keyLooked+printer, keyLatest+printer).Scan(&newest, &looked, &proof)
	if err != nil {
		return 0, "", err
	}
	const among = "SELECT proof, outcome FROM attempts WHERE printer = ? AND proof > ? ORDER BY proof DESC LIMIT 1"
	noted := proof
	err = s.Row(among, printer, looked).Scan(&proof, &outcome)
	if errors.Is(err, sql.ErrNoRows) && noted != 0 {
		err = s.Row("SELECT proof, outcome FROM attempts WHERE proof = ?", noted).Scan(&proof, &outcome)
		if errors.Is(err, sql.ErrNoRows) { // it was removed: the one before it is the latest
			err, looked = s.Row(among, printer, 0).Scan(&proof, &outcome), 0
		}
	}
	if errors.Is(err, sql.ErrNoRows) {
		proof, err = 0, nil
	}
	if err == nil && newest-looked > worthNoting {
		r.noteLatest(ctx, printer, proof, newest)
	}
	return proof, outcome, err
}

// noteLatest notes a printer's latest attempt. Without the note the next start reads more.
func (r *Rules) noteLatest(ctx context.Context, printer string, latest, looked int64) {
	err := r.db.Do(ctx, func(t *journal.Tx) error {
		return errors.Join(t.Note(keyLatest+printer, latest), t.Note(keyLooked+printer, looked))
	})
	if err != nil {
		r.log.Warn("the latest attempt at a printer is not noted", "printer", printer, "error", err)
	}
}
