//go:build linux

package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/virtual"
)

// BenchmarkAllOn measures what notify, watch and archive together cost a slip: from the rename into the drop folder to the first byte at
// the printer, and processor time. Three processes take turns, slip by slip: one with all of it on, and two with nothing of it, of which the
// second says what the machine's own unrest makes of two equal programs. Twenty runs:
//
//	go test ./cmd/receiptd -run '^$' -bench AllOn -benchtime 20x -timeout 30m
//
// rise-% is the median over the runs of how much later the first byte comes with all of it on; below noise-% in size it says nothing.
// Processor time counts what goes on behind the slip too: drawing the archive's file takes most of it, and no slip waits for that.
func BenchmarkAllOn(b *testing.B) {
	if testing.Short() {
		b.Skip("starts processes")
	}
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	b.Cleanup(receiver.Close)
	on := fmt.Sprintf(`[watch]
order = "30s"
transaction = "30s"
settled_by = "23:30"
[archive]
on = true
[[notify]]
name = "chat"
form = "slack"
url = %[1]q
[[notify]]
name = "program"
form = "json"
url = %[1]q
secret = "whsec_%[2]s"
`, receiver.URL, strings.Repeat("QUJD", 8))
	tills := []*till{startTill(b, ""), startTill(b, ""), startTill(b, on)}
	for range 3 { // the first ones read what is read once
		for _, x := range tills {
			x.slip(b)
		}
	}
	const slips = 10 // of each till in a run
	var medians [3][]float64
	var used, slipsOut [3]float64
	for i, x := range tills {
		used[i], slipsOut[i] = -x.processor(b), float64(-x.n)
	}
	b.ResetTimer()
	for run := 0; b.Loop(); run++ {
		var took [3][]float64
		for k := range slips {
			for at := range tills {
				i := (at + k + run) % len(tills) // each is first as often as the others
				took[i] = append(took[i], float64(tills[i].slip(b).Microseconds())/1000)
			}
		}
		for i := range tills {
			medians[i] = append(medians[i], middle(took[i]))
		}
	}
	rise := func(i int) float64 {
		list := make([]float64, len(medians[0]))
		for k := range list {
			list[k] = 100 * (medians[i][k]/medians[0][k] - 1)
		}
		return middle(list)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(middle(medians[0]), "off-ms")
	b.ReportMetric(middle(medians[2]), "on-ms")
	b.ReportMetric(rise(2), "rise-%")
	b.ReportMetric(rise(1), "noise-%")
	for i, name := range map[int]string{0: "off-cpu-ms/slip", 2: "on-cpu-ms/slip"} {
		b.ReportMetric((used[i]+tills[i].processor(b))/(slipsOut[i]+float64(tills[i].n)), name)
	}
}

// A till is a receiptd of its own with a virtual printer in this process.
type till struct {
	dir   string
	pid   int
	n     int // slips so far
	first chan time.Time
}

func startTill(b *testing.B, more string) *till {
	b.Helper()
	x := &till{dir: b.TempDir(), first: make(chan time.Time, 100)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	served := make(chan struct{})
	go func() {
		defer close(served)
		x.serve(ctx, l)
	}()
	conf := filepath.Join(x.dir, "receiptd.toml")
	text := fmt.Sprintf("[spool]\ndir = \"spool\"\n[data]\ndir = \"data\"\n[http]\nlisten = []\n%s[[printer]]\nname = \"front\"\nproof = \"A\"\ndevice = \"tcp://%s\"\n", more, l.Addr())
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, os.Args[0], "run", "--config", conf)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	x.pid = cmd.Process.Pid
	b.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was told to end
		l.Close()
		<-served
		if b.Failed() {
			b.Log(said.String())
		}
	})
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(x.dir, "spool", "incoming")); err == nil {
			return x
		}
		if time.Now().After(end) {
			b.Fatal("receiptd does not start")
		}
	}
}

func (x *till) serve(ctx context.Context, l net.Listener) {
	printer := virtual.New(virtual.Options{Speed: virtual.Max})
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		_ = printer.Serve(ctx, &firstByte{ReadWriteCloser: conn, at: x.first}) // it ends when receiptd gives the link back
	}
}

// A firstByte notes when ESC @ comes, with which each slip begins.
type firstByte struct {
	io.ReadWriteCloser
	at   chan time.Time
	last byte
}

func (f *firstByte) Read(p []byte) (int, error) {
	n, err := f.ReadWriteCloser.Read(p)
	if n > 0 {
		if f.last == 0x1B && p[0] == 0x40 || bytes.Contains(p[:n], []byte{0x1B, 0x40}) {
			f.at <- time.Now()
		}
		f.last = p[n-1]
	}
	return n, err
}

// slip drops a sale with one copy, and gives how long its first byte took. It returns a moment after.
func (x *till) slip(b *testing.B) time.Duration {
	b.Helper()
	x.n++
	data, err := os.ReadFile(filepath.Join("..", "..", "examples", "jobs", "01-sale-chip.json"))
	if err != nil {
		b.Fatal(err)
	}
	number := fmt.Appendf(nil, "%06d", x.n)
	data = bytes.ReplaceAll(data, []byte("c1-000122-105233-a"), append([]byte("sale-"), number...))
	data = bytes.ReplaceAll(data, []byte("105233"), number)
	data = bytes.Replace(data, []byte("\"merchant\",\n    \"cardholder\""), []byte(`"merchant"`), 1)
	incoming := filepath.Join(x.dir, "spool", "incoming")
	tmp := filepath.Join(incoming, ".slip.tmp")
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if err := os.Rename(tmp, filepath.Join(incoming, fmt.Sprintf("%d.json", x.n))); err != nil {
		b.Fatal(err)
	}
	select {
	case at := <-x.first:
		time.Sleep(150 * time.Millisecond) // for its proof and its answer
		return at.Sub(began)
	case <-time.After(20 * time.Second):
		b.Fatalf("slip %d of %s does not come", x.n, x.dir)
		return 0
	}
}

// processor is how long it kept a processor busy so far, in milliseconds; proc_pid_stat(5).
func (x *till) processor(b *testing.B) float64 {
	b.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", x.pid))
	if err != nil {
		b.Fatal(err)
	}
	words := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	total := 0
	for _, w := range words[11:13] {
		n, err := strconv.Atoi(w)
		if err != nil {
			b.Fatal(err)
		}
		total += n
	}
	return float64(total) * 10 // of a hundredth second each
}

func middle(list []float64) float64 {
	list = slices.Clone(list)
	slices.SortFunc(list, cmp.Compare[float64])
	return list[len(list)/2]
}
