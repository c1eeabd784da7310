package daemon

import "time"

// SetMachine has the watch ask these instead of the computer: what is free on a disk, the clock, and the time since the computer began.
func (o *Options) SetMachine(room func(string) (bytes, files int64, err error), wall func() time.Time, steady func() time.Duration) {
	o.machine = machine{room, wall, steady}
}

// SetStopLimit changes how long a stop may take. It is to be called before anything runs.
func SetStopLimit(d time.Duration) { stopLimit = d }
