package journal

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
)

func uint48(b []byte) uint64 {
	var w [8]byte
	copy(w[2:], b[:6])
	return binary.BigEndian.Uint64(w[:])
}

func putUint48(b []byte, n uint64) {
	var w [8]byte
	binary.BigEndian.PutUint64(w[:], n)
	copy(b, w[2:])
}

// numbers are the last ones given to rows. None is given again: what outlives a row - an event, an answer, a copy at a printer -
// must not come to mean another one.
type numbers struct {
	event, job, copy, batch int64
	chain                   int64 // at the last event; see schema 0004
}

// each calls fn for every number with its table, its column there and its key in meta.
func (n *numbers) each(fn func(last *int64, table, column, key string) error) error {
	return errors.Join(
		fn(&n.event, "events", "seq", "event"), fn(&n.job, "jobs", "seq", "job"), fn(&n.copy, "copies", "seq", "copy"),
		fn(&n.batch, "batches", "id", "batch"))
}

func randomBytes(p []byte) {
	_, _ = rand.Read(p) // never errs since Go 1.24
}
