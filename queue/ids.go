package queue

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"

	"github.com/oklog/ulid/v2"
)

// Proof ids are four digits of base 95, 0x20 to 0x7E, so that no control byte is ever among them. Each attempt has a
// block of four: the base proves the end of printing, the others are for the cut and for fences after a hold.
const (
	proofStep = 4
	proofIDs  = 95 * 95 * 95 * 95 / proofStep * proofStep // ids in use before the first one comes again
)

// proofID gives the id on the wire of a counter.
func proofID(counter int64) ProofID {
	n := counter % proofIDs
	var id ProofID
	for i := 3; i >= 0; i-- {
		id[i] = byte(0x20 + n%95)
		n /= 95
	}
	return id
}

// counter gives the youngest counter not above last that has this id on the wire, and whether the id is well formed.
func (id ProofID) counter(last int64) (int64, bool) {
	var n int64
	for _, b := range id {
		if b < 0x20 || b > 0x7E {
			return 0, false
		}
		n = n*95 + int64(b-0x20)
	}
	if n >= proofIDs {
		return 0, false
	}
	c := last - ((last-n)%proofIDs+proofIDs)%proofIDs
	return c, c > 0
}

// copyID gives the public id of a copy: a ULID whose time is when the copy was asked for and whose entropy is the
// journal's random number and the copy's own. So it needs no index to be found again.
func (q *Queue) copyID(seq, asked int64) string {
	var id ulid.ULID
	_ = id.SetTime(uint64(asked)) // errs after the year 10889
	copy(id[6:11], q.nonce[:5])
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(seq))
	copy(id[11:], b[3:])
	return id.String()
}

// copySeq finds the copy with a public id.
func (q *Queue) copySeq(s source, id string) (int64, error) {
	u, err := ulid.ParseStrict(id)
	if err != nil {
		return 0, ErrNotFound
	}
	var b [8]byte
	copy(b[3:], u[11:])
	seq := int64(binary.BigEndian.Uint64(b[:]))
	var asked int64
	if err := s.row("SELECT asked FROM copies WHERE seq = ?", seq).Scan(&asked); err != nil {
		return 0, noRow(err)
	}
	if q.copyID(seq, asked) != u.String() {
		return 0, ErrNotFound
	}
	return seq, nil
}

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
func (t *tx) loadNumbers(meta map[string]int64) error {
	return t.each(func(last *int64, table, column, key string) error {
		var highest int64
		if err := t.row("SELECT coalesce(max(" + column + "), 0) FROM " + table).Scan(&highest); err != nil {
			return err
		}
		*last = max(highest, meta[key])
		return nil
	})
}

// loadChain reads the chain at the last event. In a journal that has no chain yet it begins behind the last event, which retention
// may have removed.
func (t *tx) loadChain() error {
	chain, known, err := chainAt(t, t.event)
	if err != nil || known || t.event == 0 {
		t.chain = chain
		return err
	}
	var begun bool
	if err := t.row("SELECT EXISTS (SELECT 1 FROM events WHERE chain <> 0)").Scan(&begun); err != nil || begun {
		return err // what is missing is found when the chain is followed
	}
	return t.exec("INSERT INTO gaps (seq, chain) VALUES (?, 0)", t.event)
}

// loadProof reads how far the counter of proofs has come.
func (t *tx) loadProof(meta map[string]int64) error {
	var highest int64
	if err := t.row("SELECT coalesce(max(proof), 0) FROM attempts").Scan(&highest); err != nil {
		return err
	}
	t.w.proof = max(meta["proof"], highest)
	return nil
}

// atLeast raises the numbers to what a seal knows to be given: a part of the journal may be lost.
func (t *tx) atLeast(s *seal) {
	t.w.proof = max(t.w.proof, s.proof)
	t.event, t.job, t.copy, t.batch = max(t.event, s.event), max(t.job, s.job), max(t.copy, s.copy), max(t.batch, s.batch)
}

// noteNumbers puts the numbers on disk beside the rows, which are about to be removed.
func (t *tx) noteNumbers() error {
	return t.each(func(last *int64, _, _, key string) error {
		return t.exec("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)", key, *last)
	})
}

// fileBlock is how many file numbers are set aside at once.
const fileBlock = 1000

// fileNumbers hands out the numbers of claimed files; a block is on disk as used before its first number is given.
type fileNumbers struct {
	mu         sync.Mutex
	next, last int64
}

// load sets the block behind used aside. The writer alone touches the numbers until it is done.
func (n *fileNumbers) load(t *tx, used int64) error {
	t.after = append(t.after, func() { n.next, n.last = used+1, used+fileBlock })
	return t.exec("INSERT INTO meta (key, value) VALUES ('file_seq', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", used+fileBlock)
}

// NextFileSeq gives a number for a file that is being claimed. It is never given again, whatever crashes.
func (q *Queue) NextFileSeq(ctx context.Context) (int64, error) {
	n := &q.fileSeq
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.next > n.last {
		last := n.last
		if err := q.w.do(context.WithoutCancel(ctx), func(t *tx) error { return n.load(t, last) }); err != nil {
			return 0, err
		}
	}
	n.next++
	return n.next - 1, nil
}
