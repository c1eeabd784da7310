package printer_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

// TestCutAtEveryByte: the link goes at each byte of a short slip with a picture in it: for good until it is mended, and
// for a blink. Whatever is said of it is true of the paper, and the next slip is whole and on a piece of its own.
func TestCutAtEveryByte(t *testing.T) {
	t.Parallel()
	slip := testSlip("slip", 3)
	slip.Content = append(slip.Content, "\x1dv0\x00\x04\x00\x08\x00"+strings.Repeat("\xaa", 32)...)
	slip.Dots += 8
	size := len(slip.Content) + len(slip.Cut) + 22
	for n, c := range []struct {
		model string
		link  string
		baud  int
	}{
		{"epson-tm-t88", "drop", 0}, {"epson-tm-t88", "blip", 0}, {"clone-truncates", "drop", 0}, {"clone-truncates", "blip", 0},
		{"clone-no-gsh", "drop", 0}, {"epson-tm-t88", "drop", 9600},
	} {
		t.Run(fmt.Sprintf("%s, %s, %d", c.model, c.link, c.baud), func(t *testing.T) {
			for at := 0; at <= size; at++ {
				if !*each && (at+n)%3 > 0 { // every byte on some of them
					continue
				}
				synctest.Test(t, func(t *testing.T) { cutAt(t, c.model, c.link, c.baud, at, slip) })
				if t.Failed() {
					t.Fatalf("cut at byte %d", at)
				}
			}
		})
	}
}

func cutAt(t *testing.T, model, how string, baud, at int, slip printer.Slip) {
	caps := link.Caps{BackChannel: true}
	if baud > 0 {
		caps.BitsPerSec, caps.BitsPerByte = baud, 10
	}
	name := "generic-80"
	if strings.HasPrefix(model, "epson") {
		name = "epson-tm-t88"
	}
	b := newBench(t, options{model: virtual.Options{Model: model, Speed: virtual.Real, Baud: baud}, profile: name, caps: caps})
	defer b.stop()
	first := b.print("first", 2)
	time.Sleep(500 * time.Millisecond)
	b.v.AfterBytes(at, virtual.Change{Link: how})
	if how == "drop" {
		time.AfterFunc(8*time.Second, func() { b.set(virtual.Change{Link: "up"}) })
	}
	o := b.p.Print(context.Background(), b.attempt(slip))
	time.Sleep(15 * time.Second)
	b.v.ClearHooks()
	want(t, b.print("next", 3), first.State, "")
	time.Sleep(3 * time.Second)
	all, alone := "", false
	for _, text := range b.pieces() {
		all += text + "\n"
		if whole(text, "next", 3) {
			alone = !strings.Contains(text, "slip row")
		}
	}
	lies := whole(all, "slip", 3)
	switch late := len(b.proofs()) > 0; {
	case (o.State == printer.Printed || o.State == printer.Processed || late) && !lies:
		t.Errorf("%s (late proof: %v), and the paper is %q", o.State, late, all)
	case o.State == printer.NotSent && strings.Contains(all, "slip row"):
		t.Errorf("not sent, and the paper is %q", all)
	case o.State != printer.Printed && o.State != printer.Processed && o.State != printer.Uncertain && o.State != printer.NotSent:
		t.Errorf("outcome %+v", o)
	}
	if strings.Count(all, rowText("slip", 0, 3)) > 1 {
		t.Errorf("the slip lies there twice: %q", all)
	}
	if !alone {
		t.Errorf("the next slip is not on a piece of its own: %q", all)
	}
}

// TestSlowPrinter: a printer that is many times slower than its profile says is waited for.
func TestSlowPrinter(t *testing.T) {
	for _, proof := range []string{"", "B"} {
		bubble(t, "tier "+proof, func(t *testing.T) {
			b := newBench(t, options{model: virtual.Options{Speed: virtual.Real, MMPerSecond: 50}, config: func(c *printer.Config) { c.Proof = proof }})
			defer b.stop()
			for _, tag := range []string{"one", "two"} {
				want(t, b.print(tag, 200), nextState(proof), "")
			}
			time.Sleep(30 * time.Second)
			if got := b.pieces(); len(got) != 2 || !whole(got[0], "one", 200) || !whole(got[1], "two", 200) {
				t.Errorf("paper: %q", got)
			}
		})
	}
}

// TestProofLost: the printer prints the slip and its answer gets lost, on every answer that it gives. A new question finds
// out that it has come to the end: with that it is processed, or it stays uncertain; never is it sent again.
func TestProofLost(t *testing.T) {
	yes, no := true, false
	for n := range 8 {
		bubble(t, fmt.Sprint("after ", n, " answers"), func(t *testing.T) {
			b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}})
			defer b.stop()
			b.print("first", 2)
			time.Sleep(2 * time.Second)
			b.v.AfterReplies(n, virtual.Change{Mute: &yes})
			time.AfterFunc(3*time.Second, func() { b.v.ClearHooks(); b.set(virtual.Change{Mute: &no}) })
			o := b.print("slip", 20)
			time.Sleep(30 * time.Second)
			text := strings.Join(b.pieces(), "\n")
			switch o.State {
			case printer.Printed, printer.Processed, printer.Uncertain:
				if !whole(text, "slip", 20) || strings.Count(text, rowText("slip", 0, 20)) != 1 {
					t.Errorf("%s, and the paper is %q", o.State, text)
				}
			case printer.NotSent:
				if strings.Contains(text, "slip row") {
					t.Errorf("not sent, and the paper is %q", text)
				}
			default:
				t.Errorf("outcome %+v", o)
			}
			want(t, b.print("next", 3), printer.Printed, "")
		})
	}
}

// fixedID answers questions and each GS ( H with an id that nobody asked for, as some emulators do, but reads everything.
func fixedID(c net.Conn) {
	defer c.Close()
	buf := make([]byte, 8192)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		var out []byte
		out = append(out, bytes.Repeat([]byte{0x16}, bytes.Count(buf[:n], []byte("\x10\x04")))...)
		out = append(out, bytes.Repeat([]byte("\x37\x221234\x00"), bytes.Count(buf[:n], []byte("\x1d(H")))...)
		if len(out) > 0 {
			if _, err := c.Write(out); err != nil {
				return
			}
		}
	}
}

// TestWrongID: an id that is not the attempt's own proves nothing.
func TestWrongID(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		prof, err := profile.Load("generic-80")
		if err != nil {
			t.Fatal(err)
		}
		var late []printer.ID
		p := printer.New(printer.Config{
			Name: "front", Device: "test://wrong", Profile: prof, Proof: "A",
			Open: func(context.Context) (link.Conn, error) {
				host, device := net.Pipe()
				go fixedID(device)
				return pipe{host, link.Caps{BackChannel: true}}, nil
			},
			OnProof: func(id printer.ID, _ time.Time) { late = append(late, id) },
		})
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- p.Run(ctx) }()
		begin := ids()
		o := p.Print(ctx, printer.Attempt{Slip: testSlip("slip", 10), Begin: begin})
		want(t, o, printer.Uncertain, printer.ProofLost)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		for _, id := range late {
			if id == (printer.ID{'N', ' ', ' ', ' '}).Plus(4) {
				t.Error("its proof was told")
			}
		}
	})
}

// TestTwoDaemons: two tills of two shops' software share a network printer that serves one connection at a time. Each
// slip comes out once, whole, and each till is told of its own slips only.
func TestTwoDaemons(t *testing.T) {
	const slips = 6
	v, first, addr := newTCP(t, virtual.Options{}, func(c *printer.Config) { c.IdleClose = 50 * time.Millisecond })
	second := newOn(t, "tcp://"+addr, func(c *printer.Config) { c.IdleClose = 50 * time.Millisecond })
	var wg sync.WaitGroup
	for till, p := range []*printer.Printer{first, second} {
		wg.Go(func() {
			n := 0
			begin := func(context.Context) (printer.ID, error) {
				n += 4
				return printer.ID{byte('A' + till), ' ', ' ', ' '}.Plus(n), nil
			}
			for i := range slips {
				a := printer.Attempt{Slip: testSlip(fmt.Sprintf("till%d slip%d", till, i), 20), Begin: begin}
				if o := try(t, p, a); o.State != printer.Printed {
					t.Errorf("till %d slip %d: %+v", till, i, o)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := v.Await(t.Context(), func(s virtual.State) bool { return s.Idle }); err != nil {
		t.Fatal(err)
	}
	pieces := v.Pieces()
	if len(pieces) != 2*slips {
		t.Errorf("%d pieces", len(pieces))
	}
	for till := range 2 {
		for i := range slips {
			n := 0
			for _, piece := range pieces {
				if whole(piece.Text(), fmt.Sprintf("till%d slip%d", till, i), 20) {
					n++
				}
			}
			if n != 1 {
				t.Errorf("till %d slip %d lies there %d times", till, i, n)
			}
		}
	}
}
