package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/net/ipv4"
)

// Names of .local are asked of everybody in the own networks (multicast DNS, RFC 6762): a program without the system's C library does not
// get them from the system's resolver.

// mdnsGroup is where such questions go; a variable for tests.
var mdnsGroup = &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}

const (
	localTime  = 1200 * time.Millisecond // for an answer
	localAgain = 300 * time.Millisecond  // a question may get lost
)

// errNobody is a DNS error, so that it is diagnosed as one.
func errNobody(host string) error {
	return &net.DNSError{Err: "nobody in this machine's networks answers to the name", Name: host, IsNotFound: true}
}

func isLocalName(host string) bool {
	return strings.HasSuffix(strings.ToLower(strings.TrimSuffix(host, ".")), ".local")
}

// lookupLocal asks for the IPv4 address of a name of .local. Only an address in a private network, or in one of this machine's own, is
// taken: whoever answers must not lead anywhere else.
func lookupLocal(ctx context.Context, host string) (netip.Addr, error) {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{})
	if err != nil {
		return netip.Addr{}, fmt.Errorf("ask for %s: %w", host, err)
	}
	defer c.Close()
	name := dns.Fqdn(strings.ToLower(host))
	q := new(dns.Msg)
	q.SetQuestion(name, dns.TypeA)
	q.RecursionDesired = false
	q.Question[0].Qclass |= 1 << 15 // answer to this socket
	question, err := q.Pack()
	if err != nil {
		return netip.Addr{}, fmt.Errorf("ask for %s: %w", host, err)
	}
	end := time.Now().Add(localTime)
	if limit, ok := ctx.Deadline(); ok && limit.Before(end) {
		end = limit
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetReadDeadline(time.Now()) })
	defer stop()
	for ctx.Err() == nil && time.Now().Before(end) {
		if err := multicast(c, question); err != nil {
			return netip.Addr{}, fmt.Errorf("ask for %s: %w", host, err)
		}
		again := time.Now().Add(localAgain)
		if end.Before(again) {
			again = end
		}
		if a, ok := answerTo(c, name, again); ok {
			return a, nil
		}
	}
	return netip.Addr{}, errNobody(host)
}

// multicast sends a question from each network card; its error says that none could.
func multicast(c *net.UDPConn, question []byte) error {
	cards, err := net.Interfaces()
	if err != nil {
		return err
	}
	p := ipv4.NewPacketConn(c)
	failed, sent := error(nil), false
	for i := range cards {
		if cards[i].Flags&net.FlagUp == 0 || cards[i].Flags&net.FlagMulticast == 0 {
			continue
		}
		err := p.SetMulticastInterface(&cards[i])
		if err == nil {
			_, err = p.WriteTo(question, nil, mdnsGroup)
		}
		if err == nil {
			sent = true
		} else {
			failed = errors.Join(failed, err)
		}
	}
	if sent || failed == nil {
		return nil
	}
	return failed
}

// answerTo reads until an address for the name came, or for so long.
func answerTo(c *net.UDPConn, name string, until time.Time) (netip.Addr, bool) {
	buf := make([]byte, 9000) // the most that such an answer has (RFC 6762, 17)
	if c.SetReadDeadline(until) != nil {
		return netip.Addr{}, false
	}
	for {
		n, _, err := c.ReadFromUDP(buf)
		if err != nil {
			return netip.Addr{}, false
		}
		var m dns.Msg
		if m.Unpack(buf[:n]) != nil || !m.Response {
			continue
		}
		for _, r := range append(m.Answer, m.Extra...) {
			record, ok := r.(*dns.A)
			if !ok || !strings.EqualFold(record.Hdr.Name, name) {
				continue
			}
			if a, ok := netip.AddrFromSlice(record.A.To4()); ok && near(a) {
				return a, true
			}
		}
	}
}

// near reports an address that a name of .local may have.
func near(a netip.Addr) bool {
	if a.IsPrivate() || a.IsLinkLocalUnicast() {
		return true
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, own := range addrs {
		if p, err := netip.ParsePrefix(own.String()); err == nil && !p.Addr().IsLoopback() && p.Contains(a) {
			return true
		}
	}
	return false
}
