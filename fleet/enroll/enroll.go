// Package enroll is the small certificate authority of a fleet: one folder with the authority, and a folder for each shop, centre and
// broker with all that it needs. Keys are ECDSA P-256 and readable by their owner alone; a certificate's common name is the shop's name,
// by which the broker knows which topics it may use.
//
// A file is written whole or not at all. Nothing here speaks to a network.
package enroll

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/internal/wholefile"
)

// The files of an authority's folder and of one member's.
const (
	CAFile    = "ca.pem"
	CAKey     = "ca.key"    // never leaves the authority
	IssuedDir = "ca.issued" // each certificate that was ever issued; no member can be called that
	CRLFile   = "crl.pem"
	CertFile  = "cert.pem"
	KeyFile   = "key.pem"
)

// How long certificates live.
const (
	caYears   = 20
	leafYears = 2
	crlLife   = caYears * 365 * 24 * time.Hour // as the authority's: a list that is over shuts all shops out, and nobody fetches a newer one by itself
	overlap   = 24 * time.Hour                 // before the clock, for shops whose clocks are behind
)

// ofFleet ends an authority's name.
const ofFleet = " receiptd fleet"

// Errors that callers branch on.
var (
	ErrName   = errors.New("a name has 1 to 32 letters, digits and dashes")
	ErrExists = errors.New("there is a certificate for this name already; renew it, or revoke it first")
	ErrNone   = errors.New("there is no certificate for this name")
)

// A Member is who gets a certificate.
type Member struct {
	Name  string
	Hosts []string // of a broker: the names and addresses that it is reached by; empty: a shop or a centre, or those of the one that is renewed
	Renew bool     // a new certificate for a name that has one
}

// An Authority is an opened folder.
type Authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	now  time.Time
	lost bool // the record was not whole
}

// Open opens the authority in a folder, and makes it where there is none.
func Open(dir, organisation string, now time.Time) (a *Authority, made bool, err error) {
	a = &Authority{dir: dir, now: now}
	if _, err := os.Stat(filepath.Join(dir, CAKey)); errors.Is(err, os.ErrNotExist) {
		return a, true, a.make(organisation)
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, CAFile), filepath.Join(dir, CAKey))
	if err != nil {
		return nil, false, fmt.Errorf("read the authority in %s: %w", dir, err)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if a.cert = pair.Leaf; !ok || a.cert == nil || !a.cert.IsCA {
		return nil, false, fmt.Errorf("%s holds no authority that receiptd made", dir)
	}
	a.key = key
	return a, false, a.found()
}

func (a *Authority) make(organisation string) error {
	if err := os.MkdirAll(a.dir, 0o700); err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	t := &x509.Certificate{Subject: pkix.Name{CommonName: organisation + ofFleet}, NotBefore: a.now.Add(-overlap),
		NotAfter: a.now.AddDate(caYears, 0, 0), IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return err
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	a.key = key
	if err := os.MkdirAll(filepath.Join(a.dir, IssuedDir), 0o700); err != nil {
		return err
	}
	if err := a.writeCRL(nil, nil); err != nil {
		return err
	}
	if err := writeCert(filepath.Join(a.dir, CAFile), der); err != nil {
		return err
	}
	return writeKey(filepath.Join(a.dir, CAKey), key) // the last: without it there is no authority, and the next one is made anew
}

// Organisation is whose authority it is.
func (a *Authority) Organisation() string {
	return strings.TrimSuffix(a.cert.Subject.CommonName, ofFleet)
}

// Issue makes a member's folder: its certificate, its key, and the authority's certificate. It gives the folder. A certificate that takes
// another's place has its names, where the Member names none; the former stays good until it ends or is revoked.
func (a *Authority) Issue(m Member) (dir string, err error) {
	if !wire.GoodName(m.Name) {
		return "", ErrName
	}
	t := &x509.Certificate{Subject: pkix.Name{CommonName: m.Name}, NotBefore: a.now.Add(-overlap), NotAfter: a.now.AddDate(leafYears, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	old, err := a.present(m.Name)
	switch {
	case err == nil && !m.Renew:
		return filepath.Join(a.dir, m.Name), ErrExists
	case err == nil:
		t.ExtKeyUsage, t.DNSNames, t.IPAddresses = old.ExtKeyUsage, old.DNSNames, old.IPAddresses
	case !errors.Is(err, ErrNone):
		return "", err
	case m.Renew:
		return "", err
	}
	if len(m.Hosts) > 0 {
		t.ExtKeyUsage, t.DNSNames, t.IPAddresses = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, nil, nil
	}
	for _, h := range m.Hosts {
		if ip := net.ParseIP(h); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, h)
		}
	}
	return a.issue(t)
}

// issue signs a certificate and notes it before anybody may have it.
func (a *Authority) issue(t *x509.Certificate) (dir string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return "", err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return "", err
	}
	if err := a.note(IssuedDir, cert); err != nil {
		return "", err
	}
	dir = filepath.Join(a.dir, t.Subject.CommonName)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return dir, errors.Join(writeKey(filepath.Join(dir, KeyFile), key), writeCert(filepath.Join(dir, CertFile), der), writeCert(filepath.Join(dir, CAFile), a.cert.Raw))
}

// Client reads what a shop or a centre connects with: the authority's certificates and its own. It is read again for each connection.
func Client(ca, cert, key string) (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		data, err := os.ReadFile(ca)
		if err != nil {
			return nil, err
		}
		if t.RootCAs = x509.NewCertPool(); !t.RootCAs.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("%s holds no certificate", ca)
		}
	}
	if cert != "" || key != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, err
		}
		t.Certificates = []tls.Certificate{pair}
	}
	return t, nil
}

// A Certificate is what a member's certificate says.
type Certificate struct {
	Name   string
	Until  time.Time
	Server bool // it is a broker's
}

// Leaf reads a member's certificate.
func Leaf(file string) (Certificate, error) {
	c, err := readCert(file)
	if err != nil {
		return Certificate{}, err
	}
	return Certificate{c.Subject.CommonName, c.NotAfter, server(c)}, nil
}

func server(c *x509.Certificate) bool {
	return slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
}

func writeKey(file string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(file, "PRIVATE KEY", der, 0o600)
}

func writeCert(file string, der []byte) error { return writePEM(file, "CERTIFICATE", der, 0o644) }

func writePEM(file, kind string, der []byte, mode os.FileMode) error {
	return wholefile.Write(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode)
}

func readPEM(file string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	b, _ := pem.Decode(data)
	if b == nil {
		return nil, fmt.Errorf("%s is no PEM file", file)
	}
	return b.Bytes, nil
}

func readCert(file string) (*x509.Certificate, error) {
	der, err := readPEM(file)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}
