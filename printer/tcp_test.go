package printer_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

// newTCP runs a virtual printer behind a real socket and a Printer before it, in real time.
func newTCP(t testing.TB, o virtual.Options, edit func(*printer.Config)) (*virtual.Printer, *printer.Printer, string) {
	t.Helper()
	v := virtual.New(o)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	device := "tcp://" + ln.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := v.ServeTCP(ctx, ln); err != nil {
			t.Error(err)
		}
	})
	p := newOn(t, device, edit)
	t.Cleanup(func() { cancel(); wg.Wait() })
	return v, p, ln.Addr().String()
}

// newOn runs a Printer on a device, with tier A pinned: a printer at maximum speed is too fast to be true.
func newOn(t testing.TB, device string, edit func(*printer.Config)) *printer.Printer {
	t.Helper()
	prof, err := profile.Load("generic-80")
	if err != nil {
		t.Fatal(err)
	}
	cfg := printer.Config{
		Name: "front", Device: device, Profile: prof, Proof: "A", IdleClose: 2 * time.Second,
		Open: func(ctx context.Context) (link.Conn, error) { return link.Open(ctx, device, link.Options{}) },
	}
	if edit != nil {
		edit(&cfg)
	}
	p := printer.New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := p.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return p
}

// ids gives out blocks of ids.
func ids() func(context.Context) (printer.ID, error) {
	n := 0
	return func(context.Context) (printer.ID, error) {
		n += 4
		return printer.ID{'N', ' ', ' ', ' '}.Plus(n), nil
	}
}

// try prints, and again while nothing was sent: on a busy machine the answer of a printer that is well may come too late.
func try(t *testing.T, p *printer.Printer, a printer.Attempt) printer.Outcome {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		if o := p.Print(t.Context(), a); o.State != printer.NotSent || time.Now().After(deadline) {
			return o
		}
	}
}

// TestTCP prints a row of slips over a real socket.
func TestTCP(t *testing.T) {
	v, p, _ := newTCP(t, virtual.Options{}, nil)
	begin := ids()
	for i := range 20 {
		o := try(t, p, printer.Attempt{Slip: testSlip(fmt.Sprintf("slip%02d", i), 30), Begin: begin})
		want(t, o, printer.Printed, "")
	}
	if err := v.Await(t.Context(), func(s virtual.State) bool { return s.Idle }); err != nil {
		t.Fatal(err)
	}
	pieces := v.Pieces()
	if len(pieces) != 20 {
		t.Fatalf("%d pieces", len(pieces))
	}
	for i, piece := range pieces {
		if !whole(piece.Text(), fmt.Sprintf("slip%02d", i), 30) || strings.Count(piece.Text(), "\n") > 31 {
			t.Errorf("piece %d: %q", i+1, piece.Text())
		}
	}
}

// TestTCPSlot: a network printer that serves someone else accepts the connection and stays silent. Nothing is sent, and
// the slip goes out when it is our turn.
func TestTCPSlot(t *testing.T) {
	v := virtual.New(virtual.Options{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- v.ServeTCP(ctx, ln) }()
	other, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Write([]byte("\x10\x04\x01")); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{}, 100)
	p := newOn(t, "tcp://"+ln.Addr().String(), func(c *printer.Config) {
		c.OnChange = func(s printer.Status) {
			if s.State == printer.Ready {
				ready <- struct{}{}
			}
		}
	})
	t.Cleanup(func() { cancel(); <-served })
	a := printer.Attempt{Slip: testSlip("slip", 10), Begin: ids()}
	want(t, p.Print(t.Context(), a), printer.NotSent, printer.Offline)
	if n := len(v.Pieces()); n != 0 {
		t.Errorf("%d pieces", n)
	}
	other.Close()
	select {
	case <-ready:
	case <-time.After(time.Minute):
		t.Fatalf("not ready although the other one left: %+v", p.Status())
	}
	want(t, try(t, p, a), printer.Printed, "")
}

// TestTCPCut: the connection is cut somewhere in the slip, on a real socket. What is called printed lies there; the next
// slip is on a piece of its own.
func TestTCPCut(t *testing.T) {
	slip := testSlip("slip", 20)
	for at := 1; at < len(slip.Content)+30; at += 47 {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			t.Parallel()
			v, p, _ := newTCP(t, virtual.Options{}, nil)
			begin := ids()
			want(t, try(t, p, printer.Attempt{Slip: testSlip("first", 2), Begin: begin}), printer.Printed, "")
			v.AfterBytes(at, virtual.Change{Link: "blip"})
			o := try(t, p, printer.Attempt{Slip: slip, Begin: begin})
			if o.State != printer.Printed {
				want(t, o, printer.Uncertain, printer.LinkDown)
			}
			var next printer.Outcome
			for deadline := time.Now().Add(time.Minute); next.State != printer.Printed && time.Now().Before(deadline); {
				next = p.Print(t.Context(), printer.Attempt{Slip: testSlip("next", 3), Begin: begin})
			}
			want(t, next, printer.Printed, "")
			if err := v.Await(t.Context(), func(s virtual.State) bool { return s.Idle }); err != nil {
				t.Fatal(err)
			}
			tearOff(t, v)
			all, alone := "", false
			for _, piece := range v.Pieces() {
				text := piece.Text()
				all += text
				if whole(text, "next", 3) {
					alone = !strings.Contains(text, "slip row")
				}
			}
			if o.State == printer.Printed && !whole(all, "slip", 20) {
				t.Errorf("printed, but the paper is %q", all)
			}
			if !alone {
				t.Errorf("the next slip shares its piece: %q", all)
			}
		})
	}
}

// BenchmarkTCP is one slip of 1.1 KB from call to proof on a printer without mechanics: what Printer and sockets cost.
func BenchmarkTCP(b *testing.B) {
	_, p, _ := newTCP(b, virtual.Options{}, nil)
	a := printer.Attempt{Slip: testSlip("slip", 46), Begin: ids()}
	b.SetBytes(int64(len(a.Slip.Content)))
	for b.Loop() {
		if o := p.Print(b.Context(), a); o.State != printer.Printed {
			b.Fatalf("%+v", o)
		}
	}
}
