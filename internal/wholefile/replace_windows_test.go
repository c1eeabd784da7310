package wholefile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

// A program that polls for an answer has the old one open, without sharing deletion, while the new one comes.
func TestReplaceWaitsForAReader(t *testing.T) {
	dir, err := os.MkdirTemp("", "replace") // not t.TempDir: wine cannot remove it, and its prefix goes as a whole
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, name := range []string{"answer", "new"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	name, err := windows.UTF16PtrFromString(filepath.Join(dir, "answer"))
	if err != nil {
		t.Fatal(err)
	}
	reader, err := windows.CreateFile(name, windows.GENERIC_READ, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	rename := func() error { return root.Rename("new", "answer") }
	var waited time.Duration
	if err := replaceWhen(rename, func(d time.Duration) { waited += d }); err == nil {
		t.Error("replaced while it was open: the test holds nothing open")
	} else if waited < readTime || waited > 4*readTime {
		t.Errorf("waited %v for a reader that stays, then %v", waited, err)
	}
	if err := replaceWhen(rename, func(time.Duration) {
		if reader != 0 {
			err, reader = windows.CloseHandle(reader), 0
		}
	}); err != nil || reader != 0 {
		t.Fatalf("%v, reader %v", err, reader)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "answer")); string(data) != "new" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	other := errors.New("disk full")
	if err := replaceWhen(func() error { return other }, func(time.Duration) { t.Error("waits for what no reader does") }); !errors.Is(err, other) {
		t.Error(err)
	}
}
