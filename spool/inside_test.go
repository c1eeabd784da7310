package spool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/receiptd/receiptd/queue"
)

func openSpool(t *testing.T, log *slog.Logger) *Spool {
	t.Helper()
	dir := t.TempDir()
	j, err := queue.Open(t.Context(), filepath.Join(dir, "journal.db"), queue.Options{Ballast: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	s, err := New(filepath.Join(dir, "spool"), j, Options{Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// A file that is gone when it is to be claimed was taken by somebody else: it is not printed.
func TestGoneAtTheClaim(t *testing.T) {
	var log bytes.Buffer
	s := openSpool(t, slog.New(slog.NewTextHandler(&log, nil)))
	k := s.taker
	w := newWatch(s.tree.path, s.log)
	defer w.close()
	if !k.hold(w) {
		t.Fatal("the folders are not held")
	}
	for _, name := range []string{"x.json", strings.Repeat("x", maxName)} {
		path := filepath.Join(s.tree.path, incomingDir, name)
		if err := os.WriteFile(path, []byte(`{"job_id":"x","kind":"command","payload":{"command":"reprint_last"}}`), 0o600); err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		data, info2, err := readFile(k.incoming, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if list := k.claim(5, candidate{name: name, info: info}, data, info2); len(list) != 0 {
			t.Errorf("%s was taken all the same", name)
		}
	}
	if left, err := k.taken.names(); err != nil || len(left) != 0 {
		t.Errorf("left in .taken: %v, %v", left, err)
	}
	if !strings.Contains(log.String(), "gone when it was to be taken") {
		t.Errorf("not told: %s", log.String())
	}
}

// What can be seen of files that replaced others is counted: a second arrival under a name that did not leave.
func TestReplacedFiles(t *testing.T) {
	w := &watch{present: map[string]bool{}}
	for i, row := range []struct {
		name string
		op   fsnotify.Op
		want bool
	}{
		{"a.json", fsnotify.Create, false},
		{"a.json", fsnotify.Write, false},
		{"a.json", fsnotify.Create, true},
		{"a.json", fsnotify.Rename, false}, // claimed
		{"a.json", fsnotify.Create, false},
		{"a.json", fsnotify.Remove, false},
		{"a.json", fsnotify.Create, false},
		{".b.tmp", fsnotify.Create, false},
		{".b.tmp", fsnotify.Create, false},
	} {
		if got := w.note(row.name, fsnotify.Event{Name: row.name, Op: row.op}); got != row.want {
			t.Errorf("event %d: %v", i, got)
		}
	}
}

// Renames over a name that was not taken yet are counted, told and written into the journal; the one that stands is printed.
func TestReplacedIsTold(t *testing.T) {
	var log bytes.Buffer
	s := openSpool(t, slog.New(slog.NewTextHandler(&log, nil)))
	k := s.taker
	w := newWatch(s.tree.path, s.log)
	defer w.close()
	if !k.hold(w) || !w.on {
		t.Skip("no watch here")
	}
	dir := filepath.Join(s.tree.path, incomingDir)
	for i := range 3 {
		tmp := filepath.Join(dir, ".x.tmp")
		if err := os.WriteFile(tmp, fmt.Appendf(nil, `{"job_id":"x%d"}`, i), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(tmp, filepath.Join(dir, "x.json")); err != nil {
			t.Fatal(err)
		}
	}
	for s.Replaced() < 2 {
		select {
		case e := <-w.watcher.Events:
			_, list := w.drain(e)
			k.tellReplaced(t.Context(), list)
		case <-time.After(time.Minute):
			t.Fatalf("%d of 2 seen", s.Replaced())
		}
	}
	if !strings.Contains(log.String(), "took the name") || !strings.Contains(log.String(), "x.json") {
		t.Errorf("not told: %s", log.String())
	}
	e, err := s.events.Subscribe(0).Next(t.Context())
	if err != nil || e.Type != queue.EventAlarm || e.Reason != "file_replaced" {
		t.Errorf("alarm: %+v, %v", e, err)
	}
}

// A matter is told once, then by the hour with its number; of many files the first are named.
func TestReports(t *testing.T) {
	var log bytes.Buffer
	r := newReports(slog.New(slog.NewTextHandler(&log, nil)))
	now := time.Now()
	r.now = func() time.Time { return now }
	err := &os.PathError{Op: "openat", Path: "4111111111111111.json", Err: os.ErrPermission} // published by the scheme for tests
	for range 3600 {
		r.say(slog.LevelError, "cannot", "a", err)
		now = now.Add(time.Second / 2)
	}
	if n := strings.Count(log.String(), "cannot"); n != 1 {
		t.Errorf("told %d times in half an hour", n)
	}
	if strings.Contains(log.String(), "4111") || !strings.Contains(log.String(), "permission") {
		t.Errorf("the log: %s", log.String())
	}
	now = now.Add(reportPause)
	r.say(slog.LevelError, "cannot", "a", err)
	if !strings.Contains(log.String(), "times_before=3599") {
		t.Errorf("the log: %s", log.String())
	}
	log.Reset()
	for i := range 10000 {
		r.say(slog.LevelError, "another", fmt.Sprint(i), nil)
	}
	if n := strings.Count(log.String(), "another"); n != reportFirst {
		t.Errorf("%d files were named", n)
	}
}

// A loop that beats is alive, one that does not stands still after its limit.
func TestPulse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPulse(2 * time.Second)
		for range 100 {
			p.beat()
			time.Sleep(2 * time.Second)
			if err := p.still(); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(stillAfter)
		if err := p.still(); err == nil || !strings.Contains(err.Error(), "12s") {
			t.Errorf("it does not stand still: %v", err)
		}
	})
}

// A loop in a call that does not come back is left behind.
func TestBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		start := time.Now()
		if err := bounded(ctx, func(context.Context) error { <-hang; return nil }); !errors.Is(err, errHangs) || time.Since(start) != stopLimit {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		close(hang)
		if err := bounded(ctx, func(context.Context) error { return nil }); err != nil {
			t.Error(err)
		}
	})
}
