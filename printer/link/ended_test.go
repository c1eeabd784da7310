package link_test

import (
	"errors"
	"net"
	"testing"

	"github.com/receiptd/receiptd/printer/link"
)

// A peer that ends the connection in order is told from one that breaks it off.
func TestEnded(t *testing.T) {
	for name, row := range map[string]struct {
		linger int // of the peer's close: 0 resets
		ended  bool
	}{"in order": {-1, true}, "broken off": {0, false}} {
		t.Run(name, func(t *testing.T) {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			c, err := link.Open(t.Context(), "tcp://"+ln.Addr().String(), link.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			peer, err := ln.Accept()
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(peer.(*net.TCPConn).SetLinger(row.linger), peer.Close()); err != nil {
				t.Fatal(err)
			}
			_, err = c.Read(make([]byte, 1))
			if !errors.Is(err, link.ErrLost) || errors.Is(err, link.ErrEnded) != row.ended {
				t.Errorf("read: %v", err)
			}
		})
	}
}
