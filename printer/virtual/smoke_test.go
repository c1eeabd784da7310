package virtual_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/virtual"
)

func TestSmoke(t *testing.T) {
	p := virtual.New(virtual.Options{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.ServeTCP(ctx, ln) }()
	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(5 * time.Second))
	c.Write([]byte("\x1b@\x1c&\x1da\xff\xba\xcf\xbc\xc6 12.50\n\x1b!\x30BIG\n\x1d(H\x06\x00001234\x1dV\x42\x00\x1d(H\x06\x00001235\x1dr\x01\x10\x04\x01"))
	buf := make([]byte, 100)
	got := 0
	for got < 4+14+2 {
		n, err := c.Read(buf[got:])
		if err != nil {
			t.Fatal(err, buf[:got])
		}
		got += n
	}
	t.Logf("% x", buf[:got])
	for _, pc := range p.Pieces() {
		t.Logf("%+v\n%s", pc.DotsHigh, pc.Text())
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
