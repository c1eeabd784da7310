package record

import (
	"encoding/binary"

	"github.com/oklog/ulid/v2"
)

// ProofID is an attempt's id on the wire: four bytes, each 0x20-0x7E, from a durable counter with a random start.
type ProofID [4]byte

// Proof ids are four digits of base 95, 0x20 to 0x7E, so that no control byte is ever among them. Each attempt has a
// block of four: the base proves the end of printing, the others are for the cut and for fences after a hold.
const (
	ProofStep = 4
	ProofIDs  = 95 * 95 * 95 * 95 / ProofStep * ProofStep // ids in use before the first one comes again
)

// ProofIDOf gives the id on the wire of a counter.
func ProofIDOf(counter int64) ProofID {
	n := counter % ProofIDs
	var id ProofID
	for i := 3; i >= 0; i-- {
		id[i] = byte(0x20 + n%95)
		n /= 95
	}
	return id
}

// Counter gives the youngest counter not above last that has this id on the wire, and whether the id is well formed.
func (id ProofID) Counter(last int64) (int64, bool) {
	var n int64
	for _, b := range id {
		if b < 0x20 || b > 0x7E {
			return 0, false
		}
		n = n*95 + int64(b-0x20)
	}
	if n >= ProofIDs {
		return 0, false
	}
	c := last - ((last-n)%ProofIDs+ProofIDs)%ProofIDs
	return c, c > 0
}

// CopyID gives the public id of a copy: a ULID whose time is when the copy was asked for and whose entropy is the
// journal's random number and the copy's own. So it needs no index to be found again.
func CopyID(nonce [6]byte, seq, asked int64) string {
	var id ulid.ULID
	_ = id.SetTime(uint64(asked)) // errs after the year 10889
	copy(id[6:11], nonce[:5])
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(seq))
	copy(id[11:], b[3:])
	return id.String()
}

// CopySeq finds the copy with a public id.
func CopySeq(s View, id string) (int64, error) {
	u, err := ulid.ParseStrict(id)
	if err != nil {
		return 0, ErrNotFound
	}
	var b [8]byte
	copy(b[3:], u[11:])
	seq := int64(binary.BigEndian.Uint64(b[:]))
	var asked int64
	if err := s.Row("SELECT asked FROM copies WHERE seq = ?", seq).Scan(&asked); err != nil {
		return 0, NoRow(err)
	}
	if s.CopyID(seq, asked) != u.String() {
		return 0, ErrNotFound
	}
	return seq, nil
}
