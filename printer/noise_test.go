package printer_test

import (
	"context"
	"fmt"
	"net"
	"os"
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

// TestSwitchedOffBetween: the printer has just proven a slip when someone switches it off and on. The next slip begins before
// it is back, and loses its beginning, but it is back before half a second of the slip has gone out: its id proves nothing.
func TestSwitchedOffBetween(t *testing.T) {
	for _, server := range []bool{false, true} {
		for after := 700 * time.Millisecond; after < 1500*time.Millisecond; after += 50 * time.Millisecond {
			for _, rows := range []int{10, 60} {
				bubble(t, fmt.Sprint("device server ", server, ", after ", after, ", rows ", rows), func(t *testing.T) {
					o := options{model: virtual.Options{Speed: virtual.Real, Baud: 9600, DeviceServer: server}, config: func(c *printer.Config) {
						c.Store = storeMap{"test://front": {Tier: 'A', Behind: true}}
					}}
					if !server {
						o.caps = link.Caps{BackChannel: true, BitsPerSec: 9600, BitsPerByte: 10}
					}
					b := newBench(t, o)
					defer b.stop()
					want(t, b.print("first", 5), printer.Printed, "")
					go func() {
						time.Sleep(100 * time.Millisecond)
						b.offAndOn(1100 * time.Millisecond)
					}()
					time.Sleep(after)
					out := b.print("slip", rows)
					time.Sleep(20 * time.Second)
					text := strings.Join(b.pieces(), "\n")
					if (out.State == printer.Printed || len(b.proofs()) > 0) && !whole(text, "slip", rows) {
						t.Errorf("%s, late proofs %q, and the paper is %q", out.State, b.proofs(), text)
					}
				})
			}
		}
	}
}

// tearer is a link on which each status frame that tells of trouble comes in two parts, the second one late: a network lost a
// packet and sent it again.
type tearer struct {
	pipe
	rest []byte
	due  time.Time // when the rest comes
	by   time.Time // the deadline of reading
}

func (c *tearer) Read(b []byte) (int, error) {
	if len(c.rest) > 0 {
		if c.by.Before(c.due) {
			time.Sleep(time.Until(c.by))
			return 0, os.ErrDeadlineExceeded
		}
		time.Sleep(time.Until(c.due))
		n := copy(b, c.rest)
		c.rest = nil
		return n, nil
	}
	n, err := c.pipe.Read(b)
	if n == 4 && b[0]&0x9b == 0x18 {
		c.rest, c.due = append(c.rest, b[2:n]...), time.Now().Add(300*time.Millisecond)
		n = 2
	}
	return n, err
}

func (c *tearer) SetReadDeadline(t time.Time) error {
	c.by = t
	return c.pipe.SetReadDeadline(t)
}

// TestTornFrame: the printer breaks down at the beginning of a slip and tells it in a frame that comes torn in two. The rest of
// the frame looks like two answers to GS r, and must not stand for them: someone switches the printer off and on.
func TestTornFrame(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		b := newBench(t, options{model: virtual.Options{Model: "clone-no-gsh", Speed: virtual.Real, DeviceServer: true}, profile: "generic-80",
			config: func(c *printer.Config) {
				c.Proof = "B"
				through(c, func(conn link.Conn) link.Conn { return &tearer{pipe: conn.(pipe)} })
			}})
		defer b.stop()
		want(t, b.print("first", 5), printer.Processed, "")
		time.Sleep(5 * time.Second)
		b.v.AtDots(60, virtual.Change{Error: "unrecoverable"})
		go func() {
			time.Sleep(600 * time.Millisecond)
			b.offAndOn(1200 * time.Millisecond)
		}()
		if o := b.print("slip", 20); o.State != printer.Uncertain {
			t.Errorf("outcome %+v", o)
		}
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

// strayer is a link on which one stray byte comes back before the n-th byte that the printer sends.
type strayer struct {
	pipe
	mu    sync.Mutex
	left  int
	stray []byte
}

func (s *strayer) Read(b []byte) (int, error) {
	s.mu.Lock()
	if s.left == 0 && len(s.stray) > 0 {
		n := copy(b, s.stray)
		s.stray = nil
		s.mu.Unlock()
		return n, nil
	}
	if s.left > 0 && len(s.stray) > 0 {
		b = b[:min(len(b), s.left)]
	}
	s.mu.Unlock()
	n, err := s.pipe.Read(b)
	s.mu.Lock()
	s.left = max(s.left-n, 0)
	s.mu.Unlock()
	return n, err
}

// strays are bytes of each class that a reply can begin with.
var strays = []byte{0x00, 0x03, 0x0f, 0x10, 0x12, 0x14, 0x16, 0x22, 0x35, 0x37, 0x39, 0x3b, 0x5f, 0x72, 0x7e, 0x80, 0xff}

// TestStrayEverywhere: one stray byte of each class at each place among the answers to a slip. A printer that prints is
// still believed, or the slip that was hit is left open, and all others are proven: it costs one request at most. A printer that
// prints nothing is never believed. Without -each it has each byte and each place, not each byte at each place.
func TestStrayEverywhere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		model string
		deaf  bool
		proof string
		want  printer.State
	}{
		{"epson-tm-t88", false, "A", printer.Printed}, {"epson-tm-t88", false, "B", printer.Processed}, {"gprinter-80", false, "A", printer.Printed},
		{"clone-status-only", true, "A", ""}, {"clone-status-only", true, "B", ""}, {"clone-no-gsh", true, "A", ""},
	} {
		t.Run(c.model+" "+c.proof, func(t *testing.T) {
			for at := range 28 {
				for i, stray := range strays {
					if !*each && (at+i)%4 > 0 {
						continue
					}
					synctest.Test(t, func(t *testing.T) {
						opened := 0
						b := newBench(t, options{model: virtual.Options{Model: c.model, Speed: virtual.Real}, profile: "generic-80", config: func(cfg *printer.Config) {
							cfg.Proof = c.proof
							open := cfg.Open
							cfg.Open = func(ctx context.Context) (link.Conn, error) {
								conn, err := open(ctx)
								if opened++; err != nil || opened > 1 {
									return conn, err
								}
								return &strayer{pipe: conn.(pipe), left: at, stray: []byte{stray}}, nil
							}
						}})
						defer b.stop()
						missed := 0 // the slip that the byte hit may stay open, no other
						for _, tag := range []string{"one", "two", "three"} {
							o := b.print(tag, 10)
							believed := o.State == printer.Printed || o.State == printer.Processed
							switch {
							case c.deaf && (o.State == printer.Printed || c.model == "clone-status-only" && believed):
								t.Errorf("%02x before byte %d: %s, by a printer that confirms nothing", stray, at, o.State)
							case !c.deaf && o.State != c.want:
								if missed++; missed > 1 || (o.State != printer.Uncertain && o.State != printer.NotSent) {
									t.Errorf("%02x before byte %d: slip %s is %+v", stray, at, tag, o)
								}
							}
							time.Sleep(5 * time.Second)
						}
					})
					if t.Failed() {
						return
					}
				}
			}
		})
	}
}
