package spool_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/receiptd/receiptd/spool"
)

// Refused jobs of an order go by the number that they hold; a longer number that begins the same is another's, and what a link leads to
// stays.
func TestEraseRejected(t *testing.T) {
	s := newShop(t)
	sp, err := spool.New(s.path("spool"), s.journal, spool.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer sp.Close()
	put := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rejected := func(name string) string { return s.path("spool", "rejected", name) }
	for name, text := range map[string]string{"a.json": `{"order_no":"A77","name":"x"}`, "b.json": `{"order_no":"A778"}`, "c.json": `{"order_no": "XA77"}`, "d.json": `A77-1 A77 broken`} {
		put(rejected(name), text)
	}
	out := filepath.Join(t.TempDir(), "A77.json")
	put(out, "A77")
	want := []string{"b.json", "c.json"}
	if os.Symlink(out, rejected("link.json")) == nil {
		want = append(want, "link.json")
	}
	if n, err := sp.EraseRejected("A77"); n != 2 || err != nil {
		t.Error(n, err)
	}
	if n, err := sp.EraseRejected(""); n != 0 || err != nil {
		t.Error("no number:", n, err)
	}
	list, err := os.ReadDir(s.path("spool", "rejected"))
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range list {
		left = append(left, e.Name())
	}
	if !slices.Equal(left, want) {
		t.Errorf("left: %v, want %v", left, want)
	}
	if _, err := os.Stat(out); err != nil {
		t.Error("what a link leads to was removed:", err)
	}
}
