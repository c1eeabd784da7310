package link_test

import (
	"os"
	"testing"

	"github.com/creack/pty"

	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/link/linktest"
)

// ptyPeer is the printer's end: the master of a pseudo-terminal.
type ptyPeer struct{ *os.File }

func (p ptyPeer) HangUp() { _ = p.Close() }

func ptyRig(t *testing.T, query string) linktest.Rig {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	c, err := link.Open(t.Context(), "serial://"+slave.Name()+query, link.Options{})
	_ = slave.Close()
	if err != nil {
		_ = master.Close()
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = master.Close(); _ = c.Close() })
	return linktest.Rig{Conn: c, Peer: ptyPeer{master}, Fill: 1 << 20}
}

func TestSerialConforms(t *testing.T) {
	linktest.Run(t, func(t *testing.T) linktest.Rig { return ptyRig(t, "?baud=115200&flow=none") })
}

func TestSerialXonXoffConforms(t *testing.T) {
	linktest.Run(t, func(t *testing.T) linktest.Rig { return ptyRig(t, "?baud=115200&flow=xonxoff") })
}

// TestSerialPortConforms runs the way of Windows, over the library alone, on a pseudo-terminal. Blocked writes are left
// out: Windows ends them when the output is purged, a Linux pseudo-terminal does not.
func TestSerialPortConforms(t *testing.T) {
	for _, flow := range []string{"none", "xonxoff"} {
		t.Run(flow, func(t *testing.T) {
			linktest.Run(t, func(t *testing.T) linktest.Rig {
				master, slave, err := pty.Open()
				if err != nil {
					t.Fatal(err)
				}
				c, err := link.OpenPort("serial://" + slave.Name() + "?baud=115200&flow=" + flow)
				_ = slave.Close()
				if err != nil {
					_ = master.Close()
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = c.Close(); _ = master.Close() })
				return linktest.Rig{Conn: c, Peer: ptyPeer{master}}
			})
		})
	}
}
