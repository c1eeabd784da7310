package daemon_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
	_ "modernc.org/sqlite" // the floor: the same database the journal uses

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/printer/virtual"
)

// A bench shop is a daemon in this process with a virtual printer: unthrottled behind a socket, unless a benchmark says otherwise.
type benchShop struct {
	b       *testing.B
	dir     string
	printer *virtual.Printer
	first   chan time.Time // gets the time of each slip's first byte, where the link is watched

	mu   sync.Mutex
	conn net.Conn // the watched connection; guarded by mu
}

// newBenchShop is a shop behind a socket, watched or not. more is for the printer's section of the configuration.
func newBenchShop(b *testing.B, watched bool, more string) *benchShop {
	b.Helper()
	s := &benchShop{b: b, dir: b.TempDir(), first: make(chan time.Time, 10000)}
	s.printer = virtual.New(virtual.Options{Speed: virtual.Max})
	ctx, cancel := context.WithCancel(b.Context())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var wg sync.WaitGroup
	if watched {
		wg.Go(func() { s.serve(ctx, l) })
	} else {
		wg.Go(func() { _ = s.printer.ServeTCP(ctx, l) })
	}
	s.run(ctx, &wg, fmt.Sprintf("device=\"tcp://%s\"\nproof=\"A\"\n%s", l.Addr(), more))
	b.Cleanup(func() { cancel(); l.Close(); wg.Wait() })
	return s
}

// serve is the printer's end of one connection after the other, watched.
func (s *benchShop) serve(ctx context.Context, l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conn = conn
		s.mu.Unlock()
		_ = s.printer.Serve(ctx, &watchedLink{ReadWriteCloser: conn, first: s.first})
	}
}

// A watchedLink notes when an ESC @ comes: the first byte of a slip.
type watchedLink struct {
	io.ReadWriteCloser
	first chan time.Time
	last  byte
}

func (w *watchedLink) Read(p []byte) (int, error) {
	n, err := w.ReadWriteCloser.Read(p)
	if n > 0 {
		if at := time.Now(); w.last == 0x1B && p[0] == 0x40 || bytes.Contains(p[:n], []byte{0x1B, 0x40}) {
			w.first <- at
		}
		w.last = p[n-1]
	}
	return n, err
}

// run starts the daemon of a shop with one printer, and returns when it is ready.
func (s *benchShop) run(ctx context.Context, wg *sync.WaitGroup, section string) {
	s.b.Helper()
	cfg, err := config.Parse("bench.toml", fmt.Appendf(nil, "[spool]\ndir=%q\n[data]\ndir=%q\n[http]\nlisten=[]\n[[printer]]\nname=\"front\"\n%s",
		filepath.Join(s.dir, "spool"), filepath.Join(s.dir, "data"), section), nil)
	if err != nil {
		s.b.Fatal(err)
	}
	ready := make(chan struct{})
	wg.Go(func() {
		if err := daemon.Run(ctx, cfg, daemon.Options{Ready: func(string) { close(ready) }}); err != nil {
			s.b.Error(err)
		}
	})
	<-ready
}

// sale is the sample sale with one copy, its own id and voucher.
func benchSale(b *testing.B, n int) []byte {
	data, err := os.ReadFile(filepath.Join("..", "..", "examples", "jobs", "01-sale-chip.json"))
	if err != nil {
		b.Fatal(err)
	}
	data = bytes.ReplaceAll(data, []byte("c1-000122-105233-a"), fmt.Appendf(nil, "sale-%06d", n))
	data = bytes.Replace(data, []byte("\"merchant\",\n    \"cardholder\""), []byte(`"merchant"`), 1)
	return bytes.ReplaceAll(data, []byte("105233"), fmt.Appendf(nil, "%06d", n))
}

// prepare writes a file beside the drop folder; the rename into it is what the clock starts at.
func (s *benchShop) prepare(n int) (tmp, final string) {
	dir := filepath.Join(s.dir, "spool", "incoming")
	tmp, final = filepath.Join(dir, fmt.Sprintf(".%d.tmp", n)), filepath.Join(dir, fmt.Sprintf("%d.json", n))
	if err := os.WriteFile(tmp, benchSale(s.b, n), 0o600); err != nil {
		s.b.Fatal(err)
	}
	return tmp, final
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func fsyncOnce(b *testing.B, dir string) time.Duration {
	f, err := os.OpenFile(filepath.Join(dir, "floor"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(make([]byte, 4096)); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

func wakeOnce(b *testing.B, dir string) time.Duration {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	watched := filepath.Join(dir, "watched")
	if err := os.MkdirAll(watched, 0o700); err != nil {
		b.Fatal(err)
	}
	if err := w.Add(watched); err != nil {
		b.Fatal(err)
	}
	tmp := filepath.Join(dir, "wake")
	if err := os.WriteFile(tmp, nil, 0o600); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	if err := os.Rename(tmp, filepath.Join(watched, "wake")); err != nil {
		b.Fatal(err)
	}
	<-w.Events
	return time.Since(start)
}

// sendOnce takes a byte over a socket of this machine to who waits for it.
func sendOnce(b *testing.B) time.Duration {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	from, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer from.Close()
	to, err := l.Accept()
	if err != nil {
		b.Fatal(err)
	}
	defer to.Close()
	came := make(chan time.Time)
	go func() {
		_, _ = to.Read(make([]byte, 1))
		came <- time.Now()
	}()
	time.Sleep(100 * time.Microsecond) // it waits
	start := time.Now()
	if _, err := from.Write([]byte{0}); err != nil {
		b.Fatal(err)
	}
	return (<-came).Sub(start)
}

// BenchmarkBurst drops 200 jobs at once and measures how many come out proven per second, against one-by-one durable SQLite
// commits of a row per second of the same machine and run.
func BenchmarkBurst(b *testing.B) {
	const jobs = 200
	var rates, floors []time.Duration // per job and per commit
	for range max(b.N, 3) {
		s := newBenchShop(b, false, "")
		for i := range jobs {
			s.prepare(i + 1)
		}
		start := time.Now()
		for i := range jobs {
			dir := filepath.Join(s.dir, "spool", "incoming")
			if err := os.Rename(filepath.Join(dir, fmt.Sprintf(".%d.tmp", i+1)), filepath.Join(dir, fmt.Sprintf("%d.json", i+1))); err != nil {
				b.Fatal(err)
			}
		}
		if err := s.printer.Await(b.Context(), func(virtual.State) bool { return len(s.printer.Pieces()) == jobs }); err != nil {
			b.Fatal(err)
		}
		rates = append(rates, time.Since(start)/jobs)
		s.allProven(jobs)
		floors = append(floors, commits(b, s.dir))
	}
	rate, floor := median(rates), median(floors)
	b.ReportMetric(float64(time.Second)/float64(rate), "jobs/s")
	b.ReportMetric(float64(time.Second)/float64(floor), "commits/s")
	b.ReportMetric(float64(floor)/float64(rate), "of-commits")
}

// allProven checks, after the clock has stopped, that every slip that lies there is proven.
func (s *benchShop) allProven(jobs int) {
	for i := range jobs {
		path := filepath.Join(s.dir, "spool", "results", fmt.Sprintf("%d.json", i+1))
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) { // polling a result, as a shop's program would
			data, err := os.ReadFile(path)
			if err == nil && bytes.Contains(data, []byte(`"proof": "printed"`)) {
				break
			}
			if time.Now().After(deadline) {
				s.b.Fatalf("job %d is not proven: %s", i+1, data)
			}
		}
	}
}

// commits gives the time of one durable commit of one row.
func commits(b *testing.B, dir string) time.Duration {
	db, err := sql.Open("sqlite", filepath.Join(dir, "floor.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(b.Context(), "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)"); err != nil {
		b.Fatal(err)
	}
	const n = 200
	start := time.Now()
	for range n {
		if _, err := db.ExecContext(b.Context(), "INSERT INTO t (v) VALUES (?)", "a row of some length, as a copy's state has"); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start) / n
}
