package session

import (
	"time"

	"golang.org/x/sys/unix"
)

// Suspended is for how long in all the machine was suspended since it started: times that the clock of package time leaves out.
func Suspended() time.Duration {
	var boot, mono unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &mono) != nil || unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot) != nil {
		return 0
	}
	return time.Duration(boot.Nano() - mono.Nano())
}
