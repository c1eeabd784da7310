//go:build producers

package virtual_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The files of testdata/producers are what the programs named there send today; `npm ci` in that folder installs them.
func TestProducersAreAsRecorded(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "node", "generate.mjs", dir)
	cmd.Dir = filepath.Join("testdata", "producers")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("node generate.mjs: %v\n%s", err, out)
	}
	made, err := filepath.Glob(filepath.Join(dir, "*.bin"))
	if err != nil || len(made) < 10 {
		t.Fatalf("%d files were made, %v", len(made), err)
	}
	for _, path := range made {
		fresh, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := os.ReadFile(filepath.Join("testdata", "producers", filepath.Base(path)))
		if err != nil || !bytes.Equal(fresh, kept) {
			t.Errorf("%s is not what is kept (%v): node generate.mjs writes it anew", filepath.Base(path), err)
		}
	}
}
