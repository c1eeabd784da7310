package certs

import (
	"cmp"
	"crypto/x509"
	"net"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
)

// A Machine is what a machine is called: names in small letters, and addresses. Networks are where it may get an address.
type Machine struct {
	Names     []string
	Addresses []netip.Addr
	Networks  []netip.Prefix
}

// hostName is a name as a certificate and a browser take it.
var hostName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// This is the machine that the program runs on. Of its addresses those of other machines' view count: no loopback, no link-local ones, and
// of IPv6 the unique local ones, since others change by the day.
func This() (Machine, error) {
	var m Machine
	if name, err := os.Hostname(); err == nil {
		if name = strings.ToLower(name); hostName.MatchString(name) && name != "localhost" {
			m.Names = append(m.Names, name)
			if !strings.Contains(name, ".") {
				m.Names = append(m.Names, name+".local")
			}
		}
	}
	list, err := net.InterfaceAddrs()
	for _, x := range list {
		if n, ok := x.(*net.IPNet); ok {
			a, _ := netip.AddrFromSlice(n.IP)
			if a = a.Unmap(); !a.IsLoopback() && !a.IsLinkLocalUnicast() && (a.Is4() || a.IsPrivate()) {
				m.Addresses = append(m.Addresses, a)
			}
		}
	}
	return m.sorted(), err
}

// Name reads one of Options.Names: a name, an address or a network.
func Name(text string) (m Machine, ok bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if p, err := netip.ParsePrefix(text); err == nil {
		return Machine{Networks: []netip.Prefix{p.Masked()}}, p.Bits() >= 16
	}
	if a, err := netip.ParseAddr(text); err == nil {
		return Machine{Addresses: []netip.Addr{a}}, a.Zone() == "" && !a.IsUnspecified() && !a.IsMulticast()
	}
	numeric := strings.Trim(text, "0123456789.") == "" // a mistyped address
	return Machine{Names: []string{text}}, hostName.MatchString(text) && !numeric && text != "localhost"
}

// with adds configured names. Those that cannot be read were refused before.
func (m Machine) with(names []string) Machine {
	for _, text := range names {
		if x, ok := Name(text); ok {
			m.Names, m.Addresses, m.Networks = append(m.Names, x.Names...), append(m.Addresses, x.Addresses...), append(m.Networks, x.Networks...)
		}
	}
	return m.sorted()
}

func (m Machine) sorted() Machine {
	m.Names, m.Addresses, m.Networks = slices.Clone(m.Names), slices.Clone(m.Addresses), slices.Clone(m.Networks)
	slices.Sort(m.Names)
	slices.SortFunc(m.Addresses, netip.Addr.Compare)
	slices.SortFunc(m.Networks, func(a, b netip.Prefix) int { return cmp.Compare(a.String(), b.String()) })
	m.Names, m.Addresses, m.Networks = slices.Compact(m.Names), slices.Compact(m.Addresses), slices.Compact(m.Networks)
	return m
}

// all lists names, then addresses.
func (m Machine) all() []string {
	out := slices.Clone(m.Names)
	for _, a := range m.Addresses {
		out = append(out, a.String())
	}
	return out
}

// namesOf is what a certificate is for.
func namesOf(c *x509.Certificate) Machine {
	m := Machine{Names: c.DNSNames}
	for _, ip := range c.IPAddresses {
		if a, ok := netip.AddrFromSlice(ip); ok {
			m.Addresses = append(m.Addresses, a.Unmap())
		}
	}
	return m.sorted()
}

// within is the part of a machine that an authority may vouch for.
func (m Machine) within(authority *x509.Certificate) Machine {
	var out Machine
	for _, n := range m.Names {
		if permitsName(authority, n) {
			out.Names = append(out.Names, n)
		}
	}
	for _, a := range m.Addresses {
		if permits(authority, a) {
			out.Addresses = append(out.Addresses, a)
		}
	}
	return out
}

// outside lists the names and addresses of a machine that an authority may not vouch for.
func (m Machine) outside(authority *x509.Certificate) []string {
	var out []string
	for _, n := range m.Names {
		if !permitsName(authority, n) {
			out = append(out, n)
		}
	}
	for _, a := range m.Addresses {
		if !permits(authority, a) {
			out = append(out, a.String())
		}
	}
	return out
}

func permitsName(authority *x509.Certificate, name string) bool {
	return slices.ContainsFunc(authority.PermittedDNSDomains, func(d string) bool { return name == d || strings.HasSuffix(name, "."+d) })
}

func permits(authority *x509.Certificate, a netip.Addr) bool {
	return slices.ContainsFunc(authority.PermittedIPRanges, func(n *net.IPNet) bool { return n.Contains(a.AsSlice()) })
}
