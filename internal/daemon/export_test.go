package daemon

import "time"

// SetStopLimit changes how long a stop may take. It is to be called before anything runs.
func SetStopLimit(d time.Duration) { stopLimit = d }
