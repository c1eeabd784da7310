package spool

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/receiptd/receiptd/job"
)

// maxName is the longest name of a directory entry, in bytes.
const maxName = 255

// names knows what the journal and the logs call a file. A file's own name is its sender's word and stays as it is in incoming,
// .taken and results; a card number in it goes nowhere else. Such a name is called by its masked text and a hash, which no
// other name shares; what it is called is not reversible without the key, so the name itself is remembered here, and found again
// after a restart by hashing the names that lie in the folders.
type names struct {
	key []byte

	mu   sync.Mutex
	real map[string]known // guarded by mu; by what the journal calls it; only names that hold a card number
}

// A known name.
type known struct {
	name string
	at   time.Time // when it was last heard of
}

func newNames(key []byte) *names { return &names{key: key, real: make(map[string]known)} }

// called gives what the journal and the logs call a file, and whether that is another word than its name. The slash, which no
// file name holds, keeps one from passing for the other.
func (n *names) called(name string) (called string, hidden bool) {
	masked, found := job.MaskCardNumbers(name)
	if !found {
		return name, false
	}
	called = fileText(masked) + "/" + n.hash(name)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.real[called] = known{name, time.Now()}
	return called, true
}

// name gives the name of a file again; ok is false when nobody has seen it since the start.
func (n *names) name(called string) (name string, ok bool) {
	if !strings.Contains(called, "/") {
		return called, true
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	k, ok := n.real[called]
	return k.name, ok
}

// hidden lists the names that hold a card number, and forgets those that nobody has used since before.
func (n *names) hidden(before time.Time) (list []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for called, k := range n.real {
		if k.at.Before(before) {
			delete(n.real, called)
			continue
		}
		list = append(list, k.name)
	}
	return list
}

// hash is keyed: the few numbers that fit a masked one could all be tried.
func (n *names) hash(name string) string {
	h := hmac.New(sha256.New, n.key)
	h.Write([]byte(name))
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// kept gives the name of the masked copy of a refused file, where a card number may not even be in a name.
func (n *names) kept(name string) string {
	masked, found := job.MaskCardNumbers(name)
	if !found {
		return name
	}
	masked = fileText(masked)
	ext := filepath.Ext(masked)
	stem := strings.TrimSuffix(masked, ext)
	end := "-" + n.hash(name) + ext
	for len(stem)+len(end) > maxName && stem != "" {
		_, last := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-last]
	}
	return stem + end
}

// fileText is a masked text as a file can be named: a star is no letter of a name on Windows.
func fileText(masked string) string { return strings.ReplaceAll(masked, "*", "x") }
