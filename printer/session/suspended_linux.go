package session

import (
	"time"

	"golang.org/x/sys/unix"
)

// Suspended is for how long in all the machine was suspended since it started: times that the clock of package time leaves out.
func Suspended() time.Duration {
	var boot, mono unix.Timespec
	// In this order: what passes between the two makes it less, and a process that lost its turn in between was not suspended.
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot) != nil || unix.ClockGettime(unix.CLOCK_MONOTONIC, &mono) != nil {
		return 0
	}
	return max(0, time.Duration(boot.Nano()-mono.Nano()))
}
