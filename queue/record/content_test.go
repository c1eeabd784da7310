package record_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
)

// samples gives the content of every sample job.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../../examples/jobs/*.json")
	if err != nil || len(files) < 40 {
		t.Fatal(files, err)
	}
	all := map[string][]byte{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		r := job.Parse(text)
		if r.Job == nil {
			t.Fatal(f, r.Errors)
		}
		all[filepath.Base(f)] = r.Job.JSON
	}
	return all
}

// TestPack packs every sample, and what was kept before contents were packed.
func TestPack(t *testing.T) {
	for name, text := range samples(t) {
		kept := record.Pack(text)
		back, err := record.Unpack(kept)
		if err != nil || !bytes.Equal(back, text) {
			t.Errorf("%s: %v\n%s\n%s", name, err, text, back)
		}
		if plain, err := record.Unpack(text); err != nil || !bytes.Equal(plain, text) {
			t.Errorf("%s, as it came: %v\n%s", name, err, plain)
		}
		t.Logf("%s: %d of %d", name, len(kept), len(text))
		if name == "01-sale-chip.json" && len(kept) > len(text)*2/5 {
			t.Errorf("a chip sale takes %d of %d bytes", len(kept), len(text))
		}
	}
	for _, text := range []string{"", "{", "{}", "null", "\x01"} {
		if kept := record.Pack([]byte(text)); !bytes.Equal(kept, []byte(text)) {
			t.Errorf("%q becomes %q", text, kept)
		}
	}
}

// TestDictionaryStays holds the dictionary still: with another one no content of any journal could be read.
func TestDictionaryStays(t *testing.T) {
	text, err := os.ReadFile("content.dict")
	if err != nil {
		t.Fatal(err)
	}
	const want = "5de584444d67d401d44e6e9388b30744ff3bf701e696b9e2c19c35a9281f3444"
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != want {
		t.Errorf("the dictionary has changed: %x", sum)
	}
}

// FuzzUnpack reads damaged contents, and packs whatever reads as one.
func FuzzUnpack(f *testing.F) {
	for _, text := range samples(f) {
		f.Add(record.Pack(text))
	}
	f.Fuzz(func(t *testing.T, kept []byte) {
		text, err := record.Unpack(kept)
		if err != nil || len(text) == 0 || text[0] != '{' {
			return
		}
		if back, err := record.Unpack(record.Pack(text)); err != nil || !bytes.Equal(back, text) {
			t.Errorf("%v: %q becomes %q", err, text, back)
		}
	})
}

func BenchmarkPack(b *testing.B) {
	text := samples(b)["01-sale-chip.json"]
	b.ReportAllocs()
	for b.Loop() {
		record.Pack(text)
	}
}
