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
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/internal/wholefile"
)

// The files of an authority's folder and of one member's.
const (
	CAFile   = "ca.pem"
	CAKey    = "ca.key" // never leaves the authority
	CRLFile  = "crl.pem"
	CertFile = "cert.pem"
	KeyFile  = "key.pem"
)

// How long certificates live.
const (
	caYears   = 20
	leafYears = 2
	crlLife   = caYears * 365 * 24 * time.Hour // as the authority's: a list that is over shuts all shops out, and nobody fetches a newer one by itself
	overlap   = 24 * time.Hour                 // before the clock, for shops whose clocks are behind
)

// Errors that callers branch on.
var (
	ErrName   = errors.New("a name has 1 to 32 letters, digits and dashes")
	ErrExists = errors.New("there is a certificate for this name already; renew it, or revoke it first")
)

// A Member is who gets a certificate.
type Member struct {
	Name  string
	Hosts []string // of a broker: the names and addresses that it is reached by; empty: a shop or a centre
	Renew bool     // a new certificate for a name that has one
}

// An Authority is an opened folder.
type Authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	now  time.Time
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
	return a, false, nil
}

func (a *Authority) make(organisation string) error {
	if err := os.MkdirAll(a.dir, 0o700); err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	t := &x509.Certificate{Subject: pkix.Name{CommonName: organisation + " receiptd fleet"}, NotBefore: a.now.Add(-overlap),
		NotAfter: a.now.AddDate(caYears, 0, 0), IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return err
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	a.key = key
	if err := writeKey(filepath.Join(a.dir, CAKey), key); err != nil {
		return err
	}
	if err := writeCert(filepath.Join(a.dir, CAFile), der); err != nil {
		return err
	}
	return a.writeCRL(nil, 1)
}

// Issue makes a member's folder: its certificate, its key, and the authority's certificate. It gives the folder.
func (a *Authority) Issue(m Member) (dir string, err error) {
	if !wire.GoodName(m.Name) {
		return "", ErrName
	}
	dir = filepath.Join(a.dir, m.Name)
	if _, err := os.Stat(filepath.Join(dir, CertFile)); err == nil && !m.Renew {
		return dir, ErrExists
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	t := &x509.Certificate{Subject: pkix.Name{CommonName: m.Name}, NotBefore: a.now.Add(-overlap), NotAfter: a.now.AddDate(leafYears, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	if len(m.Hosts) > 0 {
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
	for _, h := range m.Hosts {
		if ip := net.ParseIP(h); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return "", err
	}
	if err := errors.Join(writeKey(filepath.Join(dir, KeyFile), key), writeCert(filepath.Join(dir, CertFile), der), writeCert(filepath.Join(dir, CAFile), a.cert.Raw)); err != nil {
		return "", err
	}
	return dir, nil
}

// Revoke puts a member's certificate on the list that brokers read; its folder goes, so that a new one can be issued.
func (a *Authority) Revoke(name string) error {
	if !wire.GoodName(name) {
		return ErrName
	}
	dir := filepath.Join(a.dir, name)
	cert, err := readCert(filepath.Join(dir, CertFile))
	if err != nil {
		return fmt.Errorf("read the certificate of %s: %w", name, err)
	}
	old, err := a.crl()
	if err != nil {
		return err
	}
	list := append(old.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: cert.SerialNumber, RevocationTime: a.now})
	if err := a.writeCRL(list, old.Number.Int64()+1); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// Renew writes the list anew, for its own time is limited.
func (a *Authority) Renew() error {
	old, err := a.crl()
	if err != nil {
		return err
	}
	return a.writeCRL(old.RevokedCertificateEntries, old.Number.Int64()+1)
}

func (a *Authority) crl() (*x509.RevocationList, error) {
	der, err := readPEM(filepath.Join(a.dir, CRLFile))
	if err != nil {
		return nil, err
	}
	return x509.ParseRevocationList(der)
}

func (a *Authority) writeCRL(list []x509.RevocationListEntry, number int64) error {
	t := &x509.RevocationList{Number: big.NewInt(number), ThisUpdate: a.now.Add(-overlap), NextUpdate: a.now.Add(crlLife), RevokedCertificateEntries: list}
	der, err := x509.CreateRevocationList(rand.Reader, t, a.cert, a.key)
	if err != nil {
		return err
	}
	return writePEM(filepath.Join(a.dir, CRLFile), "X509 CRL", der, 0o644)
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

// Leaf reads a certificate: its name, and until when it is valid.
func Leaf(file string) (name string, until time.Time, err error) {
	c, err := readCert(file)
	if err != nil {
		return "", time.Time{}, err
	}
	return c.Subject.CommonName, c.NotAfter, nil
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
