package printer_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/virtual"
)

// TestSlowClone: a clone that answers while it still prints, and prints slower than the fastest of its family, is never
// early by the clock. Its slips are processed all the same: paper may end before their last rows, and then they are not.
func TestSlowClone(t *testing.T) {
	for _, speed := range []int{60, 100, 150, 250} {
		for _, left := range []int{30, 60, 100, 150, 200, 400} {
			bubble(t, fmt.Sprint(speed, " mm per second, ", left, " dots left"), func(t *testing.T) {
				b := newBench(t, options{profile: "rongta-80", model: virtual.Options{Model: "rongta-80", Speed: virtual.Real, MMPerSecond: speed}})
				defer b.stop()
				o := b.print("first", 40)
				want(t, o, printer.Processed, "")
				if s := b.p.Status(); o.Tier != 'B' || o.Alarm == "" || !s.Early {
					t.Errorf("%+v, early %v", o, s.Early)
				}
				time.Sleep(5 * time.Second)
				b.v.AtDots(40*lineDots-left, virtual.Change{Paper: "out"})
				go func() {
					time.Sleep(20 * time.Second)
					b.set(virtual.Change{Power: "off", Link: "drop"})
					time.Sleep(2 * time.Second)
					b.set(virtual.Change{Power: "on", Link: "up", Paper: "ok"})
				}()
				o = b.print("slip", 40)
				time.Sleep(30 * time.Second)
				if o.State != printer.Uncertain && !whole(strings.Join(b.pieces(), "\n"), "slip", 40) {
					t.Errorf("%+v, and it is torn", o)
				}
			})
		}
	}
}

// TestFirstSlip: the first slip on a printer of which nothing is known is proven when its ids wait for the paper, whatever
// the line, whether or not the family has faster ones.
func TestFirstSlip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		model, profile string
		speed          int
	}{{"epson-tm-t88", "epson-tm-t88", 0}, {"generic-80", "generic-80", 0}, {"xprinter-80", "xprinter-80", 100}, {"gprinter-80", "gprinter-80", 0}} {
		for _, baud := range []int{0, 2400, 9600, 19200, 115200} {
			for _, rows := range []int{3, 40, 300} {
				bubble(t, fmt.Sprint(c.model, " ", baud, " ", rows), func(t *testing.T) {
					caps := link.Caps{BackChannel: true, BitsPerSec: baud}
					if baud > 0 {
						caps.BitsPerByte = 10
					}
					store := storeMap{}
					b := newBench(t, options{profile: c.profile, caps: caps, model: virtual.Options{Model: c.model, Speed: virtual.Real, Baud: baud, MMPerSecond: c.speed},
						config: func(cfg *printer.Config) { cfg.Store = store }})
					defer b.stop()
					o := b.print("slip", rows)
					want(t, o, printer.Printed, "")
					if k := store["test://front"]; o.Alarm != "" || !k.Behind || k.Early {
						t.Errorf("alarm %q, remembered %+v", o.Alarm, k)
					}
				})
			}
		}
	}
}

// TestPowerBehindServer: a printer behind a device server is switched off and on in the middle of a slip, and the
// connection stays. What came meanwhile is lost, and its end is read as if nothing had been.
func TestPowerBehindServer(t *testing.T) {
	t.Parallel()
	for _, baud := range []int{9600, 19200} {
		for _, rows := range []int{60, 150, 300} {
			for _, at := range []int{10, 100, 600, 1200, 2400} {
				bubble(t, fmt.Sprintf("%d baud, %d rows, off after %d bytes", baud, rows, at), func(t *testing.T) {
					b := newBench(t, options{model: virtual.Options{Speed: virtual.Real, Baud: baud, DeviceServer: true}})
					defer b.stop()
					want(t, b.print("first", 5), printer.Printed, "")
					time.Sleep(2 * time.Second)
					b.v.AfterBytes(at, virtual.Change{Power: "off"})
					go func() {
						if err := b.v.Await(t.Context(), func(s virtual.State) bool { return s.Power == "off" }); err == nil {
							time.Sleep(1200 * time.Millisecond)
							b.set(virtual.Change{Power: "on"})
						}
					}()
					o := b.print("slip", rows)
					b.v.ClearHooks()
					time.Sleep(10 * time.Second)
					want(t, b.print("next", 5), printer.Printed, "")
					time.Sleep(5 * time.Second)
					all := strings.Join(b.pieces(), "\n")
					if o.State != printer.Uncertain && o.State != printer.NotSent && !whole(all, "slip", rows) || !whole(all, "next", 5) {
						t.Errorf("%+v, and the paper is %q", o, all)
					}
				})
			}
		}
	}
}

// TestOffBehindReading: a printer has read the whole slip and answered, and is switched off and on while most of it is still to
// come out. Where only reading is confirmed nothing but a question without an answer tells of that.
func TestOffBehindReading(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ model, proof string }{
		{"clone-no-gsh", "B"}, {"epson-tm-t88", "B"}, {"clone-parse-proof", ""}, {"gprinter-80", "C"},
	} {
		for after := time.Duration(0); after < 1600*time.Millisecond; after += 100 * time.Millisecond {
			bubble(t, fmt.Sprint(c.model, " ", c.proof, ", after ", after), func(t *testing.T) {
				b := newBench(t, options{
					model: virtual.Options{Custom: custom(c.model, func(m *virtual.Model) { m.LookAhead = 5000 }), Speed: virtual.Real,
						DeviceServer: true, MMPerSecond: 300},
					profile: "generic-80", config: func(cfg *printer.Config) { cfg.Proof = c.proof },
				})
				defer b.stop()
				b.print("first", 5)
				time.Sleep(5 * time.Second)
				off := after > 0
				if off {
					time.AfterFunc(after, func() { b.offAndOn(1100 * time.Millisecond) })
				}
				o := b.print("slip", 110)
				time.Sleep(20 * time.Second)
				lies := whole(strings.Join(b.pieces(), "\n"), "slip", 110)
				switch o.State {
				case printer.Processed, printer.Sent:
					if !lies {
						t.Errorf("%s, and it is not whole", o.State)
					}
				case printer.Uncertain:
					if !off {
						t.Errorf("all is well: %+v", o)
					}
				default:
					t.Errorf("outcome %+v", o)
				}
			})
		}
	}
}

// TestServerWell: behind a slow device server a slip is proven as elsewhere, and the line there does not wait for answers.
func TestServerWell(t *testing.T) {
	for _, baud := range []int{2400, 9600, 115200} {
		bubble(t, fmt.Sprint(baud), func(t *testing.T) {
			b := newBench(t, options{model: virtual.Options{Speed: virtual.Real, Baud: baud, DeviceServer: true}})
			defer b.stop()
			want(t, b.print("first", 5), printer.Printed, "")
			time.Sleep(5 * time.Second)
			begin := time.Now()
			o := b.print("slip", 100)
			want(t, o, printer.Printed, "")
			least := max(time.Duration(o.Bytes)*10*time.Second/time.Duration(baud), 100*lineDots*254*time.Second/1800/300)
			if took := time.Since(begin); took > least*103/100+100*time.Millisecond {
				t.Errorf("%v for %d bytes, at least %v", took, o.Bytes, least)
			}
		})
	}
}

// TestEmpty: after a slip whose end is not known the printer counts as empty once it has answered a fence, not before, and
// not when it was only given up.
func TestEmpty(t *testing.T) {
	bubble(t, "answered", func(t *testing.T) {
		b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}})
		defer b.stop()
		want(t, b.print("first", 5), printer.Printed, "")
		b.v.AtDots(500, virtual.Change{Link: "drop"})
		want(t, b.print("slip", 40), printer.Uncertain, printer.LinkDown)
		if b.p.Status().Empty {
			t.Error("empty before it was asked")
		}
		b.set(virtual.Change{Link: "up"})
		time.Sleep(20 * time.Second)
		if !b.p.Status().Empty {
			t.Error("not empty after it answered")
		}
	})
	bubble(t, "given up", func(t *testing.T) {
		b := newBench(t, options{config: func(c *printer.Config) {
			c.Proof = "A"
			c.Open = func(context.Context) (link.Conn, error) {
				host, device := net.Pipe()
				go fixedID(device)
				return pipe{host, link.Caps{BackChannel: true}}, nil
			}
		}})
		defer b.stop()
		want(t, b.print("slip", 10), printer.Uncertain, printer.ProofLost)
		time.Sleep(2 * time.Minute)
		if s := b.p.Status(); s.Empty || s.Alarm == "" {
			t.Errorf("%+v", s)
		}
	})
}
