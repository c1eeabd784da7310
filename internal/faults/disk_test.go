//go:build linux

package faults

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite" // another program that holds the journal

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/notify/notifytest"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// ready waits until the daemon that was started last runs.
func (h *house) ready(starts int) {
	h.t.Helper()
	h.await("the daemon to run", func() bool { return strings.Count(h.log.String(), "msg=ready") >= starts })
}

// afflict makes system calls of the running daemon fail until the function it gives is called.
func (h *house) afflict(strace ...string) (heal func()) {
	h.t.Helper()
	pid := fmt.Sprint(h.cmd.Process.Pid)
	cmd := exec.Command("strace", append([]string{"-f", "-qq", "-o", h.path("trace"), "-p", pid}, strace...)...)
	if err := cmd.Start(); err != nil {
		missing(h.t, err)
	}
	h.await("strace to hold the daemon", func() bool {
		threads, err := filepath.Glob("/proc/" + pid + "/task/*/status")
		for _, path := range threads {
			status, err := os.ReadFile(path)
			if err == nil && bytes.Contains(status, []byte("TracerPid:\t0")) {
				return false
			}
		}
		return err == nil && len(threads) > 0
	})
	return func() {
		_ = cmd.Process.Signal(syscall.SIGINT) // it lets go
		_ = cmd.Wait()                         // its state is that of an interrupted process
	}
}

// TestDiskFaults breaks one kind of call for a while under a running daemon. A job that comes meanwhile is taken and printed
// once when it is over, and somebody was told.
func TestDiskFaults(t *testing.T) {
	rows := []struct {
		name    string
		calls   string // and how they fail
		path    string // only for calls about this file or folder below the house
		loud    string // what the log must say meanwhile
		printed bool   // the slip comes out meanwhile: the journal works
		left    string // the folder in which the file stays, as the contract says
	}{
		{name: "EIO when the journal is synced", calls: "fsync:error=EIO", loud: "journal does not accept"},
		{name: "EIO when the journal is written", calls: "pwrite64:error=EIO", loud: "journal does not accept"},
		{name: "ENOSPC when the journal is written", calls: "pwrite64:error=ENOSPC", loud: "journal does not accept"},
		{name: "the journal's disk turned read-only", calls: "pwrite64,fsync:error=EROFS", loud: "journal does not accept"},
		{name: "ENOSPC when an answer is made", calls: "openat:error=ENOSPC", path: "spool/results", loud: "an answer cannot be written", printed: true},
		{name: "EIO when an answer is put in its place", calls: "renameat:error=EIO", path: "spool/results", loud: "an answer cannot be written", printed: true},
		{name: "EROFS when an answered file is removed", calls: "unlinkat:error=EROFS", loud: "cannot be removed", printed: true, left: ".taken"},
		{name: "EROFS when a file is claimed", calls: "renameat:error=EROFS", path: "spool/incoming", loud: "cannot be removed from the drop folder", printed: true, left: "incoming"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel() // they wait more than they work
			h := newHouse(t)
			h.drop(1, h.sale(1))
			h.start()
			h.ready(1)
			h.await("the first job to be printed", h.settled)
			call, _, _ := strings.Cut(row.calls, ":")
			args := []string{"-e", "trace=" + call, "-e", "inject=" + row.calls}
			if row.path != "" {
				args = append(args, "-P", h.path(row.path))
			}
			heal := h.afflict(args...)
			h.drop(2, h.sale(2))
			h.await("a word about it", func() bool { return strings.Contains(h.log.String(), row.loud) })
			out := func() bool { return strings.Contains(h.paper(), fmt.Sprint(firstNumber+2)) }
			if row.printed {
				h.await("the slip to come out all the same", out)
			} else if _, answered := h.answer("2.json"); answered || out() {
				t.Errorf("answered %v or printed without a journal\n%s", answered, h.paper())
			}
			heal()
			h.await("the job that came meanwhile", h.settled)
			h.stop()
			if row.left != "" { // until the next start
				h.start()
				h.ready(2)
				h.await("the file that could not be removed to go", func() bool {
					left, err := os.ReadDir(h.path("spool", row.left))
					return err == nil && len(left) == 0
				})
				h.await("its answer", h.settled)
				h.stop()
			}
			h.checkPaperOnly(row.name, 2)
		})
	}
}

// checkPaperOnly is check for sales that each came out once, whatever the file's last answer was: a file that was met again
// is a duplicate of itself.
func (h *house) checkPaperOnly(where string, sales int) {
	h.t.Helper()
	q, err := queue.Open(context.Background(), h.path("data", "journal.db"), queue.Options{Ballast: -1})
	if err != nil {
		h.t.Fatalf("%s: %v", where, err)
	}
	defer q.Close()
	for n := 1; n <= sales; n++ {
		a, err := q.Jobs.Answer(context.Background(), fmt.Sprintf("job-%d", n))
		if err != nil || len(a.Copies) != 2 {
			h.t.Errorf("%s: job %d: %+v %v", where, n, a, err)
			continue
		}
		for _, c := range a.Copies {
			h.checkCopy(where, n, c)
		}
	}
	if got := len(h.printer.Pieces()); got != 2*sales {
		h.t.Errorf("%s: %d pieces of paper\n%s", where, got, h.paper())
	}
}

// TestRealFullDisk fills a small file system under the journal: states are still written to the room kept for it, new jobs
// wait, and are taken when there is room again. Somebody is told, and told that it is over, also where no job comes any more.
func TestRealFullDisk(t *testing.T) {
	h := newHouse(t)
	r := notifytest.New(t, false, "/owner", func(int) notifytest.Fate { return notifytest.Taken })
	h.configure(fmt.Sprintf("[watch]\nmin_free_mb = 0\n[[notify]]\nname = \"owner\"\nform = \"json\"\nurl = %q\nsecret = %q\nevents = [\"disk_full\"]\n", r.URL, notifytest.Secret()))
	h.mount("data", "size=80m")
	h.start()
	h.ready(1)
	h.drop(1, h.sale(1))
	h.await("the first job", h.settled)
	const watched = 5 * time.Minute
	told := func(times int, over bool) func() bool {
		return func() bool {
			n := 0
			for _, m := range r.Heard() {
				for _, x := range m.Notices {
					if x.Event == vocabulary.NoticeDisk && x.Over == over {
						n++
					}
				}
			}
			return n >= times
		}
	}
	n := 2
	more := func() { // no more than can be printed soon
		dropped, err := filepath.Glob(h.path("spool", "incoming", "*.json"))
		claimed, err2 := filepath.Glob(h.path("spool", ".taken", "*.json"))
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if len(dropped)+len(claimed) < 20 {
			h.drop(n, h.sale(n))
			n++
		}
	}
	empty := h.fill()
	h.await("jobs to wait", func() bool { // the log has some room left
		more()
		return strings.Contains(h.log.String(), "jobs wait in the drop folder") || strings.Contains(h.log.String(), "claimed job files wait")
	})
	h.awaitFor(watched, "the owner to be told", told(1, false))
	empty()
	h.await("the jobs that came meanwhile", h.settled)
	h.awaitFor(watched, "the owner to be told that it is over", told(1, true))

	empty = h.fill()
	known := len(h.dropped)
	h.awaitFor(watched, "the owner to be told again", func() bool { // the log has some room left
		more()
		return told(2, false)()
	})
	h.takeBack(known)
	empty()
	h.awaitFor(watched, "the owner to be told again that it is over, although no job comes", told(2, true))
	h.await("what was taken before", h.settled)
	h.stop()
	h.check("after a full disk")
}

// takeBack removes the files of the jobs that wait, of those dropped behind the first known.
func (h *house) takeBack(known int) {
	h.t.Helper()
	h.dropped = slices.DeleteFunc(h.dropped, func(name string) bool {
		if known--; known >= 0 {
			return false
		}
		waiting, err := filepath.Glob(h.path("spool", ".taken", "*-"+name))
		if err != nil {
			h.t.Fatal(err)
		}
		taken := false
		for _, path := range append(waiting, h.path("spool", "incoming", name)) {
			taken = os.Remove(path) == nil || taken
		}
		return taken
	})
}

// fill leaves no room on the disk of the data folder until the function that it gives is called.
func (h *house) fill() (empty func()) {
	h.t.Helper()
	fill, err := os.Create(h.path("data", "filler"))
	if err != nil {
		h.t.Fatal(err)
	}
	block := make([]byte, 64<<10)
	for err == nil {
		_, err = fill.Write(block)
	}
	for err = nil; err == nil; {
		_, err = fill.Write(block[:512])
	}
	fill.Close()
	return func() {
		if err := os.Remove(h.path("data", "filler")); err != nil {
			h.t.Fatal(err)
		}
	}
}

// TestReadOnlyDropFolder remounts the drop folder's file system read-only under the daemon.
func TestReadOnlyDropFolder(t *testing.T) {
	h := newHouse(t)
	h.mount("spool", "size=8m")
	for _, d := range []string{"incoming", "results"} {
		if err := os.MkdirAll(h.path("spool", d), 0o770); err != nil {
			t.Fatal(err)
		}
	}
	h.start()
	h.ready(1)
	h.drop(1, h.sale(1))
	h.await("the first job", h.settled)
	if err := os.WriteFile(h.path("spool", "incoming", "2.tmp"), h.sale(2), 0o660); err != nil {
		t.Fatal(err)
	}
	heal := h.afflict("-e", "trace=getdents64", "-e", "inject=getdents64:error=EIO") // the new file is not seen yet
	if err := os.Rename(h.path("spool", "incoming", "2.tmp"), h.path("spool", "incoming", "2.json")); err != nil {
		t.Fatal(err)
	}
	h.dropped = append(h.dropped, "2.json")
	if err := syscall.Mount("", h.path("spool"), "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		missing(t, err)
	}
	heal()
	h.await("the slip to come out", func() bool { return len(h.printer.Pieces()) == 4 })
	h.await("a word about it", func() bool {
		return strings.Contains(h.log.String(), "cannot be removed from the drop folder") && strings.Contains(h.log.String(), "an answer cannot be written")
	})
	if err := syscall.Mount("", h.path("spool"), "", syscall.MS_REMOUNT, ""); err != nil {
		t.Fatal(err)
	}
	h.await("the answer", h.settled)
	h.stop()
	h.checkPaperOnly("read-only drop folder", 2)
}

// mount puts a small file system of its own over a folder of the house.
func (h *house) mount(dir, options string) {
	h.t.Helper()
	if err := syscall.Mount("tmpfs", h.path(dir), "tmpfs", 0, options); err != nil {
		missing(h.t, err)
	}
	h.t.Cleanup(func() {
		h.kill()
		if err := syscall.Unmount(h.path(dir), 0); err != nil {
			h.t.Error(err)
		}
	})
}

// TestDamagedJournal shows that a damaged journal is never written to, and that the jobs wait for a person.
func TestDamagedJournal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start()
	h.ready(1)
	h.drop(1, h.sale(1))
	h.await("the first job", h.settled)
	h.stop()
	path := h.path("data", "journal.db")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(data); i++ { // all but the first page
		data[i] ^= 0x5A
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	h.drop(2, h.sale(2))
	h.start()
	h.await("the daemon to give up", h.ended)
	if code := h.cmd.ProcessState.ExitCode(); code == 0 || !strings.Contains(h.log.String(), "the journal is damaged") {
		t.Errorf("exit %d\n%s", code, h.log.String())
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, data) {
		t.Errorf("the damaged journal was changed: %v", err)
	}
	if _, err := os.Stat(h.path("spool", "incoming", "2.json")); err != nil {
		t.Errorf("the job does not wait: %v", err)
	}
}

// TestLockedJournal lets another program hold the journal's write lock.
func TestLockedJournal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start()
	h.ready(1)
	h.drop(1, h.sale(1))
	h.await("the first job", h.settled)
	db, err := sql.Open("sqlite", "file:"+h.path("data", "journal.db")+"?_pragma=busy_timeout(30000)") // the daemon notes its answers a second later
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	h.drop(2, h.sale(2))
	h.await("a word about it", func() bool { return strings.Contains(h.log.String(), "database is locked") })
	if _, err := db.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	h.await("the job that came meanwhile", h.settled)
	h.stop()
	h.check("after a locked journal")
}

// TestSecondDaemon starts one more on the same folders: it is refused and the first goes on.
func TestSecondDaemon(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start()
	h.ready(1)
	second := exec.Command(os.Args[0])
	second.Env = append(os.Environ(), asDaemon+"="+h.path("receiptd.toml"))
	said, err := second.CombinedOutput()
	if err == nil || !bytes.Contains(said, []byte("another receiptd uses this drop folder")) {
		t.Errorf("the second one: %v\n%s", err, said)
	}
	h.drop(1, h.sale(1))
	h.await("a job at the first one", h.settled)
	h.stop()
	h.check("beside a second daemon")
}

// TestJournalBreaksInBetween breaks the journal while a slip waits for paper: before its first byte, and in its middle. Without
// a start on disk nothing may leave; when the disk is well again everything comes out as promised.
func TestJournalBreaksInBetween(t *testing.T) {
	few := 60 // millimetres: less than the slip
	for name, row := range map[string]struct {
		out virtual.Change
	}{
		"before the first byte": {out: virtual.Change{Paper: "out"}},
		"in the middle":         {out: virtual.Change{PaperLeftMM: &few}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.start()
			h.ready(1)
			if err := h.printer.Set(row.out); err != nil {
				t.Fatal(err)
			}
			h.drop(1, h.sale(1))
			h.await("the slip to wait for paper", func() bool {
				a, ok := h.answer("1.json")
				return ok && len(a.Copies) == 2 && a.Copies[0].State == queue.Held
			})
			heal := h.afflict("-e", "trace=fsync", "-e", "inject=fsync:error=EIO")
			if err := h.printer.Set(virtual.Change{Paper: "ok"}); err != nil {
				t.Fatal(err)
			}
			h.await("a word about it", func() bool { return strings.Contains(h.log.String(), "disk I/O error") })
			for _, p := range h.printer.Pieces() {
				if p.Cut && strings.Contains(p.Text(), fmt.Sprint(firstNumber+1)) && name == "before the first byte" {
					t.Errorf("printed without a start on disk\n%s", p.Text())
				}
			}
			heal()
			h.await("both copies to come out", h.settled)
			h.stop()
			if name == "before the first byte" { // a slip on two rolls is on two pieces
				h.check(name)
			}
			a, _ := h.answer("1.json")
			last := map[job.CopyName]queue.State{}
			for _, c := range a.Copies {
				last[c.Copy] = c.State
			}
			if last["merchant"] != queue.Printed || last["cardholder"] != queue.Printed {
				t.Errorf("%+v", a.Copies)
			}
		})
	}
}
