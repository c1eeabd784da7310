package daemon_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/printer/virtual"
)

// captured starts a shop in which a program can print to the address that is given.
func captured(t *testing.T, o virtual.Options, extra string) (*testShop, string) {
	t.Helper()
	s, addr := newTestShop(t, o, "front"), fleettest.FreeAddr(t)
	s.write("[shop]\nlocale=\"en\"\n"+captureSection("till", addr, extra+"\n"), "front")
	s.start()
	return s, addr
}

// dialled is a connection to receiptd as a program has one, for a minute.
func dialled(t *testing.T, addr string) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	return c.(*net.TCPConn)
}

// prints sends a slip as a program does, and gives how the connection ended: nil after a close that says that it was taken.
func prints(t *testing.T, addr string, sent []byte) error {
	t.Helper()
	c := dialled(t, addr)
	defer c.Close()
	if _, err := c.Write(sent); err != nil {
		return err
	}
	if err := c.CloseWrite(); err != nil {
		return err
	}
	_, err := io.ReadAll(c)
	return err
}

func (s *testShop) pieces(n int) []virtual.Piece {
	s.t.Helper()
	var list []virtual.Piece
	s.await(fmt.Sprintf("%d pieces of paper", n), func() bool {
		list = slices.DeleteFunc(s.printers["front"].Pieces(), func(p virtual.Piece) bool { return p.Text() == "" }) // a roll's end
		return len(list) >= n
	})
	return list
}

const slip = "\x1b@\x1ba\x01\x1d!\x11RECEIPT\n\x1d!\x00\x1ba\x00Coffee       4.00\n%s\n\x1dV\x42\x00"

// TestCapturedAsSent: what programs of others send comes out as if they had printed it themselves.
func TestCapturedAsSent(t *testing.T) {
	s, addr := captured(t, virtual.Options{}, "")
	n := 0
	for _, file := range []string{"receiptio", "esc-pos-encoder", "receipt-printer-encoder", "node-thermal-printer", "node-escpos"} {
		sent, err := os.ReadFile(filepath.Join("..", "..", "printer", "virtual", "testdata", "producers", file+".bin"))
		if err != nil {
			t.Fatal(err)
		}
		if err := prints(t, addr, sent); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		n++
		got := s.pieces(n)[n-1]
		if want := direct(t, sent); got.SHA256() != want.SHA256() {
			t.Errorf("%s:\n%s\nwant\n%s", file, got.Text(), want.Text())
		}
	}
	if p := s.printers["front"].State().Counters.Drawer; p != 0 {
		t.Errorf("%d pulses for the drawer", p)
	}
}

// direct gives the first piece of paper that a stream prints without receiptd.
func direct(t *testing.T, sent []byte) virtual.Piece {
	t.Helper()
	pieces := make(chan virtual.Piece, 8)
	p := virtual.New(virtual.Options{OnPiece: func(c virtual.Piece) { pieces <- c }})
	host, device := net.Pipe()
	go func() { _ = p.Serve(t.Context(), device) }()
	go func() { _, _ = io.Copy(io.Discard, host) }()
	defer host.Close()
	if _, err := host.Write(sent); err != nil {
		t.Fatal(err)
	}
	return <-pieces
}

// TestCapturedRetry: what comes again before it is printed is one slip; afterwards it says what it may be. A reprint is marked.
func TestCapturedRetry(t *testing.T) {
	s, addr := captured(t, virtual.Options{}, "")
	first := fmt.Appendf(nil, slip, "no 1")
	s.set("front", virtual.Change{Paper: "out"})
	for range 3 {
		if err := prints(t, addr, first); err != nil {
			t.Fatal(err)
		}
	}
	other := fmt.Appendf(nil, slip, "no 2")
	if err := prints(t, addr, other); err != nil {
		t.Fatal(err)
	}
	s.set("front", virtual.Change{Paper: "ok"})
	got := s.pieces(2)
	if len(got) != 2 || !got[0].Contains("no 1") || !got[1].Contains("no 2") || got[0].Contains("DUPLICATE") {
		t.Fatalf("%d pieces:\n%s\n%s", len(got), got[0].Text(), got[1].Text())
	}
	s.await("the proof", func() bool { return strings.Count(s.log.String(), "") > 0 && s.shownPrinted(2) })
	if err := prints(t, addr, first); err != nil {
		t.Fatal(err)
	}
	if again := s.pieces(3)[2]; !again.Contains("POSSIBLE DUPLICATE") || !again.Contains("RECEIPT") {
		t.Errorf("again:\n%s", again.Text())
	}
}

// shownPrinted waits for nothing: it says whether so many copies are proven.
func (s *testShop) shownPrinted(n int64) bool {
	return s.printers["front"].State().Counters.Proofs >= 2*n
}

// TestCapturedQuestions: a program hears how the printer is, and its id when its slip is printed.
func TestCapturedQuestions(t *testing.T) {
	s, addr := captured(t, virtual.Options{}, "")
	if err := prints(t, addr, fmt.Appendf(nil, slip, "so that the printer is known")); err != nil {
		t.Fatal(err)
	}
	s.pieces(1)
	c := dialled(t, addr)
	defer c.Close()
	ask := func(sent, want string) {
		t.Helper()
		if _, err := io.WriteString(c, sent); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(want))
		if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
			t.Fatalf("%q: % x, %v, want % x", sent, got, err, want)
		}
	}
	s.await("a printer that is well", func() bool {
		_, _ = io.WriteString(c, "\x10\x04\x01")
		b := make([]byte, 1)
		_, err := io.ReadFull(c, b)
		return err == nil && b[0] == 0x16
	})
	ask("\x1dI\x43", "\x5fGENERIC-80\x00")
	ask(fmt.Sprintf(slip, "no 1")+"\x1d(H\x06\x0000abcd", "\x37\x22abcd\x00")
	if len(s.pieces(2)) != 2 {
		t.Error("its id came before its paper")
	}
	ask("\x1dr\x01", "\x00")
	s.set("front", virtual.Change{Paper: "out"})
	s.await("a printer without paper", func() bool {
		_, _ = io.WriteString(c, "\x10\x04\x04")
		b := make([]byte, 1)
		_, err := io.ReadFull(c, b)
		return err == nil && b[0] == 0x7E
	})
	if _, err := io.WriteString(c, fmt.Sprintf(slip, "no 2")+"\x1dr\x01"); err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	if n, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("an answer behind a slip that waits for paper: %d, %v", n, err)
	}
	_ = c.SetReadDeadline(time.Now().Add(time.Minute))
	s.set("front", virtual.Change{Paper: "ok"})
	ask("", "\x00")
	if n := len(s.pieces(3)); n != 3 {
		t.Errorf("%d pieces", n)
	}
}

// TestCapturedHalf: a slip that breaks off is kept and asked about, and what cannot be a slip is answered with a reset.
func TestCapturedHalf(t *testing.T) {
	s, addr := captured(t, virtual.Options{}, "")
	if err := prints(t, addr, []byte("\x1b@half a slip\n")); err != nil {
		t.Fatal(err)
	}
	if err := prints(t, addr, fmt.Appendf(nil, slip, "no 1")); err != nil {
		t.Fatal(err)
	}
	if got := s.pieces(1)[0]; !got.Contains("no 1") || got.Contains("half") {
		t.Errorf("%s", got.Text())
	}
	if !strings.Contains(s.log.String(), "broke off") {
		t.Error("nothing in the log")
	}
	if err := prints(t, addr, []byte("\x1d8L\xff\xff\xff\x7f"+strings.Repeat("x", 100))); err == nil {
		t.Error("a picture of 2 GB is taken")
	}
}

// TestCapturedEnds: a program without a cutter ends its slip by closing.
func TestCapturedEnds(t *testing.T) {
	s, addr := captured(t, virtual.Options{Model: "generic-80"}, "end=\"close\"")
	if err := prints(t, addr, []byte("\x1b@one\n\x1dVB\x00two\nthree\x1dr\x01")); err != nil {
		t.Fatal(err)
	}
	if got := s.pieces(1)[0]; got.Text() != "one" {
		t.Errorf("%q", got.Text())
	}
	s.await("the rest", func() bool { return strings.Contains(s.printers["front"].Hanging().Text(), "two\nthree") })
}

// TestCapturedCard: no card number stays, and the slip comes out without it.
func TestCapturedCard(t *testing.T) {
	s, addr := captured(t, virtual.Options{}, "")
	pan := "411111111111" + "1111"
	groups := "4111  a\n1111  b\n1111  c\n1111  d"
	track := ";" + pan + "=30122010000000000000?"
	for i, text := range []string{"\x1bE\x014\x1bE\x00" + pan[1:], "CARD 4111 1111 1111 1111", groups, track, "\x1b$\x78\x001111 1111\x1b$\x00\x004111 1111\n"} {
		if err := prints(t, addr, fmt.Appendf(nil, slip, text)); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		got := s.pieces(i + 1)[i]
		if digits := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, got.Text()); strings.Contains(digits, pan) || !got.Contains("RECEIPT") {
			t.Errorf("%q:\n%s", text, got.Text())
		}
	}
	s.end()
	err := filepath.WalkDir(s.dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(pan)) {
			t.Errorf("%s holds the number", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestCapturedSilence: two programs at one port that neither cut nor close, a byte at a time, each print their own slip.
func TestCapturedSilence(t *testing.T) {
	s, addr := captured(t, virtual.Options{}, "end=\"idle\"\nidle=\"1500ms\"")
	var conns [2]net.Conn
	for i := range conns {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns[i] = c
	}
	texts := [2]string{"\x1b@first of two\n\x1bd\x06\x1bi", "\x1b@other program\n\x1bd\x06\x1bi"}
	for at := range max(len(texts[0]), len(texts[1])) {
		for i, c := range conns {
			if at < len(texts[i]) {
				if _, err := c.Write([]byte{texts[i][at]}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	got := s.pieces(2)
	all := got[0].Text() + "|" + got[1].Text()
	if !strings.Contains(all, "first of two") || !strings.Contains(all, "other program") || len(got) != 2 {
		t.Errorf("%q", all)
	}
}
