package link

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/miekg/dns"
)

// TestLocalName plays those who answer to a name of .local, the wrong ones first.
func TestLocalName(t *testing.T) {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	old := mdnsGroup
	mdnsGroup, _ = c.LocalAddr().(*net.UDPAddr)
	defer func() { mdnsGroup = old }()
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := c.ReadFromUDP(buf)
			if err != nil {
				return
			}
			var q dns.Msg
			if q.Unpack(buf[:n]) != nil || q.Question[0].Name != "printer.local." {
				continue
			}
			for _, rr := range []string{"other.local. 10 IN A 10.0.0.1", "printer.local. 10 IN A 8.8.8.8", "printer.local. 10 IN TXT \"x\"", "Printer.LOCAL. 10 IN A 10.0.0.7"} {
				record, err := dns.NewRR(rr)
				if err != nil {
					t.Error(err)
					return
				}
				m := new(dns.Msg)
				m.Response, m.Answer = true, []dns.RR{record}
				data, err := m.Pack()
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = c.WriteToUDP([]byte("\x00\x01garbage"), from)
				_, _ = c.WriteToUDP(data, from)
			}
		}
	}()
	a, err := lookupLocal(t.Context(), "printer.local")
	if err != nil || a.String() != "10.0.0.7" {
		t.Errorf("%v, %v", a, err)
	}
	_, err = lookupLocal(t.Context(), "nobody.local")
	var name *net.DNSError
	if !errors.As(err, &name) || !name.IsNotFound {
		t.Errorf("nobody answers: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := lookupLocal(ended, "printer.local"); err == nil {
		t.Error("a lookup went on after its end")
	}
}
