// Package host tells machines and files apart: whether a folder of data lies where it was made, or is a copy.
//
// It owns no state and starts no goroutines.
package host

import (
	"crypto/sha256"
	"encoding/binary"
	"os"
	"strings"
)

// Variable names the environment variable by which a machine without an identity of its own, a container say, is given one.
const Variable = "RECEIPTD_HOST_ID"

// ID is a number for this machine, 0 where it has no identity that stays: a hash of what the system calls the machine (machine-id,
// MachineGuid) and, where anybody may read it, of the board's serial number. Its name and addresses do not count: they change.
func ID() int64 {
	if given := strings.TrimSpace(os.Getenv(Variable)); given != "" {
		return number("given", given)
	}
	id, board := machine()
	if id == "" {
		return 0
	}
	return number("machine", id, board)
}

// File is a number for a file that stays as long as it is this very file, however it is renamed, and that a copy does not have. It is
// 0 where the file system does not keep such numbers.
func File(path string) int64 {
	parts := fileParts(path)
	if len(parts) == 0 {
		return 0
	}
	return number("file", parts...)
}

// number is never 0, and tells nobody what it was made of.
func number(kind string, parts ...string) int64 {
	h := sha256.New()
	h.Write([]byte("receiptd " + kind))
	for _, p := range parts {
		h.Write([]byte("\x00" + p))
	}
	return int64(binary.BigEndian.Uint64(h.Sum(nil)[:8])>>1 | 1) //nolint:gosec // its top bit is 0
}
