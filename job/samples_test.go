package job_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/receiptd/receiptd/job"
)

// samples gives the sample jobs by file name.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("../examples/jobs/*.json")
	if err != nil || len(names) < 25 {
		t.Fatalf("sample jobs: %d files, %v", len(names), err)
	}
	m := map[string][]byte{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m[filepath.Base(name)] = data
	}
	return m
}

func TestSamplesAreValid(t *testing.T) {
	for name, data := range samples(t) {
		r := job.Parse(data)
		for _, p := range append(r.Errors, r.Warnings...) {
			t.Errorf("%s:%d:%d: %s %s: %s", name, p.Line, p.Column, p.Pointer, p.Code, p.Message.En)
		}
		if r.Job == nil {
			t.Fatalf("%s: no job", name)
		}
		if r.ID != r.Job.ID || r.ID == "" {
			t.Errorf("%s: ID %q, job %q", name, r.ID, r.Job.ID)
		}
	}
}

func TestJournalFormComesBack(t *testing.T) {
	for name, data := range samples(t) {
		first := job.Parse(data).Job
		again, err := job.FromJSON(first.JSON)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := cmp.Diff(first, again); d != "" {
			t.Errorf("%s: FromJSON differs:\n%s", name, d)
		}
		if d := cmp.Diff(first, job.Parse(first.JSON).Job); d != "" {
			t.Errorf("%s: Parse of the canonical form differs:\n%s", name, d)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	data := samples(b)["01-sale-chip.json"]
	job.Parse(data)
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if job.Parse(data).Job == nil {
			b.Fatal("no job")
		}
	}
}

func BenchmarkFromJSON(b *testing.B) {
	j := job.Parse(samples(b)["01-sale-chip.json"]).Job
	b.ReportAllocs()
	for b.Loop() {
		if _, err := job.FromJSON(j.JSON); err != nil {
			b.Fatal(err)
		}
	}
}
