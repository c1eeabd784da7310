package printer_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

// TestSwitchedOffOnLine: someone switches a serial printer off and on while a slip goes out. The line stays, and the
// printer reads the rest with the fence: its id comes back, and proves nothing.
func TestSwitchedOffOnLine(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		b := newBench(t, options{
			model: virtual.Options{Speed: virtual.Real, Baud: 9600},
			caps:  link.Caps{BackChannel: true, BitsPerSec: 9600, BitsPerByte: 10},
		})
		defer b.stop()
		want(t, b.print("first", 5), printer.Printed, "")
		time.Sleep(3 * time.Second)
		b.v.AfterBytes(600, virtual.Change{Power: "off"})
		go func() { time.Sleep(2 * time.Second); b.set(virtual.Change{Power: "on"}) }()
		want(t, b.print("slip", 150), printer.Uncertain, printer.PowerLost)
		time.Sleep(20 * time.Second)
		if got := b.proofs(); len(got) > 0 {
			t.Errorf("its id was taken for a proof later: %q", got)
		}
		want(t, b.print("next", 5), printer.Printed, "")
	})
}

// TestStrayByte: a printer that is well but never answers GS r, on a line with noise. One stray byte looks like an
// answer, and must not stand for one.
func TestStrayByte(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		prof, err := profile.Load("generic-80")
		if err != nil {
			t.Fatal(err)
		}
		p := printer.New(printer.Config{
			Name: "front", Device: "test://noise", Profile: prof, Proof: "B",
			Open: func(context.Context) (link.Conn, error) {
				host, device := net.Pipe()
				go noisy(device)
				return pipe{host, link.Caps{BackChannel: true}}, nil
			},
		})
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- p.Run(ctx) }()
		o := p.Print(ctx, printer.Attempt{Slip: testSlip("slip", 10), Begin: ids()})
		want(t, o, printer.Uncertain, printer.ProofLost)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// noisy answers real-time questions, and sends a stray byte after each long write.
func noisy(c net.Conn) {
	defer c.Close()
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		answer := []byte{0x12}
		if n > 3 {
			answer = []byte{0}
		}
		if n > 30 || n == 3 {
			if _, err := c.Write(answer); err != nil {
				return
			}
		}
	}
}
