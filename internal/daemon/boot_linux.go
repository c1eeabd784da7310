package daemon

import (
	"time"

	"golang.org/x/sys/unix"
)

var processStart = time.Now()

// sinceBoot is the time since the machine began, that in which it slept included.
func sinceBoot() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return time.Since(processStart)
	}
	return time.Duration(t.Nano())
}
