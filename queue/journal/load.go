package journal

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
)

// load reads, or makes at birth, the numbers that the queue counts by.
func (o *opening) load(t *Tx) error {
	var unborn bool
	err := t.Row("SELECT NOT EXISTS (SELECT 1 FROM meta) AND NOT EXISTS (SELECT 1 FROM jobs) AND NOT EXISTS (SELECT 1 FROM files)").Scan(&unborn)
	if err != nil {
		return err
	}
	seals, err := readSeals(o.path)
	if err != nil {
		o.Logger.Error("the journal's seal cannot be read", "error", err) // as if there were none
	}
	var traces []string
	if unborn {
		if traces, err = o.findTraces(seals); err != nil {
			return err
		}
		if err := birth(t); err != nil {
			return err
		}
	}
	m, err := readMeta(t)
	if err != nil {
		return err
	}
	if m["born"] == 0 || m["proof"] == 0 {
		return damaged(firstMissing)
	}
	if err := movedAway(m); err != nil {
		return err
	}
	putUint48(t.id.nonce[:], uint64(m["nonce"]))
	if err := errors.Join(loadNumbers(t, m), loadChain(t), loadProof(t, m)); err != nil {
		return err
	}
	if m["birth"] == 0 { // of a version without seals
		m["birth"] = newBirth()
		if err := t.Note("birth", m["birth"]); err != nil {
			return err
		}
	}
	files := m["file_seq"]
	var lost *finding
	if len(traces) > 0 {
		lost = &finding{Loss{Cause: LossMissing}, job.Text{Zh: strings.Join(traces, "、"), En: strings.Join(traces, ", ")}}
	} else if !unborn {
		if lost, err = lookForLoss(t, o.path, m, seals); err != nil {
			return err
		}
	}
	var home Home
	if o.Home != nil {
		home = o.Home(o.path)
	}
	if lost == nil {
		lost = lookForCopy(m, home)
	}
	if err := noteHome(t, m, home); err != nil {
		return err
	}
	return o.loadRest(t, lost, seals, files)
}

// loadRest brings the numbers beyond all that the seals know, notes a loss, and reads what the journal is then.
func (o *opening) loadRest(t *Tx, lost *finding, seals []seal, files int64) error {
	for _, s := range seals {
		files = max(files, s.file)
		atLeast(t, &s)
	}
	if lost != nil {
		files = max(files, record.Millis(t.Now))
		if err := recordLoss(t, o.path, lost); err != nil {
			return err
		}
	}
	m, err := readMeta(t)
	if err != nil {
		return err
	}
	t.id.born, t.id.replaced, t.id.birthID = record.FromMillis(m["born"]), m["replaced"] != 0, m["birth"]
	o.loss = standingLoss(m)
	o.feed.start(t.event)
	return o.files.load(t, files)
}

// birth writes the first records of a new journal. The proof counter begins at random.
func birth(t *Tx) error {
	var r [12]byte
	randomBytes(r[:])
	for k, v := range map[string]int64{
		"born":  record.Millis(t.Now),
		"proof": (1 + int64(uint48(r[:6])%(record.ProofIDs/record.ProofStep-1))) * record.ProofStep,
		"nonce": int64(uint48(r[6:])),
		"birth": newBirth(),
	} {
		if err := t.Note(k, v); err != nil {
			return err
		}
	}
	return nil
}

// newBirth gives a journal the number by which its seal knows it.
func newBirth() int64 {
	var r [6]byte
	randomBytes(r[:])
	return 1 + int64(uint48(r[:]))
}

// findTraces names what an earlier journal of this folder left: one that was kept aside, also when a crash came between, a seal, a
// ballast, and what the caller knows of.
func (o *opening) findTraces(seals []seal) ([]string, error) {
	var found []string
	for _, mark := range []string{corruptMark, replacedMark, lostMark} {
		list, err := filepath.Glob(globQuote(o.path) + mark + "*")
		if err != nil {
			return nil, err
		}
		found = append(found, list...)
	}
	if len(seals) > 0 {
		found = append(found, sealPath(o.path))
	}
	if ballast := ballastPath(o.path); exists(ballast) {
		found = append(found, ballast)
	}
	if o.Traces != nil {
		found = append(found, o.Traces()...)
	}
	return found, nil
}

// loadNumbers reads how far the numbers have come: the highest row, or what retention noted before it removed that.
func loadNumbers(t *Tx, meta map[string]int64) error {
	return t.each(func(last *int64, table, column, key string) error {
		var highest int64
		if err := t.Row("SELECT coalesce(max(" + column + "), 0) FROM " + table).Scan(&highest); err != nil {
			return err
		}
		*last = max(highest, meta[key])
		return nil
	})
}

// loadChain reads the chain at the last event. In a journal that has no chain yet it begins behind the last event, which retention
// may have removed.
func loadChain(t *Tx) error {
	chain, known, err := chainAt(t, t.event)
	if err != nil || known || t.event == 0 {
		t.chain = chain
		return err
	}
	var begun bool
	if err := t.Row("SELECT EXISTS (SELECT 1 FROM events WHERE chain <> 0)").Scan(&begun); err != nil || begun {
		return err // what is missing is found when the chain is followed
	}
	return t.Exec("INSERT INTO gaps (seq, chain) VALUES (?, 0)", t.event)
}

// loadProof reads how far the counter of proofs has come.
func loadProof(t *Tx, meta map[string]int64) error {
	var highest int64
	if err := t.Row("SELECT coalesce(max(proof), 0) FROM attempts").Scan(&highest); err != nil {
		return err
	}
	t.proof = max(meta["proof"], highest)
	return nil
}

// atLeast raises the numbers to what a seal knows to be given: a part of the journal may be lost.
func atLeast(t *Tx, s *seal) {
	t.proof = max(t.proof, s.proof)
	t.event, t.job, t.copy, t.batch = max(t.event, s.event), max(t.job, s.job), max(t.copy, s.copy), max(t.batch, s.batch)
}
