package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/receiptd/receiptd/queue/record"
)

// A seal says how far the journal had come: a small file beside it, "journal.db-seal", written after each commit. When the journal
// is shorter than its seal, a part of it was lost. The seal is never ahead of what is on disk: it is written when the commit is
// durable, and not synced before the journal rests, so a power cut may leave it behind, which says nothing.
//
// The file has two slots, written in turns, each in a block of its own; numbers are big-endian:
//
//	byte   0: "receiptd"
//	       8: serial number of the write: the slot with the higher one is the latest
//	      16: birth of the journal that it seals
//	      24: number of the newest event, 32: the chain at it
//	      40: the last numbers of jobs, 48: copies, 56: batches
//	      64: the last proof counter, 72: the last file number set aside
//	      80: CRC-32 (IEEE) of bytes 0 to 79
//	    4096: the other slot
type seal struct {
	serial int64
	birth  int64
	numbers
	proof, file int64
}

const (
	sealMagic = "receiptd"
	sealSlot  = 4096
	sealBytes = 84
)

// sealPath is where the seal of a journal stands.
func sealPath(journal string) string { return journal + "-seal" }

// placeOf gives a number for the place of a journal. A journal keeps the place in which it has a seal: one that is copied elsewhere
// without its seal is no loss.
func placeOf(journal string) int64 {
	var d record.Digest
	d.Strings(journal)
	return d.Sum()
}

// fields lists what stands in a slot, in order.
func (s *seal) fields() []*int64 {
	return []*int64{&s.serial, &s.birth, &s.event, &s.chain, &s.job, &s.copy, &s.batch, &s.proof, &s.file}
}

func (s *seal) encode() []byte {
	b := append(make([]byte, 0, sealBytes), sealMagic...)
	for _, n := range s.fields() {
		b = binary.BigEndian.AppendUint64(b, uint64(*n))
	}
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

// decode reads a slot. It reports false for one that was never written, or whose writing was cut.
func (s *seal) decode(b []byte) bool {
	if len(b) < sealBytes || string(b[:8]) != sealMagic || crc32.ChecksumIEEE(b[:sealBytes-4]) != binary.BigEndian.Uint32(b[sealBytes-4:]) {
		return false
	}
	for i, n := range s.fields() {
		*n = int64(binary.BigEndian.Uint64(b[8+8*i:]))
	}
	return true
}

// readSeals gives what the seals beside a journal say, the latest first: two when a restore was cut between them. It gives none
// when there is no seal or nothing can be read in it.
func readSeals(journal string) ([]seal, error) {
	f, err := os.Open(sealPath(journal))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the journal's seal: %w", err)
	}
	defer f.Close()
	var list []seal
	for i := range int64(2) {
		b := make([]byte, sealBytes)
		if _, err := f.ReadAt(b, i*sealSlot); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read the journal's seal: %w", err)
		}
		var s seal
		if s.decode(b) {
			list = append(list, s)
		}
	}
	if len(list) == 2 && list[0].serial < list[1].serial {
		list[0], list[1] = list[1], list[0]
	}
	return list, nil
}

// addSeal writes the seal of a journal that is about to take the place of another, beside that one's: whichever of the two a crash
// leaves has its seal. It is on disk when addSeal returns.
func addSeal(journal string, next seal) error {
	seals, err := readSeals(journal)
	if err != nil {
		return err
	}
	if len(seals) > 0 {
		next.serial = seals[0].serial // the slot of the older one is written over
	}
	path := sealPath(journal)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, privateMode)
	if err != nil {
		return err
	}
	s := sealFile{f: f, last: next}
	err = errors.Join(s.lengthen(), s.write(next), f.Sync(), f.Close(), likeIts(path, journal))
	return errors.Join(err, syncFolder(filepath.Dir(journal)))
}

// A sealFile is the open seal of a journal. The writer's goroutine alone writes it; the zero value is none.
type sealFile struct {
	f      *os.File
	last   seal
	failed bool // the last write failed, and that was told
}

// openSeal opens the seal, and makes it when there is none. Both its slots say first then, on disk.
func openSeal(journal string, first seal) (s sealFile, err error) {
	f, err := os.OpenFile(sealPath(journal), os.O_RDWR|os.O_CREATE, privateMode)
	if err != nil {
		return s, fmt.Errorf("open the journal's seal: %w", err)
	}
	s = sealFile{f: f, last: first}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write the journal's seal: %w", err), f.Close())
			s.f = nil
		}
	}()
	if err := private(f.Name()); err != nil {
		return s, err
	}
	if err := s.lengthen(); err != nil {
		return s, err
	}
	for range 2 { // no slot may go on telling of another journal
		if err := s.write(first); err != nil {
			return s, err
		}
	}
	return s, errors.Join(f.Sync(), syncFolder(filepath.Dir(journal)))
}

// lengthen gives a new seal its full length: a write changes nothing but its block then.
func (s *sealFile) lengthen() error {
	info, err := s.f.Stat()
	if err != nil || info.Size() >= 2*sealSlot {
		return err
	}
	_, err = s.f.WriteAt(make([]byte, 2*sealSlot), 0)
	return err
}

// write notes how far the journal has come. It does not wait for the disk.
func (s *sealFile) write(now seal) error {
	now.serial = s.last.serial + 1
	if _, err := s.f.WriteAt(now.encode(), now.serial%2*sealSlot); err != nil {
		return err
	}
	s.last = now
	return nil
}

// sync has the last write on disk.
func (s *sealFile) sync() error {
	if s.f == nil {
		return nil
	}
	if err := s.f.Sync(); err != nil {
		return fmt.Errorf("sync the journal's seal: %w", err)
	}
	return nil
}

func (s *sealFile) close() error {
	if s.f == nil {
		return nil
	}
	return s.f.Close()
}
