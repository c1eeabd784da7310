//go:build producers && linux

package virtual_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/cupstest"
	"github.com/receiptd/receiptd/printer/virtual"
)

// What `lp` sends to a raw queue of CUPS comes out as it is: a scheduler of the test's own, its socket backend, the virtual printer.
// Needs root and Debian's packages cups and cups-client.
func TestCUPS(t *testing.T) {
	cups := cupstest.Start(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := virtual.New(virtual.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- p.ServeTCP(ctx, ln) }()
	defer func() { cancel(); <-served }()

	cups.Raw(t, "raw", ln.Addr().String())
	cups.Run(t, "lp", "-d", "raw", "testdata/producers/receiptio.bin")
	cups.Run(t, "lp", "-d", "raw", "-o", "raw", "testdata/producers/receipt-printer-encoder.bin")
	wait, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	if err := p.Await(wait, func(st virtual.State) bool { return st.Counters.Pieces >= 2 }); err != nil {
		t.Fatalf("%v: %d pieces of paper\n%s", err, len(p.Pieces()), cups.Log())
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
