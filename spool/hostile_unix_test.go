//go:build unix

package spool_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/spool"
)

const secretText = "the supervisor's PIN\n"

// secret is a file that nobody but receiptd may change.
func (s *shop) secret() (path string, untouched func()) {
	s.t.Helper()
	path = s.path("secret")
	if err := os.WriteFile(path, []byte(secretText), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path, func() {
		s.t.Helper()
		if data, err := os.ReadFile(path); err != nil || string(data) != secretText {
			s.t.Errorf("the secret is now %q, %v", data, err)
		}
	}
}

func (s *shop) plant(what string, at ...string) {
	s.t.Helper()
	path := s.path(append([]string{"spool"}, at...)...)
	if err := os.MkdirAll(filepath.Dir(path), 0o770); err != nil {
		s.t.Fatal(err)
	}
	var err error
	if what == "pipe" {
		err = syscall.Mkfifo(path, 0o660)
	} else {
		err = os.Symlink(what, path)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// Whatever somebody planted where a file is written, under its own name or under one that a writer may use meanwhile, is neither
// followed nor waited for.
func TestPlantedLinksAndPipes(t *testing.T) {
	const card = "4111111111111111" // published by the scheme for tests
	for _, what := range []string{"link", "pipe"} {
		for _, dir := range []string{"rejected", "results"} {
			for _, name := range []string{"evil.json", ".evil.json.tmp", "evil.json.tmp", ".evil.json", ".lock"} {
				t.Run(what+" "+dir+" "+name, func(t *testing.T) {
					t.Parallel()
					s := newShop(t)
					secret, untouched := s.secret()
					if what == "link" {
						s.plant(secret, dir, name)
					} else {
						s.plant("pipe", dir, name)
					}
					s.run()
					s.drop("evil.json", []byte(`{"job_id":"e","kind":"nonsense","payload":{"note":"`+card+`"}}`))
					s.await("the answer", func() bool {
						info, err := os.Lstat(s.path("spool", "results", "evil.json"))
						return err == nil && info.Mode().IsRegular() && s.answer("evil.json").Outcome == queue.Rejected
					})
					untouched()
					if info, err := os.Lstat(s.path("spool", "rejected", "evil.json")); err != nil || !info.Mode().IsRegular() {
						t.Errorf("no masked copy: %v, %v", info, err)
					}
				})
			}
		}
	}
}

// A folder that was swapped is not used, which is told; when it is put back everything goes on.
func TestSwappedFolders(t *testing.T) {
	for _, dir := range []string{"incoming", "results", "rejected", ".taken", "."} {
		for _, by := range []string{"a link", "a folder", "nothing", "a file"} {
			t.Run(dir+" by "+by, func(t *testing.T) {
				t.Parallel()
				s := newShop(t)
				s.run()
				s.drop("first.json", sale(t, 1))
				s.answer("first.json")
				place, away, other := s.path("spool", dir), s.path("away"), s.path("other")
				if err := os.MkdirAll(filepath.Join(other, "incoming"), 0o770); err != nil {
					t.Fatal(err)
				}
				bait := []string{filepath.Join(other, "bait.json"), filepath.Join(other, "incoming", "bait.json"), filepath.Join(other, "0000000000000000777-bait.json")}
				for _, b := range bait {
					if err := os.WriteFile(b, sale(t, 666), 0o660); err != nil {
						t.Fatal(err)
					}
				}
				must(t, os.Rename(place, away))
				switch by {
				case "a link":
					must(t, os.Symlink(other, place))
				case "a folder":
					must(t, os.Rename(other, place))
				case "a file":
					must(t, os.WriteFile(place, nil, 0o660))
				}
				s.await("the drop folder not to be ready", func() bool { return s.spool.Ready(t.Context()) != nil })
				s.await("the log to tell", func() bool { return strings.Contains(s.log.String(), "drop folder cannot be used") })
				if by == "a folder" {
					must(t, os.Rename(place, other))
				} else if by != "nothing" {
					must(t, os.Remove(place))
				}
				must(t, os.Rename(away, place))
				s.drop("second.json", sale(t, 2))
				if a := s.answer("second.json"); a.Outcome != queue.Accepted {
					t.Errorf("after it was put back: %+v", a)
				}
				if err := s.spool.Ready(t.Context()); err != nil {
					t.Error(err)
				}
				for _, b := range bait {
					if _, err := os.Lstat(b); err != nil {
						t.Errorf("%s was taken away: %v", b, err)
					}
				}
				if _, err := s.journal.Jobs.Answer(t.Context(), "sale-000666"); err == nil {
					t.Error("the bait was printed")
				}
				if n := strings.Count(s.log.String(), "drop folder cannot be used"); n > 3 {
					t.Errorf("told %d times", n)
				}
			})
		}
	}
}

// A folder that was removed and made again is taken up.
func TestFolderMadeAgain(t *testing.T) {
	for _, dir := range []string{"incoming", "results", "rejected", ".taken", "."} {
		for _, again := range []bool{true, false} {
			if dir == "." && !again { // who removes all of it makes it again
				continue
			}
			t.Run(fmt.Sprint(dir, again), func(t *testing.T) {
				t.Parallel()
				s := newShop(t)
				s.run()
				s.drop("first.json", sale(t, 1))
				s.answer("first.json")
				s.await("the claim to go", func() bool { return len(s.names("spool", ".taken")) == 0 })
				s.await("the folder to be removed", func() bool { return os.RemoveAll(s.path("spool", dir)) == nil })
				if again {
					must(t, os.MkdirAll(s.path("spool", dir), 0o770))
				}
				s.await("the folder to be used", func() bool { return s.exists("spool", dir) && s.spool.Ready(t.Context()) == nil })
				s.await("the next job to be answered", func() bool {
					if !s.exists("spool", "incoming") {
						return false
					}
					s.drop("second.json", sale(t, 2))
					return s.exists("spool", "results", "second.json")
				})
			})
		}
	}
}

// What lies in a folder's place at start is not used either, and the rest of receiptd starts.
func TestLinkAtStart(t *testing.T) {
	s := newShop(t)
	must(t, os.MkdirAll(s.path("other"), 0o770))
	s.plant(s.path("other"), "incoming")
	s.run()
	if err := s.spool.Ready(t.Context()); err == nil {
		t.Error("a link in the place of incoming is no trouble")
	}
	must(t, os.Remove(s.path("spool", "incoming")))
	s.await("the folder to be made", func() bool { return s.exists("spool", "incoming") })
	s.drop("x.json", sale(t, 1))
	s.answer("x.json")
}

// Only incoming and results are for the group; what an older installation left open is closed.
func TestRights(t *testing.T) {
	s := newShop(t)
	for _, dir := range []string{"", "incoming", "results", "rejected", ".taken"} {
		must(t, os.MkdirAll(s.path("spool", dir), 0o770))
		must(t, os.Chmod(s.path("spool", dir), 0o770|os.ModeSetgid))
	}
	s.run()
	for dir, want := range map[string]os.FileMode{"": 0o750 | os.ModeSetgid, "incoming": 0o770 | os.ModeSetgid, "results": 0o770 | os.ModeSetgid,
		"rejected": 0o750 | os.ModeSetgid, ".taken": 0o700 | os.ModeSetgid} {
		info, err := os.Stat(s.path("spool", dir))
		must(t, err)
		if got := info.Mode() &^ os.ModeDir; got != want {
			t.Errorf("%q is %v, want %v", dir, got, want)
		}
	}
}

// A second receiptd with another journal is kept off; when the first ends the drop folder is free.
func TestOneSpoolOneDaemon(t *testing.T) {
	s := newShop(t)
	stop := s.run()
	other, err := queue.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), queue.Options{Ballast: -1})
	must(t, err)
	defer other.Close()
	for _, way := range []string{s.path("spool"), s.path("alias")} {
		if way == s.path("alias") {
			must(t, os.Symlink(s.path("spool"), way))
		}
		if _, err := spool.New(way, other, spool.Options{}); err == nil || !strings.Contains(err.Error(), "another receiptd uses this drop folder") {
			t.Errorf("%s: %v", way, err)
		}
	}
	s.drop("x.json", sale(t, 1))
	s.answer("x.json")
	stop()
	sp, err := spool.New(s.path("spool"), other, spool.Options{})
	must(t, err)
	sp.Close()
}

// While a file system call hangs both loops are said to stand still, a question for readiness comes back, and a stop ends.
func TestHangingFileSystem(t *testing.T) {
	s := newShop(t)
	var hang, release func()
	s.before = func(sp *spool.Spool) { hang, release = sp.Hang(200 * time.Millisecond) }
	s.hangs = true
	stop := s.run()
	s.drop("x.json", sale(t, 1))
	s.answer("x.json")
	s.await("both loops to go round", func() bool { return s.spool.Taking() == nil })
	hang()
	s.await("the take loop to stand still", func() bool { return s.spool.Taking() != nil })
	s.await("the answer loop to stand still", func() bool { return s.spool.Answering() != nil })
	stop() // TestBounded shows after how long
	release()
}

// A folder where an answer goes is moved out of the way.
func TestFolderWhereAnAnswerGoes(t *testing.T) {
	s := newShop(t)
	must(t, os.MkdirAll(s.path("spool", "results", "x.json", "sub"), 0o770))
	s.run()
	s.drop("x.json", sale(t, 1))
	s.drop("y.json", sale(t, 2))
	s.answer("x.json")
	s.answer("y.json")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *shop) names(parts ...string) (list []string) {
	entries, err := os.ReadDir(s.path(parts...))
	if err != nil {
		return nil
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}
