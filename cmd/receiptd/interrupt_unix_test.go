//go:build unix

package main

import (
	"bytes"
	"context"
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

// A backup or a restore that works on the files themselves is whole or not there, at whatever moment Ctrl-C comes.
func TestInterruptedFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	config := filepath.Join(dir, "receiptd.toml")
	if err := os.WriteFile(config, []byte("[data]\ndir = \"data\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	journal, good := filepath.Join(data, "journal.db"), filepath.Join(dir, "good.db")
	q, err := queue.Open(t.Context(), journal, queue.Options{Ballast: -1})
	if err != nil {
		t.Fatal(err)
	}
	q.Close()
	if err := queue.BackupFile(t.Context(), journal, good); err != nil {
		t.Fatal(err)
	}
	run := func(wait time.Duration, args ...string) (int, string) {
		cmd := exec.Command(os.Args[0], args...)
		var said bytes.Buffer
		cmd.Stderr, cmd.Env = &said, append(os.Environ(), asProgram+"=1", "RECEIPTD_LANG=en", "RECEIPTD_CONFIG="+config)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(wait) // any moment will do
		_ = cmd.Process.Signal(syscall.SIGINT)
		_ = cmd.Wait()
		return cmd.ProcessState.ExitCode(), said.String()
	}
	for i := range 8 {
		wait := time.Duration(20+8*i) * time.Millisecond
		out := filepath.Join(dir, fmt.Sprintf("out-%d.db", i))
		code, said := run(wait, "journal", "backup", out)
		_, err := os.Stat(out)
		if parts, _ := filepath.Glob(out + "*"); (err == nil) != (code == exitDone) || err == nil && queue.VerifyFile(t.Context(), out) != nil || err != nil && len(parts) > 0 {
			t.Errorf("backup after %s: %d, %v: %s", wait, code, parts, said)
		}
		code, said = run(wait, "journal", "restore", good)
		if parts, _ := filepath.Glob(journal + ".restore*"); queue.VerifyFile(t.Context(), journal) != nil || len(parts) > 0 && code != -1 {
			t.Errorf("restore after %s: %d, %v: %s", wait, code, parts, said)
		}
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
