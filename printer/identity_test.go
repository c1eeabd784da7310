package printer_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

func TestParseIdentity(t *testing.T) {
	for text, want := range map[string]printer.Identity{
		"mac:00-26-AB-01-02-03": {Kind: "mac", Value: "00:26:ab:01:02:03"}, "usb:L1": {Kind: "usb", Value: "L1"}, "serial:J4:7": {Kind: "serial", Value: "J4:7"},
		"mac:00:26": {}, "serial:": {}, "model:TM-T88": {}, "TM-T88": {}, "": {},
	} {
		if got, err := printer.ParseIdentity(text); got != want || errors.Is(err, printer.ErrIdentity) != (want == printer.Identity{}) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

// Another printer that answers gets nothing of a slip, at each new link; the right one gets it, also behind a command that another
// program has left unfinished.
func TestStrangerGetsNothing(t *testing.T) {
	for name, row := range map[string]struct {
		serial string
		before string // what another program has sent
		mute   bool
		right  bool
	}{"right": {serial: "S1", right: true}, "unfinished picture": {serial: "S1", before: "\x1dv0\x00\x08\x00\x40\x00abc", right: true},
		"stranger": {serial: "S2"}, "says nothing": {serial: "S1", mute: true}} {
		bubble(t, name, func(t *testing.T) {
			model := custom("epson-tm-t88", func(m *virtual.Model) { m.Serial, m.Mute = row.serial, row.mute })
			b := newBench(t, options{model: virtual.Options{Custom: model, Speed: virtual.Real}, config: func(c *printer.Config) {
				prof, err := profile.Load("epson-tm-t88")
				if err != nil {
					t.Fatal(err)
				}
				c.Proof = "A"
				c.Open = printer.Identified(c.Device, printer.Identity{Kind: "serial", Value: "S1"}, prof, c.Open)
			}, before: func(b *bench) {
				if row.before != "" {
					conn, err := b.open(b.lines)(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					if _, err := conn.Write([]byte(row.before)); err != nil {
						t.Fatal(err)
					}
					conn.Close()
				}
			}})
			o := b.print("one", 5)
			if row.right {
				t.Logf("%q %+v", b.pieces(), b.v.State())
				want(t, o, printer.Printed, "")
				return
			}
			want(t, o, printer.NotSent, printer.LinkDown)
			if s := b.p.Status(); !s.Stranger || s.State != printer.Down {
				t.Errorf("status %+v", s)
			}
			if got := strings.Join(b.pieces(), ""); strings.Contains(got, "row") {
				t.Errorf("on the stranger's paper: %q", got)
			}
		})
	}
}

// The hardware address is asked of the system; this machine's own has none.
func TestStrangerByHardwareAddress(t *testing.T) {
	prof, err := profile.Load("generic-80")
	if err != nil {
		t.Fatal(err)
	}
	_, _, addr := newTCP(t, virtual.Options{}, nil)
	id := printer.Identity{Kind: "mac", Value: "00:26:ab:01:02:03"}
	open := printer.Identified("tcp://"+addr, id, prof, func(ctx context.Context) (link.Conn, error) { return link.Open(ctx, "tcp://"+addr, link.Options{}) })
	_, err = open(t.Context())
	var stranger *printer.StrangerError
	if !errors.As(err, &stranger) || stranger.Got != "" {
		t.Errorf("open: %v", err)
	}
}
