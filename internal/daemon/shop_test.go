package daemon_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/internal/logtest"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
)

// A testShop is a daemon in this process with virtual printers behind real sockets.
type testShop struct {
	t         *testing.T
	dir       string
	config    string
	printers  map[string]*virtual.Printer
	addrs     map[string]string
	log       logtest.Buffer
	reload    chan os.Signal
	notified  chan string
	stop      context.CancelFunc
	done      chan error
	patience  time.Duration // beside the usual minute
	page      net.Listener  // nil: no page
	withSetUp bool          // there is a set-up page
	change    func(*daemon.Options)
}

func newTestShop(t *testing.T, o virtual.Options, names ...string) *testShop {
	t.Helper()
	s := &testShop{t: t, dir: t.TempDir(), printers: map[string]*virtual.Printer{}, addrs: map[string]string{},
		reload: make(chan os.Signal, 1), notified: make(chan string, 10000)}
	s.config = filepath.Join(s.dir, "receiptd.toml")
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, n := range names {
		p := virtual.New(o)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s.printers[n], s.addrs[n] = p, l.Addr().String()
		wg.Go(func() { _ = p.ServeTCP(ctx, l) })
	}
	t.Cleanup(func() { cancel(); wg.Wait() })
	return s
}

// write replaces the configuration, atomically as an editor does. extra follows the printers.
func (s *testShop) write(extra string, printers ...string) {
	s.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "[spool]\ndir=%q\nrescan=\"500ms\"\n[data]\ndir=%q\n[http]\nlisten=[]\n", filepath.Join(s.dir, "spool"), filepath.Join(s.dir, "data"))
	for _, n := range printers {
		fmt.Fprintf(&b, "[[printer]]\nname=%q\ndevice=\"tcp://%s\"\nproof=\"A\"\n", n, s.addrs[n])
	}
	s.put(b.String() + extra)
}

func (s *testShop) put(text string) {
	s.t.Helper()
	tmp := s.config + "~"
	if err := os.WriteFile(tmp, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(tmp, s.config); err != nil {
		s.t.Fatal(err)
	}
}

func (s *testShop) load() (*config.Config, error) { return config.Load(s.config, nil, daemon.Check) }

// setUp is how the daemon tries a set-up, nil when this shop has no set-up page.
func (s *testShop) setUp() func([]byte) (*config.Config, error) {
	if !s.withSetUp {
		return nil
	}
	return config.Loader{Path: s.config, Checks: []config.Check{daemon.Check}}.With
}

// listenPage opens the page's address.
func (s *testShop) listenPage() string {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.page = l
	return l.Addr().String()
}

func bodyOf(t *testing.T, resp *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// start runs the daemon and waits until everything runs.
func (s *testShop) start() {
	s.t.Helper()
	cfg, err := s.load()
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.stop, s.done = cancel, make(chan error, 1)
	ready := make(chan struct{})
	logger := slog.New(slog.NewTextHandler(&s.log, nil))
	o := daemon.Options{Logger: logger, Page: s.page, Ready: func(string) { close(ready) }, Load: s.load, WithSetUp: s.setUp(), Reload: s.reload,
		Notify: func(state string) error { s.notified <- state; return nil }, Watchdog: 100 * time.Millisecond}
	if s.change != nil {
		s.change(&o)
	}
	go func() { s.done <- daemon.Run(ctx, cfg, o) }()
	select {
	case <-ready:
	case err := <-s.done:
		s.t.Fatalf("daemon: %v", err)
	}
	s.t.Cleanup(func() { _ = s.end() })
}

// end stops the daemon, and gives how long that took.
func (s *testShop) end() time.Duration {
	if s.stop == nil {
		return 0
	}
	began := time.Now()
	s.stop()
	if err := <-s.done; err != nil {
		s.t.Errorf("daemon: %v", err)
	}
	s.stop = nil
	return time.Since(began)
}

func (s *testShop) await(what string, ok func() bool) {
	s.t.Helper()
	deadline := time.Now().Add(time.Minute + s.patience)
	for !ok() {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain for %s\n%s\nthe first slips: %+v\n%+v", what, tailOf(s.log.String()), s.copyOf(770001), s.copyOf(770002))
		}
		time.Sleep(2 * time.Millisecond) // polling what a person would look at
	}
}

func tailOf(s string) string { return s[max(0, len(s)-4000):] }

// sale drops the sample sale with its own id and voucher, and one copy. printer "" leaves the way to the configuration.
func (s *testShop) sale(n int, printer string) {
	s.t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "examples", "jobs", "01-sale-chip.json"))
	if err != nil {
		s.t.Fatal(err)
	}
	var j map[string]any
	if err := json.Unmarshal(data, &j); err != nil {
		s.t.Fatal(err)
	}
	j["job_id"] = fmt.Sprintf("sale-%d", n)
	j["copies"] = []string{"merchant"}
	delete(j, "printer")
	j["locale"] = "zh-CN"
	if printer != "" {
		j["printer"] = printer
	}
	if data, err = json.Marshal(j); err != nil {
		s.t.Fatal(err)
	}
	data = bytes.ReplaceAll(data, []byte("105233"), fmt.Appendf(nil, "%06d", n))
	s.drop(fmt.Sprintf("%d.json", n), data)
}

// drop puts a file into the drop folder, whole.
func (s *testShop) drop(name string, data []byte) {
	s.t.Helper()
	incoming := filepath.Join(s.dir, "spool", "incoming")
	if err := os.MkdirAll(incoming, 0o770); err != nil {
		s.t.Fatal(err)
	}
	tmp := filepath.Join(incoming, "."+name+".tmp")
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(tmp, filepath.Join(incoming, name)); err != nil {
		s.t.Fatal(err)
	}
}

// journal opens the journal of a daemon that has ended. Who asked closes it.
func (s *testShop) journal() *queue.Queue {
	s.t.Helper()
	q, err := queue.Open(s.t.Context(), filepath.Join(s.dir, "data", "journal.db"), queue.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	return q
}

// copyOf gives the last copy of sale n, with state "" while there is none.
func (s *testShop) copyOf(n int) queue.CopyStatus {
	data, err := os.ReadFile(filepath.Join(s.dir, "spool", "results", fmt.Sprintf("%d.json", n)))
	var a queue.Answer
	if err != nil || json.Unmarshal(data, &a) != nil || len(a.Copies) == 0 {
		return queue.CopyStatus{}
	}
	return a.Copies[len(a.Copies)-1]
}

func (s *testShop) printed(n int, at string) {
	s.t.Helper()
	s.await(fmt.Sprintf("slip %d at %s", n, at), func() bool { c := s.copyOf(n); return c.State == queue.Printed && c.Printer == at })
}

// proven waits for slip n of a printer that is slower than its family. Where the machine stands still too, its id is overdue and
// shows only that the slip was read to its end.
func (s *testShop) proven(n int) {
	s.t.Helper()
	s.await(fmt.Sprintf("slip %d", n), func() bool {
		switch s.copyOf(n).State {
		case queue.Printed, queue.Processed:
			return true
		case queue.Uncertain:
			s.t.Fatalf("slip %d is uncertain", n)
		}
		return false
	})
}

// shows tells whether a voucher is on a printer's paper.
func (s *testShop) shows(printer string, n int) bool {
	for _, p := range s.printers[printer].Pieces() {
		if strings.Contains(p.Text(), fmt.Sprintf("%06d", n)) {
			return true
		}
	}
	return false
}

// lies waits until slip n lies on a printer's counter: it is proven before it is cut.
func (s *testShop) lies(printer string, n int) {
	s.t.Helper()
	s.await(fmt.Sprintf("slip %d on the counter of %s", n, printer), func() bool { return s.shows(printer, n) })
}

func (s *testShop) set(printer string, c virtual.Change) {
	s.t.Helper()
	if err := s.printers[printer].Set(c); err != nil {
		s.t.Fatal(err)
	}
}

var floodFiles = flag.Int("flood", 1500, "files of TestFlood")

// dropFolderEmpty looks without listing what may be many.
func (s *testShop) dropFolderEmpty() bool {
	s.t.Helper()
	d, err := os.Open(filepath.Join(s.dir, "spool", "incoming"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer d.Close()
	_, err = d.Readdirnames(1)
	return errors.Is(err, io.EOF)
}

func containsVoucher(text string, n int) bool { return strings.Contains(text, fmt.Sprintf("%06d", n)) }

// openFiles counts this process's descriptors; 0 where the system does not list them.
func openFiles(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(list)
}
