package certs_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io/fs"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/certs"
)

// A till is a machine whose clock, names and addresses the test turns.
type till struct {
	t       *testing.T
	dir     string
	now     time.Time
	machine certs.Machine
	names   []string
	trusted bool
}

func newTill(t *testing.T) *till {
	return &till{t: t, dir: t.TempDir(), now: time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC),
		machine: certs.Machine{Names: []string{"till", "till.local"}, Addresses: []netip.Addr{netip.MustParseAddr("192.168.1.10")}}}
}

func (x *till) start() *certs.Keeper {
	return certs.Open(certs.Options{Dir: x.dir, Names: x.names, Now: func() time.Time { return x.now }, Trusted: func() bool { return x.trusted },
		Machine: func() (certs.Machine, error) { return x.machine, nil }})
}

func (x *till) at(addresses ...string) {
	x.machine.Addresses = nil
	for _, a := range addresses {
		x.machine.Addresses = append(x.machine.Addresses, netip.MustParseAddr(a))
	}
}

// verify is what a device does that trusts an authority.
func (x *till) verify(k *certs.Keeper, authority []byte, host string) error {
	x.t.Helper()
	c, err := k.Get(nil)
	if err != nil {
		return err
	}
	root, err := x509.ParseCertificate(authority)
	if err != nil {
		x.t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(root)
	_, err = c.Leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: host, CurrentTime: x.now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	return err
}

func leafOf(t *testing.T, k *certs.Keeper) *x509.Certificate {
	t.Helper()
	c, err := k.Get(nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.Leaf
}

// The authority vouches for this machine alone, and a leaf holds no longer than browsers take.
func TestAuthority(t *testing.T) {
	x := newTill(t)
	k := x.start()
	for _, host := range []string{"till", "till.local", "192.168.1.10"} {
		if err := x.verify(k, k.Authority(), host); err != nil || !k.Answers(host) {
			t.Errorf("%s: %v, answers %v", host, err, k.Answers(host))
		}
	}
	for _, host := range []string{"192.168.1.11", "shop.example", "local", "evil.till.local.example", ""} {
		if host != "" && x.verify(k, k.Authority(), host) == nil || k.Answers(host) {
			t.Errorf("%q is this machine", host)
		}
	}
	leaf := leafOf(t, k)
	if life := leaf.NotAfter.Sub(leaf.NotBefore); life > 397*24*time.Hour || life < 300*24*time.Hour {
		t.Errorf("a leaf holds %v", life)
	}
	root, err := x509.ParseCertificate(k.Authority())
	if err != nil {
		t.Fatal(err)
	}
	if !root.PermittedDNSDomainsCritical || !root.IsCA || !root.MaxPathLenZero || len(root.PermittedIPRanges) != 1 {
		t.Errorf("authority: critical %v, CA %v, no further authority %v, addresses %v", root.PermittedDNSDomainsCritical, root.IsCA, root.MaxPathLenZero, root.PermittedIPRanges)
	}
	entries, err := os.ReadDir(x.dir)
	if err != nil || len(entries) != 2 {
		t.Fatal(entries, err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || runtime.GOOS != "windows" && info.Mode() != fs.FileMode(0o600) {
			t.Errorf("%s: %v %v", e.Name(), info.Mode(), err)
		}
	}
}

// Whoever stole the authority's key can speak for no other machine with it: x509 refuses what it signs.
func TestStolenKeySpeaksForNobodyElse(t *testing.T) {
	x := newTill(t)
	k := x.start()
	data, err := os.ReadFile(filepath.Join(x.dir, certs.AuthorityFile))
	if err != nil {
		t.Fatal(err)
	}
	stolen, err := tls.X509KeyPair(data, data)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(stolen.Leaf)
	for name, forge := range map[string]func(*x509.Certificate){
		"the till itself":  func(c *x509.Certificate) { c.DNSNames = []string{"till.local"} },
		"a site":           func(c *x509.Certificate) { c.DNSNames = []string{"bank.example"} },
		"a site beside":    func(c *x509.Certificate) { c.DNSNames = []string{"till.local", "bank.example"} },
		"the neighbour":    func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(192, 168, 1, 11)} },
		"the Internet":     func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(8, 8, 8, 8)} },
		"an IPv6 address":  func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.ParseIP("2001:db8::1")} },
		"a client's own":   func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} },
		"one more between": func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true },
	} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: x.now.Add(-time.Hour), NotAfter: x.now.Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
		forge(c)
		der, err := x509.CreateCertificate(rand.Reader, c, stolen.Leaf, &key.PublicKey, stolen.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		o := x509.VerifyOptions{Roots: pool, CurrentTime: x.now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
		if leaf.IsCA { // what it signs
			o.Intermediates = x509.NewCertPool()
			o.Intermediates.AddCert(leaf)
			child := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: c.NotBefore, NotAfter: c.NotAfter, DNSNames: []string{"till.local"}}
			if der, err = x509.CreateCertificate(rand.Reader, child, leaf, &key.PublicKey, key); err == nil {
				leaf, err = x509.ParseCertificate(der)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err = leaf.Verify(o); (err == nil) != (name == "the till itself") {
			t.Errorf("%s: %v", name, err)
		}
	}
	_ = k
}

// A start takes what is there: nobody has to trust or accept anything anew.
func TestRestartKeepsBoth(t *testing.T) {
	x := newTill(t)
	k := x.start()
	again := x.start()
	if string(again.Authority()) != string(k.Authority()) || !leafOf(t, again).Equal(leafOf(t, k)) || again.State().Fingerprint != k.State().Fingerprint {
		t.Error("a restart made another certificate")
	}
}

// Leaves are renewed in time, while it runs and after a year on a shelf, by the same authority.
func TestRenewal(t *testing.T) {
	x := newTill(t)
	x.trusted = true
	k := x.start()
	root, first := k.Authority(), leafOf(t, k)
	for day := range 5 * 365 {
		x.now = x.now.Add(24 * time.Hour)
		k.Look()
		if err := x.verify(k, root, "till.local"); err != nil {
			t.Fatalf("day %d: %v", day, err)
		}
		if left := leafOf(t, k).NotAfter.Sub(x.now); left < 50*24*time.Hour {
			t.Fatalf("day %d: %v are left", day, left)
		}
	}
	if leafOf(t, k).Equal(first) {
		t.Error("never renewed")
	}
	x.now = x.now.Add(3 * 365 * 24 * time.Hour)
	k = x.start()
	if err := x.verify(k, root, "till.local"); err != nil {
		t.Error("after years on a shelf:", err)
	}
}

// While nobody trusts the authority it follows the machine: it may have been made before there was a network.
func TestAuthorityFollowsUntilTrusted(t *testing.T) {
	x := newTill(t)
	x.at()
	k := x.start()
	first := k.Authority()
	x.at("10.0.0.5")
	k.Look()
	if err := x.verify(k, k.Authority(), "10.0.0.5"); err != nil {
		t.Fatal(err)
	}
	if string(first) == string(k.Authority()) {
		t.Error("the authority is still the one without an address")
	}
	x.trusted = true
	root := k.Authority()
	x.at("10.0.0.5", "172.17.0.1") // a bridge
	k.Look()
	if s := k.State(); string(k.Authority()) != string(root) || !slices.Equal(s.Missing, []string{"172.17.0.1"}) {
		t.Errorf("a device would have to trust anew; missing %v", s.Missing)
	}
	x.at("10.0.0.6")
	k.Look()
	if err := x.verify(k, root, "till.local"); err != nil || !k.Answers("10.0.0.6") {
		t.Error("by its name:", err)
	}
	if err := k.NewAuthority(); err != nil {
		t.Fatal(err)
	}
	if err := x.verify(k, k.Authority(), "10.0.0.6"); err != nil || len(k.State().Missing) > 0 {
		t.Error(err, k.State().Missing)
	}
}

// A network that the configuration names may be moved about in, and the leaf follows without a restart.
func TestLeafFollowsAddresses(t *testing.T) {
	x := newTill(t)
	x.names, x.trusted = []string{"192.168.1.0/24", "kasse.example"}, true
	k := x.start()
	root := k.Authority()
	for _, a := range []string{"192.168.1.77", "192.168.1.3"} {
		x.at(a)
		k.Look()
		if err := x.verify(k, root, a); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
	if err := x.verify(k, root, "192.168.1.77"); err == nil {
		t.Error("the address before is still this machine's")
	}
	if err := x.verify(k, root, "kasse.example"); err != nil {
		t.Error(err)
	}
}

// What is broken on disk is made anew; a clock that was years behind at the first start too.
func TestBrokenFiles(t *testing.T) {
	x := newTill(t)
	x.now = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
	x.start()
	x.now = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	k := x.start()
	if err := x.verify(k, k.Authority(), "till"); err != nil {
		t.Error("after a clock that was behind:", err)
	}
	for _, content := range []string{"", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"} {
		for _, name := range []string{certs.AuthorityFile, "lan-leaf.pem"} {
			if err := os.WriteFile(filepath.Join(x.dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			k := x.start()
			if err := x.verify(k, k.Authority(), "till"); err != nil {
				t.Errorf("%s of %q: %v", name, content, err)
			}
		}
	}
}

// A given certificate is taken over when its files change, and the one before stays while they are wrong.
func TestGiven(t *testing.T) {
	x := newTill(t)
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	k := certs.Open(certs.Options{Dir: x.dir, CertFile: cert, KeyFile: key, Machine: func() (certs.Machine, error) { return x.machine, nil }})
	if _, err := k.Get(nil); err == nil || k.State().Problem == "" {
		t.Error("a certificate from nowhere")
	}
	put := func(name string) {
		other := &till{t: t, dir: t.TempDir(), now: x.now, machine: certs.Machine{Names: []string{name}}}
		other.start()
		data, err := os.ReadFile(filepath.Join(other.dir, "lan-leaf.pem"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(cert, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(key, data, 0o600); err != nil {
			t.Fatal(err)
		}
		k.Look()
	}
	for _, name := range []string{"a.example", "b.example"} {
		put(name)
		if s := k.State(); s.Own || s.Problem != "" || !slices.Equal(s.Names, []string{name}) || !k.Answers(name) || !slices.Equal(s.Missing, []string{"192.168.1.10"}) {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if err := os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY"}), 0o600); err != nil {
		t.Fatal(err)
	}
	k.Look()
	if s := k.State(); s.Problem == "" || leafOf(t, k).DNSNames[0] != "b.example" || k.Authority() != nil {
		t.Errorf("%+v", s)
	}
	if err := k.NewAuthority(); err == nil {
		t.Error("an authority beside a given certificate")
	}
	if entries, _ := os.ReadDir(x.dir); len(entries) > 0 {
		t.Error("an authority was made beside a given certificate")
	}
}

func TestName(t *testing.T) {
	for text, want := range map[string]bool{"till": true, "Till.Shop.example": true, "192.168.1.9": true, "192.168.0.0/16": true, "fd00::1": true, "10.0.0.0/8": false, "0.0.0.0/0": false,
		"localhost": false, "": false, "a b": false, "http://till": false, "192.168.1": false, "192.168.1.999": false, "0.0.0.0": false, "fe80::1%eth0": false, "-a": false, "*.example": false} {
		if _, ok := certs.Name(text); ok != want {
			t.Errorf("%q: %v", text, ok)
		}
	}
	m, err := certs.This()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range m.Names {
		if n != strings.ToLower(n) {
			t.Error(n)
		}
	}
}
