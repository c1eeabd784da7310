// Package discover looks for network printers in this machine's own networks, when it is told to.
//
// A stranger must not print because of it. So first is listened who says of himself (DNS-SD) what he is; what takes pages (PDF,
// PostScript, PCL), or has a port of IPP beside port 9100, is an office printer and is sent nothing at all. Anybody else gets three bytes
// first, DLE EOT 1: no printable character, and on a receipt printer a question that moves no paper. Only who answers that as a receipt
// printer does is asked for model and serial number. Addresses of configured printers are not touched.
//
// It keeps nothing; no goroutine outlives a call but that of a DNS-SD query, which ends within its time.
package discover

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/receiptd/receiptd/printer/link"
)

// A Kind says what is at an address.
type Kind string

// The kinds of devices.
const (
	Printer    Kind = "printer"    // answers as a receipt printer
	Silent     Kind = "silent"     // takes the connection and says nothing
	Office     Kind = "office"     // an office printer: it was sent nothing
	Other      Kind = "other"      // something else answers
	Configured Kind = "configured" // one of ours: it was not touched
)

// A Device is what is at one address.
type Device struct {
	Addr                 netip.Addr
	Port                 int
	Kind                 Kind
	Name                 string // that it announces, or of our configuration
	Maker, Model, Serial string // that it says of itself; clones say anything
	MAC                  net.HardwareAddr
	Tier                 string // at least, as far as it answered without printing: C, B
}

// Options say where to look.
type Options struct {
	// Subnets are the networks to ask; nil: the own ones. A named one may lie behind a router, but is private.
	Subnets []netip.Prefix
	// Ours are the addresses of configured printers with their names.
	Ours map[netip.Addr]string

	Port     int                                                         // 0: 9100
	Open     func(ctx context.Context, device string) (link.Conn, error) // nil: link.Open
	Services func(ctx context.Context) []Service                         // nil: DNS-SD in the own networks
	IPP      func(ctx context.Context, a netip.Addr) bool                // nil: whether port 631 is open
}

// Limits of a search.
const (
	atOnce   = 64
	dialTime = 700 * time.Millisecond
	mostBits = 12 // of hosts in a named network: 4094 addresses
	ownBits  = 10 // in an own one: 1022; of a larger one the /24 around this machine
)

// Why a network is not searched.
var (
	ErrTooLarge  = errors.New("too large: name a part of at most /20")
	ErrNotOurs   = errors.New("neither private nor one of this machine's own networks")
	ErrNoNetwork = errors.New("this machine has no IPv4 network of its own")
)

// Network looks for printers.
func Network(ctx context.Context, o Options) ([]Device, error) {
	own, mine, err := ownNetworks()
	if err != nil {
		return nil, err
	}
	nets := o.Subnets
	if nets == nil {
		nets = own
	}
	for _, n := range o.Subnets {
		if err := allowed(n, own); err != nil {
			return nil, fmt.Errorf("network %s: %w", n, err)
		}
	}
	if len(nets) == 0 {
		return nil, ErrNoNetwork
	}
	s := &search{o: o, said: map[netip.Addr]Service{}}
	s.defaults()
	for _, x := range s.o.Services(ctx) {
		if slices.ContainsFunc(nets, func(n netip.Prefix) bool { return n.Contains(x.Addr) }) {
			s.said[x.Addr] = merged(s.said[x.Addr], x)
		}
	}
	return s.run(ctx, hosts(nets, mine)), nil
}

// allowed reports why a named network is not searched.
func allowed(n netip.Prefix, own []netip.Prefix) error {
	switch {
	case !n.Addr().Is4() || 32-n.Bits() > mostBits:
		return ErrTooLarge
	case n.Addr().IsPrivate() || n.Addr().IsLinkLocalUnicast():
		return nil
	case slices.ContainsFunc(own, func(o netip.Prefix) bool { return o.Bits() <= n.Bits() && o.Contains(n.Addr()) }):
		return nil
	}
	return ErrNotOurs
}

// ownNetworks are the IPv4 networks that this machine stands in, and its addresses there.
func ownNetworks() (nets []netip.Prefix, mine []netip.Addr, err error) {
	cards, err := net.Interfaces()
	if err != nil {
		return nil, nil, fmt.Errorf("list network cards (under systemd the unit needs AF_NETLINK): %w", err)
	}
	for _, c := range cards {
		if c.Flags&net.FlagUp == 0 || c.Flags&(net.FlagLoopback|net.FlagPointToPoint) != 0 {
			continue
		}
		addrs, err := c.Addrs()
		if err != nil {
			continue // the card went away
		}
		for _, a := range addrs {
			p, err := netip.ParsePrefix(a.String())
			if err != nil || !p.Addr().Is4() {
				continue
			}
			mine = append(mine, p.Addr())
			if p.Addr().IsPrivate() || p.Addr().IsLinkLocalUnicast() {
				nets = append(nets, around(p))
			}
		}
	}
	slices.SortFunc(nets, func(a, b netip.Prefix) int { return a.Addr().Compare(b.Addr()) })
	return slices.Compact(nets), mine, nil
}

// around is an own network, or of a large one the part around this machine.
func around(p netip.Prefix) netip.Prefix {
	if 32-p.Bits() > ownBits {
		p = netip.PrefixFrom(p.Addr(), 24)
	}
	return p.Masked()
}

// hosts lists the addresses of networks, without those of the network itself, of everybody, and of this machine.
func hosts(nets []netip.Prefix, mine []netip.Addr) []netip.Addr {
	var out []netip.Addr
	for _, n := range nets {
		n = n.Masked()
		first, last := n.Addr(), broadcast(n)
		for a := first; n.Contains(a); a = a.Next() {
			edge := n.Bits() < 31 && (a == first || a == last)
			if !edge && !slices.Contains(mine, a) {
				out = append(out, a)
			}
		}
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return slices.Compact(out)
}

func broadcast(n netip.Prefix) netip.Addr {
	b := n.Addr().As4()
	for i := n.Bits(); i < 32; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(b)
}

// A search is one call of Network. Its workers share found.
type search struct {
	o     Options
	said  map[netip.Addr]Service // read only once the workers run
	mu    sync.Mutex             // guards found
	found []Device
}

func (s *search) defaults() {
	s.o.Port = cmp.Or(s.o.Port, 9100)
	if s.o.Open == nil {
		s.o.Open = func(ctx context.Context, device string) (link.Conn, error) {
			return link.Open(ctx, device, link.Options{DialTimeout: dialTime})
		}
	}
	if s.o.Services == nil {
		s.o.Services = announced
	}
	if s.o.IPP == nil {
		s.o.IPP = hasIPP
	}
}

// run looks at each address, some at once, until ctx ends.
func (s *search) run(ctx context.Context, list []netip.Addr) []Device {
	work := make(chan netip.Addr)
	var workers sync.WaitGroup
	for range min(atOnce, len(list)) {
		workers.Go(func() {
			for a := range work {
				if d, ok := s.look(ctx, a); ok {
					s.mu.Lock()
					s.found = append(s.found, d)
					s.mu.Unlock()
				}
			}
		})
	}
	for _, a := range list {
		select {
		case work <- a:
		case <-ctx.Done():
		}
	}
	close(work)
	workers.Wait()
	slices.SortFunc(s.found, func(a, b Device) int { return a.Addr.Compare(b.Addr) })
	return s.found
}

// look finds out what is at one address; false for nothing.
func (s *search) look(ctx context.Context, a netip.Addr) (Device, bool) {
	d := Device{Addr: a, Port: s.o.Port}
	if name := s.o.Ours[a]; name != "" {
		d.Kind, d.Name = Configured, name
		return d, true
	}
	says, announces := s.said[a]
	d.Name = says.Name
	if announces && says.Port != 0 {
		d.Port = says.Port
	}
	if says.office() {
		d.Kind = Office
		return d, true
	}
	conn, err := s.o.Open(ctx, d.Device())
	if err != nil {
		return d, false
	}
	defer conn.Close()
	if mac, err := link.HardwareAddr(conn); err == nil {
		d.MAC = mac
	}
	if s.o.IPP(ctx, a) {
		d.Kind = Office
		return d, true
	}
	ask(conn, &d)
	return d, true
}

// Device is how the configuration names it.
func (d *Device) Device() string {
	return fmt.Sprintf("tcp://%s", netip.AddrPortFrom(d.Addr, uint16(d.Port))) //nolint:gosec // a port
}

// Identity is how the configuration tells it from others, "" when it cannot.
func (d *Device) Identity() string {
	switch {
	case len(d.MAC) > 0:
		return "mac:" + d.MAC.String()
	case d.Serial != "":
		return "serial:" + d.Serial
	}
	return ""
}

// hasIPP reports whether a host takes print jobs by IPP, as every office printer does and no common receipt printer.
func hasIPP(ctx context.Context, a netip.Addr) bool {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "tcp", netip.AddrPortFrom(a, 631).String())
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// clean makes one short line of what a stranger says.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 || r == '\ufffd' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	if r := []rune(strings.TrimSpace(text)); len(r) > 60 {
		return string(r[:60])
	}
	return strings.TrimSpace(text)
}
