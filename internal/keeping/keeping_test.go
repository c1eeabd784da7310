package keeping_test

import (
	"os"
	"path/filepath"
	"testing"

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
