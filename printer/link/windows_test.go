package link_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/link/linktest"
)

// The Windows links run over fakes of usbprint.sys and winspool; there was no Windows machine to run them on.

func TestUSBPrintConforms(t *testing.T) {
	linktest.Run(t, func(t *testing.T) linktest.Rig {
		f := link.NewFakeWinUSB()
		c, err := f.Open("usbprint://04b8:0202")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close(); f.HangUp() })
		return linktest.Rig{Conn: c, Peer: f, Fill: 4096, Holds: true}
	})
}

func TestSpoolerConforms(t *testing.T) {
	linktest.Run(t, func(t *testing.T) linktest.Rig {
		f := link.NewFakeSpooler()
		c, err := f.Open("windows://POS-80")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close(); f.HangUp() })
		return linktest.Rig{Conn: c, Peer: f, Mute: true}
	})
}

func TestSpoolerDocuments(t *testing.T) {
	f := link.NewFakeSpooler()
	c, err := f.Open("windows://POS-80")
	if err != nil {
		t.Fatal(err)
	}
	soon := time.Now().Add(10 * time.Second)
	for _, slip := range []string{strings.Repeat("a", 5000), "second"} {
		if n, err := c.Write([]byte(slip)); n != len(slip) || err != nil {
			t.Fatalf("Write = %d, %v", n, err)
		}
		if err := c.Drain(soon); err != nil {
			t.Fatal(err)
		}
		if got := f.Docs[len(f.Docs)-1]; got != slip {
			t.Errorf("document of %d bytes, want %d", len(got), len(slip))
		}
	}
	if _, err := c.Write([]byte("never drained")); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if len(f.Docs) != 2 || f.Aborted == 0 || f.Closed != 1 {
		t.Errorf("documents %d, aborted %d, closed %d: what was not drained must not print", len(f.Docs), f.Aborted, f.Closed)
	}
}

func TestSpoolerNoSuchQueue(t *testing.T) {
	_, err := link.NewFakeSpooler().Open("windows://Nothing%20here")
	var oe *link.OpenError
	if !errors.As(err, &oe) || oe.Cause != link.NotFound || !strings.Contains(err.Error(), "Nothing here") {
		t.Fatalf("%v", err)
	}
}

func TestUSBPrintFindsItsPrinter(t *testing.T) {
	f := link.NewFakeWinUSB()
	twin := `\\?\usb#vid_0416&pid_5011#6&1a2b&0&%d#{28d78fad-5a12-11d1-ae5b-0000f803a8c2}`
	f.Paths = append(f.Paths, strings.Replace(twin, "%d", "1", 1), strings.Replace(twin, "%d", "2", 1),
		`\\?\usb#vid_04b8&pid_0e15&mi_00#7&2#{28d78fad-5a12-11d1-ae5b-0000f803a8c2}`, `nonsense`)
	for _, row := range []struct {
		device string
		cause  link.Cause // empty: opens
	}{
		{"usbprint://04b8:0202", ""},
		{"usbprint://04b8:0202/j9k8", ""},
		{"usbprint://04b8:0202/OTHER", link.NotFound},
		{"usbprint://04b8:0e15", ""},
		{"usbprint://0416:5011", link.Ambiguous},
		{"usbprint://" + f.Paths[2], ""},
		{`usbprint://\\?\usb#gone`, link.NotFound},
	} {
		c, err := f.Open(row.device)
		var oe *link.OpenError
		switch {
		case row.cause == "" && err != nil:
			t.Errorf("%s: %v", row.device, err)
		case row.cause == "":
			_ = c.Close()
		case !errors.As(err, &oe) || oe.Cause != row.cause:
			t.Errorf("%s: %v, want cause %s", row.device, err, row.cause)
		}
	}
}

func TestUSBPrintStatusAndID(t *testing.T) {
	f := link.NewFakeWinUSB()
	c, err := f.Open("usbprint://04b8:0202")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := c.(link.PortStatus).PortStatus(); b != 0x18 || err != nil {
		t.Errorf("PortStatus = %02x, %v", b, err)
	}
	if id, err := c.(link.Named).DeviceID(); id != "MFG:X;CMD:ESC/POS;" || err != nil {
		t.Errorf("DeviceID = %q, %v", id, err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.(link.PortStatus).PortStatus(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("PortStatus after Close: %v", err)
	}
}

// TestUSBPrintCloseAtOnce: the driver may begin its write only after Close has asked it to end what it does.
func TestUSBPrintCloseAtOnce(t *testing.T) {
	for range 200 {
		f := link.NewFakeWinUSB()
		c, err := f.Open("usbprint://04b8:0202")
		if err != nil {
			t.Fatal(err)
		}
		if n, err := c.Write([]byte("slip")); n != 4 || err != nil {
			t.Fatalf("Write = %d, %v", n, err)
		}
		err = c.Close()
		f.HangUp()
		if err != nil {
			t.Fatalf("Close: %v", err)
		}
	}
}

func TestWindowsScan(t *testing.T) {
	f := link.NewFakeWinUSB()
	f.Paths = append(f.Paths, `\\?\usb#vid_0416&pid_5011#6&1#{28d78fad-5a12-11d1-ae5b-0000f803a8c2}`, `\\?\usb#vid_0416&pid_5011#6&2#{28d78fad-5a12-11d1-ae5b-0000f803a8c2}`)
	got := f.Scan(t.Context())
	want := []string{"usbprint://04b8:0202/J9K8", "usbprint://" + f.Paths[1], "usbprint://" + f.Paths[2]}
	got = append(got, link.NewFakeSpooler().Scan(t.Context(), []string{"POS-80", "Gone"}, nil)...)
	want = append(want, "windows://POS-80", "windows://Gone")
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i, x := range got {
		if opens := want[i] != "windows://Gone"; x.Device != want[i] || x.Opens != opens || opens != (x.Err == nil) {
			t.Errorf("%d: %+v, want %s", i, x, want[i])
		}
	}
	broken := link.NewFakeSpooler().Scan(t.Context(), nil, errors.New("the spooler service is stopped"))
	if len(broken) != 1 || broken[0].Opens || broken[0].Cause == "" {
		t.Errorf("a stopped spooler: %+v", broken)
	}
}
