//go:build !linux

package session

import "time"

// Suspended is for how long in all the machine was suspended since it started, as far as the clock of package time leaves that out: it
// does not on Windows.
func Suspended() time.Duration { return 0 }
