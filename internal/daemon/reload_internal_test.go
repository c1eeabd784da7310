package daemon

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/config"
)

// atOnce are the sections whose changes a reload takes over; all others wait for a restart.
var atOnce = []string{"shop", "templates", "slip", "money", "guard", "printer", "route", "notify", "watch", "archive", "fleet"}

// Each single value of the configuration either changes at once, or stays as it is and its section is named.
func TestEachChangeIsTakenOrTold(t *testing.T) {
	count := 0
	var each func(v reflect.Value, section string, path []int)
	each = func(v reflect.Value, section string, path []int) {
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("toml"), ",")
			if name == "-" {
				continue
			}
			at := append(slices.Clone(path), i)
			of := section
			if of == "" {
				of = name
			}
			if f := v.Field(i); f.Kind() == reflect.Struct {
				each(f, of, at)
				continue
			}
			count++
			now, cfg := config.Default(), config.Default()
			changed := reflect.ValueOf(cfg).Elem().FieldByIndex(at)
			other(t, changed)
			later := pin(cfg, now)
			taken := !reflect.DeepEqual(changed.Interface(), reflect.ValueOf(now).Elem().FieldByIndex(at).Interface())
			if hot := slices.Contains(atOnce, of); taken != hot || hot != (len(later) == 0) || !hot && later[0] != of {
				t.Errorf("%s, %s: taken %v, waiting for a restart %v", of, name, taken, later)
			}
		}
	}
	each(reflect.ValueOf(config.Default()).Elem(), "", nil)
	if count < 15 {
		t.Errorf("only %d values were changed", count)
	}
}

// other gives a field another value.
func other(t *testing.T, f reflect.Value) {
	t.Helper()
	switch f.Kind() {
	case reflect.String:
		f.SetString(f.String() + "x")
	case reflect.Int, reflect.Int64:
		f.SetInt(f.Int() + int64(time.Hour))
	case reflect.Bool:
		f.SetBool(!f.Bool())
	case reflect.Slice:
		f.Set(reflect.Append(f, reflect.Zero(f.Type().Elem())))
	case reflect.Map:
		m := reflect.MakeMap(f.Type())
		m.SetMapIndex(reflect.ValueOf("x"), reflect.Zero(f.Type().Elem()))
		f.Set(m)
	default:
		t.Fatalf("a field of kind %s", f.Kind())
	}
}
