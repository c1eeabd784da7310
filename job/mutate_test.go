package job_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/receiptd/receiptd/job"
)

// oddValues are what a careless program may write in place of a value.
var oddValues = []any{
	nil, true, false, 0, -1, 1, 0.5, json.Number("1e3"), json.Number("1.0"), json.Number("-0"), json.Number("99999999999999999999"), "", " ", "x", "0",
	"2026-08-11T12:34:56+08:00", "2026-08-11 12:34:56", "2026-08-11T1:34:56Z", "2026-08-11T12:34:56,5Z", "2026-08-11",
	"\x00\u2028\U0001F600", "sale", "CNY", "622202******6620", json.RawMessage(`[]`), json.RawMessage(`[null]`),
	json.RawMessage(`["merchant"]`), json.RawMessage(`{}`), json.RawMessage(`{"":null}`),
}

// TestOddValues changes up to three values of a sample. Whatever it is, the answer names the field: the schema never
// lets through what the types cannot hold, and what is accepted comes back the same.
func TestOddValues(t *testing.T) {
	files := samples(t)
	names := slices.Sorted(maps.Keys(files))
	rapid.Check(t, func(t *rapid.T) {
		d := json.NewDecoder(bytes.NewReader(files[rapid.SampledFrom(names).Draw(t, "file")]))
		d.UseNumber()
		var doc any
		if err := d.Decode(&doc); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 3).Draw(t, "changes") {
			var slots []slot
			find(doc, "", func(v any) { doc = v }, &slots)
			s := rapid.SampledFrom(slots[1:]).Draw(t, "slot")
			s.set(rapid.SampledFrom(oddValues).Draw(t, "value"))
		}
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		r := job.Parse(data)
		for _, p := range append(slices.Clone(r.Errors), r.Warnings...) {
			if p.Code == "invalid" || p.Line != 1 || p.Column < 1 || p.Message.En == "" {
				t.Fatalf("%+v\nof %s", p, data)
			}
		}
		if (r.Job == nil) != (len(r.Errors) > 0) {
			t.Fatalf("job %v, errors %v", r.Job, r.Errors)
		}
		if r.Job == nil {
			return
		}
		again, err := job.FromJSON(r.Job.JSON)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(r.Job, again); d != "" {
			t.Fatalf("%s\nof %s", d, data)
		}
		if d := cmp.Diff(r.Job, job.Parse(r.Job.JSON).Job); d != "" {
			t.Fatalf("%s\nof %s", d, data)
		}
	})
}
