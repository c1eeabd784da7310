package printer

import (
	"encoding/binary"
	"hash/maphash"
	"reflect"
	"time"
	"unsafe"

	"github.com/receiptd/receiptd/printer/evidence"
)

func newHasher() hasher { return hasher{seed: maphash.MakeSeed(), seen: map[uint64]struct{}{}} }

// A hasher knows states again: times count from now on.
type hasher struct {
	seed maphash.Seed
	seen map[uint64]struct{}
	buf  []byte // the state as bytes
	now  time.Time
}

var (
	timeType  = reflect.TypeFor[time.Time]()
	skipTypes = map[reflect.Type]bool{ // what is the same in all worlds of a scene, what nothing is decided by, and what is counted where it stands
		reflect.TypeFor[*scene](): true, reflect.TypeFor[settings](): true, reflect.TypeFor[*evidence.Transcript](): true,
		reflect.TypeFor[[]effect](): true, reflect.TypeFor[Status](): true, reflect.TypeFor[[]string](): true, reflect.TypeFor[Outcome](): true,
		reflect.TypeFor[Slip](): true, reflect.TypeFor[plan](): true,
		reflect.TypeFor[*core](): true, reflect.TypeFor[*device](): true, reflect.TypeFor[*task](): true, reflect.TypeFor[*cutter](): true,
		reflect.TypeFor[*port](): true, reflect.TypeFor[*sensors](): true, reflect.TypeFor[*line](): true, reflect.TypeFor[*paper](): true,
		reflect.TypeFor[*residue](): true, reflect.TypeFor[*questions](): true, reflect.TypeFor[*asker](): true, reflect.TypeFor[*prober](): true,
		reflect.TypeFor[*intake](): true}
)

// new reports whether a state was not seen before.
func (h *hasher) new(w *world) bool {
	h.buf, h.now = h.buf[:0], w.now
	addWorld(h, unsafe.Pointer(w))
	h.num(int64(len(w.outcome.State)))
	sum := maphash.Bytes(h.seed, h.buf)
	if _, ok := h.seen[sum]; ok {
		return false
	}
	h.seen[sum] = struct{}{}
	return true
}

func (h *hasher) num(n int64) { h.buf = binary.LittleEndian.AppendUint64(h.buf, uint64(n)) }

// An adder takes in what lies at p. It is made once for a type: of a search's time nearly all went into asking values for their types.
type adder func(h *hasher, p unsafe.Pointer)

var addWorld = adderOf(reflect.TypeFor[world]())

func adderOf(t reflect.Type) adder {
	if skipTypes[t] {
		return nil
	}
	switch t.Kind() {
	case reflect.Struct:
		return structAdder(t)
	case reflect.Slice:
		return sliceAdder(t)
	case reflect.Array:
		add, size, n := adderOf(t.Elem()), t.Elem().Size(), t.Len()
		return func(h *hasher, p unsafe.Pointer) { addEach(h, add, p, n, size) }
	case reflect.Pointer:
		add := adderOf(t.Elem())
		return func(h *hasher, p unsafe.Pointer) {
			to := *(*unsafe.Pointer)(p)
			if to == nil {
				h.num(0)
			} else if add != nil {
				add(h, to)
			}
		}
	case reflect.String:
		return func(h *hasher, p unsafe.Pointer) {
			s := *(*string)(p)
			h.buf = append(h.buf, s...)
			h.num(int64(len(s)))
		}
	case reflect.Interface, reflect.Map, reflect.Func: // there or not
		return func(h *hasher, p unsafe.Pointer) {
			if *(*unsafe.Pointer)(p) == nil {
				h.num(0)
			} else {
				h.num(1)
			}
		}
	}
	return numberAdder(t)
}

func structAdder(t reflect.Type) adder {
	if t == timeType {
		return func(h *hasher, p unsafe.Pointer) {
			if at := *(*time.Time)(p); at.IsZero() {
				h.num(-1 << 62)
			} else {
				h.num(int64(at.Sub(h.now)))
			}
		}
	}
	type field struct {
		add adder
		at  uintptr
	}
	var fields []field
	for f := range t.Fields() {
		if add := adderOf(f.Type); add != nil {
			fields = append(fields, field{add, f.Offset})
		}
	}
	return func(h *hasher, p unsafe.Pointer) {
		for _, f := range fields {
			f.add(h, unsafe.Add(p, f.at))
		}
	}
}

func sliceAdder(t reflect.Type) adder {
	add, size := adderOf(t.Elem()), t.Elem().Size()
	return func(h *hasher, p unsafe.Pointer) {
		head := (*[]struct{})(p) // its data and length lie where those of any slice do
		h.num(int64(len(*head)))
		addEach(h, add, unsafe.Pointer(unsafe.SliceData(*head)), len(*head), size)
	}
}

func addEach(h *hasher, add adder, p unsafe.Pointer, n int, size uintptr) {
	for i := range n {
		if add != nil {
			add(h, unsafe.Add(p, uintptr(i)*size))
		}
	}
}

func numberAdder(t reflect.Type) adder {
	switch t.Size() {
	case 1:
		return func(h *hasher, p unsafe.Pointer) { h.buf = append(h.buf, *(*byte)(p)) }
	case 2:
		return func(h *hasher, p unsafe.Pointer) { h.num(int64(*(*uint16)(p))) }
	case 4:
		return func(h *hasher, p unsafe.Pointer) { h.num(int64(*(*uint32)(p))) }
	}
	return func(h *hasher, p unsafe.Pointer) { h.num(*(*int64)(p)) }
}
