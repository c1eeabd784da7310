package enroll_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet/enroll"
)

// TestAuthority: an authority is made once; names are kept apart; a renewed certificate is another; a revoked one is on the list, and only it.
func TestAuthority(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ca")
	a, made, err := enroll.Open(dir, "acme", time.Now())
	if err != nil || !made {
		t.Fatal(made, err)
	}
	shop, err := a.Issue(enroll.Member{Name: "shop-1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Issue(enroll.Member{Name: "shop-1"}); !errors.Is(err, enroll.ErrExists) {
		t.Error(err)
	}
	for _, bad := range []string{"", "../x", "a/b", "shop_1"} {
		if _, err := a.Issue(enroll.Member{Name: bad}); !errors.Is(err, enroll.ErrName) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	leaf, err := enroll.Leaf(filepath.Join(shop, enroll.CertFile))
	if err != nil || leaf.Name != "shop-1" || leaf.Until.Before(time.Now().AddDate(1, 0, 0)) {
		t.Error(leaf, err)
	}
	if _, err := enroll.Client(filepath.Join(shop, enroll.CAFile), filepath.Join(shop, enroll.CertFile), filepath.Join(shop, enroll.KeyFile)); err != nil {
		t.Error(err)
	}
	a, made, err = enroll.Open(dir, "acme", time.Now())
	if err != nil || made {
		t.Fatal(made, err)
	}
	if _, err := a.Issue(enroll.Member{Name: "shop-1", Renew: true}); err != nil {
		t.Error(err)
	}
	if _, err := a.Issue(enroll.Member{Name: "shop-2"}); err != nil {
		t.Error(err)
	}
	if r, err := a.Revoke("shop-1"); err != nil || r != (enroll.Revoked{Certificates: 2}) {
		t.Fatal(r, err)
	}
	if n := len(revoked(t, dir)); n != 2 {
		t.Errorf("%d on the list", n)
	}
	if _, err := os.Stat(shop); !os.IsNotExist(err) {
		t.Error("a revoked shop keeps its folder", err)
	}
	if _, err := a.Revoke("nobody"); !errors.Is(err, enroll.ErrNone) {
		t.Error(err)
	}
	if _, err := a.Issue(enroll.Member{Name: "shop-1", Renew: true}); !errors.Is(err, enroll.ErrNone) {
		t.Error("what was revoked is renewed", err)
	}
}

// TestRevokeAll: whatever was issued to a name is on the list after Revoke, and nothing else: those that were renewed, those whose folder was
// carried away, those of an earlier stay in the fleet, those that cannot be read. Each list is newer than the one before.
func TestRevokeAll(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "c [a]*")
	now := time.Now()
	var serials []string
	issue := func(at time.Time, m enroll.Member) {
		t.Helper()
		out, err := open(t, dir, at).Issue(m)
		if err != nil {
			t.Fatal(err)
		}
		serials = append(serials, serial(t, filepath.Join(out, enroll.CertFile)))
	}
	issue(now, enroll.Member{Name: "shop-2"})
	serials = nil
	issue(now.AddDate(-3, 0, 0), enroll.Member{Name: "shop-1"}) // has ended
	issue(now, enroll.Member{Name: "shop-1", Renew: true})
	issue(now, enroll.Member{Name: "shop-1", Renew: true})
	if err := os.RemoveAll(filepath.Join(dir, "shop-1")); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, dir, now).Issue(enroll.Member{Name: "shop-1"}); !errors.Is(err, enroll.ErrExists) {
		t.Error("a name whose folder was carried away is given twice", err)
	}
	damage(t, dir, serials[0])
	first := list(t, dir).ThisUpdate
	for range 2 { // the second changes nothing
		if r, err := open(t, dir, now).Revoke("shop-1"); err != nil || r != (enroll.Revoked{Certificates: 3}) {
			t.Fatal(r, err)
		}
	}
	issue(now, enroll.Member{Name: "shop-1"})
	if r, err := open(t, dir, now).Revoke("shop-1"); err != nil || r.Certificates != 4 {
		t.Fatal(r, err)
	}
	slices.Sort(serials)
	if got := revoked(t, dir); !slices.Equal(got, serials) {
		t.Errorf("on the list %v, issued %v", got, serials)
	}
	if crl := list(t, dir); crl.ThisUpdate.Sub(first) < 3*time.Second {
		t.Errorf("the first list is of %v, the fourth of %v: a broker may keep the older one", first, crl.ThisUpdate)
	}
}

// TestRecordLost: where the record is lost, what the members' folders hold is found again, and Revoke tells that what was renewed before may be
// good still, until it has ended.
func TestRecordLost(t *testing.T) {
	dir, now := filepath.Join(t.TempDir(), "ca"), time.Now().Truncate(time.Second)
	for _, m := range []enroll.Member{{Name: "shop-1"}, {Name: "shop-1", Renew: true}, {Name: "shop-2"}} {
		if _, err := open(t, dir, now).Issue(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, enroll.IssuedDir)); err != nil {
		t.Fatal(err)
	}
	present := serial(t, filepath.Join(dir, "shop-1", enroll.CertFile))
	other := serial(t, filepath.Join(dir, "shop-2", enroll.CertFile))
	lost := now.AddDate(0, 1, 0)
	r, err := open(t, dir, lost).Revoke("shop-1")
	if err != nil || r.Certificates != 1 || !r.Since.Equal(lost) || !r.Until.Equal(lost.AddDate(2, 0, 0)) {
		t.Error(r, err)
	}
	if got := revoked(t, dir); !slices.Equal(got, []string{present}) {
		t.Errorf("on the list %v, not %s", got, present)
	}
	if err := os.RemoveAll(filepath.Join(dir, "shop-2")); err != nil {
		t.Fatal(err)
	}
	if r, err := open(t, dir, now.AddDate(1, 0, 0)).Revoke("shop-2"); err != nil || r.Certificates != 1 || r.Since.IsZero() {
		t.Error(r, err)
	}
	if got := revoked(t, dir); !slices.Contains(got, other) {
		t.Error("what was found again is not revoked")
	}
	if _, err := open(t, dir, now).Issue(enroll.Member{Name: "shop-1"}); err != nil {
		t.Fatal(err)
	}
	if r, err := open(t, dir, now.AddDate(2, 2, 0)).Revoke("shop-1"); err != nil || !r.Since.IsZero() {
		t.Error("two years later all that was not known has ended", r, err)
	}
}

// TestRecordWhole: a record that could not be filled is none: the next one is begun anew, and tells since when it is whole.
func TestRecordWhole(t *testing.T) {
	dir, now := filepath.Join(t.TempDir(), "ca"), time.Now().Truncate(time.Second)
	for _, m := range []enroll.Member{{Name: "shop-1"}, {Name: "shop-1", Renew: true}} {
		if _, err := open(t, dir, now).Issue(m); err != nil {
			t.Fatal(err)
		}
	}
	record := filepath.Join(dir, enroll.IssuedDir)
	if err := os.RemoveAll(record); err != nil {
		t.Fatal(err)
	}
	odd := filepath.Join(dir, "odd")
	foreign(t, dir, odd, strings.Repeat("a", 300)) // no file can be called that
	if _, _, err := enroll.Open(dir, "acme", now); err == nil {
		t.Fatal("what cannot be noted is passed over")
	}
	if _, err := os.Stat(record); !errors.Is(err, os.ErrNotExist) {
		t.Error("a record that was not filled stands", err)
	}
	if err := os.RemoveAll(odd); err != nil {
		t.Fatal(err)
	}
	if r, err := open(t, dir, now).Revoke("shop-1"); err != nil || r.Certificates != 1 || !r.Since.Equal(now) {
		t.Error(r, err)
	}
	if _, err := os.Stat(record + ".new"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// TestRecordEmpty: a record that is there and lacks what it should have does not pass for whole: one that an older receiptd made and could not fill, one
// without a certificate that a member holds, one without a number that was revoked. That is told once.
func TestRecordEmpty(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	later := now.Add(time.Hour)
	for name, spoil := range map[string]func(t *testing.T, dir, record string){
		"empty": func(t *testing.T, _, record string) { empty(t, record, "") },
		"empty, and the folder was carried away": func(t *testing.T, dir, record string) {
			empty(t, record, "")
			if err := os.RemoveAll(filepath.Join(dir, "shop-1")); err != nil {
				t.Fatal(err)
			}
		},
		"without the present one": func(t *testing.T, dir, record string) {
			empty(t, record, serial(t, filepath.Join(dir, "shop-1", enroll.CertFile)))
		},
		"without a revoked one": func(t *testing.T, dir, record string) {
			if _, err := open(t, dir, now).Revoke("shop-2"); err != nil {
				t.Fatal(err)
			}
			empty(t, record, revoked(t, dir)[0])
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "ca")
			for _, m := range []enroll.Member{{Name: "shop-1"}, {Name: "shop-1", Renew: true}, {Name: "shop-2"}} {
				if a := open(t, dir, now); a.Lost() {
					t.Fatal("a whole record is told to be lost")
				} else if _, err := a.Issue(m); err != nil {
					t.Fatal(err)
				}
			}
			spoil(t, dir, filepath.Join(dir, enroll.IssuedDir))
			if !open(t, dir, later).Lost() {
				t.Error("it passes for whole")
			}
			a := open(t, dir, later.Add(time.Hour))
			if a.Lost() {
				t.Error("it is told twice")
			}
			r, err := a.Revoke("shop-1")
			if strings.HasSuffix(name, "away") && errors.Is(err, enroll.ErrNone) { // nothing of it is known, and that is told
				err = nil
			}
			if err != nil || !r.Since.Equal(later) {
				t.Error(r, err)
			}
		})
	}
}

// empty takes all out of a record that has a word in its name.
func empty(t *testing.T, record, word string) {
	t.Helper()
	files, err := os.ReadDir(record)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.Contains(f.Name(), word) {
			if err := os.Remove(filepath.Join(record, f.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestAuthorityInterrupted: an authority whose making was cut short is none, and is made anew.
func TestAuthorityInterrupted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ca")
	open(t, dir, time.Now())
	if err := os.Remove(filepath.Join(dir, enroll.CAKey)); err != nil { // it is written last
		t.Fatal(err)
	}
	a, made, err := enroll.Open(dir, "acme", time.Now())
	if err != nil || !made {
		t.Fatal(made, err)
	}
	out, err := a.Issue(enroll.Member{Name: "shop-1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := read(t, filepath.Join(out, enroll.CertFile)).CheckSignatureFrom(read(t, filepath.Join(out, enroll.CAFile))); err != nil {
		t.Error(err)
	}
	if r, err := open(t, dir, time.Now()).Revoke("shop-1"); err != nil || r.Certificates != 1 {
		t.Error(r, err)
	}
}

// foreign makes a member's folder with a certificate that another program signed with the authority's key.
func foreign(t *testing.T, dir, folder, name string) {
	t.Helper()
	ca, err := tls.LoadX509KeyPair(filepath.Join(dir, enroll.CAFile), filepath.Join(dir, enroll.CAKey))
	if err != nil {
		t.Fatal(err)
	}
	key, ok := ca.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		t.Fatalf("a key of %T", ca.PrivateKey)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour)}, ca.Leaf, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Mkdir(folder, 0o700), os.WriteFile(filepath.Join(folder, enroll.CertFile), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// TestSameSecond: of certificates of one second the one in the member's folder is the present one.
func TestSameSecond(t *testing.T) {
	dir, now := filepath.Join(t.TempDir(), "ca"), time.Now()
	for i := range 8 {
		host := fmt.Sprintf("mqtt-%d.example", i)
		a := open(t, dir, now)
		if _, err := a.Issue(enroll.Member{Name: "broker", Hosts: []string{host}, Renew: i > 0}); err != nil {
			t.Fatal(err)
		}
		if got := a.Broker(); got != host {
			t.Errorf("the broker is called %q, not %q", got, host)
		}
	}
}

// TestRenewKeepsNames: a broker's certificate is renewed with its names, and is a server's again; a shop's stays a client's.
func TestRenewKeepsNames(t *testing.T) {
	dir, now := filepath.Join(t.TempDir(), "ca"), time.Now()
	for _, row := range []struct {
		m     enroll.Member
		dns   []string
		ips   int
		usage x509.ExtKeyUsage
	}{
		{enroll.Member{Name: "broker", Hosts: []string{"mqtt.example", "10.0.0.7"}}, []string{"mqtt.example"}, 1, x509.ExtKeyUsageServerAuth},
		{enroll.Member{Name: "broker", Renew: true}, []string{"mqtt.example"}, 1, x509.ExtKeyUsageServerAuth},
		{enroll.Member{Name: "broker", Hosts: []string{"other.example"}, Renew: true}, []string{"other.example"}, 0, x509.ExtKeyUsageServerAuth},
		{enroll.Member{Name: "broker", Renew: true}, []string{"other.example"}, 0, x509.ExtKeyUsageServerAuth},
		{enroll.Member{Name: "shop-1"}, nil, 0, x509.ExtKeyUsageClientAuth},
		{enroll.Member{Name: "shop-1", Renew: true}, nil, 0, x509.ExtKeyUsageClientAuth},
	} {
		now = now.Add(time.Minute) // the newest is the one that ends last
		out, err := open(t, dir, now).Issue(row.m)
		if err != nil {
			t.Fatal(err)
		}
		c := read(t, filepath.Join(out, enroll.CertFile))
		if !slices.Equal(c.DNSNames, row.dns) || len(c.IPAddresses) != row.ips || !slices.Equal(c.ExtKeyUsage, []x509.ExtKeyUsage{row.usage}) {
			t.Errorf("%+v: %v %v %v", row.m, c.DNSNames, c.IPAddresses, c.ExtKeyUsage)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, "broker")); err != nil {
		t.Fatal(err)
	}
	out, err := open(t, dir, now).Issue(enroll.Member{Name: "broker", Renew: true}) // its folder was carried away
	if err != nil || !slices.Equal(read(t, filepath.Join(out, enroll.CertFile)).DNSNames, []string{"other.example"}) {
		t.Error(err)
	}
	if r, err := open(t, dir, now).Revoke("broker"); err != nil || !r.Server {
		t.Error(r, err)
	}
}

func open(t *testing.T, dir string, at time.Time) *enroll.Authority {
	t.Helper()
	a, _, err := enroll.Open(dir, "acme", at)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func read(t *testing.T, file string) *x509.Certificate {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := pem.Decode(data)
	c, err := x509.ParseCertificate(b.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func serial(t *testing.T, file string) string { return read(t, file).SerialNumber.Text(16) }

func list(t *testing.T, dir string) *x509.RevocationList {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, enroll.CRLFile))
	if err != nil {
		t.Fatal(err)
	}
	b, _ := pem.Decode(data)
	crl, err := x509.ParseRevocationList(b.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return crl
}

// revoked gives the numbers on the list, sorted.
func revoked(t *testing.T, dir string) (out []string) {
	t.Helper()
	for _, x := range list(t, dir).RevokedCertificateEntries {
		out = append(out, x.SerialNumber.Text(16))
	}
	slices.Sort(out)
	return out
}

// damage leaves nothing to read of a certificate in the record.
func damage(t *testing.T, dir, serial string) {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(dir, enroll.IssuedDir))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.Contains(f.Name(), serial) {
			if err := os.WriteFile(filepath.Join(dir, enroll.IssuedDir, f.Name()), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}
