package linktest

// How a link ends: by Close, also while a call waits, and by the other end.

import (
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/link"
)

// blockedRead starts a Read and returns when it very likely blocks; a Read that had not begun must end the same way.
func blockedRead(t *testing.T, c link.Conn) <-chan error {
	t.Helper()
	_ = c.SetReadDeadline(time.Time{})
	started, done := make(chan struct{}), make(chan error, 1)
	go func() {
		close(started)
		_, err := c.Read(make([]byte, 8))
		done <- err
	}()
	<-started
	select {
	case err := <-done:
		t.Fatalf("Read ended by itself: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	return done
}

func wantSoon(t *testing.T, done <-chan error, want error) {
	t.Helper()
	select {
	case err := <-done:
		if !errors.Is(err, want) {
			t.Fatalf("ended with %v, want %v", err, want)
		}
	case <-time.After(patience):
		t.Fatal("the call did not end")
	}
}

func mustClose(t *testing.T, r Rig) {
	t.Helper()
	limit := r.CloseLimit
	if limit == 0 {
		limit = patience
	}
	start := time.Now()
	if err := r.Conn.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if d := time.Since(start); d > limit {
		t.Errorf("Close took %v", d)
	}
}

func closeRead(t *testing.T, r Rig) {
	if r.Mute {
		return
	}
	done := blockedRead(t, r.Conn)
	mustClose(t, r)
	wantSoon(t, done, os.ErrClosed)
}

func closeWrite(t *testing.T, r Rig) {
	if r.Fill == 0 {
		return
	}
	fill(r)
	slip := Slip(r.Fill)
	started, done := make(chan struct{}), make(chan error, 1)
	go func() {
		close(started)
		_, err := r.Conn.Write(slip)
		done <- err
	}()
	<-started
	select {
	case err := <-done:
		t.Fatalf("Write to a full link ended by itself: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	mustClose(t, r)
	wantSoon(t, done, os.ErrClosed)
}

func closedTwice(t *testing.T, r Rig) {
	mustClose(t, r)
	mustClose(t, r)
	if n, err := r.Conn.Write([]byte("x")); n != 0 || !errors.Is(err, os.ErrClosed) {
		t.Errorf("Write after Close = %d, %v", n, err)
	}
	if n, err := r.Conn.Read(make([]byte, 1)); n != 0 || !errors.Is(err, os.ErrClosed) {
		t.Errorf("Read after Close = %d, %v", n, err)
	}
	if err := r.Conn.Drain(time.Now()); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Drain after Close = %v", err)
	}
	if err := r.Conn.SetReadDeadline(time.Now()); !errors.Is(err, os.ErrClosed) {
		t.Errorf("SetReadDeadline after Close = %v", err)
	}
	if err := r.Conn.SetWriteDeadline(time.Now()); !errors.Is(err, os.ErrClosed) {
		t.Errorf("SetWriteDeadline after Close = %v", err)
	}
}

// portStatus is asked while a reader waits and while the printer takes nothing.
func portStatus(t *testing.T, r Rig) {
	p, ok := r.Conn.(link.PortStatus)
	if !ok {
		return
	}
	asked := func(when string) byte {
		t.Helper()
		start := time.Now()
		b, err := p.PortStatus()
		if err != nil || time.Since(start) > patience {
			t.Fatalf("PortStatus %s = %02x, %v after %v", when, b, err, time.Since(start))
		}
		return b
	}
	idle := asked("of an idle port")
	if !r.Mute {
		blockedRead(t, r.Conn)
	}
	if r.Fill > 0 {
		fill(r)
	}
	if b := asked("of a port that takes nothing"); b != idle {
		t.Errorf("PortStatus = %02x, then %02x: the peer did not change it", idle, b)
	}
	mustClose(t, r)
	if _, err := p.PortStatus(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("PortStatus after Close: %v", err)
	}
}

func hangUpRead(t *testing.T, r Rig) {
	if r.Mute || r.Silent {
		return
	}
	done := blockedRead(t, r.Conn)
	r.Peer.HangUp()
	wantSoon(t, done, link.ErrLost)
	mustClose(t, r)
}

func hangUpWrite(t *testing.T, r Rig) {
	mustWrite(t, r.Conn, []byte("first"))
	var wg sync.WaitGroup
	wg.Go(func() { _ = r.Conn.Drain(time.Now().Add(patience)) }) // a spooler starts only now
	same(t, collect(t, r.Peer, 5), []byte("first"))
	wg.Wait()
	r.Peer.HangUp()
	end := time.Now().Add(patience)
	_ = r.Conn.SetWriteDeadline(end)
	for time.Now().Before(end) { // the first writes may still fit a buffer of ours
		_, err := r.Conn.Write(Slip(512))
		if errors.Is(err, link.ErrLost) {
			mustClose(t, r)
			return
		}
		if err != nil {
			t.Fatalf("Write to a peer that hung up: %v", err)
		}
	}
	t.Fatal("writes went on after the peer hung up")
}
