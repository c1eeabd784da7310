package job_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/receiptd/receiptd/job"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestBadFiles compares the answer to each broken file, code, pointer and place, with testdata/bad.golden, and checks
// what every answer must have.
func TestBadFiles(t *testing.T) {
	names, err := filepath.Glob("../examples/bad/*.json")
	if err != nil || len(names) < 25 {
		t.Fatalf("broken files: %d, %v", len(names), err)
	}
	var got strings.Builder
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r := job.Parse(data)
		if r.Job != nil || len(r.Errors) == 0 {
			t.Errorf("%s: taken for valid", name)
		}
		fmt.Fprintf(&got, "%s id=%s\n", filepath.Base(name), r.ID)
		for _, p := range r.Errors {
			fmt.Fprintf(&got, "\t%d:%d %s %s\n", p.Line, p.Column, p.Code, p.Pointer)
			checkWording(t, name, p)
		}
		if out := fmt.Sprint(r.Errors, r.Warnings, string(r.Redacted), r.ID); strings.Contains(out, "4111111111111111") {
			t.Errorf("%s: the card number is in the answer: %s", name, out)
		}
	}
	golden(t, "bad.golden", got.String())
}

func checkWording(t *testing.T, name string, p job.Problem) {
	t.Helper()
	for _, s := range []string{p.Message.Zh, p.Message.En, p.Fix.Zh, p.Fix.En} {
		if s == "" || strings.Contains(s, "%") {
			t.Errorf("%s: %s is worded badly: %+v", name, p.Code, p)
		}
	}
	if p.Line < 1 || p.Column < 1 {
		t.Errorf("%s: %s has no place", name, p.Code)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s differs (refresh with -update):\n%s", name, d)
	}
}

func TestTooLarge(t *testing.T) {
	data := []byte(`{"job_id":"big","kind":"document","payload":{"receiptline":"` + strings.Repeat("x", job.MaxSize) + `"}}`)
	r := job.Parse(data)
	if len(r.Errors) != 1 || r.Errors[0].Code != "too_large" || r.ID != "big" {
		t.Errorf("got %v, id %q", r.Errors, r.ID)
	}
	if job.Completeness(data) != job.Invalid {
		t.Error("a file over the bound is not invalid")
	}
}

func TestByteOrderMark(t *testing.T) {
	data := samples(t)["01-sale-chip.json"]
	r := job.Parse(append([]byte("\ufeff"), data...))
	if r.Job == nil {
		t.Fatalf("refused: %v", r.Errors)
	}
	if plain := job.Parse(data).Job; r.Job.Hash != plain.Hash {
		t.Error("the mark changes the hash")
	}
	if p := job.Parse([]byte("\ufeff{x")).Errors[0]; p.Line != 1 || p.Column != 2 {
		t.Errorf("the mark counts as a column: %+v", p)
	}
}

func TestUnknownNamesAreWarnings(t *testing.T) {
	data := strings.Replace(string(samples(t)["01-sale-chip.json"]), `"kind":`, `"colour": {"deep": [1.5, null]},
  "kind":`, 1)
	r := job.Parse([]byte(data))
	if r.Job == nil {
		t.Fatalf("refused: %v", r.Errors)
	}
	if len(r.Warnings) != 1 || r.Warnings[0].Code != "unknown_key" || r.Warnings[0].Pointer != "/colour" || r.Warnings[0].Line != 4 {
		t.Errorf("warnings: %+v", r.Warnings)
	}
	if strings.Contains(string(r.Job.JSON), "colour") {
		t.Error("an unknown name is kept")
	}
}

// TestSchemaIsServed checks that what is handed out is the schema, with a versioned id.
func TestSchemaIsServed(t *testing.T) {
	var s struct {
		ID     string `json:"$id"`
		Schema string `json:"$schema"`
	}
	if err := json.Unmarshal(job.SchemaJSON(), &s); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(s.ID, ":1") || !strings.Contains(s.Schema, "2020-12") {
		t.Errorf("id %q, schema %q", s.ID, s.Schema)
	}
}
