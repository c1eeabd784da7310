package link_test

import (
	"errors"
	"flag"
	"net"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/link/linktest"
)

// TestMain lets more tests run at once than there are processors: they mostly wait for lines and deadlines.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "16"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// TestThousandOpens opens and closes each link often: no goroutine and no descriptor may stay.
func TestThousandOpens(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	open := map[string]func() (link.Conn, error){
		"tcp":      func() (link.Conn, error) { return link.Open(t.Context(), "tcp://"+l.Addr().String(), link.Options{}) },
		"usbprint": func() (link.Conn, error) { return link.NewFakeWinUSB().Open("usbprint://04b8:0202") },
		"windows":  func() (link.Conn, error) { return link.NewFakeSpooler().Open("windows://POS-80") },
	}
	addSystemLinks(t, open)
	for name, open := range open {
		t.Run(name, func(t *testing.T) {
			cycle(t, open, 1) // what the first one starts for good, such as the poller
			before := descriptors(t)
			ignore := goleak.IgnoreCurrent()
			cycle(t, open, 1000)
			// The listener's side of the last connections closes on its own time.
			end := time.Now().Add(time.Minute)
			for descriptors(t) > before && time.Now().Before(end) {
				time.Sleep(time.Millisecond)
			}
			if n := descriptors(t); n > before {
				t.Errorf("%d descriptors before, %d after", before, n)
			}
			goleak.VerifyNone(t, ignore)
		})
	}
}

func cycle(t *testing.T, open func() (link.Conn, error), n int) {
	t.Helper()
	for range n {
		c, err := open()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTCPOpenErrors(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	// Nobody listens on the port that a connection goes out from, and while it lives nobody else can.
	_, err = link.Open(t.Context(), "tcp://"+c.LocalAddr().String(), link.Options{})
	var oe *link.OpenError
	if !errors.As(err, &oe) || oe.Cause != link.Refused {
		t.Errorf("nobody listens: %v", err)
	}
}

// TestTCPDiesInTheMiddle: the peer resets while a Write is blocked on a full window.
func TestTCPDiesInTheMiddle(t *testing.T) {
	r := tcpRig(t)
	done := make(chan error, 1)
	go func() {
		_, err := r.Conn.Write(linktest.Slip(r.Fill))
		done <- err
	}()
	if _, err := r.Peer.Read(make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	r.Peer.HangUp()
	select {
	case err := <-done:
		if !errors.Is(err, link.ErrLost) {
			t.Fatalf("Write = %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("Write did not end")
	}
}

// TestTCPHalfOpen: a peer that falls silent is not an error by itself; the read deadline tells, and the link stays.
func TestTCPHalfOpen(t *testing.T) {
	r := tcpRig(t)
	for range 3 {
		_ = r.Conn.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		if _, err := r.Conn.Write([]byte{0x10, 4, 1}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, link.ErrLost) {
			t.Fatalf("Read = %v", err)
		}
	}
}

// TestTCPCloseResetsWhatIsNotDrained: what the printer had not taken must not come out after Close.
func TestTCPCloseResetsWhatIsNotDrained(t *testing.T) {
	r := tcpRig(t)
	slip := linktest.Slip(r.Fill)
	n := 0
	for n == 0 { // on a busy machine the time may be over before the first byte
		_ = r.Conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		var err error
		if n, err = r.Conn.Write(slip); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("Write to a peer that reads nothing: %d, %v", n, err)
		}
	}
	if err := r.Conn.Close(); err != nil {
		t.Fatal(err)
	}
	got := 0
	buf := make([]byte, 1<<20)
	for {
		m, err := r.Peer.Read(buf)
		got += m
		if err != nil {
			break
		}
	}
	if got >= n {
		t.Errorf("the printer's end got %d of %d bytes although Drain was not called", got, n)
	}
}
