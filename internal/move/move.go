// Package move takes a till's records to another machine in one file: journal, secrets, PIN, configuration and templates.
//
// The new till has a code, which stands in its data folder (Code). The old one writes a file for that code and locks its journal first
// (Out); the new one takes the file in, and nobody else can (In). A step that was cut off is repeated; until it is, at most one of the
// two has a journal that opens. It starts no goroutines.
package move

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/receiptd/receiptd/internal/wholefile"
)

// Errors that callers branch on.
var (
	ErrOther  = errors.New("this file is for another till")
	ErrNoFile = errors.New("this is no file of a move")
	ErrCode   = errors.New("this is no till's code")
	ErrExists = errors.New("the file exists")
)

// A Till names the places of a till.
type Till struct {
	Data      string // the data folder
	Config    string // the configuration's file
	Templates string // overrides of templates
}

func (t Till) journal() string { return filepath.Join(t.Data, "journal.db") }

// A Manifest says what a file holds.
type Manifest struct {
	Version int               `json:"version"`
	For     string            `json:"for"` // the code of the new till
	At      time.Time         `json:"at"`
	System  string            `json:"system"` // GOOS of the old till
	Sums    map[string]string `json:"sums"`   // SHA-256 of each file
}

// The names in a file.
const (
	manifestName = "manifest.json"
	journalName  = "journal.db"
	configName   = "receiptd.toml"
	templateDir  = "templates/"
)

// own are the files of the data folder that go along, with their modes.
var own = map[string]fs.FileMode{"token": 0o640, "page-key": 0o640, "name-key": 0o600, "supervisor-pin": 0o600, "tiers.json": 0o640,
	"devices.json": 0o600, "lan-ca.pem": 0o600}

// codeName is the file that holds a till's code until it has taken a move in.
const codeName = "move-code"

// letters of a code: none that is read for another one.
const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

const codeLength = 10

// Code gives the code of this till, and makes one where it has none.
func Code(data string) (string, error) {
	code, err := readCode(data)
	if err != nil || code != "" {
		return code, err
	}
	b := make([]byte, codeLength)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("make a code: %w", err)
	}
	for i := range b {
		b[i] = letters[int(b[i])%len(letters)]
	}
	if err := os.MkdirAll(data, 0o750); err != nil {
		return "", fmt.Errorf("make a code: %w", err)
	}
	if err := wholefile.Write(filepath.Join(data, codeName), append(b, '\n'), 0o600); err != nil {
		return "", fmt.Errorf("make a code: %w", err)
	}
	return Shown(string(b)), nil
}

func readCode(data string) (string, error) {
	text, err := os.ReadFile(filepath.Join(data, codeName))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read this till's code: %w", err)
	}
	if _, err := Number(string(text)); err != nil {
		return "", nil
	}
	return Shown(string(text)), nil
}

// plain takes from a code what people put into it.
func plain(code string) string {
	return strings.NewReplacer("-", "", " ", "", "\n", "", "\r", "").Replace(strings.ToUpper(code))
}

// Shown is a code as people read it: ABCDE-FGHJK.
func Shown(code string) string {
	code = plain(code)
	return code[:codeLength/2] + "-" + code[codeLength/2:]
}

// Number is a code as the journal keeps it. Error: ErrCode.
func Number(code string) (int64, error) {
	code = plain(code)
	n := int64(1)
	for _, r := range code {
		i := strings.IndexRune(letters, r)
		if i < 0 || len(code) != codeLength {
			return 0, ErrCode
		}
		n = n<<5 | int64(i)
	}
	if len(code) != codeLength {
		return 0, ErrCode
	}
	return n, nil
}

// CodeOf is the code that the journal keeps as a number.
func CodeOf(n int64) string {
	b := make([]byte, codeLength)
	for i := range b {
		b[codeLength-1-i] = letters[n>>(5*i)&31]
	}
	return Shown(string(b))
}

// readManifest understands a manifest.
func readManifest(data []byte) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil || m.Version != 1 || m.Sums[journalName] == "" {
		return m, ErrNoFile
	}
	return m, nil
}
