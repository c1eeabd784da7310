package link_test

import (
	"errors"
	"os"
	"testing"
	"time"

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
	linktest.Run(t, func(t *testing.T) linktest.Rig {
		master, slave, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		c, err := link.OpenPort("serial://" + slave.Name() + "?baud=115200&flow=xonxoff")
		_ = slave.Close()
		if err != nil {
			_ = master.Close()
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close(); _ = master.Close() })
		return linktest.Rig{Conn: c, Peer: ptyPeer{master}}
	})
}

func TestSerialOpenErrors(t *testing.T) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer slave.Close()
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := link.Open(t.Context(), "serial://"+slave.Name()+"?flow=none", link.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	master2, slave2, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master2.Close() // a master that nobody holds is closed with the garbage, and its line is gone
	defer slave2.Close()
	for _, row := range []struct {
		device string
		cause  link.Cause
	}{
		{"serial:///dev/ttyUSB97", link.NotFound},
		{"serial://" + file, link.NotSerial},
		{"serial://" + slave2.Name() + "?flow=dtr", link.NoModem},
		{"serial://" + slave2.Name() + "?flow=rts", link.NoModem},
		{"serial://" + slave.Name() + "?flow=none", link.Busy},
	} {
		_, err := link.Open(t.Context(), row.device, link.Options{})
		var oe *link.OpenError
		if !errors.As(err, &oe) || oe.Cause != row.cause {
			t.Errorf("%s: %v, want cause %s", row.device, err, row.cause)
			continue
		}
	}
}

// TestSerialHangsUpInTheMiddle: the adapter is pulled while a Write waits for a full line.
func TestSerialHangsUpInTheMiddle(t *testing.T) {
	for _, query := range []string{"?flow=none", "?flow=xonxoff&baud=115200"} {
		r := ptyRig(t, query)
		done := make(chan error, 1)
		go func() { _, err := r.Conn.Write(linktest.Slip(r.Fill)); done <- err }()
		if _, err := r.Peer.Read(make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
		r.Peer.HangUp()
		select {
		case err := <-done:
			if !errors.Is(err, link.ErrLost) {
				t.Errorf("%s: Write = %v", query, err)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s: Write did not end", query)
		}
		if err := r.Conn.Close(); err != nil {
			t.Error(err)
		}
	}
}
