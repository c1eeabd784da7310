package printer

import (
	"reflect"
	"testing"
	"time"
)

// TestPartsAreWired: each part sees the parts of its own machine, in a copy those of the copy; none is left out, and none sees one
// that stands below it.
func TestPartsAreWired(t *testing.T) {
	w := newWorld(scenes()[0])
	for _, m := range []*machine{&w.m, &w.clone().m} {
		v := reflect.ValueOf(m).Elem()
		places, order := map[reflect.Type]uintptr{}, map[reflect.Type]int{}
		for i := range v.NumField() {
			part := reflect.PointerTo(v.Field(i).Type())
			places[part], order[part] = v.Field(i).Addr().Pointer(), i
		}
		for i := range v.NumField() {
			part := v.Field(i)
			for j := range part.NumField() {
				f := part.Field(j)
				if want, ok := places[f.Type()]; ok && f.Pointer() != want {
					t.Errorf("%s.%s is not this machine's", part.Type().Name(), part.Type().Field(j).Name)
				}
				if at, ok := order[f.Type()]; ok && at >= i {
					t.Errorf("%s.%s stands below it", part.Type().Name(), part.Type().Field(j).Name)
				}
			}
		}
	}
}

// TestSearchForgetsNothing: a search counts each part where it stands, so a state differs when any part does, and no two worlds share
// anything that changes.
func TestSearchForgetsNothing(t *testing.T) {
	m := reflect.TypeFor[machine]()
	parts := map[reflect.Type]bool{}
	for i := range m.NumField() {
		part := m.Field(i).Type
		parts[reflect.PointerTo(part)] = true
		if skipTypes[part] {
			t.Errorf("%v is not counted", part)
		}
		for j := range part.NumField() {
			f := part.Field(j).Type
			if f.Kind() == reflect.Pointer && skipTypes[f] && !hasPart(m, f.Elem()) {
				t.Errorf("%v.%s is counted nowhere", part, part.Field(j).Name)
			}
		}
	}
	// half way through a slip, and after it
	w := newWorld(scenes()[0])
	w.do(event{kind: gotPrint, slip: w.s.slip()})
	for range 200 {
		w.settle()
		shared(t, "world", reflect.ValueOf(*w), reflect.ValueOf(*w.clone()), parts)
		next := w.next()
		if next.IsZero() || next.Sub(searchEpoch) > time.Minute || t.Failed() {
			break
		}
		w.now = later(next, w.now)
	}
	if !w.over {
		t.Error("the slip has no end")
	}
}

// hasPart says whether a machine has a part of a type.
func hasPart(m, part reflect.Type) bool {
	for i := range m.NumField() {
		if m.Field(i).Type == part {
			return true
		}
	}
	return false
}

// shared fails for what can be changed in both of two values.
func shared(t *testing.T, name string, a, b reflect.Value, parts map[reflect.Type]bool) {
	t.Helper()
	switch {
	case parts[a.Type()], a.Type() == reflect.TypeFor[time.Time](), a.Type() == reflect.TypeFor[plan](), a.Type() == reflect.TypeFor[Slip](),
		a.Type() == reflect.TypeFor[settings](), a.Type() == reflect.TypeFor[*scene](), a.Type() == reflect.TypeFor[Outcome]():
		return
	}
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			shared(t, name+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i), parts)
		}
	case reflect.Pointer:
		if !a.IsNil() {
			if a.Pointer() == b.Pointer() {
				t.Errorf("%s is shared", name)
				return
			}
			shared(t, name, a.Elem(), b.Elem(), parts)
		}
	case reflect.Slice:
		if a.Len() > 0 && b.Len() > 0 && a.Pointer() == b.Pointer() && a.Type().Elem().Kind() != reflect.Uint8 {
			t.Errorf("%s is shared", name)
		}
	}
}
