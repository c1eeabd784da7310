package spool

import "time"

// Hang makes every look at the folders hang until release is called, as a file system does that does not answer, and lets the
// loops pass for standing still after limit. It is called before they run.
func (s *Spool) Hang(limit time.Duration) (hang, release func()) {
	s.taker.pulse.limit, s.answers.pulse.limit = limit, limit
	return s.tree.mu.Lock, func() { s.tree.mu.Unlock(); s.loops.Wait() }
}

// ReportPause is how long a matter is only counted.
const ReportPause = reportPause
