package enroll

import (
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/internal/wholefile"
)

// sinceFile is in IssuedDir where the record was begun after the authority, or anew: since when it is whole.
const sinceFile = "since"

// A Revoked tells what Revoke has put on the list.
type Revoked struct {
	Certificates int // of the name that are on the list now
	// Since is zero where these are all. Else the record of what was issued is whole only from then on: a certificate that was renewed before
	// may be good still, at the latest until Until.
	Since, Until time.Time
	Server       bool // it is a broker's: shops look at no list
}

// note writes a certificate into a folder of the record.
func (a *Authority) note(folder string, c *x509.Certificate) error {
	return writeCert(filepath.Join(a.dir, folder, c.Subject.CommonName+"."+c.SerialNumber.Text(16)+".pem"), c.Raw)
}

// found makes the record of an authority that has none, of one that is older or whose record was lost: of each member the present certificate
// is known by its folder, of those before nothing. It takes its name when it is filled: one without its beginning would pass for whole. One that
// is there and lacks what it should have is mended.
func (a *Authority) found() error {
	dir := filepath.Join(a.dir, IssuedDir)
	if _, err := os.Stat(dir); err == nil {
		return a.mend()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	members, err := a.members()
	if err != nil {
		return err
	}
	filling := IssuedDir + ".new" // no member can be called that either
	if err := os.RemoveAll(filepath.Join(a.dir, filling)); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(a.dir, filling), 0o700); err != nil {
		return err
	}
	if err := a.begin(filling); err != nil {
		return err
	}
	for _, c := range members {
		if err := a.note(filling, c); err != nil {
			return err
		}
	}
	if err := os.Rename(filepath.Join(a.dir, filling), dir); err != nil {
		return err
	}
	a.lost = true
	return wholefile.SyncFolder(a.dir)
}

// mend adds to the record what a member's folder has and the record lacks, and notes that it is whole from now on only. So it does where a revoked
// number is not in it, and where nothing is in it although the authority is no new one: a crash of an older receiptd, or an older backup, leaves such.
func (a *Authority) mend() error {
	files, err := os.ReadDir(filepath.Join(a.dir, IssuedDir))
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, f := range files {
		if _, serial, ok := owned(f.Name()); ok {
			known[serial.String()] = true
		}
	}
	crl, err := a.crl()
	if err != nil {
		return err
	}
	a.lost = len(files) == 0 && a.now.Sub(a.cert.NotBefore.Add(overlap)) > time.Minute
	for i := range crl.RevokedCertificateEntries {
		a.lost = a.lost || !known[crl.RevokedCertificateEntries[i].SerialNumber.String()]
	}
	members, err := a.members()
	if err != nil {
		return err
	}
	members = slices.DeleteFunc(members, func(c *x509.Certificate) bool { return known[c.SerialNumber.String()] })
	if a.lost = a.lost || len(members) > 0; !a.lost {
		return nil
	}
	if err := a.begin(IssuedDir); err != nil { // first: with the others and without it the record would pass for whole
		return err
	}
	for _, c := range members {
		if err := a.note(IssuedDir, c); err != nil {
			return err
		}
	}
	for i := range crl.RevokedCertificateEntries { // whose they were nobody knows; that they are known is noted, so that this is told once
		if n := crl.RevokedCertificateEntries[i].SerialNumber; !known[n.String()] {
			if err := wholefile.Write(filepath.Join(a.dir, IssuedDir, "."+n.Text(16)+".pem"), nil, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// begin notes in a folder of the record that it is whole from now on.
func (a *Authority) begin(folder string) error {
	return wholefile.Write(filepath.Join(a.dir, folder, sinceFile), []byte(a.now.UTC().Format(time.RFC3339)+"\n"), 0o644)
}

// members gives the present certificates in the members' folders.
func (a *Authority) members() (list []*x509.Certificate, err error) {
	folders, err := os.ReadDir(a.dir)
	if err != nil {
		return nil, err
	}
	for _, m := range folders {
		if c, err := readCert(filepath.Join(a.dir, m.Name(), CertFile)); err == nil && c.CheckSignatureFrom(a.cert) == nil {
			list = append(list, c)
		}
	}
	return list, nil
}

// Lost tells whether Open found the record of what was issued lost or not whole: Revoked tells of each name what that means.
func (a *Authority) Lost() bool { return a.lost }

// owned takes the name of a file of the record apart.
func owned(file string) (owner string, serial *big.Int, ok bool) {
	owner, text, _ := strings.Cut(strings.TrimSuffix(file, ".pem"), ".")
	serial, ok = new(big.Int).SetString(text, 16)
	return owner, serial, ok
}

// An issued is one certificate of the record. Its number is in the file's name: what is in the file may be damaged.
type issued struct {
	serial *big.Int
	cert   *x509.Certificate // nil: cannot be read
}

// of gives the certificates of a name, or of all for "": those of the record, and the one in the name's folder.
func (a *Authority) of(name string) ([]issued, error) {
	dir := filepath.Join(a.dir, IssuedDir)
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	list, seen := []issued{}, map[string]bool{}
	for _, f := range files {
		owner, serial, ok := owned(f.Name())
		if !ok || name != "" && owner != name {
			continue
		}
		x := issued{serial: serial}
		if c, err := readCert(filepath.Join(dir, f.Name())); err == nil && c.SerialNumber.Cmp(serial) == 0 {
			x.cert = c
		}
		list, seen[serial.String()] = append(list, x), true
	}
	file := filepath.Join(a.dir, name, CertFile)
	switch c, err := readCert(file); {
	case err == nil && !seen[c.SerialNumber.String()] && c.CheckSignatureFrom(a.cert) == nil:
		list = append(list, issued{c.SerialNumber, c})
	case err != nil && !errors.Is(err, fs.ErrNotExist) && len(list) == 0:
		return nil, fmt.Errorf("read the certificate of %s: %w", name, err)
	}
	return list, nil
}

// present is the newest certificate of a name that was not revoked. Errors: ErrNone.
func (a *Authority) present(name string) (*x509.Certificate, error) {
	return a.newest(name, func(*x509.Certificate) bool { return true })
}

// Broker is a name or an address by which the broker is reached: of the member that is called so, else of the server that was enrolled last; "" where
// none was.
func (a *Authority) Broker() string {
	c, err := a.newest("broker", server)
	if err != nil {
		c, err = a.newest("", server)
	}
	switch {
	case err != nil:
		return ""
	case len(c.DNSNames) > 0:
		return c.DNSNames[0]
	case len(c.IPAddresses) > 0:
		return c.IPAddresses[0].String()
	}
	return ""
}

// newest is the certificate of a name, or of anybody for "", that ends last of those that were not revoked and are such; of two
// of the same second it is the one in its member's folder. Errors: ErrNone.
func (a *Authority) newest(name string, such func(*x509.Certificate) bool) (*x509.Certificate, error) {
	list, err := a.of(name)
	if err != nil {
		return nil, err
	}
	crl, err := a.crl()
	if err != nil {
		return nil, err
	}
	var newest *x509.Certificate
	for _, x := range list {
		if x.cert != nil && such(x.cert) && !listed(crl, x.serial) && (newest == nil || a.later(x.cert, newest)) {
			newest = x.cert
		}
	}
	if newest == nil {
		return nil, ErrNone
	}
	return newest, nil
}

// later tells whether a certificate came after another one.
func (a *Authority) later(c, than *x509.Certificate) bool {
	if !c.NotAfter.Equal(than.NotAfter) {
		return c.NotAfter.After(than.NotAfter)
	}
	present, err := readCert(filepath.Join(a.dir, c.Subject.CommonName, CertFile))
	return err == nil && present.Equal(c)
}

// Revoke puts all certificates of a name on the list that brokers read, those too whose place another took; the name's folder goes, so that a
// new one can be issued. To revoke once more changes nothing. Errors: ErrName, ErrNone; Since and Until are told with that too.
func (a *Authority) Revoke(name string) (out Revoked, err error) {
	if !wire.GoodName(name) {
		return out, ErrName
	}
	all, err := a.of(name)
	if err != nil {
		return out, err
	}
	if len(all) == 0 {
		out.Since, out.Until = a.notWhole()
		return out, ErrNone
	}
	crl, err := a.crl()
	if err != nil {
		return out, err
	}
	list := crl.RevokedCertificateEntries
	for _, x := range all {
		if x.cert != nil && server(x.cert) {
			out.Server = true
		}
		out.Certificates++
		if !listed(crl, x.serial) {
			list = append(list, x509.RevocationListEntry{SerialNumber: x.serial, RevocationTime: a.now})
		}
	}
	if err := a.writeCRL(crl, list); err != nil {
		return out, err
	}
	out.Since, out.Until = a.notWhole()
	return out, os.RemoveAll(filepath.Join(a.dir, name))
}

// notWhole is wholeSince as long as something of before may be good still.
func (a *Authority) notWhole() (since, until time.Time) {
	if since, until = a.wholeSince(); until.Before(a.now) {
		return time.Time{}, time.Time{}
	}
	return since, until
}

// wholeSince tells since when the record is whole, and when what was issued before has ended; zero: since the authority began.
func (a *Authority) wholeSince() (since, until time.Time) {
	data, err := os.ReadFile(filepath.Join(a.dir, IssuedDir, sinceFile))
	if errors.Is(err, fs.ErrNotExist) {
		return since, until
	}
	if since, err = time.Parse(time.RFC3339, strings.TrimSpace(string(data))); err != nil {
		since = a.now // nothing is known
	}
	return since, since.AddDate(leafYears, 0, 0)
}

func listed(crl *x509.RevocationList, serial *big.Int) bool {
	for i := range crl.RevokedCertificateEntries {
		if crl.RevokedCertificateEntries[i].SerialNumber.Cmp(serial) == 0 {
			return true
		}
	}
	return false
}

func (a *Authority) crl() (*x509.RevocationList, error) {
	der, err := readPEM(filepath.Join(a.dir, CRLFile))
	if err != nil {
		return nil, err
	}
	return x509.ParseRevocationList(der)
}

// writeCRL writes the list that follows another one; nil: the first. Each is newer than the one before by a second at least: of two of the same
// moment a broker that reads its files again keeps the old one.
func (a *Authority) writeCRL(before *x509.RevocationList, list []x509.RevocationListEntry) error {
	t := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: a.now.Add(-overlap), NextUpdate: a.now.Add(crlLife), RevokedCertificateEntries: list}
	if before != nil {
		t.Number.Add(before.Number, t.Number)
		if next := before.ThisUpdate.Add(time.Second); t.ThisUpdate.Before(next) {
			t.ThisUpdate = next
		}
	}
	der, err := x509.CreateRevocationList(rand.Reader, t, a.cert, a.key)
	if err != nil {
		return err
	}
	return writePEM(filepath.Join(a.dir, CRLFile), "X509 CRL", der, 0o644)
}
