package keeping_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/keeping"
)

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, e := range list {
		out = append(out, e.Name())
	}
	return out
}

// Refused jobs go by age, and those of an order whose number they hold; a longer number that begins the same is another's, and what a link
// leads to stays.
func TestRejected(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	write(t, dir, map[string]string{"a.json": `{"order_no":"A77","name":"x"}`, "b.json": `{"order_no":"A778"}`, "c.json": `{"order_no": "XA77"}`, "d.json": `A77-1 A77 broken`, "old.json": `{}`})
	write(t, out, map[string]string{"A77.json": "A77"})
	linked := os.Symlink(filepath.Join(out, "A77.json"), filepath.Join(dir, "link.json")) == nil
	r := keeping.Rejected{Dir: dir}
	if n, err := r.Erase("A77"); n != 2 || err != nil {
		t.Error(n, err)
	}
	if n, err := r.Erase(""); n != 0 || err != nil {
		t.Error("no number:", n, err)
	}
	old := time.Now().AddDate(0, 0, -31)
	if err := os.Chtimes(filepath.Join(dir, "old.json"), old, old); err != nil {
		t.Fatal(err)
	}
	if n, err := r.Purge(time.Now().AddDate(0, 0, -30)); n != 1 || err != nil {
		t.Error(n, err)
	}
	want := []string{"b.json", "c.json"}
	if linked {
		want = append(want, "link.json")
	}
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("left: %v, want %v", got, want)
	}
	if got := names(t, out); len(got) != 1 {
		t.Error("what a link leads to was removed")
	}
	if n, err := (keeping.Rejected{Dir: filepath.Join(dir, "none")}).Erase("A77"); n != 0 || err != nil {
		t.Error("no folder:", n, err)
	}
}

// Other journals in the data folder are named, the one in use is not.
func TestCopies(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"journal.db": "", "journal.db-wal": "", "journal.db-shm": "", "journal.db-seal": "", "token": "", "journal.db.version-9-20260811T000000Z": "", "journal.db.replaced-20260811T000000Z": ""})
	list, err := keeping.Copies(dir)
	if err != nil || len(list) != 2 {
		t.Error(list, err)
	}
}

// The table is whole: each kind says what, where, how long, what goes and what becomes of it when a person asks, in both languages.
func TestTable(t *testing.T) {
	for _, k := range keeping.Kinds {
		for _, x := range []string{k.What.Zh, k.What.En, k.Where, k.Long.Zh, k.Long.En, k.Purge.Zh, k.Purge.En, k.Erased.Zh, k.Erased.En} {
			if x == "" {
				t.Errorf("%+v", k)
			}
		}
	}
}
