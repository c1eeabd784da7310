package daemon_test

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
)

// floods sends until the other end breaks off, at most so much, and reports whether it did.
func floods(t *testing.T, addr string, begin, part []byte, most int) bool {
	t.Helper()
	c := dialled(t, addr)
	defer c.Close()
	if _, err := c.Write(begin); err != nil {
		return true
	}
	for n := 0; n < most; n += len(part) {
		if _, err := c.Write(part); err != nil {
			return true
		}
	}
	_ = c.CloseWrite()
	_, err := c.Read(make([]byte, 1))
	return err != nil && strings.Contains(err.Error(), "reset")
}

// TestCapturedHostile: what never ends, is too large, or is no slip at all is broken off and told of once; nothing of it is printed as whole,
// and a slow program beside it prints its own slip.
func TestCapturedHostile(t *testing.T) {
	s, addr := captured(t, virtual.Options{}, "")
	slow, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	begin, end := "\x1b@SLOW SLIP\nCof", "fee 4.00\n\x1dVB\x00"
	if _, err := slow.Write([]byte(begin)); err != nil {
		t.Fatal(err)
	}
	picture := []byte("\x1dv0\x00\x48\x00\xff\xff") // 72 bytes wide, 65535 rows: 4.7 MB
	noise := make([]byte, 64<<10)
	for i := range noise {
		noise[i] = byte(i*7 + i>>8)
	}
	for name, row := range map[string][2][]byte{
		"without an end":   {[]byte("\x1b@"), bytes.Repeat([]byte("and so on\n"), 1000)},
		"one endless line": {[]byte("\x1b@"), bytes.Repeat([]byte("x"), 10000)},
		"a large picture":  {picture, make([]byte, 64<<10)},
		"many pictures":    {nil, append([]byte("\x1dv0\x00\x48\x00\xe8\x03"), make([]byte, 72000)...)},
		"a code's data":    {[]byte("\x1dk\x04"), bytes.Repeat([]byte("A"), 10000)},
	} {
		if !floods(t, addr, row[0], row[1], 12<<20) {
			t.Errorf("%s: 10 MB are taken", name)
		}
	}
	floods(t, addr, nil, noise, 1<<20) // garbage may hold cuts; whatever becomes of it, the daemon goes on
	if _, err := slow.Write([]byte(end)); err != nil {
		t.Fatal(err)
	}
	s.await("the slow slip", func() bool {
		for _, p := range s.printers["front"].Pieces() {
			if p.Contains("SLOW SLIP") && p.Contains("Coffee 4.00") {
				return !p.Contains("and so on") && !p.Contains("xxxx")
			}
		}
		return false
	})
	if n := strings.Count(s.log.String(), "a slip was not taken"); n != 1 {
		t.Errorf("it is told of %d times", n)
	}
}

// TestCapturedTogether: programs that print at once, each piece by piece, never find another's line on their slips.
func TestCapturedTogether(t *testing.T) {
	s, addr := captured(t, virtual.Options{}, "")
	const programs = 6
	var conns [programs]net.Conn
	for i := range conns {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns[i] = c
	}
	for line := range 8 {
		for i, c := range conns {
			text := fmt.Sprintf("program %d line %d\n", i, line)
			if line == 7 {
				text += "\x1dVB\x00"
			}
			if _, err := c.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, p := range s.pieces(programs) {
		own := p.Text()[:len("program 0")]
		if strings.Count(p.Text(), own) != 8 || strings.Count(p.Text(), "program") != 8 {
			t.Errorf("mixed:\n%s", p.Text())
		}
	}
}
