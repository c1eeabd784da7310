// Package pin keeps the supervisor's PIN: a file with a bcrypt hash, and a guard that slows guessing down. After a crash the guard
// begins anew; the file stands. It starts no goroutines.
package pin

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/receiptd/receiptd/internal/wholefile"
)

// Why a PIN is not taken.
var (
	ErrNone    = errors.New("no supervisor's PIN is set")
	ErrWrong   = errors.New("wrong PIN")
	ErrTooMany = errors.New("too many wrong PINs")
	ErrLength  = errors.New("a PIN has 4 to 72 characters")
)

// Set stores a PIN of 4 to 72 bytes as a bcrypt hash, readable for the daemon's user only.
func Set(file, pin string) error {
	if len(pin) < 4 || len(pin) > 72 {
		return ErrLength
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(pin), bcrypt.DefaultCost)
	if err != nil {
		return fmt.Errorf("hash PIN: %w", err)
	}
	if err := wholefile.Write(file, append(hash, '\n'), 0o600); err != nil {
		return fmt.Errorf("write PIN: %w", err)
	}
	return nil
}

// birthdays are how people write a day as digits only.
var birthdays = []string{"0102", "0201", "060102", "020106", "010206", "20060102", "02012006", "01022006"}

// Weak tells a PIN that a stranger tries first: one digit again and again, digits in a row, a pattern, a year, a day such as a birthday, the
// middle column of the keys.
func Weak(pin string) bool {
	if len(pin) < 4 {
		return true
	}
	same, up, down, digits := true, true, true, true
	for i := range len(pin) {
		digits = digits && pin[i] >= '0' && pin[i] <= '9'
		if i == 0 {
			continue
		}
		same = same && pin[i] == pin[i-1]
		up = up && (pin[i] == pin[i-1]+1 || pin[i-1] == '9' && pin[i] == '0')
		down = down && (pin[i]+1 == pin[i-1] || pin[i-1] == '0' && pin[i] == '9')
	}
	if same || up || down {
		return true
	}
	if digits && len(pin) == 4 && (strings.HasPrefix(pin, "19") || strings.HasPrefix(pin, "20")) {
		return true
	}
	for _, day := range birthdays {
		if _, err := time.Parse(day, pin); err == nil && len(day) == len(pin) {
			return true
		}
	}
	if pin == "2580" || pin == "0852" {
		return true
	}
	half := len(pin) / 2
	return digits && len(pin)%2 == 0 && pin[:half] == pin[half:] // 1212, 123123
}

const (
	tries = 5           // wrong PINs until nobody gets a try
	pause = time.Minute // and for how long
)

// A Guard compares PINs with the one in its file: after five wrong ones nobody gets a try for a minute. Any goroutine may ask it.
type Guard struct {
	file   string
	mu     sync.Mutex // guards the rest, and lets one PIN be tried at a time
	wrong  int
	closed time.Time
}

// NewGuard makes the guard of a file, which may be missing.
func NewGuard(file string) *Guard { return &Guard{file: file} }

// Exists reports whether a PIN is set. One that cannot be looked at is.
func (g *Guard) Exists() bool {
	_, err := os.Lstat(g.file)
	return !errors.Is(err, fs.ErrNotExist)
}

// Check compares a PIN with the stored hash: ErrNone, ErrWrong or ErrTooMany when it is not the one.
func (g *Guard) Check(pin string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.check(pin)
}

// Change puts another PIN in the place of old: the errors of Check, and ErrLength, leave it as it is.
func (g *Guard) Change(old, pin string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.check(old); err != nil {
		return err
	}
	return Set(g.file, pin)
}

// check is Check with the mutex held.
func (g *Guard) check(pin string) error {
	if time.Now().Before(g.closed) {
		return ErrTooMany
	}
	hash, err := os.ReadFile(g.file)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNone
	}
	if err != nil {
		return fmt.Errorf("read PIN: %w", err)
	}
	if bcrypt.CompareHashAndPassword([]byte(strings.TrimSpace(string(hash))), []byte(pin)) != nil {
		if g.wrong++; g.wrong >= tries {
			g.wrong, g.closed = 0, time.Now().Add(pause)
		}
		return ErrWrong
	}
	g.wrong = 0
	return nil
}
