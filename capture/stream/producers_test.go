//go:build producers

package stream_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestProducers compares many receipts of each program that others print with: 40 of each. `npm ci` in printer/virtual/testdata/producers
// installs them.
func TestProducers(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "node", "many.mjs", dir, "40")
	cmd.Dir = filepath.Join("..", "..", "printer", "virtual", "testdata", "producers")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("node many.mjs: %v\n%s", err, out)
	}
	made, err := filepath.Glob(filepath.Join(dir, "*.bin"))
	if err != nil || len(made) != 200 {
		t.Fatalf("%d files were made, %v", len(made), err)
	}
	seen := 0
	for _, file := range made {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".bin"), func(t *testing.T) {
			sent, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if s := same(t, "", sent); s.Seen {
				seen++
			}
		})
	}
	if seen < 150 {
		t.Errorf("only %d of them show anything", seen)
	}
}
