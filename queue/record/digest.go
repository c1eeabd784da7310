package record

import (
	"crypto/sha256"
	"database/sql/driver"
	"encoding/binary"
	"reflect"
)

// A Digest makes one number of the values of a row. It finds damage; whoever may write the journal can also make its digests
// anew. The zero value is empty.
type Digest struct{ text []byte }

// Add takes values of any kind, as they are written to the journal and as they are read from it: both give the same digest. Each
// has its kind and its length before it, so that no two lists look alike.
func (d *Digest) Add(values ...any) {
	for _, v := range values {
		switch v := Value(v).(type) {
		case int64:
			d.numbers(v)
		case bool:
			d.numbers(one(v))
		case string:
			d.Strings(v)
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
func (d *Digest) numbers(list ...int64) {
	for _, n := range list {
		d.text = binary.BigEndian.AppendUint64(append(d.text, 'i'), uint64(n))
	}
}

// Strings is add for texts.
func (d *Digest) Strings(list ...string) {
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

// Sum gives the first 31 bits of the SHA-256 of what was added, never 0, and empties the digest: of two thousand million changed rows
// one may go unseen. A row holds it in four bytes.
func (d *Digest) Sum() int64 { return short(d.whole()) }

// Is reports whether what was added has the digest that a journal holds, and empties the digest. Until schema 0014 it was one of 63 bits.
func (d *Digest) Is(kept int64) bool {
	sum := d.whole()
	return kept == short(sum) || kept == max(sum, 1)
}

// whole gives the first 63 bits.
func (d *Digest) whole() int64 {
	s := sha256.Sum256(d.text)
	d.text = d.text[:0]
	return int64(binary.BigEndian.Uint64(s[:]) >> 1)
}

func short(sum int64) int64 { return max(sum>>32, 1) }

// Link gives the chain at an event, from the chain at the one before it.
func (e *Event) Link(before int64, d *Digest) int64 {
	e.addTo(before, d)
	return d.Sum()
}

// Follows reports whether the chain that a journal holds at an event is what follows from the chain at the one before it.
func (e *Event) Follows(before, chain int64, d *Digest) bool {
	e.addTo(before, d)
	return d.Is(chain)
}

func (e *Event) addTo(before int64, d *Digest) {
	d.numbers(before, e.Seq, Millis(e.At), e.JobSeq, e.CopySeq, e.Batch, e.About)
	d.Strings(string(e.Type), e.JobID, e.Request, e.File, e.Printer, string(e.State), string(e.Reason), e.Operator, e.Detail)
}

// Value gives an argument without its own name of a type.
func Value(a any) driver.Value {
	switch a := a.(type) {
	case nil, int64, string, bool, []byte:
		return a
	case int:
		return int64(a)
	}
	v := reflect.ValueOf(a)
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Bool:
		return v.Bool()
	}
	return a // the driver says what it thinks of it
}
