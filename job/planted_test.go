package job_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/receiptd/receiptd/job"
)

// exempt are the fields whose values are never taken for card numbers while their format is right.
var exempt = []string{"/merchant/no", "/order_no", "/merchant_order_no", "/channel_transaction_id", "/tax_no", "/aid", "/arqc", "/tc", "/iad"}

// free are the identifiers in which a bare number of 17 to 19 digits is none of a card's, for nothing tells them apart.
var free = []string{"/job_id", "/target_job_id", "/terminal_no", "/reference_no", "/case_no"}

// TestPlantedNumbersVanish plants a card number anywhere in any sample job: in a text, in place of a value, as a JSON
// number or as a name.
func TestPlantedNumbersVanish(t *testing.T) {
	files := samples(t)
	names := slices.Sorted(maps.Keys(files))
	rapid.Check(t, func(t *rapid.T) {
		d := json.NewDecoder(bytes.NewReader(files[rapid.SampledFrom(names).Draw(t, "file")]))
		d.UseNumber()
		var doc any
		if err := d.Decode(&doc); err != nil {
			t.Fatal(err)
		}
		var slots []slot
		find(doc, "", nil, &slots)
		s := rapid.SampledFrom(slots).Draw(t, "slot")
		number := plant(t, s)
		if number == "" {
			return
		}
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if cut := rapid.IntRange(0, 20).Draw(t, "cut"); cut == 0 {
			data = data[:len(data)-1] // not JSON any more
		}
		if where := leaks(job.Parse(data), number); where != "" {
			t.Fatalf("%s at %s still there\nin %s\n%s", number, s.pointer, data, where)
		}
	})
}

// A slot is a place in a document where something can be planted.
type slot struct {
	pointer string
	old     any
	set     func(any)
	object  map[string]any // to add a name
}

func find(v any, at string, set func(any), out *[]slot) {
	*out = append(*out, slot{pointer: at, old: v, set: set})
	switch v := v.(type) {
	case map[string]any:
		(*out)[len(*out)-1].object = v
		for _, k := range slices.Sorted(maps.Keys(v)) {
			x := v[k]
			find(x, at+"/"+k, func(n any) { v[k] = n }, out)
		}
	case []any:
		for i, x := range v {
			find(x, fmt.Sprint(at, "/", i), func(n any) { v[i] = n }, out)
		}
	}
}

func plant(t *rapid.T, s slot) string {
	for _, e := range exempt {
		if strings.HasSuffix(s.pointer, e) {
			return ""
		}
	}
	number := cardNumber(t)
	for _, e := range free {
		if strings.HasSuffix(s.pointer, e) && len(number) > 16 {
			return ""
		}
	}
	write := disguises[rapid.SampledFrom(slices.Sorted(maps.Keys(disguises))).Draw(t, "disguise")]
	if rapid.Bool().Draw(t, "evenly") {
		sep := rapid.SampledFrom([]string{"", " ", "-", ".", "_", "/", "\u00a0", "\u200b", "\u0002", " - "}).Draw(t, "separator")
		every := rapid.IntRange(1, 6).Draw(t, "every")
		if len(number) == 18 && every%3 == 0 && sep != "" || every == 6 && strings.HasSuffix(s.pointer, "job_id") { // two telephone numbers; batch, voucher and code
			every = 4
		}
		write = func(s string) string { return between(s, sep, every) }
	}
	if s.object != nil {
		s.object["x "+write(number)] = rapid.SampledFrom([]any{1, json.Number(number), "y " + write(number)}).Draw(t, "value")
		return number
	}
	old, isText := s.old.(string)
	if !isText || s.pointer == "/job_id" {
		s.set(rapid.SampledFrom([]any{json.Number(number), json.Number(number[:1] + "." + number[1:] + "e" + fmt.Sprint(len(number)-1)), number, "c" + number}).Draw(t, "value"))
		return number
	}
	switch rapid.IntRange(0, 3).Draw(t, "how") {
	case 0:
		s.set(write(number))
	case 1:
		s.set(old + " 号" + write(number))
	case 2:
		s.set("号" + write(number) + "x" + old)
	default: // anywhere, but not between other digits
		r := []rune(old)
		at := rapid.IntRange(0, len(r)).Draw(t, "at")
		s.set(string(r[:at]) + "-" + number + "," + string(r[at:]))
	}
	return number
}
