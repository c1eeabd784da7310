//go:build linux

package faults

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/printer/virtual"
)

var cost = flag.Int("cost", 0, "TestCostOfBeingConnected compares so many slips of each of its two daemons, at least 20; 0 skips it")

// A stopwatch stands between a daemon and its printer, and notes when the first bytes of a slip pass. Questions about the status are shorter.
type stopwatch struct{ at chan time.Time }

type watchedListener struct {
	net.Listener
	w *stopwatch
}

func (l watchedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return watchedConn{c, l.w}, err
}

type watchedConn struct {
	net.Conn
	w *stopwatch
}

func (c watchedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n >= 64 {
		select {
		case c.w.at <- time.Now():
		default:
		}
	}
	return n, err
}

// through gives a house a printer behind a stopwatch.
func (h *house) through() *stopwatch {
	h.t.Helper()
	w := &stopwatch{at: make(chan time.Time, 1)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	h.printer = virtual.New(virtual.Options{Speed: virtual.Max})
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- h.printer.ServeTCP(ctx, watchedListener{l, w}) }()
	h.t.Cleanup(func() { cancel(); <-served })
	config, err := os.ReadFile(h.path("receiptd.toml"))
	if err != nil {
		h.t.Fatal(err)
	}
	_, after, _ := bytes.Cut(config, []byte(`device = "tcp://`))
	old, _, _ := bytes.Cut(after, []byte(`"`))
	if err := os.WriteFile(h.path("receiptd.toml"), bytes.Replace(config, old, []byte(l.Addr().String()), 1), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return w
}

// first drops a slip and gives how long it took until it reached the printer.
func (h *house) first(n int, w *stopwatch) time.Duration {
	h.t.Helper()
	select {
	case <-w.at:
	default:
	}
	began := time.Now()
	h.drop(n, h.sale(n))
	at := <-w.at
	h.await("the slip to be proven", h.settled)
	return at.Sub(began)
}

// spent is the processor's time that a daemon has taken; held is its memory that no file backs.
func (h *house) spent() time.Duration {
	h.t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", h.cmd.Process.Pid))
	if err != nil {
		h.t.Fatal(err)
	}
	f := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

func (h *house) held() (kB int) {
	h.t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.cmd.Process.Pid))
	if err != nil {
		h.t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			fmt.Sscan(rest, &kB)
		}
	}
	return kB
}

// TestCostOfBeingConnected compares, slip by slip in turn, a shop by itself with one that has a fleet, somebody outside who is told, and a port
// that takes the place of a printer: the time from the drop folder to the slip's first byte, the processor's time, the memory while idle.
//
//	go test ./internal/faults -run TestCostOfBeingConnected -cost 40 -v
func TestCostOfBeingConnected(t *testing.T) {
	if *cost == 0 {
		t.Skip("a measurement: -cost 20")
	}
	var told atomic.Int64
	outside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { told.Add(1) }))
	t.Cleanup(outside.Close)
	b := fleettest.NewMosquitto(t, filepath.Join("..", "..", "packaging", "fleet"))
	hub := b.Centre("hub1")
	alone, connected := newHouse(t), newHouse(t)
	watches := []*stopwatch{alone.through(), connected.through()}
	connected.join(b.Broker, "shop-1", fmt.Sprintf("[[notify]]\nname=\"owner\"\nform=\"slack\"\nurl=%q\n[[capture]]\nname=\"till\"\nlisten=\"tcp://%s\"\nprinter=\"front\"\n",
		outside.URL+"/hook", fleettest.FreeAddr(t)))
	houses := []*house{alone, connected}
	for _, h := range houses {
		h.start()
		h.await("it to run", func() bool { return strings.Contains(h.log.String(), "msg=ready") })
	}
	birth := online(hub, "shop-1")
	for i, h := range houses { // the first ones load what is loaded once
		for n := range 3 {
			h.first(n, watches[i])
		}
	}
	var took [2][]time.Duration
	before := [2]time.Duration{alone.spent(), connected.spent()}
	for n := range max(*cost, 20) {
		for k := range houses {
			i := (n + k) % 2
			took[i] = append(took[i], houses[i].first(10+n, watches[i]))
		}
		hub.Ack("shop-1", wire.Ack{Birth: birth, Seq: 1 << 40})
	}
	var median [2]time.Duration
	for i := range took {
		slices.Sort(took[i])
		median[i] = took[i][len(took[i])/2]
	}
	cpu := [2]time.Duration{alone.spent() - before[0], connected.spent() - before[1]}
	time.Sleep(10 * time.Second) // idle
	memory := [2]int{alone.held(), connected.held()}
	t.Logf("drop to first byte, median of %d: %v alone, %v connected (%+.1f %%)", len(took[0]), median[0], median[1], 100*(float64(median[1])/float64(median[0])-1))
	t.Logf("processor's time for them: %v alone, %v connected", cpu[0], cpu[1])
	t.Logf("memory while idle: %d kB alone, %d kB connected (%+d kB)", memory[0], memory[1], memory[1]-memory[0])
	if float64(median[1]) > 1.05*float64(median[0]) {
		t.Error("the first byte comes more than 5 % later")
	}
	if memory[1]-memory[0] > 6<<10 {
		t.Error("it holds more than 6 MB more")
	}
	for _, h := range houses {
		h.stop()
	}
}
