package pin_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/receiptd/receiptd/internal/pin"
)

// Set keeps a slow hash that only the daemon's user can read, and refuses what is too short or too long.
func TestSet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "supervisor-pin")
	for _, bad := range []string{"", "123", strings.Repeat("1", 73)} {
		if pin.Set(path, bad) == nil {
			t.Errorf("a PIN of %d characters is taken", len(bad))
		}
	}
	if err := pin.NewGuard(path).Check("97531"); !errors.Is(err, pin.ErrNone) {
		t.Error(err)
	}
	if err := pin.Set(path, "97531"); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if cost, err := bcrypt.Cost(bytes.TrimSpace(kept)); err != nil || cost < bcrypt.DefaultCost {
		t.Errorf("cost %d: %v", cost, err)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Error("the hash can be read by others:", st.Mode(), err)
	}
	if err := pin.NewGuard(path).Check("97531"); err != nil {
		t.Error(err)
	}
}

// After five wrong PINs not even the right one is taken for a minute; a right one before that forgets the wrong ones.
func TestGuessing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "supervisor-pin")
	hash, err := bcrypt.GenerateFromPassword([]byte("97531"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, hash, 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		g := pin.NewGuard(path)
		check := func(number string, want error) {
			t.Helper()
			if err := g.Check(number); !errors.Is(err, want) {
				t.Errorf("%s: %v, not %v", number, err, want)
			}
		}
		for range 2 {
			for range 4 {
				check("00000", pin.ErrWrong)
			}
			check("97531", nil)
		}
		for range 5 {
			check("00000", pin.ErrWrong)
		}
		check("97531", pin.ErrTooMany)
		time.Sleep(time.Minute - time.Second)
		check("97531", pin.ErrTooMany)
		time.Sleep(time.Second)
		check("97531", nil)
	})
}
