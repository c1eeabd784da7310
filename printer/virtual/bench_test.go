package virtual_test

import (
	"io"
	"net"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
)

// slip1K is a slip of about one kilobyte, with proof requests.
func slip1K() string {
	return "\x1b@\x1c&" + strings.Repeat(gbk("商户名称：好味小馆")+"  MERCHANT\n", 32) + fence("0001") + cut + fence("0002")
}

// BenchmarkSlip is one slip at maximum speed over TCP, until its proof is back.
func BenchmarkSlip(b *testing.B) {
	p := virtual.New(virtual.Options{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = p.ServeTCP(b.Context(), ln) }()
	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	slip := slip1K()
	b.SetBytes(int64(len(slip)))
	b.ReportAllocs()
	reply := make([]byte, 14)
	for b.Loop() {
		if _, err := io.WriteString(c, slip); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(c, reply); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDraw is drawing one slip.
func BenchmarkDraw(b *testing.B) {
	p := virtual.New(virtual.Options{})
	host, device := net.Pipe()
	go func() { _ = p.Serve(b.Context(), device) }()
	go func() { _, _ = io.Copy(io.Discard, host) }()
	if _, err := io.WriteString(host, slip1K()+"\n"); err != nil {
		b.Fatal(err)
	}
	if err := p.Await(b.Context(), func(virtual.State) bool { return len(p.Pieces()) == 1 }); err != nil {
		b.Fatal(err)
	}
	c := p.Pieces()[0]
	for b.Loop() {
		_ = c.Image()
	}
}
