//go:build linux

package faults

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/internal/logtest"
	"github.com/receiptd/receiptd/internal/parallel"
	"github.com/receiptd/receiptd/printer/virtual"
)

// asDaemon makes this test binary a daemon; its value is the configuration's path.
const asDaemon = "RECEIPTD_TEST_FAULTS"

func TestMain(m *testing.M) {
	if path := os.Getenv(asDaemon); path != "" {
		os.Exit(runDaemon(path))
	}
	parallel.AtLeast(8) // they wait for other processes
	os.Exit(m.Run())
}

func runDaemon(path string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	cfg, err := config.Load(path, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o := daemon.Options{Logger: log, Ready: func(string) { log.Info("ready") }}
	if err := daemon.Run(ctx, cfg, o); err != nil {
		log.Error("ended", "error", err)
		return 1
	}
	return 0
}

// A house is a drop folder, a data folder and a printer behind a socket that outlives the daemon.
type house struct {
	t       *testing.T
	dir     string
	printer *virtual.Printer
	cmd     *exec.Cmd
	traced  bool
	done    chan struct{} // closed when the process has ended
	log     logtest.Buffer
	dropped []string
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), printer: virtual.New(virtual.Options{Speed: virtual.Max})}
	ctx, cancel := context.WithCancel(context.Background())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- h.printer.ServeTCP(ctx, l) }()
	t.Cleanup(func() { cancel(); <-served })
	t.Cleanup(h.kill)
	text := fmt.Sprintf("[spool]\ndir = %q\nrescan = \"200ms\"\n[data]\ndir = %q\n[http]\nlisten = []\n[templates]\ndir = %q\n[[printer]]\nname = \"front\"\ndevice = \"tcp://%s\"\nproof = \"A\"\n",
		h.path("spool"), h.path("data"), h.path("templates"), l.Addr())
	for _, d := range []string{"spool/incoming", "spool/results", "data", "templates"} {
		if err := os.MkdirAll(h.path(d), 0o770); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(h.path("receiptd.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return h
}

// configure adds sections to the configuration.
func (h *house) configure(text string) {
	h.t.Helper()
	f, err := os.OpenFile(h.path("receiptd.toml"), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) path(parts ...string) string {
	return filepath.Join(append([]string{h.dir}, parts...)...)
}

// start runs the daemon; strace's arguments, when there are some, run it under strace.
func (h *house) start(strace ...string) {
	h.t.Helper()
	args := []string{os.Args[0]}
	if h.traced = len(strace) > 0; h.traced {
		args = append(append([]string{"strace", "-f", "-qq", "-o", h.path("trace")}, strace...), args...)
	}
	h.cmd = exec.Command(args[0], args[1:]...)
	h.cmd.Env = append(os.Environ(), asDaemon+"="+h.path("receiptd.toml"), "GOMAXPROCS=1")
	h.cmd.Stdout, h.cmd.Stderr = &h.log, &h.log
	h.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := h.cmd.Start(); err != nil {
		missing(h.t, err)
	}
	h.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) { _ = cmd.Wait(); close(done) }(h.cmd, h.done) // how it ended is asked of ProcessState
}

// missing ends a test that lacks a tool or a right: loudly where the gate runs, which has both.
func missing(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	t.Skip("this machine does not let the test break things: ", err)
}

func (h *house) ended() bool {
	select {
	case <-h.done:
		return true
	default:
		return false
	}
}

// stop ends the daemon in good order.
func (h *house) stop() {
	h.t.Helper()
	_ = syscall.Kill(-h.cmd.Process.Pid, syscall.SIGTERM) // it may have ended
	h.await("the daemon to end", h.ended)
}

// kill is kill -9 for the daemon and its tracer.
func (h *house) kill() {
	if h.cmd != nil && !h.ended() {
		_ = syscall.Kill(-h.cmd.Process.Pid, syscall.SIGKILL) // it may just have ended
		<-h.done
	}
}

// await polls a condition, with most of the time left to the daemon, until for a minute nothing more comes out of the printer.
func (h *house) await(what string, ok func() bool) {
	h.t.Helper()
	h.awaitFor(time.Minute, what, ok)
}

// awaitFor is await with another time than a minute: what the watch tells waits for its turn, fifty times as long as a look takes.
func (h *house) awaitFor(limit time.Duration, what string, ok func() bool) {
	h.t.Helper()
	pieces, moved := 0, time.Now()
	for {
		asked := time.Now()
		if ok() {
			return
		}
		if n := len(h.printer.Pieces()); n != pieces {
			pieces, moved = n, asked
		}
		if asked.Sub(moved) > limit {
			h.t.Fatalf("not within %v: %s\npaper:\n%s\nlog:\n%s", limit, what, h.paper(), h.log.String())
		}
		time.Sleep(max(2*time.Millisecond, 3*time.Since(asked)))
	}
}

func (h *house) paper() string {
	var b strings.Builder
	for _, p := range h.printer.Pieces() {
		fmt.Fprintf(&b, "--- piece %d cut=%v\n%s", p.N, p.Cut, p.Text())
	}
	return b.String()
}
