package queue

import (
	"crypto/sha256"
	"encoding/binary"
)

// A digest makes one number of the values of a row. It finds damage; whoever may write the journal can also make its digests
// anew. The zero value is empty.
type digest struct{ text []byte }

// add takes values of any kind, as they are written to the journal and as they are read from it: both give the same digest. Each
// has its kind and its length before it, so that no two lists look alike.
func (d *digest) add(values ...any) {
	for _, v := range values {
		switch v := value(v).(type) {
		case int64:
			d.numbers(v)
		case bool:
			d.numbers(one(v))
		case string:
			d.strings(v)
		case []byte:
			if len(v) == 0 { // the driver makes NULL of it
				d.text = append(d.text, 'n')
				continue
			}
			d.text = append(binary.AppendUvarint(append(d.text, 's'), uint64(len(v))), v...)
		default:
			d.text = append(d.text, 'n') // NULL
		}
	}
}

// numbers is add for numbers.
func (d *digest) numbers(list ...int64) {
	for _, n := range list {
		d.text = binary.BigEndian.AppendUint64(append(d.text, 'i'), uint64(n))
	}
}

// strings is add for texts.
func (d *digest) strings(list ...string) {
	for _, s := range list {
		d.text = append(binary.AppendUvarint(append(d.text, 's'), uint64(len(s))), s...)
	}
}

func one(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// sum gives the first 63 bits of the SHA-256 of what was added, never 0, and empties the digest.
func (d *digest) sum() int64 {
	s := sha256.Sum256(d.text)
	d.text = d.text[:0]
	return max(int64(binary.BigEndian.Uint64(s[:])>>1), 1)
}

// link gives the chain at an event, from the chain at the one before it.
func (e *Event) link(before int64, d *digest) int64 {
	d.numbers(before, e.Seq, millis(e.At), e.job, e.copy, e.Batch, e.about)
	d.strings(string(e.Type), e.JobID, e.Request, e.File, e.Printer, string(e.State), e.Reason, e.Operator, e.Detail)
	return d.sum()
}

// sum gives the digest of a copy's row.
func (c *copyRow) sum(d *digest) int64 {
	d.numbers(c.seq, c.job, c.request, c.ord, int64(c.printNo), one(c.torn), one(c.auto), one(c.fresh), c.replaces, c.attempt, c.asked, c.at, c.rev)
	d.strings(string(c.name), c.printer, c.moved, string(c.state), c.reason, string(c.proof), string(c.mark), string(c.base), c.operator, c.why, c.archive)
	return d.sum()
}
