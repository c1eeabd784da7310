package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/freeaddr"
	"github.com/receiptd/receiptd/internal/logtest"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
)

// tester is what a shop needs of a test: a *testing.T is one, and so is a story.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Cleanup(do func())
}

// A shop is a configuration with virtual printers behind real sockets, in the test's process: they outlive the daemon.
type shop struct {
	t       tester
	dir     string
	config  string
	addr    string                      // of the page
	printer *virtual.Printer            // the first one
	all     map[string]*virtual.Printer // by name
	daemon  *exec.Cmd
	files   string // descriptors that the daemon may have, "" for as many as the tests
	log     logtest.Buffer
}

// newShop opens a shop with one printer, front. extra is TOML for the printer's section.
func newShop(t testing.TB, o virtual.Options, extra string) *shop {
	t.Helper()
	s := &shop{t: t, dir: t.TempDir()}
	s.open([]shopPrinter{{name: "front", options: o, extra: extra}}, "")
	return s
}

// shopPrinter is one printer of a shop. A device of its own takes the place of the socket.
type shopPrinter struct {
	name    string
	options virtual.Options
	extra   string // TOML for its section
}

// open starts the printers and writes the configuration. extra is TOML for its end.
func (s *shop) open(printers []shopPrinter, extra string) {
	s.t.Helper()
	addr, err := freeaddr.On("127.0.0.1")
	if err != nil {
		s.t.Fatal(err)
	}
	s.addr = addr
	s.config = filepath.Join(s.dir, "receiptd.toml")
	s.all = map[string]*virtual.Printer{}
	text := fmt.Sprintf("[spool]\ndir = %q\nrescan = \"500ms\"\nsettle = \"1s\"\n[data]\ndir = %q\n[http]\nlisten = %q\n[log]\nlevel = \"debug\"\n[templates]\ndir = %q\n",
		filepath.Join(s.dir, "spool"), filepath.Join(s.dir, "data"), s.addr, filepath.Join(s.dir, "templates"))
	for _, p := range printers {
		v := virtual.New(p.options)
		if s.printer == nil {
			s.printer = v
		}
		s.all[p.name] = v
		text += fmt.Sprintf("[[printer]]\nname = %q\ndevice = %q\n%s\n", p.name, s.serve(v, p.options), p.extra)
	}
	if err := os.WriteFile(s.config, []byte(text+extra), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(s.kill)
}

// serve offers a printer on a socket, or as a serial line when it has a speed, and gives its device.
func (s *shop) serve(v *virtual.Printer, o virtual.Options) string {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	s.t.Cleanup(func() { cancel(); <-done })
	if o.Baud > 0 {
		path := filepath.Join(s.dir, "tty0")
		go func() { done <- v.ServePTY(ctx, path) }()
		return fmt.Sprintf("serial://%s?baud=%d&flow=none", path, o.Baud)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	go func() { done <- v.ServeTCP(ctx, listener) }()
	return "tcp://" + listener.Addr().String()
}

// command is receiptd as a process of its own.
func (s *shop) command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], append(args, "--config", s.config)...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "RECEIPTD_LANG=en")
	return cmd
}

// start starts the daemon and does not wait for it.
func (s *shop) start() {
	s.t.Helper()
	s.daemon = s.command("run")
	if s.files != "" {
		s.daemon.Args = append([]string{"sh", "-c", "ulimit -n " + s.files + ` && exec "$0" "$@"`, s.daemon.Path}, s.daemon.Args[1:]...)
		s.daemon.Path = "/bin/sh"
	}
	s.daemon.Stdout, s.daemon.Stderr = &s.log, &s.log
	if err := s.daemon.Start(); err != nil {
		s.t.Fatal(err)
	}
}

// ready waits until the daemon answers.
func (s *shop) ready() {
	s.t.Helper()
	s.await("the daemon to answer", func() bool {
		resp, err := http.Get("http://" + s.addr + "/healthz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// kill is kill -9.
func (s *shop) kill() {
	if s.daemon == nil {
		return
	}
	_ = s.daemon.Process.Kill() // it may have ended
	_ = s.daemon.Wait()         // its state is that of a killed process
	s.daemon = nil
}

func (s *shop) await(what string, ok func() bool) {
	s.t.Helper()
	deadline := time.NewTimer(2 * time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			_ = os.WriteFile(filepath.Join(os.TempDir(), "receiptd-test.log"), []byte(s.log.String()), 0o600)
			s.t.Fatalf("waited in vain for %s\npaper:\n%s\nlog:\n%s", what, s.paper(), tail(s.log.String(), 4000))
		}
	}
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

// paper is everything on the counter.
func (s *shop) paper() string {
	var b strings.Builder
	for _, p := range s.printer.Pieces() {
		fmt.Fprintf(&b, "--- piece %d cut=%v torn=%v\n%s", p.N, p.Cut, p.Torn, p.Text())
	}
	return b.String()
}

func (s *shop) drop(name string, data []byte) {
	s.t.Helper()
	incoming := filepath.Join(s.dir, "spool", "incoming")
	if err := os.MkdirAll(incoming, 0o770); err != nil {
		s.t.Fatal(err)
	}
	tmp := filepath.Join(incoming, "."+name+".tmp")
	if err := writeSynced(tmp, data); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(tmp, filepath.Join(incoming, name)); err != nil {
		s.t.Fatal(err)
	}
}

// answer reads results/name; ok is false while there is none.
func (s *shop) answer(name string) (a queue.Answer, ok bool) {
	data, err := os.ReadFile(filepath.Join(s.dir, "spool", "results", name))
	if err != nil {
		return a, false
	}
	if err := json.Unmarshal(data, &a); err != nil {
		s.t.Fatalf("results/%s is no answer: %v\n%s", name, err, data)
	}
	return a, true
}

func (s *shop) client() *client.Client {
	s.t.Helper()
	c, err := client.New([]string{s.addr}, filepath.Join(s.dir, "data"))
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// sale is the sample sale with its own id and voucher.
func sale(t testing.TB, n int) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "examples", "jobs", "01-sale-chip.json"))
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.ReplaceAll(data, []byte("c1-000122-105233-a"), fmt.Appendf(nil, "sale-%06d", n))
	return bytes.ReplaceAll(data, []byte("105233"), fmt.Appendf(nil, "%06d", n))
}

// piecesOf gives the pieces of paper that show a voucher on a copy.
func (s *shop) piecesOf(voucher int, copyLabel string) []string {
	var out []string
	for _, p := range s.printer.Pieces() {
		text := p.Text()
		if strings.Contains(text, fmt.Sprintf("%06d", voucher)) && strings.Contains(text, copyLabel) {
			out = append(out, text)
		}
	}
	return out
}
