//go:build !linux

package line

import "errors"

var errElsewhere = errors.New("this system has none: let the software print to tcp://127.0.0.1:9100")

// openPipe is for Linux.
func openPipe(string, string) (stream, error) { return nil, errElsewhere }

// openTerminal is for Linux.
func openTerminal(string, string) (stream, error) { return nil, errElsewhere }
