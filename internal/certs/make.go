package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// newAuthority makes an authority that may vouch for a machine's own names and addresses, for servers only, and for no other authority.
func newAuthority(m Machine, now time.Time) (*pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	name := "till"
	if len(m.Names) > 0 {
		name = m.Names[0]
	}
	t := &x509.Certificate{
		Subject:   pkix.Name{CommonName: "receiptd " + name + " " + now.Format("2006-01-02"), Organization: []string{"receiptd on " + name}},
		NotBefore: now.Add(-backdated), NotAfter: now.Add(authorityTime),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: m.Names,
	}
	for _, a := range m.Addresses {
		t.PermittedIPRanges = append(t.PermittedIPRanges, ipNet(netip.PrefixFrom(a, a.BitLen())))
	}
	for _, n := range m.Networks {
		t.PermittedIPRanges = append(t.PermittedIPRanges, ipNet(n))
	}
	// A kind of name without a constraint would be free.
	if len(t.PermittedDNSDomains) == 0 {
		t.PermittedDNSDomains = []string{"nobody.invalid"}
	}
	if len(t.PermittedIPRanges) == 0 {
		t.PermittedIPRanges = []*net.IPNet{ipNet(netip.MustParsePrefix("::1/128"))}
	}
	return sign(t, t, key, key)
}

// newLeaf makes a certificate for a machine, of an authority that may vouch for it.
func newLeaf(authority *pair, m Machine, now time.Time) (*pair, error) {
	if len(m.Names)+len(m.Addresses) == 0 {
		return nil, errors.New("this machine has no name and no address that the authority of its page may vouch for: make the authority anew (receiptd device authority --new)")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	end := now.Add(leafTime)
	if end.After(authority.cert.NotAfter) {
		end = authority.cert.NotAfter
	}
	t := &x509.Certificate{Subject: pkix.Name{CommonName: "receiptd's page"}, NotBefore: now.Add(-backdated), NotAfter: end, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, DNSNames: m.Names}
	for _, a := range m.Addresses {
		t.IPAddresses = append(t.IPAddresses, a.AsSlice())
	}
	return sign(t, authority.cert, key, authority.key)
}

func sign(t, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) (*pair, error) {
	der, err := x509.CreateCertificate(rand.Reader, t, parent, &key.PublicKey, parentKey)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read the certificate just made: %w", err)
	}
	return &pair{cert, key}, nil
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
