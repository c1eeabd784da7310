package journal

import (
	"fmt"
	"os"
)

// A sealer keeps the seal of an open journal. The writer's goroutine alone uses it; whoever opens the journal before, and closes it
// afterwards.
type sealer struct {
	path  string // of the journal
	base  *base
	files *fileNumbers
	file  sealFile
}

// open opens the journal's seal, and then notes in the journal that it has one: from then on a seal that is gone is a loss.
func (s *sealer) open(t *Tx) error {
	seals, err := readSeals(s.path)
	if err != nil {
		return err
	}
	now := s.now()
	for _, old := range seals {
		now.serial = max(now.serial, old.serial)
	}
	if s.file, err = openSeal(s.path, now); err != nil {
		return err
	}
	return t.Note("sealed", placeOf(s.path))
}

// keep makes the seal again when somebody removed it or put another file in its place.
func (s *sealer) keep(t *Tx) error {
	if s.file.f == nil {
		return s.open(t)
	}
	own, err := s.file.f.Stat()
	if err != nil {
		return fmt.Errorf("look at the journal's seal: %w", err)
	}
	if there, err := os.Stat(s.file.f.Name()); err == nil && os.SameFile(own, there) {
		return nil
	}
	s.base.log.Warn("the journal's seal was removed and is made again", "file", s.file.f.Name())
	if err := s.file.close(); err != nil {
		return fmt.Errorf("close the journal's seal: %w", err)
	}
	return s.open(t)
}

// now is what the seal says now.
func (s *sealer) now() seal {
	b := s.base
	return seal{birth: b.id.birthID, numbers: b.given, proof: b.proof, file: s.files.last}
}

// write follows a commit.
func (s *sealer) write() {
	if s.file.f == nil {
		return
	}
	err := s.file.write(s.now())
	if err != nil && !s.file.failed {
		s.base.log.Warn("the journal's seal cannot be written: a loss of its end would not be seen", "error", err)
	}
	s.file.failed = err != nil
}
