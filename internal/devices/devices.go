// Package devices keeps who may come in from the shop's network: tablets and tills that were paired, and programs with a token.
//
// It owns devices.json in the data folder: names, rights and hashes of secrets, written whole or not at all before anything is
// answered, so a device that was paired stays so over a crash and one that was revoked stays out. Codes for pairing are in memory only:
// a restart voids them. It starts no goroutines.
package devices

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/wholefile"
)

// File is its name in the data folder.
const File = "devices.json"

// Errors that callers branch on.
var (
	ErrNone   = errors.New("there is no such device")
	ErrName   = errors.New("a name has 1 to 40 characters, and no other device has it")
	ErrRights = errors.New("no such right")
	ErrFull   = errors.New("there are too many devices")
)

// most is how many devices and programs there may be: more are none of one shop's.
const most = 200

// seenEvery is how often the file says anew when a device was seen last.
const seenEvery = time.Hour

// An entry is one device or program as the file has it.
type entry struct {
	api.Device
	Hash string `json:"hash"` // SHA-256 of its secret, which has 130 random bits
}

// A List is the devices. Any goroutine may call its methods.
type List struct {
	path string
	now  func() time.Time

	mu      sync.Mutex // guards the rest, and the file
	entries []entry
	seen    map[string]time.Time          // by id: seen since the file was written
	ends    map[string]context.CancelFunc // by id: ends what a device has open
	alive   map[string]context.Context    // by id: until it is revoked
	codes   codes
}

// Open reads the devices of a data folder. A file that cannot be read is an error: who has been revoked is not known then. now is nil for
// time.Now.
func Open(dir string, now func() time.Time) (*List, error) {
	if now == nil {
		now = time.Now
	}
	l := &List{path: filepath.Join(dir, File), now: now, seen: map[string]time.Time{}, ends: map[string]context.CancelFunc{}, alive: map[string]context.Context{}}
	data, err := os.ReadFile(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &l.entries)
	}
	if err != nil {
		return nil, fmt.Errorf("read the paired devices: %w", err)
	}
	for _, e := range l.entries {
		l.born(e.ID)
	}
	return l, nil
}

// born makes what ends with a device. The mutex is held, but at the start.
func (l *List) born(id string) {
	l.alive[id], l.ends[id] = context.WithCancel(context.Background())
}

// All lists the devices and programs, the oldest first.
func (l *List) All() []api.Device {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]api.Device, 0, len(l.entries))
	for _, e := range l.entries {
		if t := l.seen[e.ID]; t.After(e.Seen) {
			e.Seen = t
		}
		out = append(out, e.Device)
	}
	return out
}

// Paired tells whether there is a device, which then trusts the page's certificate.
func (l *List) Paired() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.entries) > 0
}

// Check tells whether d may be added.
func (l *List) Check(d api.Device) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.check(d)
}

func (l *List) check(d api.Device) error {
	if n := utf8.RuneCountInString(d.Name); n == 0 || n > 40 || strings.TrimSpace(d.Name) != d.Name || strings.ContainsFunc(d.Name, unicode.IsControl) {
		return ErrName
	}
	if slices.ContainsFunc(l.entries, func(e entry) bool { return e.Name == d.Name }) {
		return ErrName
	}
	if len(d.Rights) == 0 || slices.ContainsFunc(d.Rights, func(r string) bool { return !slices.Contains(api.Rights, r) }) {
		return ErrRights
	}
	if len(l.entries) >= most {
		return ErrFull
	}
	return nil
}

// Add takes a device or program in and gives its secret, which nobody can be told again.
func (l *List) Add(d api.Device) (api.Device, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.add(d)
}

func (l *List) add(d api.Device) (api.Device, string, error) {
	if err := l.check(d); err != nil {
		return d, "", err
	}
	secret := rand.Text()
	d.ID, d.At, d.Seen = strings.ToLower(rand.Text()[:8]), l.now().UTC().Truncate(time.Second), time.Time{}
	slices.Sort(d.Rights)
	d.Rights = slices.Compact(d.Rights)
	if err := l.write(append(slices.Clone(l.entries), entry{d, hash(secret)})); err != nil {
		return d, "", err
	}
	l.born(d.ID)
	return d, secret, nil
}

// Revoke takes a device out, by its id or name, and ends what it has open. When Revoke returns, it is out also after a crash.
func (l *List) Revoke(id string) (api.Device, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.IndexFunc(l.entries, func(e entry) bool { return e.ID == id })
	if i < 0 {
		i = slices.IndexFunc(l.entries, func(e entry) bool { return e.Name == id })
	}
	if i < 0 {
		return api.Device{}, ErrNone
	}
	gone := l.entries[i].Device
	if err := l.write(slices.Delete(slices.Clone(l.entries), i, i+1)); err != nil {
		return gone, err
	}
	l.ends[gone.ID]()
	delete(l.ends, gone.ID)
	delete(l.alive, gone.ID)
	delete(l.seen, gone.ID)
	return gone, nil
}

// Who gives the device whose secret this is, with what ends when it is revoked.
func (l *List) Who(secret string) (api.Device, context.Context, bool) {
	if len(secret) < 20 || len(secret) > 64 {
		return api.Device{}, nil, false
	}
	h := []byte(hash(secret))
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.entries {
		if subtle.ConstantTimeCompare(h, []byte(e.Hash)) == 1 {
			l.note(e)
			return e.Device, l.alive[e.ID], true
		}
	}
	return api.Device{}, nil, false
}

// note remembers when a device was seen. The file hears of it once an hour; where it cannot be written, nothing but that is lost.
func (l *List) note(e entry) {
	now := l.now().UTC().Truncate(time.Second)
	l.seen[e.ID] = now
	if now.Sub(e.Seen) >= seenEvery {
		_ = l.write(slices.Clone(l.entries)) // only the time is lost
	}
}

// write makes entries the devices, on disk first. The mutex is held.
func (l *List) write(entries []entry) error {
	for i, e := range entries {
		if t := l.seen[e.ID]; t.After(e.Seen) {
			entries[i].Seen = t
		}
	}
	data, err := json.MarshalIndent(entries, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the paired devices: %w", err)
	}
	if err := wholefile.Write(l.path, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the paired devices: %w", err)
	}
	l.entries = entries
	return nil
}

func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
