package notify

import (
	"errors"
	"net/netip"
	"slices"
	"syscall"
)

// errAddress says that a name led to an address where nothing may be sent to.
var errAddress = errors.New("this address is not allowed")

// privateNetworks are those that a section may name: loopback, the networks of shops and of carriers (RFC 1918, 4193, 6598).
var privateNetworks = prefixes("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7")

// reserved are networks where nobody listens in public, or whose addresses hide another one (IANA special-purpose registries).
var reserved = prefixes("0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16",
	"fe80::/10", "fec0::/10", "ff00::/8")

// nat64 carries an IPv4 address in its last four bytes: networks without IPv4 reach everything through it (RFC 6052).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, text := range list {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

func within(ip netip.Addr, nets []netip.Prefix) bool {
	return slices.ContainsFunc(nets, func(n netip.Prefix) bool { return n.Contains(ip) })
}

// plain takes an address out of the forms that mean the same one.
func plain(ip netip.Addr) netip.Addr {
	ip = ip.Unmap().WithZone("")
	if nat64.Contains(ip) {
		b := ip.As16()
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return ip
}

func isPrivate(ip netip.Addr) bool { return within(ip, privateNetworks) }

// allows reports whether something may be sent to an address that the name led to: a public one by HTTPS, a private one that the
// section names.
func (a *address) allows(ip netip.Addr) bool {
	switch ip = plain(ip); {
	case isPrivate(ip):
		return within(ip, a.private)
	case !ip.IsValid() || within(ip, reserved):
		return false
	}
	return a.url.Scheme == "https"
}

// control looks at the address that is really dialled, after every name was resolved: a name that leads elsewhere the second time it is
// asked gains nothing.
func (a *address) control(_, to string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(to)
	if err != nil || !a.allows(at.Addr()) {
		return errAddress
	}
	return nil
}
