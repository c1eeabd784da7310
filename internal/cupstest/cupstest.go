// Package cupstest runs a CUPS of a test's own: everything that it keeps lies in a throw-away folder, and it listens on a socket there.
package cupstest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A Server is a running scheduler.
type Server struct {
	Socket string // what CUPS_SERVER names for programs that print there

	dir string
}

// Start starts a scheduler that ends with the test. Needs root, and Debian's packages cups and cups-client: without them the test fails.
func Start(t testing.TB) *Server {
	t.Helper()
	t.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin")
	for _, name := range []string{"cupsd", "lp", "lpadmin"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Fatalf("%v: apt-get install --no-install-recommends cups cups-client", err)
		}
	}
	dir, err := os.MkdirTemp("", "cups") // short, for a socket's name
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &Server{Socket: filepath.Join(dir, "sock"), dir: dir}
	if err := s.configure(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "cupsd", "-f", "-c", filepath.Join(dir, "root", "cupsd.conf"), "-s", filepath.Join(dir, "root", "cups-files.conf"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		_ = cmd.Wait()
	})
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		c, err := new(net.Dialer).DialContext(t.Context(), "unix", s.Socket)
		if err == nil {
			c.Close()
			return s
		}
		if time.Now().After(end) {
			t.Fatalf("cupsd does not listen: %v\n%s", err, s.Log())
		}
	}
}

func (s *Server) configure() error {
	if err := os.Chmod(s.dir, 0o755); err != nil { // its backends run as lp
		return err
	}
	for _, sub := range []string{"root", "spool", "cache", "state"} {
		if err := os.Mkdir(filepath.Join(s.dir, sub), 0o755); err != nil {
			return err
		}
	}
	files := strings.ReplaceAll("ServerRoot DIR/root\nRequestRoot DIR/spool\nCacheDir DIR/cache\nStateDir DIR/state\nTempDir DIR/spool\n"+
		"ErrorLog DIR/error_log\nAccessLog DIR/access_log\nPageLog DIR/page_log\nSystemGroup root\n", "DIR", s.dir)
	conf := fmt.Sprintf("Listen %s\nBrowsing Off\nLogLevel info\n<Location />\nOrder allow,deny\nAllow all\n</Location>\n<Policy default>\n<Limit All>\nOrder deny,allow\nAllow all\n</Limit>\n</Policy>\n", s.Socket)
	for name, text := range map[string]string{"cups-files.conf": files, "cupsd.conf": conf} {
		if err := os.WriteFile(filepath.Join(s.dir, "root", name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Raw makes a queue that hands on what it gets, as it is, to the printer at a TCP address.
func (s *Server) Raw(t testing.TB, queue, address string) {
	t.Helper()
	s.Run(t, "lpadmin", "-p", queue, "-E", "-v", "socket://"+address, "-m", "raw")
}

// Run runs one of CUPS' programs to its end, which must be a good one.
func (s *Server) Run(t testing.TB, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "CUPS_SERVER="+s.Socket)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s\n%s", name, args, err, out, s.Log())
	}
}

// Log is what the scheduler wrote down so far.
func (s *Server) Log() string {
	log, _ := os.ReadFile(filepath.Join(s.dir, "error_log")) // not there yet
	return string(log)
}
