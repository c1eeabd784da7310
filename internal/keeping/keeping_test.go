package keeping_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// What a shop has set stands in the place of the defaults, in both languages; a key that it does not set keeps its own.
func TestAsTheShopHasSet(t *testing.T) {
	found := 0
	for _, k := range keeping.As(map[string]int{"journal.retention_months": 36, "journal.document_days": 7, "archive.months": 2}) {
		switch k.Long.En {
		case "journal.retention_months (36) after the settlement of their batch; of a batch that is not settled, for ever", "journal.document_days (7)", "archive.months (2)":
			found++
			if !strings.Contains(k.Long.Zh, "（36）") && !strings.Contains(k.Long.Zh, "（7）") && !strings.Contains(k.Long.Zh, "（2）") {
				t.Error(k.Long.Zh)
			}
		default:
			if strings.Contains(k.Long.En, "journal.") || strings.Contains(k.Long.En, "archive.") {
				t.Error(k.Long.En)
			}
		}
	}
	if found != 4 {
		t.Errorf("%d of 4", found)
	}
	if !slices.ContainsFunc(keeping.Kinds, func(k keeping.Kind) bool { return k.Long.En == "archive.months (24)" }) {
		t.Error("the table itself was changed")
	}
}
