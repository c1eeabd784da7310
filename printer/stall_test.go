package printer_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/virtual"
)

// nakker is a link that takes nothing for a while: a USB printer that answers NAK, or a busy wire that is low.
type nakker struct {
	link.Conn
	mu         sync.Mutex
	from, till time.Time
	by         time.Time
	lost       bool // an XON was lost: it stays so until it is told to go on
	resumed    int
}

func (c *nakker) busy() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	return !c.from.IsZero() && !now.Before(c.from) && (c.lost || now.Before(c.till))
}

func (c *nakker) stop(span time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.from, c.till = time.Now(), time.Now().Add(span)
}

func (c *nakker) Write(p []byte) (n int, err error) {
	for n < len(p) {
		if c.busy() {
			c.mu.Lock()
			by := c.by
			c.mu.Unlock()
			if !time.Now().Before(by) {
				return n, os.ErrDeadlineExceeded
			}
			time.Sleep(10 * time.Millisecond)
			continue
		}
		k, err := c.Conn.Write(p[n:min(n+64, len(p))])
		if n += k; err != nil {
			return n, err
		}
	}
	return n, nil
}

func (c *nakker) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	c.by = t
	c.mu.Unlock()
	return c.Conn.SetWriteDeadline(t)
}

// wired is a nakker that knows a handshake: real-time requests pass.
type wired struct {
	*nakker // Conn and its other methods
	mu      sync.Mutex
	stood   []link.Stand
}

func (c *wired) Write(p []byte) (int, error) {
	began := time.Now()
	n, err := c.nakker.Write(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if d := time.Since(began); d > 500*time.Millisecond && len(p) < 400 || err != nil {
		c.stood = append(c.stood, link.Stand{From: began, To: began.Add(d)})
	}
	return n, err
}
func (c *wired) WriteUrgent(p []byte) (int, error) { return c.Conn.Write(p) }
func (c *wired) Busy() []link.Stand {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.stood
	c.stood = nil
	return d
}
func (c *wired) Resume() {
	c.nakker.mu.Lock()
	defer c.nakker.mu.Unlock()
	c.resumed++
	c.from = time.Time{}
}

// TestBusyWithoutAWord: in the middle of a slip the line takes nothing for a while, and nothing says why. The slip is held as busy, not given
// up, and comes out; where the printer answers meanwhile, or can have lost nothing, it is proven.
func TestBusyWithoutAWord(t *testing.T) {
	t.Parallel()
	for _, serial := range []bool{false, true} {
		for _, model := range []string{"epson-tm-t88", "gprinter-80"} {
			for _, span := range []time.Duration{5 * time.Second, 12 * time.Second, 30 * time.Second} {
				for _, after := range []time.Duration{time.Millisecond, 300 * time.Millisecond, 700 * time.Millisecond} {
					bubble(t, fmt.Sprint(model, " serial ", serial, " ", span, " after ", after), func(t *testing.T) {
						var nak *nakker
						rows := 400
						o := virtual.Options{Model: model, Speed: virtual.Real}
						caps := link.Caps{BackChannel: true}
						if serial {
							rows = 100
							o.Baud, o.Flow = 9600, virtual.None
							caps.BitsPerSec, caps.BitsPerByte = 9600, 10
						}
						b := newBench(t, options{profile: "generic-80", model: o, caps: caps, config: func(c *printer.Config) {
							through(c, func(conn link.Conn) link.Conn {
								nak = &nakker{Conn: conn}
								if serial {
									return &wired{nakker: nak}
								}
								return nak
							})
						}})
						defer b.stop()
						want(t, b.print("first", 5), printer.Printed, "")
						time.Sleep(5 * time.Second)
						time.AfterFunc(after, func() { nak.stop(span) })
						out := b.endsIn(5*time.Minute, func() printer.Outcome { return b.print("slip", rows) })
						if out.State != printer.Printed && (!serial || out.State != printer.Uncertain || out.Reason != printer.Busy) {
							t.Errorf("outcome %+v", out)
						}
						time.Sleep(10 * time.Second)
						if got := strings.Join(b.reports(), "|"); span > 5*time.Second && !strings.HasPrefix(got, "held busy") {
							t.Errorf("reported %q", got)
						}
						if text := strings.Join(b.pieces(), "\n"); !whole(text, "slip", rows) {
							t.Errorf("paper: %q", text)
						}
					})
				}
			}
		}
	}
}

// TestBusyAndSilent: the same on a serial line with handshake, and the printer does not answer either: nobody knows more than that it is
// busy. It is waited for as long as a person would, and not taken for one that lost its power or its link.
func TestBusyAndSilent(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for _, model := range []string{"epson-tm-t88", "gprinter-80"} {
		for _, span := range []time.Duration{5 * time.Second, 12 * time.Second, 30 * time.Second, 4 * time.Minute} {
			for _, after := range []time.Duration{300 * time.Millisecond, 700 * time.Millisecond, 1200 * time.Millisecond, 1700 * time.Millisecond} {
				bubble(t, fmt.Sprint(model, " ", span, " after ", after), func(t *testing.T) {
					var nak *nakker
					b := newBench(t, options{profile: "generic-80", model: virtual.Options{Model: model, Speed: virtual.Real, Baud: 9600, Flow: virtual.None},
						caps: link.Caps{BackChannel: true, BitsPerSec: 9600, BitsPerByte: 10}, config: func(c *printer.Config) {
							through(c, func(conn link.Conn) link.Conn { nak = &nakker{Conn: conn}; return &wired{nakker: nak} })
						}})
					defer b.stop()
					want(t, b.print("first", 5), printer.Printed, "")
					time.Sleep(5 * time.Second)
					time.AfterFunc(after, func() { nak.stop(span); b.set(virtual.Change{Mute: &yes}) })
					time.AfterFunc(after+span, func() { b.set(virtual.Change{Mute: &no}) })
					meanwhile := make(chan printer.Status, 1)
					time.AfterFunc(after+span-time.Second, func() { meanwhile <- b.p.Status() })
					o := b.endsIn(10*time.Minute, func() printer.Outcome { return b.print("slip", 100) })
					if o.State != printer.Printed && (o.State != printer.Uncertain || o.Reason != printer.Busy) {
						t.Errorf("outcome %+v, reported %q", o, b.reports())
					}
					if during := <-meanwhile; span > 5*time.Second && during.Reason != printer.Busy && during.Reason != printer.Offline {
						t.Errorf("status meanwhile %+v", during)
					}
					time.Sleep(10 * time.Second)
					want(t, b.print("next", 5), printer.Printed, "")
				})
			}
		}
	}
}

// TestLostXON: a printer says busy by a character and that it is ready by another, which gets lost: it answers that it is well and nothing more
// may be sent. After some seconds the slip goes on, and the alarm names it.
func TestLostXON(t *testing.T) {
	for _, model := range []string{"epson-tm-t88", "gprinter-80"} {
		for _, after := range []time.Duration{0, 400 * time.Millisecond} {
			bubble(t, fmt.Sprint(model, " after ", after), func(t *testing.T) {
				var nak *nakker
				b := newBench(t, options{profile: "generic-80", model: virtual.Options{Model: model, Speed: virtual.Real, Baud: 9600, Flow: virtual.None},
					caps: link.Caps{BackChannel: true, BitsPerSec: 9600, BitsPerByte: 10}, config: func(c *printer.Config) {
						through(c, func(conn link.Conn) link.Conn { nak = &nakker{Conn: conn}; return &wired{nakker: nak} })
					}})
				defer b.stop()
				want(t, b.print("first", 5), printer.Printed, "")
				time.Sleep(5 * time.Second)
				nak.lost = true
				if after == 0 {
					nak.stop(0)
				} else {
					time.AfterFunc(after, func() { nak.stop(0) })
				}
				o := b.endsIn(5*time.Minute, func() printer.Outcome { return b.print("slip", 60) })
				if o.State != printer.Printed && (after == 0 || o.State != printer.Uncertain) {
					t.Errorf("outcome %+v", o)
				}
				if nak.resumed == 0 || !strings.Contains(b.p.Status().Alarm, "XON") {
					t.Errorf("resumed %d times, alarm %q", nak.resumed, b.p.Status().Alarm)
				}
				time.Sleep(10 * time.Second)
				if text := strings.Join(b.pieces(), "\n"); !whole(text, "slip", 60) {
					t.Errorf("paper: %q", text)
				}
			})
		}
	}
}
