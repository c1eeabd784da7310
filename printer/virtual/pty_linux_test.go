package virtual_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/receiptd/receiptd/printer/virtual"
)

// openPTY serves p on a pty and opens it as a host does.
func openPTY(t *testing.T, p *virtual.Printer) (*os.File, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tty0")
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.ServePTY(ctx, path) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("ServePTY: %v", err)
		}
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the link was left behind: %v", err)
		}
	})
	return openLine(t, p, path), path
}

func openLine(t *testing.T, p *virtual.Printer, path string) *os.File {
	t.Helper()
	if err := p.Await(t.Context(), func(s virtual.State) bool { return s.Connected }); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), path)
	t.Cleanup(func() { f.Close() })
	if err := f.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return f
}

func lineAsk(t *testing.T, f *os.File, send, want string) {
	t.Helper()
	if _, err := f.WriteString(send); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(want))
	if _, err := io.ReadFull(f, got); err != nil || string(got) != want {
		t.Fatalf("answer % X, %v, want % X", got, err, want)
	}
}

func TestPTY(t *testing.T) {
	p := virtual.New(virtual.Options{Baud: 115200})
	f, path := openPTY(t, p)
	lineAsk(t, f, "\x1b@\x1c&"+gbk("合计")+"\r\n\x11\x13\x03\x04"+fence("0001")+cut+fence("0002"), proof("0001")+proof("0002"))
	if all := p.Pieces(); len(all) != 1 || all[0].Text() != "合计" {
		t.Errorf("pieces %+v", all)
	}
	f.Close() // a host that goes and comes finds the same line
	f = openLine(t, p, path)
	lineAsk(t, f, eot(1), "\x16")
	if err := p.Set(virtual.Change{Link: "drop"}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the line was not hung up: %v", err)
	}
	if err := p.Await(t.Context(), func(s virtual.State) bool { return !s.Connected }); err != nil {
		t.Fatal(err)
	}
	if err := p.Set(virtual.Change{Link: "up"}); err != nil {
		t.Fatal(err)
	}
	lineAsk(t, openLine(t, p, path), eot(1), "\x16")
}

func TestPTYOverrun(t *testing.T) {
	p := virtual.New(virtual.Options{})
	f, _ := openPTY(t, p)
	if err := p.Set(virtual.Change{Cover: "open"}); err != nil {
		t.Fatal(err)
	}
	lineAsk(t, f, eot(2), "\x13\x16")
	for range 3 {
		if _, err := f.WriteString(strings.Repeat("x", 2000)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Await(t.Context(), func(s virtual.State) bool { return s.Counters.BytesReceived == 6003 }); err != nil {
		t.Fatal(err)
	}
	if s := p.State(); s.Buffer != 4096 || s.Counters.BytesLost != 6003-4096 {
		t.Errorf("buffer %d, lost %d", s.Buffer, s.Counters.BytesLost)
	}
	lineAsk(t, f, eot(1), "\x1E")
}

func TestPTYPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "taken")
	if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := virtual.New(virtual.Options{}).ServePTY(t.Context(), path); err == nil {
		t.Error("a file was replaced by the link")
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "mine" {
		t.Errorf("file %q, %v", b, err)
	}
}
