package link_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/link/linktest"
)

func usbRig(t *testing.T, oneWay bool) linktest.Rig {
	t.Helper()
	f := link.NewFakeUSB(t, oneWay)
	c, err := f.Open("usb://04b8:0202")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(); f.HangUp() })
	return linktest.Rig{Conn: c, Peer: f, Fill: 8192, Holds: true, Mute: oneWay}
}

// TestUSBConforms runs over a scripted usblp driver; there was no USB printer to run it on.
func TestUSBConforms(t *testing.T) {
	linktest.Run(t, func(t *testing.T) linktest.Rig { return usbRig(t, false) })
}

func TestUSBOneWayConforms(t *testing.T) {
	linktest.Run(t, func(t *testing.T) linktest.Rig { return usbRig(t, true) })
}

func TestUSBTailIsLostWithoutDrain(t *testing.T) {
	r := usbRig(t, false)
	if n, err := r.Conn.Write(linktest.Slip(100)); n != 100 || err != nil {
		t.Fatalf("Write = %d, %v", n, err)
	}
	_ = r.Conn.Close()
	r.Peer.HangUp()
	if n, _ := r.Peer.Read(make([]byte, 100)); n != 0 {
		t.Fatalf("the fake driver kept %d bytes over close: it proves nothing about Drain", n)
	}
}

func TestUSBUnplugInTheMiddleAndReplug(t *testing.T) {
	f := link.NewFakeUSB(t, false)
	c, err := f.Open("usb://04b8:0202/J9")
	if err != nil {
		t.Fatal(err)
	}
	slip := linktest.Slip(20000)
	go func() {
		_, _ = io.ReadFull(f, make([]byte, 6000))
		f.HangUp()
	}()
	n, err := c.Write(slip)
	if n != 8192 || !errors.Is(err, link.ErrLost) {
		t.Errorf("Write = %d, %v; want the two pieces the driver took and ErrLost", n, err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, link.ErrLost) {
		t.Errorf("Read after the unplug: %v", err)
	}
	link.UnplugFiles(t, f.Dir, "1-1.4", "lp0")
	_, err = f.Open("usb://04b8:0202/J9")
	var oe *link.OpenError
	if !errors.As(err, &oe) || oe.Cause != link.NotFound {
		t.Errorf("open while unplugged: %v", err)
	}
	// Plugged into another port it comes back under another node, even while the old one is open.
	f.Replug()
	link.PlugIn(t, f.Dir, "1-1.2", "04b8", "0202", "J9", "02", "lp1")
	c2, err := f.Open("usb://04b8:0202/J9")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := c2.Close(); err != nil {
		t.Error(err)
	}
}

func TestUSBBusErrorIsLost(t *testing.T) {
	f := link.NewFakeUSB(t, false)
	c, err := f.Open("usb://04b8:0202")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	f.FailNext(unix.EIO)
	if n, err := c.Write([]byte("slip")); n != 0 || !errors.Is(err, link.ErrLost) || !errors.Is(err, unix.EIO) {
		t.Fatalf("Write = %d, %v", n, err)
	}
}

func TestUSBStatusAndID(t *testing.T) {
	f := link.NewFakeUSB(t, false)
	c, err := f.Open("usb://04b8:0202?port=1-1.4")
	if err != nil {
		t.Fatal(err)
	}
	// The printer stands without paper and takes nothing; a reader waits: status must answer all the same.
	go func() { _, _ = c.Read(make([]byte, 1)) }()
	n := 0
	for n == 0 { // on a busy machine the time may be over before the write begins
		_ = c.SetWriteDeadline(time.Now().Add(500 * time.Millisecond))
		if n, err = c.Write(linktest.Slip(9000)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("Write without paper: %d, %v", n, err)
		}
	}
	if !strings.Contains(err.Error(), "paper") {
		t.Errorf("Write without paper: %v", err)
	}
	f.Status = 0x38
	if b, err := c.(link.PortStatus).PortStatus(); b != 0x38 || err != nil {
		t.Errorf("PortStatus = %02x, %v", b, err)
	}
	want := "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20;CLS:PRINTER;"
	if id, err := c.(link.Named).DeviceID(); id != want || err != nil {
		t.Errorf("DeviceID = %q, %v", id, err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := c.(link.PortStatus).PortStatus(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("PortStatus after Close: %v", err)
	}
}

func TestUSBOpenErrors(t *testing.T) {
	f := link.NewFakeUSB(t, false)
	link.PlugIn(t, f.Dir, "1-2", "0416", "5011", "", "01", "lp1")
	link.PlugIn(t, f.Dir, "1-3", "0416", "5011", "", "01", "lp2")
	link.PlugIn(t, f.Dir, "1-5", "1fc9", "2016", "X", "02", "")
	c, err := f.Open("usb://04b8:0202")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, row := range []struct {
		device string
		cause  link.Cause
	}{
		{"usb://04b8:0202", link.Busy},
		{"usb://04b8:0e15", link.NotFound},
		{"usb://04b8:0202/K1", link.NotFound},
		{"usb://0416:5011", link.Ambiguous},
		{"usb://1fc9:2016", link.NoDriver},
		{"usb://" + f.Dir + "/dev/usb/lp9", link.NotFound},
	} {
		_, err := f.Open(row.device)
		var oe *link.OpenError
		if !errors.As(err, &oe) || oe.Cause != row.cause {
			t.Errorf("%s: %v, want cause %s", row.device, err, row.cause)
			continue
		}
		if row.cause == link.Ambiguous && !strings.Contains(err.Error(), "usb://0416:5011?port=1-3") {
			t.Errorf("the twins are not told apart: %v", err)
		}
	}
	if c, err := f.Open("usb://0416:5011?port=1-3"); err == nil {
		_ = c.Close()
	} else if !bytes.Contains([]byte(err.Error()), []byte("something has it open")) { // the fake has one opener for all
		t.Errorf("by port: %v", err)
	}
}
