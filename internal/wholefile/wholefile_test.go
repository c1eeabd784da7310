package wholefile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/receiptd/receiptd/internal/wholefile"
)

// A link that somebody planted under the file's name is replaced and what it leads to stays as it is.
func TestLinksAreNotFollowed(t *testing.T) {
	dir := t.TempDir()
	secret, file := filepath.Join(dir, "secret"), filepath.Join(dir, "file")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tmp := range []string{file, file + ".tmp", filepath.Join(dir, ".file.tmp")} {
		if err := os.Symlink(secret, tmp); err != nil {
			t.Skip(err)
		}
	}
	if err := wholefile.Write(file, []byte("new"), 0o640); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(secret); err != nil || string(data) != "secret" {
		t.Errorf("the secret is %q, %v", data, err)
	}
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&^0o640 != 0 {
		t.Errorf("%v, %v", info, err)
	}
}

// What cannot be written leaves the old file and nothing else.
func TestOldOrNew(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "file", "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := wholefile.Write(filepath.Join(dir, "file"), []byte("x"), 0o600); err == nil {
		t.Error("a folder was replaced")
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 {
		t.Errorf("left behind: %v, %v", list, err)
	}
	if err := wholefile.Write(filepath.Join(dir, "none", "file"), nil, 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

// Names are random, hidden, and known again.
func TestTempName(t *testing.T) {
	a, b := wholefile.TempName(), wholefile.TempName()
	if a == b || a[0] != '.' || !wholefile.Left(a) || wholefile.Left("x.json") {
		t.Errorf("%s, %s", a, b)
	}
}
