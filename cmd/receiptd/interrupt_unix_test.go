//go:build unix

package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/receiptd/receiptd/queue"
)

// A stuck daemon begins every answer and never ends it, so that a command is surely in the midst of its work.
type stuck struct {
	config string
	begun  chan string // the path of a request whose answer has begun
}

func newStuck(t *testing.T) *stuck {
	t.Helper()
	s := &stuck{begun: make(chan string, 16)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		switch {
		case r.URL.Path == "/v1/batches":
			fmt.Fprint(w, `{"batches":[{"id":1,"batch_no":"000122"}]}`)
			return
		case strings.HasSuffix(r.URL.Path, "/export"), r.URL.Path == "/v1/journal/backup":
			_, _ = w.Write(bytes.Repeat([]byte("x"), 1<<20))
			_ = http.NewResponseController(w).Flush()
		}
		s.begun <- r.URL.Path
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	s.config = filepath.Join(dir, "receiptd.toml")
	for name, text := range map[string]string{"receiptd.toml": "[data]\ndir = \".\"\n[http]\nlisten = \"" + strings.TrimPrefix(server.URL, "http://") + "\"\n", "token": "t", "a.json": "{}", "b.json": "{}"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// Ctrl-C in the midst of long work ends it at once, with a word and code 1, and leaves no half of a file.
func TestInterruptedWork(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		args []string
		says string
	}{
		{[]string{"journal", "backup", "out.db"}, "no half of a file"},
		{[]string{"journal", "verify"}, "not checked to the end"},
		{[]string{"batch", "export", "000122", "-o", "out.csv"}, "no half of a file"},
		{[]string{"batch", "export", "id:7", "-o", "out.csv"}, "no half of a file"}, // while it is looked for
		{[]string{"job", "submit", "a.json", "b.json"}, "not submitted: 1"},
	} {
		t.Run(strings.Join(row.args[:2], " "), func(t *testing.T) {
			t.Parallel()
			s := newStuck(t)
			dir := filepath.Dir(s.config)
			before := names(t, dir)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, os.Args[0], row.args...)
			var said bytes.Buffer
			cmd.Dir, cmd.Stderr, cmd.Env = dir, &said, append(os.Environ(), asProgram+"=1", "RECEIPTD_LANG=en", "RECEIPTD_CONFIG="+s.config)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			select {
			case <-s.begun:
			case <-ctx.Done():
				t.Fatal("it asks for nothing")
			}
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(said.String(), "stopped") || !strings.Contains(said.String(), row.says) {
				t.Errorf("%d: %s", code, said.String())
			}
			if after := names(t, dir); after != before {
				t.Errorf("left behind: %s", after)
			}
		})
	}
}

func names(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, e := range list {
		all += e.Name() + " "
	}
	return all
}

// A backup or a restore that works on the files themselves, and that Ctrl-C surely stops in the midst, says so, leaves nothing of itself, and
// the journal as it was. The backup waits for a journal that somebody holds; the restore for the rest of a file that comes through a pipe.
func TestInterruptedFiles(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"backup", "restore"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			data, config, other := filepath.Join(dir, "data"), filepath.Join(dir, "receiptd.toml"), filepath.Join(dir, "other.db")
			if err := errors.Join(os.WriteFile(config, []byte("[data]\ndir = \"data\"\n"), 0o600), os.Mkdir(data, 0o700)); err != nil {
				t.Fatal(err)
			}
			journal := filepath.Join(data, "journal.db")
			q, err := queue.Open(t.Context(), journal, queue.Options{Ballast: -1})
			if err != nil {
				t.Fatal(err)
			}
			q.Close()
			before, err := os.ReadFile(journal)
			if err != nil {
				t.Fatal(err)
			}
			var begun func() bool
			if verb == "backup" {
				begun = holdJournal(t, journal, other)
			} else {
				begun = halfOfAFile(t, before, journal, other)
			}
			cmd := exec.Command(os.Args[0], "journal", verb, other)
			var said bytes.Buffer
			cmd.Stderr, cmd.Env = &said, append(os.Environ(), asProgram+"=1", "RECEIPTD_LANG=en", "RECEIPTD_CONFIG="+config)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan struct{})
			go func() { _ = cmd.Wait(); close(ended) }()
			for tick := time.NewTicker(time.Millisecond); !begun(); <-tick.C {
				select {
				case <-ended:
					t.Fatalf("it ended before it was stopped: %s", said.String())
				default:
				}
			}
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			<-ended
			if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(said.String(), "stopped on the way") {
				t.Errorf("%d: %s", code, said.String())
			}
			if after, err := os.ReadFile(journal); err != nil || !bytes.Equal(after, before) {
				t.Errorf("the journal is another one: %v", err)
			}
			left, _ := filepath.Glob(map[string]string{"backup": other + "*", "restore": journal + ".*"}[verb]) // SQLite's own -wal and -shm come with reading
			if len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// holdJournal keeps everybody from reading a journal, and tells whether a backup of it has begun.
func holdJournal(t *testing.T, journal, backup string) (begun func() bool) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+journal)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	return func() bool {
		parts, _ := filepath.Glob(backup + "-*.part")
		return len(parts) > 0
	}
}

// halfOfAFile makes a pipe through which half of a backup has come and the rest never does, and tells whether the half was taken.
func halfOfAFile(t *testing.T, whole []byte, journal, pipe string) (begun func() bool) {
	t.Helper()
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(pipe, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	half := whole[:min(len(whole)/2, 32<<10)] // what a pipe takes without a reader
	if _, err := f.Write(half); err != nil {
		t.Fatal(err)
	}
	return func() bool {
		st, err := os.Stat(journal + ".restore")
		return err == nil && st.Size() == int64(len(half))
	}
}

// On a terminal long work has a bar, elsewhere it has a line every few seconds, and none with --quiet.
func TestMeter(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it waits for a line")
	}
	for name, row := range map[string]struct {
		terminal bool
		args     []string
		want     string
	}{
		"terminal": {true, nil, "1.0 MB"},
		"pipe":     {false, nil, "... out.db: 1024 KB"},
		"quiet":    {false, []string{"--quiet"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStuck(t)
			cmd := exec.Command(os.Args[0], append([]string{"journal", "backup", "out.db"}, row.args...)...)
			cmd.Dir, cmd.Env = filepath.Dir(s.config), append(os.Environ(), asProgram+"=1", "RECEIPTD_LANG=en", "RECEIPTD_CONFIG="+s.config)
			var from io.ReadCloser
			var err error
			if row.terminal {
				from, err = pty.Start(cmd)
			} else if from, err = cmd.StderrPipe(); err == nil {
				err = cmd.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			said := ""
			ended := time.AfterFunc(2*lineEvery, func() { _ = cmd.Process.Signal(syscall.SIGINT) })
			defer ended.Stop()
			part := make([]byte, 4096)
			for {
				n, err := from.Read(part)
				if said += string(part[:n]); err != nil {
					break
				}
				if row.want != "" && strings.Contains(said, row.want) {
					_ = cmd.Process.Signal(syscall.SIGINT)
				}
			}
			_ = cmd.Wait()
			shown, _, _ := strings.Cut(said, "receiptd: ")
			if row.want == "" && shown != "" || !strings.Contains(shown, row.want) {
				t.Errorf("%q", said)
			}
		})
	}
}
