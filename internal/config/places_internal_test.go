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
	folders, paths := []string{incoming, dir + "/other"}, []string{data, "", dir, data}
	got := inside(folders, paths, follower{follow, make(chan struct{}, 1)}.follow(slices.Concat(folders, paths), nil))
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

// A share that never answers keeps no configuration from being read, the names are compared all the same; and it keeps no more goroutines than
// there are places, however often it is asked.
func TestDeadShareIsNotWaitedFor(t *testing.T) {
	gone, asked := make(chan struct{}), make(chan struct{}, 100)
	f := follower{looks: make(chan struct{}, 2), ask: func(path string) string {
		asked <- struct{}{}
		<-gone
		return path
	}}
	dir := t.TempDir()
	incoming := filepath.Join(dir, "incoming")
	folders, paths := []string{incoming}, []string{filepath.Join(dir, "x", "..", "incoming", "data"), filepath.Join(dir, "data")}
	for i := range 10 {
		late := make(chan time.Time, 1)
		if i >= cap(f.looks) {
			late <- time.Time{} // nobody gives up a place
		} else {
			go func() { <-asked; late <- time.Time{} }() // it stands still
		}
		if got, want := inside(folders, paths, f.follow(slices.Concat(folders, paths), late)), []string{incoming, ""}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if len(asked) > 0 {
		t.Errorf("%d more looks at a disk that does not answer", len(asked))
	}
	close(gone)
	for range cap(f.looks) {
		f.looks <- struct{}{} // the looks ended, and gave their places back
	}
}
