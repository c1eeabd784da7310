package journal

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"sync"
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

// loadNumbers reads how far the numbers have come: the highest row, or what retention noted before it removed that.
func (t *Tx) loadNumbers(meta map[string]int64) error {
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
func (t *Tx) loadChain() error {
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
func (t *Tx) loadProof(meta map[string]int64) error {
	var highest int64
	if err := t.Row("SELECT coalesce(max(proof), 0) FROM attempts").Scan(&highest); err != nil {
		return err
	}
	t.w.proof = max(meta["proof"], highest)
	return nil
}

// atLeast raises the numbers to what a seal knows to be given: a part of the journal may be lost.
func (t *Tx) atLeast(s *seal) {
	t.w.proof = max(t.w.proof, s.proof)
	t.event, t.job, t.copy, t.batch = max(t.event, s.event), max(t.job, s.job), max(t.copy, s.copy), max(t.batch, s.batch)
}

// NoteNumbers puts the numbers on disk beside the rows, which are about to be removed.
func (t *Tx) NoteNumbers() error {
	return t.each(func(last *int64, _, _, key string) error {
		return t.Exec("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)", key, *last)
	})
}

// fileBlock is how many file numbers are set aside at once.
const fileBlock = 1000

// fileNumbers hands out the numbers of claimed files; a block is on disk as used before its first number is given.
type fileNumbers struct {
	mu   sync.Mutex
	next int64 // guarded by mu
	last int64 // written by the writer alone, and only while whoever holds mu waits for it
}

// load sets the block behind used aside. The writer alone touches the numbers until it is done.
func (n *fileNumbers) load(t *Tx, used int64) error {
	t.after = append(t.after, func() { n.next, n.last = used+1, used+fileBlock })
	return t.Exec("INSERT INTO meta (key, value) VALUES ('file_seq', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", used+fileBlock)
}

// NextFileSeq gives a number for a file that is being claimed. It is never given again, whatever crashes.
func (db *DB) NextFileSeq(ctx context.Context) (int64, error) {
	n := &db.fileSeq
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.next > n.last {
		last := n.last
		if err := db.w.do(context.WithoutCancel(ctx), func(t *Tx) error { return n.load(t, last) }); err != nil {
			return 0, err
		}
	}
	n.next++
	return n.next - 1, nil
}

func randomBytes(p []byte) {
	_, _ = rand.Read(p) // never errs since Go 1.24
}
