//go:build !linux

package daemon

import "time"

var processStart = time.Now()

// sinceBoot is the time since the process began, as the system counts it: where that stops while the machine sleeps, waking up looks as if
// the clock had jumped.
func sinceBoot() time.Duration { return time.Since(processStart) }
