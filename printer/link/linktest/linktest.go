// Package linktest is the conformance suite of byte links: every link, real or fake, must pass Run.
//
// It keeps nothing on disk. Each test opens its own link and waits for the goroutines that it started.
package linktest

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/link"
)

// A Peer is the printer's end of a link.
type Peer interface {
	// Read takes what the printer received; it blocks until something came, and errs when the link is gone.
	io.Reader
	// Write sends replies.
	io.Writer
	// HangUp takes the link away, as a pulled cable or a printer switched off does.
	HangUp()
}

// A Rig is one open link with both of its ends. Open registers its clean-up with t.
type Rig struct {
	Conn link.Conn
	Peer Peer
	// Fill is how many bytes surely do not fit the link while the peer takes none. 0: this link never fills.
	Fill int
	// Holds says that Drain notices bytes the peer does not take.
	Holds bool
	// Mute says that there is no back channel.
	Mute bool
	// Silent says that a peer which hangs up is noticed by Write only.
	Silent bool
	// CloseLimit bounds Close; 0 means patience.
	CloseLimit time.Duration
}

// patience bounds what must happen soon, on a busy machine too.
const patience = 10 * time.Second

// Run runs the suite; open gives a new link each time.
func Run(t *testing.T, open func(t *testing.T) Rig) {
	t.Parallel() // its tests mostly wait
	for _, c := range []struct {
		name string
		run  func(*testing.T, Rig)
	}{
		{"bytes arrive once and in order", bytesArrive},
		{"nothing written is nothing", nothingWritten},
		{"replies come back", replies},
		{"replies while writing", bothWays},
		{"read deadline", readDeadline},
		{"read deadline set while blocked", readDeadlineMoves},
		{"no back channel", mute},
		{"write deadline counts exactly", writeDeadline},
		{"a passed write deadline sends nothing", writeDeadlinePassed},
		{"drain then close loses nothing", drainClose},
		{"drain deadline", drainDeadline},
		{"close ends a blocked read", closeRead},
		{"close ends a blocked write", closeWrite},
		{"closed is closed", closedTwice},
		{"port status", portStatus},
		{"hang-up ends a read", hangUpRead},
		{"hang-up ends writes", hangUpWrite},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, open(t))
		})
	}
}

// Slip is n bytes that differ enough to show a lost, doubled or moved one.
func Slip(n int) []byte {
	r := rand.New(rand.NewPCG(9, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// collect reads from the peer until n bytes came.
func collect(t *testing.T, p Peer, n int) []byte {
	t.Helper()
	got := make([]byte, n)
	done := make(chan error, 1)
	go func() { _, err := io.ReadFull(p, got); done <- err }()
	select {
	case err := <-done:
		if err != nil {
			t.Fatalf("printer's end: %v", err)
		}
	case <-time.After(patience):
		t.Fatalf("printer's end did not get %d bytes", n)
	}
	return got
}

func mustWrite(t *testing.T, c link.Conn, p []byte) {
	t.Helper()
	_ = c.SetWriteDeadline(time.Now().Add(patience))
	if n, err := c.Write(p); n != len(p) || err != nil {
		t.Fatalf("Write = %d, %v; want %d, nil", n, err, len(p))
	}
}

func same(t *testing.T, got, want []byte) {
	t.Helper()
	if bytes.Equal(got, want) {
		return
	}
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	t.Fatalf("got %d bytes, want %d; first difference at %d", len(got), len(want), i)
}

func bytesArrive(t *testing.T, r Rig) {
	want := Slip(3000)
	var wg sync.WaitGroup
	wg.Go(func() {
		for off := 0; off < len(want); off += 700 {
			mustWriteAsync(t, r.Conn, want[off:min(off+700, len(want))])
		}
		if err := r.Conn.Drain(time.Now().Add(patience)); err != nil {
			t.Errorf("Drain: %v", err)
		}
	})
	same(t, collect(t, r.Peer, len(want)), want)
	wg.Wait()
}

// mustWriteAsync is mustWrite for goroutines that may not end the test.
func mustWriteAsync(t *testing.T, c link.Conn, p []byte) {
	if n, err := c.Write(p); n != len(p) || err != nil {
		t.Errorf("Write = %d, %v; want %d, nil", n, err, len(p))
	}
}

func nothingWritten(t *testing.T, r Rig) {
	if n, err := r.Conn.Write(nil); n != 0 || err != nil {
		t.Errorf("Write(nil) = %d, %v", n, err)
	}
	if err := r.Conn.Drain(time.Now().Add(patience)); err != nil {
		t.Errorf("Drain of nothing: %v", err)
	}
	if r.Mute {
		return
	}
	if n, err := r.Conn.Read(nil); n != 0 || err != nil {
		t.Errorf("Read(nil) = %d, %v", n, err)
	}
}

func replies(t *testing.T, r Rig) {
	if r.Mute {
		return
	}
	want := []byte{0x16, 0x37, 0x22, '1', '2', 0, 0x12, 0x14, 0x0f, 0xff}
	if _, err := r.Peer.Write(want); err != nil {
		t.Fatal(err)
	}
	same(t, read(t, r.Conn, len(want), 3), want)
}

// read reads n bytes with a buffer of size bytes.
func read(t *testing.T, c link.Conn, n, size int) []byte {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	var got []byte
	for len(got) < n {
		buf := make([]byte, size)
		m, err := c.Read(buf)
		if err != nil || m == 0 {
			t.Fatalf("Read = %d, %v after %d bytes", m, err, len(got))
		}
		got = append(got, buf[:m]...)
	}
	return got
}

func bothWays(t *testing.T, r Rig) {
	if r.Mute {
		return
	}
	slip, answer := Slip(2000), bytes.Repeat([]byte{0x12, 0x55, 0x00}, 100)
	var wg sync.WaitGroup
	wg.Go(func() { mustWriteAsync(t, r.Conn, slip) })
	wg.Go(func() {
		if _, err := r.Peer.Write(answer); err != nil {
			t.Error(err)
		}
	})
	got := make(chan []byte, 1)
	go func() { got <- collectQuietly(r.Peer, len(slip)) }()
	same(t, read(t, r.Conn, len(answer), 64), answer)
	select {
	case b := <-got:
		same(t, b, slip)
	case <-time.After(patience):
		t.Fatal("the slip did not arrive whole")
	}
	wg.Wait()
}

func readDeadline(t *testing.T, r Rig) {
	if r.Mute {
		return
	}
	start := time.Now()
	const wait = 30 * time.Millisecond
	_ = r.Conn.SetReadDeadline(start.Add(wait))
	n, err := r.Conn.Read(make([]byte, 8))
	if n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("Read = %d, %v; want a passed deadline", n, err)
	}
	if d := time.Since(start); d < wait || d > patience {
		t.Errorf("deadline of %v took %v", wait, d)
	}
	_ = r.Conn.SetReadDeadline(time.Now().Add(-time.Second))
	if _, err := r.Conn.Read(make([]byte, 8)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("Read past its deadline: %v", err)
	}
	if _, err := r.Peer.Write([]byte{0x12}); err != nil {
		t.Fatal(err)
	}
	same(t, read(t, r.Conn, 1, 8), []byte{0x12})
}

func readDeadlineMoves(t *testing.T, r Rig) {
	if r.Mute {
		return
	}
	done := blockedRead(t, r.Conn)
	_ = r.Conn.SetReadDeadline(time.Now())
	wantSoon(t, done, os.ErrDeadlineExceeded)
}

func mute(t *testing.T, r Rig) {
	if r.Conn.Caps().BackChannel == r.Mute {
		t.Fatalf("Caps().BackChannel = %v on a link with Mute %v", !r.Mute, r.Mute)
	}
	if !r.Mute {
		return
	}
	if n, err := r.Conn.Read(make([]byte, 8)); n != 0 || !errors.Is(err, link.ErrNoBackChannel) {
		t.Fatalf("Read = %d, %v; want ErrNoBackChannel", n, err)
	}
}

func writeDeadline(t *testing.T, r Rig) {
	if r.Fill == 0 {
		return
	}
	slip := Slip(r.Fill)
	_ = r.Conn.SetWriteDeadline(time.Now().Add(150 * time.Millisecond))
	n, err := r.Conn.Write(slip)
	if n >= len(slip) || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("Write = %d of %d, %v; want a passed deadline", n, len(slip), err)
	}
	tail := []byte("after the deadline the link goes on")
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = r.Conn.SetWriteDeadline(time.Now().Add(patience))
		mustWriteAsync(t, r.Conn, tail)
	})
	got := collect(t, r.Peer, n+len(tail))
	wg.Wait()
	same(t, got[:n], slip[:n])
	same(t, got[n:], tail)
}

func writeDeadlinePassed(t *testing.T, r Rig) {
	_ = r.Conn.SetWriteDeadline(time.Now().Add(-time.Second))
	if n, err := r.Conn.Write([]byte("late")); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("Write = %d, %v; want 0 and a passed deadline", n, err)
	}
	_ = r.Conn.SetWriteDeadline(time.Time{})
	mustWrite(t, r.Conn, []byte("ok"))
	var wg sync.WaitGroup
	wg.Go(func() { _ = r.Conn.Drain(time.Now().Add(patience)) }) // some links pass on only now
	same(t, collect(t, r.Peer, 2), []byte("ok"))
	wg.Wait()
}

func drainClose(t *testing.T, r Rig) {
	slip := Slip(1500)
	got := make(chan []byte, 1)
	go func() { got <- collectQuietly(r.Peer, len(slip)) }()
	mustWrite(t, r.Conn, slip)
	if err := r.Conn.Drain(time.Now().Add(patience)); err != nil {
		t.Fatalf("Drain: %v", err)
	}
	if err := r.Conn.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	select {
	case b := <-got:
		same(t, b, slip)
	case <-time.After(patience):
		t.Fatal("the slip did not arrive whole")
	}
}

func collectQuietly(p Peer, n int) []byte {
	b := make([]byte, n)
	m, _ := io.ReadFull(p, b)
	return b[:m]
}

func drainDeadline(t *testing.T, r Rig) {
	if r.Fill == 0 || !r.Holds {
		return
	}
	fill(r)
	start := time.Now()
	if err := r.Conn.Drain(start.Add(30 * time.Millisecond)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("Drain to a peer that takes nothing = %v", err)
	}
	if d := time.Since(start); d > patience {
		t.Errorf("Drain took %v", d)
	}
}

// fill writes until the link takes no more. One refusal is not enough: on a busy machine the time may be over before a
// write begins.
func fill(r Rig) {
	slip := Slip(r.Fill)
	for refused := 0; refused < 3; refused++ {
		_ = r.Conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		if n, _ := r.Conn.Write(slip); n > 0 {
			refused = -1
		}
	}
	_ = r.Conn.SetWriteDeadline(time.Time{})
}
