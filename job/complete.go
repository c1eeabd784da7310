package job

import (
	"bytes"
	"errors"
)

// MaxSize is the largest job file, in bytes.
const MaxSize = 256 << 10

// State says how far a file that is written in place has come.
type State int

// The states of a file.
const (
	Prefix   State = iota // may still become one JSON object: wait
	Complete              // is one JSON object, be it a valid job or not
	Invalid               // can never become one, or is larger than MaxSize
)

// Completeness says whether data is one whole JSON object. It reads data once and allocates nothing.
//
// Zero bytes at the end count as not yet written: copying to a network share first makes a file of the full length.
func Completeness(data []byte) State {
	if len(data) > MaxSize {
		return Invalid
	}
	written := bytes.TrimRight(data, "\x00")
	s := scanner{data: written}
	switch _, err := s.document(); {
	case errors.Is(err, errEnd):
		return Prefix
	case err != nil:
		return Invalid
	case len(written) < len(data):
		return Prefix
	}
	return Complete
}
