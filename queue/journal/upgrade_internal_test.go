package journal

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Copies from before an upgrade go when their time is over; what only looks like one stays. The newest that this program can read is
// the way back.
func TestVersionsAreForgotten(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	for _, name := range []string{"journal.db.version-2-20260101T000000Z", "journal.db.version-3-20260228T000000Z", "journal.db.version-3-20260228T000000Z.1",
		"journal.db.version-99-20260301T000000Z", "journal.db.version-x", "journal.db.version-3-old", "other.db.version-3-20260101T000000Z"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := filepath.Base(WayBack(path)); got != "journal.db.version-3-20260228T000000Z" && got != "journal.db.version-3-20260228T000000Z.1" {
		t.Errorf("the way back is %s", got)
	}
	now := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	forgetVersions(path, now, slog.New(slog.DiscardHandler))
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 6 {
		t.Errorf("%v %v", left, err)
	}
	now = now.AddDate(0, 2, 0)
	forgetVersions(path, now, slog.New(slog.DiscardHandler))
	if left, err = os.ReadDir(dir); err != nil || len(left) != 3 {
		t.Errorf("%v %v", left, err)
	}
	if got := WayBack(path); got != "" {
		t.Errorf("the way back is %s", got)
	}
}
