package printer_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
)

// A liar is a printer without paper that answers everything but the one thing that proves: the id of the slip that it has. It
// doubles answers, gives them late, on another link or to nobody, sends ids of slips that were long ago and of those that are to come,
// has bits that are stuck, and ends connections.
type liar struct {
	links  sync.WaitGroup
	mu     sync.Mutex
	r      *rand.Rand   // guarded by mu
	ids    []printer.ID // that are over; guarded by mu
	now    printer.ID   // the slip under way; guarded by mu
	stuck  byte
	double bool
	lag    time.Duration
	ends   bool
	silent bool // to GS r
}

func (l *liar) pick(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.IntN(n)
}

// serve answers on one link until it ends.
func (l *liar) serve(c net.Conn) {
	defer c.Close()
	var rest []byte
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		rest = append(rest, buf[:n]...)
		var out []byte
		l.mu.Lock()
		for len(rest) > 0 {
			say, used := l.answer(rest)
			if used == 0 {
				break
			}
			rest = rest[used:]
			if out = append(out, say...); l.double {
				out = append(out, say...)
			}
		}
		lag, ends := time.Duration(l.r.Int64N(int64(l.lag)+1)), l.ends && l.r.IntN(30) == 0
		l.mu.Unlock()
		time.Sleep(lag)
		if len(out) > 0 {
			_ = c.SetWriteDeadline(time.Now().Add(time.Second))
			if _, err := c.Write(out); err != nil || ends {
				return
			}
		}
	}
}

// answer is what it says to the command that b begins with, and how long that is; 0 where more is to come.
func (l *liar) answer(b []byte) ([]byte, int) {
	fence := []byte("\x1d(H\x06\x00\x30\x30")
	switch {
	case bytes.HasPrefix(b, []byte("\x10\x04")) && len(b) > 2:
		return []byte{0x12 | l.stuck}, 3
	case bytes.HasPrefix(b, []byte(escpos.AskPaper)):
		if l.silent {
			return nil, len(escpos.AskPaper)
		}
		return []byte{0}, len(escpos.AskPaper)
	case bytes.HasPrefix(b, fence) && len(b) >= len(fence)+4:
		return l.id(printer.ID(b[len(fence):])), len(fence) + 4
	case len(b) < 12 && (b[0] == 0x10 || b[0] == 0x1d):
		return nil, 0
	}
	return nil, 1
}

// id gives an id that proves nothing of the slip under way, or none. What was asked for anew, or by a mending, may be answered.
func (l *liar) id(asked printer.ID) []byte {
	reply := func(id printer.ID) []byte { return append(append([]byte{0x37, 0x22}, id[:]...), 0) }
	mine := asked == l.now || asked == l.now.Plus(1)
	switch l.r.IntN(5) {
	case 0:
		return nil
	case 1:
		if len(l.ids) > 0 {
			return reply(l.ids[l.r.IntN(len(l.ids))].Plus(l.r.IntN(4)))
		}
	case 2:
		return reply(l.now.Plus(4 + l.r.IntN(8)))
	case 3:
		return reply(l.now.Plus(-1 - l.r.IntN(4)))
	}
	if mine {
		return nil
	}
	return reply(asked)
}

// TestLiar: whatever a printer says that does not say the slip's own id, the slip is not printed; and each slip has an end.
func TestLiar(t *testing.T) {
	t.Parallel()
	runs := uint64(150)
	if testing.Short() {
		runs = 30
	}
	for seed := range runs {
		bubble(t, fmt.Sprint("seed ", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 17))
			l := &liar{r: r, double: r.IntN(3) == 0, ends: r.IntN(3) == 0, silent: r.IntN(4) == 0,
				lag: []time.Duration{0, 50 * time.Millisecond, time.Second, 3 * time.Second}[r.IntN(4)], stuck: []byte{0, 0, 0, 0x04, 0x08, 0x60}[r.IntN(6)]}
			prof, err := profile.Load("generic-80")
			if err != nil {
				t.Fatal(err)
			}
			known := storeMap{}
			if r.IntN(2) == 0 {
				known["x"] = printer.Known{Tier: 'A', Behind: true}
			}
			p := printer.New(printer.Config{Name: "front", Device: "x", Profile: prof, Store: known, IdleClose: time.Duration(r.IntN(2)) * 2 * time.Second,
				Open: func(context.Context) (link.Conn, error) {
					host, device := net.Pipe()
					l.links.Go(func() { l.serve(device) })
					return pipe{host, link.Caps{BackChannel: true, Session: true}}, nil
				}})
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- p.Run(ctx) }()
			for i := range 6 {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				o := p.Print(ctx, printer.Attempt{Slip: testSlip("slip", 3+l.pick(120)), Report: func(printer.State, printer.Reason) {},
					Begin: func(context.Context) (printer.ID, error) {
						l.mu.Lock()
						defer l.mu.Unlock()
						l.now = printer.ID{'T', ' ', ' ', ' '}.Plus(4000 + 40*i)
						return l.now, nil
					}})
				cancel()
				if o.State == printer.Printed {
					t.Errorf("slip %d: %+v", i, o)
				}
				l.mu.Lock()
				l.ids = append(l.ids, l.now)
				l.mu.Unlock()
				time.Sleep(time.Duration(l.pick(4000)) * time.Millisecond)
			}
			stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
			l.links.Wait()
		})
	}
}
