package journal

import (
	"fmt"
	"os"
)

// sealJournal opens the journal's seal, and then notes in the journal that it has one: from then on a seal that is gone is a loss.
func (db *DB) sealJournal(t *Tx) error {
	seals, err := readSeals(db.path)
	if err != nil {
		return err
	}
	now := t.w.sealNow()
	for _, s := range seals {
		now.serial = max(now.serial, s.serial)
	}
	if t.w.seal, err = openSeal(db.path, now); err != nil {
		return err
	}
	return t.note("sealed", placeOf(db.path))
}

// keepSeal makes the seal again when somebody removed it or put another file in its place.
func (t *Tx) keepSeal() error {
	s := &t.w.seal
	if s.f == nil {
		return t.db.sealJournal(t)
	}
	own, err := s.f.Stat()
	if err != nil {
		return fmt.Errorf("look at the journal's seal: %w", err)
	}
	if there, err := os.Stat(s.f.Name()); err == nil && os.SameFile(own, there) {
		return nil
	}
	t.db.log.Warn("the journal's seal was removed and is made again", "file", s.f.Name())
	if err := s.close(); err != nil {
		return fmt.Errorf("close the journal's seal: %w", err)
	}
	return t.db.sealJournal(t)
}

// sealNow is what the seal says now.
func (w *writer) sealNow() seal {
	return seal{birth: w.db.birthID, numbers: w.given, proof: w.proof, file: w.db.fileSeq.last}
}

// writeSeal follows a commit.
func (w *writer) writeSeal() {
	if w.seal.f == nil {
		return
	}
	err := w.seal.write(w.sealNow())
	if err != nil && !w.seal.failed {
		w.db.log.Warn("the journal's seal cannot be written: a loss of its end would not be seen", "error", err)
	}
	w.seal.failed = err != nil
}
