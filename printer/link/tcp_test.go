package link_test

import (
	"net"
	"testing"

	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/link/linktest"
)

type tcpPeer struct{ net.Conn }

func (p tcpPeer) HangUp() {
	_ = p.Conn.(*net.TCPConn).SetLinger(0)
	_ = p.Close()
}

func tcpRig(t *testing.T) linktest.Rig {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := link.Open(t.Context(), "tcp://"+l.Addr().String(), link.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close(); _ = c.Close() })
	return linktest.Rig{Conn: c, Peer: tcpPeer{p}, Fill: 16 << 20, Holds: true}
}

func TestTCPConforms(t *testing.T) { linktest.Run(t, tcpRig) }
