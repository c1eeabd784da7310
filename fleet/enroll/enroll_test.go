package enroll_test

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
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
	name, until, err := enroll.Leaf(filepath.Join(shop, enroll.CertFile))
	if err != nil || name != "shop-1" || until.Before(time.Now().AddDate(1, 0, 0)) {
		t.Error(name, until, err)
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
	if err := a.Revoke("shop-1"); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, enroll.CRLFile))
	if err != nil {
		t.Fatal(err)
	}
	b, _ := pem.Decode(data)
	crl, err := x509.ParseRevocationList(b.Bytes)
	if err != nil || len(crl.RevokedCertificateEntries) != 1 {
		t.Fatal(crl, err)
	}
	if _, err := os.Stat(shop); !os.IsNotExist(err) {
		t.Error("a revoked shop keeps its folder", err)
	}
}
