//go:build !linux && !windows

package main

import "errors"

// hideEcho is not known here: --pin-file works everywhere.
func hideEcho(uintptr) (restore func(), err error) {
	return nil, errors.New("not supported on this system")
}

// giveTo does nothing: the daemon runs as the user who installs it.
func giveTo(string, string) error { return nil }
