package config

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// Links are followed, and the disk is asked once for each place.
func TestLinksAreFollowedOnce(t *testing.T) {
	dir := t.TempDir()
	incoming, link := filepath.Join(dir, "spool", "incoming"), filepath.Join(dir, "link")
	if err := os.MkdirAll(incoming, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(incoming, link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	asked := map[string]int{}
	follow := func(path string) string {
		asked[path]++
		return followed(path)
	}
	data := filepath.Join(link, "data") // which does not exist yet
	got := inside([]string{incoming, dir + "/other"}, []string{data, "", dir, data}, follow, nil)
	if want := []string{incoming, "", "", incoming}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for path, n := range asked {
		if n != 1 || path == "" {
			t.Errorf("%q was looked at %d times", path, n)
		}
	}
	if len(asked) != 4 {
		t.Errorf("looked at %v", asked)
	}
}

// A share that never answers keeps no configuration from being read; the names are compared all the same.
func TestDeadShareIsNotWaitedFor(t *testing.T) {
	gone, late := make(chan struct{}), make(chan time.Time)
	defer close(gone)
	close(late)
	dead := func(path string) string {
		<-gone
		return path
	}
	dir := t.TempDir()
	incoming := filepath.Join(dir, "incoming")
	got := inside([]string{incoming}, []string{filepath.Join(dir, "x", "..", "incoming", "data"), filepath.Join(dir, "data")}, dead, late)
	if want := []string{incoming, ""}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
