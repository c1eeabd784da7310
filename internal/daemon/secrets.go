package daemon

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/receiptd/receiptd/internal/wholefile"
	"github.com/receiptd/receiptd/printer"
)

// secrets are the two keys that a caller shows, programs the token, paired pages the page key, and the one that hashes of file
// names are made with: nobody else needs it.
type secrets struct{ token, page, names string }

func openSecrets(dir string) (s secrets, err error) {
	if s.token, err = wholefile.Secret(filepath.Join(dir, "token"), 0o640); err != nil {
		return s, err
	}
	if s.page, err = wholefile.Secret(filepath.Join(dir, "page-key"), 0o640); err != nil {
		return s, err
	}
	s.names, err = wholefile.Secret(filepath.Join(dir, "name-key"), 0o600)
	return s, err
}

// tierFile remembers what was learned about each device. It is a cache: losing it costs a new measurement.
type tierFile struct {
	path string
	mu   sync.Mutex // held while the file is read or written
}

// Load gives what is known about a device.
func (f *tierFile) Load(device string) (printer.Known, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k, ok := f.read()[device]
	return k, ok
}

// Save remembers it, atomically.
func (f *tierFile) Save(device string, k printer.Known) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.read()
	all[device] = k
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("encode tiers: %w", err)
	}
	if err := wholefile.Write(f.path, data, 0o640); err != nil {
		return fmt.Errorf("write tiers: %w", err)
	}
	return nil
}

func (f *tierFile) read() map[string]printer.Known {
	all := make(map[string]printer.Known)
	data, err := os.ReadFile(f.path)
	if err != nil || json.Unmarshal(data, &all) != nil {
		return make(map[string]printer.Known)
	}
	return all
}
