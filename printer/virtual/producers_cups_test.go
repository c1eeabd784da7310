//go:build producers && linux

package virtual_test

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

	"github.com/receiptd/receiptd/printer/virtual"
)

// What `lp` sends to a raw queue of CUPS comes out as it is: a scheduler of the test's own, its socket backend, the virtual printer.
// Needs root and Debian's packages cups and cups-client.
func TestCUPS(t *testing.T) {
	t.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin")
	for _, name := range []string{"cupsd", "lp", "lpadmin"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Fatalf("%v: apt-get install --no-install-recommends cups cups-client", err)
		}
	}
	dir := cupsd(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := virtual.New(virtual.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- p.ServeTCP(ctx, ln) }()
	defer func() { cancel(); <-served }()

	cups := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Env = append(os.Environ(), "CUPS_SERVER="+filepath.Join(dir, "sock"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			log, _ := os.ReadFile(filepath.Join(dir, "error_log"))
			t.Fatalf("%s %v: %v\n%s\n%s", name, args, err, out, log)
		}
		return string(out)
	}
	cups("lpadmin", "-p", "raw", "-E", "-v", "socket://"+ln.Addr().String(), "-m", "raw")
	cups("lp", "-d", "raw", "testdata/producers/receiptio.bin")
	cups("lp", "-d", "raw", "-o", "raw", "testdata/producers/receipt-printer-encoder.bin")
	wait, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	if err := p.Await(wait, func(st virtual.State) bool { return st.Counters.Pieces >= 2 }); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "error_log"))
		t.Fatalf("%v: %d pieces of paper\n%s", err, len(p.Pieces()), log)
	}
	sent := int64(0)
	for i, file := range []string{"receiptio", "receipt-printer-encoder"} {
		data, err := os.ReadFile(filepath.Join("testdata", "producers", file+".bin"))
		if err != nil {
			t.Fatal(err)
		}
		sent += int64(len(data))
		alone, _ := printed(t, virtual.Options{}, string(data)+"\x1b@")
		if got, want := p.Pieces()[i].Text(), alone.Pieces()[0].Text(); got != want {
			t.Errorf("%s by CUPS:\n%s\nwithout:\n%s", file, got, want)
		}
	}
	if got := p.State().Counters.BytesReceived; got != sent {
		t.Errorf("CUPS made %d bytes of %d", got, sent)
	}
}

// cupsd starts a scheduler that keeps everything in a folder of its own, and returns that.
func cupsd(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cups") // short, for a socket's name
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // its backends run as lp
		t.Fatal(err)
	}
	for _, sub := range []string{"root", "spool", "cache", "state"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	files := strings.ReplaceAll("ServerRoot DIR/root\nRequestRoot DIR/spool\nCacheDir DIR/cache\nStateDir DIR/state\nTempDir DIR/spool\n"+
		"ErrorLog DIR/error_log\nAccessLog DIR/access_log\nPageLog DIR/page_log\nSystemGroup root\n", "DIR", dir)
	conf := fmt.Sprintf("Listen %s/sock\nBrowsing Off\nLogLevel info\n<Location />\nOrder allow,deny\nAllow all\n</Location>\n<Policy default>\n<Limit All>\nOrder deny,allow\nAllow all\n</Limit>\n</Policy>\n", dir)
	for name, text := range map[string]string{"cups-files.conf": files, "cupsd.conf": conf} {
		if err := os.WriteFile(filepath.Join(dir, "root", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("cupsd", "-f", "-c", filepath.Join(dir, "root", "cupsd.conf"), "-s", filepath.Join(dir, "root", "cups-files.conf"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		_ = cmd.Wait()
	})
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("unix", filepath.Join(dir, "sock"))
		if err == nil {
			c.Close()
			return dir
		}
		if time.Now().After(end) {
			log, _ := os.ReadFile(filepath.Join(dir, "error_log"))
			t.Fatalf("cupsd does not listen: %v\n%s", err, log)
		}
	}
}
