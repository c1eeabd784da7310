package spool

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
)

// touched sets a file's time and gives what is seen of it then.
func touched(t *testing.T, path string, at time.Time) fs.FileInfo {
	t.Helper()
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func heldTaker(t *testing.T, log *slog.Logger) *taker {
	t.Helper()
	s := openSpool(t, log)
	w := newWatch(s.tree.path, s.log)
	t.Cleanup(w.close)
	if !s.taker.hold(w) {
		t.Fatal("the folders are not held")
	}
	return s.taker
}

// What is no file, or cannot be read, is answered once, however often its time is set.
func TestTouchedStrangers(t *testing.T) {
	k := heldTaker(t, slog.New(slog.DiscardHandler))
	in := func(name string) string { return filepath.Join(k.tree.path, incomingDir, name) }
	folder := in("folder.json")
	// A file that was seen, and in whose place a folder is met at the opening, cannot be read: for the superuser neither.
	file, other := filepath.Join(t.TempDir(), "file"), filepath.Join(t.TempDir(), "other")
	for _, dir := range []string{folder, in("file.json")} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{file, other} {
		if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	answers := func(name, path string) (n int) {
		for i := range 5 {
			if err := os.Chmod(path, []fs.FileMode{0o700, 0o500}[i%2]); err != nil {
				t.Fatal(err)
			}
			n += len(k.consider(t.Context(), candidate{name: name, info: touched(t, path, now.Add(time.Duration(i)*time.Second))}))
		}
		return n
	}
	if n := answers("folder.json", folder); n != 1 {
		t.Errorf("a touched folder was answered %d times", n)
	}
	if n := answers("file.json", file); n != 1 {
		t.Errorf("an unreadable file was answered %d times", n)
	}
	if n := answers("file.json", other); n != 1 {
		t.Errorf("another file under its name was answered %d times", n)
	}
	if n := answers("file.json", folder); n != 1 {
		t.Errorf("a folder in its place was answered %d times", n)
	}
}

// Many unfinished files that change all the time do not keep a job waiting, and each of them gets its turn.
func TestUnfinishedCrowd(t *testing.T) {
	var log bytes.Buffer
	k := heldTaker(t, slog.New(slog.NewTextHandler(&log, nil)))
	in := func(name string) string { return filepath.Join(k.tree.path, incomingDir, name) }
	for _, row := range []struct{ files, size int }{{3 * turnFiles, 1}, {40, 200_000}} {
		log.Reset()
		k.reports = newReports(slog.New(slog.NewTextHandler(&log, nil)))
		write := func(i int, s string) string {
			name := fmt.Sprintf("%d-%d.json", row.size, i)
			if err := os.WriteFile(in(name), []byte(s), 0o600); err != nil {
				t.Fatal(err)
			}
			return name
		}
		var names []string
		for i := range row.files {
			names = append(names, write(i, "{"+strings.Repeat(" ", row.size-1)))
		}
		k.scan(t.Context()) // now they are known
		start := time.Now().Add(-time.Hour)
		read := func(at time.Time) (n int) {
			for _, name := range names {
				if last, left := k.seen[name]; left && last.info.ModTime().Equal(at) {
					n++
				}
			}
			return n
		}
		turns := make(map[string]bool)
		for look := range row.files {
			at := start.Add(time.Duration(look) * time.Second)
			for _, name := range names {
				at = touched(t, in(name), at).ModTime()
			}
			before := -1
			k.parse = func(data []byte) job.Result {
				before = read(at)
				return job.Parse(data)
			}
			name := write(row.files+look, `{"job_id":"x","kind":"command","payload":{"command":"reprint_last"}}`)
			k.scan(t.Context())
			if _, err := os.Lstat(in(name)); err == nil || before != 0 {
				t.Fatalf("the job waited for %d unfinished files", before)
			}
			if n := read(at); n == 0 || n > turnFiles || n*row.size > turnBytes {
				t.Fatalf("%d unfinished files were read in one look", n)
			}
			for _, name := range names {
				if k.seen[name].info.ModTime().Equal(at) {
					turns[name] = true
				}
			}
			if len(turns) == row.files {
				break
			}
		}
		if len(turns) != row.files {
			t.Errorf("only %d of %d had their turn", len(turns), row.files)
		}
		if n := strings.Count(log.String(), crowded); n != 1 {
			t.Errorf("told %d times", n)
		}
		for _, name := range names {
			if err := os.Remove(in(name)); err != nil {
				t.Fatal(err)
			}
		}
	}
}
