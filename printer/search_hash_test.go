package printer

import (
	"encoding/binary"
	"hash/maphash"
	"reflect"
	"time"

	"github.com/receiptd/receiptd/printer/evidence"
)

func newHasher() hasher { return hasher{seed: maphash.MakeSeed(), seen: map[uint64]struct{}{}} }

// A hasher knows states again: times count from now on.
type hasher struct {
	seed maphash.Seed
	seen map[uint64]struct{}
	buf  []byte // the state as bytes
	sec  int64
	nsec int64
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
	h.buf = h.buf[:0]
	now := reflect.ValueOf(w.now)
	h.nsec, h.sec = int64(now.Field(0).Uint()), now.Field(1).Int()
	h.add(reflect.ValueOf(*w))
	h.num(int64(len(w.outcome.State)))
	sum := maphash.Bytes(h.seed, h.buf)
	if _, ok := h.seen[sum]; ok {
		return false
	}
	h.seen[sum] = struct{}{}
	return true
}

func (h *hasher) num(n int64) { h.buf = binary.LittleEndian.AppendUint64(h.buf, uint64(n)) }

// add takes a value in, all that it holds.
func (h *hasher) add(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Array, reflect.Pointer:
		if !skipTypes[v.Type()] {
			h.addAll(v)
		}
	case reflect.Bool:
		n := int64(0)
		if v.Bool() {
			n = 1
		}
		h.num(n)
	case reflect.String:
		h.buf = append(h.buf, v.String()...)
		h.num(int64(v.Len()))
	case reflect.Interface, reflect.Map, reflect.Func:
		n := int64(1)
		if v.IsNil() {
			n = 0
		}
		h.num(n)
	case reflect.Uint8, reflect.Uint32, reflect.Uint64, reflect.Uint16, reflect.Uint:
		h.num(int64(v.Uint()))
	default:
		h.num(v.Int())
	}
}

// addAll takes in what a value consists of.
func (h *hasher) addAll(v reflect.Value) {
	switch {
	case v.Type() == timeType: // without a monotonic reading: nanoseconds and seconds since year 1
		nsec, sec := int64(v.Field(0).Uint()), v.Field(1).Int()
		if sec == 0 {
			h.num(-1 << 62)
		} else {
			h.num((sec-h.sec)*1e9 + nsec - h.nsec)
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			h.add(v.Field(i))
		}
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			h.num(0)
			return
		}
		h.add(v.Elem())
	default:
		h.num(int64(v.Len()))
		for i := range v.Len() {
			h.add(v.Index(i))
		}
	}
}
