package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/queue"
)

// A journal of a newer receiptd is refused, and both ways out are named: the newer program, and the journal from before its upgrade.
func TestDowngradeNamesTheWayBack(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "receiptd.toml")
	if err := os.WriteFile(config, []byte("[data]\ndir = '"+dir+"'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a := &app{lang: "en", configPath: config}
	if got := (faults{a}).cannotStart(queue.ErrNewer); !strings.Contains(got, "install that version again") || !strings.Contains(got, "no copy from before the upgrade") {
		t.Error(got)
	}
	kept := filepath.Join(dir, "journal.db.version-1-20260101T000000Z")
	if err := os.WriteFile(kept, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for lang, mark := range map[language]string{"en": "POSSIBLE DUPLICATE", "zh": "可能重复"} {
		a.lang = lang
		if got := (faults{a}).cannotStart(queue.ErrNewer); !strings.Contains(got, "receiptd journal restore "+kept) || !strings.Contains(got, mark) {
			t.Error(got)
		}
	}
	if got := (faults{a}).cannotStart(queue.ErrNoWay); !strings.Contains(got, "df -h") {
		t.Error(got)
	}
}
