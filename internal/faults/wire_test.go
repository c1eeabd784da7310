//go:build linux

package faults

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/hub"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/vocabulary"
)

// mostOfASlip is what one slip may take on a shop's line, both ways, TLS included: the job and what is told of it.
const mostOfASlip = 4000

// A meter is a line between a shop and its broker that counts what goes over it.
type meter struct {
	addr  string
	bytes atomic.Int64
}

// metered puts a meter before an address until the test ends.
func metered(t *testing.T, to string) *meter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &meter{addr: l.Addr().String()}
	var parts sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	parts.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := new(net.Dialer).DialContext(ctx, "tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			both := func() { in.Close(); out.Close() }
			parts.Go(func() { <-ctx.Done(); both() })
			for from, into := range map[net.Conn]net.Conn{in: out, out: in} {
				parts.Go(func() { defer both(); _, _ = io.Copy(into, io.TeeReader(from, m)) }) // it ends with either end
			}
		}
	})
	t.Cleanup(func() { cancel(); l.Close(); parts.Wait() })
	return m
}

// Write counts.
func (m *meter) Write(p []byte) (int, error) {
	m.bytes.Add(int64(len(p)))
	return len(p), nil
}

// TestBytesOfASlip: what a slip takes on the line of a real shop with a real hub and mosquitto: the job, all that the shop tells of it until it is proven,
// what the hub acknowledges, the states, and TLS around all; a sale and an order of one slip each. Slips come far apart, so that each has states of its
// own, which is the dearest; then many at once. Connecting is counted by itself: it comes with each break of the line, and not with a slip.
func TestBytesOfASlip(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for states")
	}
	t.Parallel()
	b := fleettest.NewMosquitto(t, "../../packaging/fleet")
	c := &chainOfShops{t: t, b: b}
	c.centre()
	line := metered(t, strings.TrimPrefix(b.URL(), "tls://"))
	h := newHouse(t)
	h.joinVia(b.Broker, "till-0", line.addr)
	h.start()
	sent := 0
	told := func() bool { // everything has been told and acknowledged, and the state says so
		x, err := c.store.Shop(t.Context(), "till-0")
		if err != nil || !x.State.Online || x.State.Seq != x.Seq || c.unproven("till-0") > 0 {
			return false
		}
		n, err := c.store.Counts(t.Context())
		return err == nil && n.States[store.Accepted] == sent && idle(x.State)
	}
	submit := func(n int) {
		id, payload := h.sold(n)
		if n%2 == 1 {
			payload = strings.Replace(fleettest.Order(id), `"order_no":"1"`, fmt.Sprintf(`"order_no":"%d"`, n), 1)
		}
		if _, err := c.hub.Submit(t.Context(), hub.Submission{Shop: "till-0", Data: []byte(payload), Expiry: wire.OrderExpiry, New: true}); err != nil {
			t.Fatal(err)
		}
		sent++
	}
	h.await("the shop to be there", told)
	connected := line.bytes.Load()
	const apart, together = 2, 20
	for n := range apart {
		submit(n)
		h.await("a slip to be told of", told)
	}
	one := (line.bytes.Load() - connected) / apart
	before := line.bytes.Load()
	for n := range together {
		submit(apart + n)
	}
	h.await("the slips to be told of", told)
	many := (line.bytes.Load() - before) / together
	t.Logf("on the shop's line: %d bytes to connect; for a slip %d bytes where it comes alone, %d of %d at once", connected, one, many, together)
	if one > mostOfASlip || many > mostOfASlip {
		t.Errorf("a slip takes more than %d bytes", mostOfASlip)
	}
	h.stop()
}

func idle(s wire.State) bool {
	for i := range s.Printers {
		if s.Printers[i].State == vocabulary.PrinterPrinting || s.Printers[i].Waiting > 0 {
			return false
		}
	}
	return len(s.Printers) > 0
}

// joinVia puts a house into a fleet whose broker it reaches by another address.
func (h *house) joinVia(b *fleettest.Broker, shop, addr string) {
	h.t.Helper()
	f, err := os.OpenFile(h.path("receiptd.toml"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	defer f.Close()
	if _, err := fmt.Fprint(f, strings.Replace(b.Section(shop, ""), b.URL(), "tls://"+addr, 1)); err != nil {
		h.t.Fatal(err)
	}
}
