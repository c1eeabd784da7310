package job_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/receiptd/receiptd/job"
)

// TestEveryPrefixWaits cuts each sample after every byte: a writer may be at any of them.
func TestEveryPrefixWaits(t *testing.T) {
	for name, data := range samples(t) {
		data = append([]byte("\ufeff"), bytes.TrimSpace(data)...)
		for n := range data {
			if got := job.Completeness(data[:n]); got != job.Prefix {
				t.Fatalf("%s cut after %d bytes: state %d", name, n, got)
			}
		}
		if got := job.Completeness(data); got != job.Complete {
			t.Errorf("%s: state %d", name, got)
		}
		if got := job.Completeness(append(data, " \r\n"...)); got != job.Complete {
			t.Errorf("%s with white space: state %d", name, got)
		}
	}
}

func TestCompleteness(t *testing.T) {
	for _, row := range []struct {
		in   string
		want job.State
	}{
		{"", job.Prefix}, {" \n", job.Prefix}, {"{}", job.Complete}, {"{", job.Prefix},
		{"[1]", job.Invalid}, {"x", job.Invalid}, {"{}x", job.Invalid}, {"{} {}", job.Invalid},
		{`{"a":tru`, job.Prefix}, {`{"a":trx`, job.Invalid}, {`{"a":-`, job.Prefix}, {`{"a":01`, job.Invalid},
		{`{"a":1.`, job.Prefix}, {`{"a":1e+`, job.Prefix}, {`{"a":"\u12`, job.Prefix}, {`{"a":"\u12x`, job.Invalid},
		{`{"a":"\ud83d`, job.Prefix}, {`{"a":"\ud83d\`, job.Prefix}, {`{"a":"\ud83dx`, job.Invalid},
		{"{\"a\":\"\xe5\x8d", job.Prefix}, {"{\"a\":\"\xe5x", job.Invalid}, {"{\"a\":\"\xff", job.Invalid},
		{`{"a" 1`, job.Invalid}, {`{"a":1,}`, job.Invalid}, {`{"a":[1,]`, job.Invalid}, {`{"a":[1 2`, job.Invalid},
		{strings.Repeat(`{"a":`, 40), job.Invalid},                                           // too deep for a job
		{"\x00\x00\x00", job.Prefix}, {"{\"a\"\x00\x00", job.Prefix}, {"{}\x00", job.Prefix}, // made at full length, not yet written
		{"{\x00\"\x00", job.Invalid}, // UTF-16
		{"\ufeff", job.Prefix}, {"\xef\xbb", job.Prefix}, {"\ufeff{}", job.Complete}, {"\xff\xfe{\x00", job.Invalid},
	} {
		if got := job.Completeness([]byte(row.in)); got != row.want {
			t.Errorf("%q: state %d, want %d", row.in, got, row.want)
		}
	}
}

func TestCompletenessAllocatesNothing(t *testing.T) {
	data := samples(t)["11-order-meituan.json"]
	if n := testing.AllocsPerRun(10, func() { job.Completeness(data) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCompleteness(b *testing.B) {
	data := []byte(`{"payload":{"receiptline":"` + strings.Repeat("交班单 12.50\\n", 14000) + `"}}`)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if job.Completeness(data) != job.Complete {
			b.Fatal("not complete")
		}
	}
}

// TestFilesFullOfErrors: a file may hold a hundred thousand of them; its answer is short and comes soon.
func TestFilesFullOfErrors(t *testing.T) {
	for name, data := range map[string]string{
		"items":   `{"job_id":"x","kind":"order","payload":{"gifts":[` + strings.Repeat("1,", 130000) + `1]}}`,
		"names":   `{"job_id":"x","kind":"order","payload":{` + strings.Repeat(`"":1,`, 52000) + `"a":1}}`,
		"numbers": `{"job_id":"x","kind":"document","payload":` + strings.Repeat("4", 260000) + `}`,
		"power":   `{"job_id":"x","kind":"document","payload":1e` + strings.Repeat("9", 260000) + `}`,
	} {
		begin := time.Now()
		r := job.Parse([]byte(data))
		took := time.Since(begin)
		if len(r.Errors) == 0 || len(r.Errors) > 100 || len(r.Warnings) > 100 {
			t.Errorf("%s: %d errors, %d warnings", name, len(r.Errors), len(r.Warnings))
		}
		if took > time.Minute { // work that grows with the square of them takes longer on any machine
			t.Errorf("%s took %v", name, took)
		}
	}
}

// FuzzParse holds the laws of the door: whatever the bytes, the answer is one of three kinds; what is accepted comes
// back from its journal form the same; Completeness and Parse agree on what JSON is, and so does encoding/json.
func FuzzParse(f *testing.F) {
	for _, dir := range []string{"jobs", "bad"} {
		names, err := filepath.Glob("../examples/" + dir + "/*.json")
		if err != nil || len(names) == 0 {
			f.Fatal(dir, err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	syntax := []string{"incomplete", "empty", "not_json", "not_object", "trailing_data", "invalid_utf8", "too_deep", "too_large"}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := job.Parse(data)
		if (r.Job == nil) != (len(r.Errors) > 0) {
			t.Fatalf("job %v with errors %v", r.Job, r.Errors)
		}
		parsed := len(r.Errors) == 0 || !slices.Contains(syntax, r.Errors[0].Code)
		if complete := job.Completeness(data) == job.Complete; parsed != complete {
			t.Fatalf("complete %v, errors %v", complete, r.Errors)
		}
		if parsed && !json.Valid(bytes.TrimPrefix(data, []byte("\ufeff"))) {
			t.Fatal("encoding/json says this is not JSON")
		}
		if parsed && !json.Valid(r.Redacted) {
			t.Fatalf("redacted file is not JSON: %s", r.Redacted)
		}
		if r.Job == nil {
			return
		}
		again, err := job.FromJSON(r.Job.JSON)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(r.Job, again); d != "" {
			t.Fatal(d)
		}
		if d := cmp.Diff(r.Job, job.Parse(r.Job.JSON).Job); d != "" {
			t.Fatal(d)
		}
	})
}
