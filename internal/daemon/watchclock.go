package daemon

import "time"

const (
	clockSlack = 5 * time.Second  // that the clock may move between two looks without having jumped
	clockCalm  = 10 * time.Minute // after a jump, until the clock counts as even again
	jumpsKept  = 32
)

// A clockWatch tells how long something has waited although the machine's clock may jump. The zero value works. It compares the clock with
// the time since the machine began, which goes on while it sleeps where the system tells that.
type clockWatch struct {
	wall   func() time.Time     // nil: the machine's clock
	steady func() time.Duration // nil: the time since the machine began

	begun    bool
	offset   time.Duration // of the clock to the steady time, at the last look
	lastWall time.Time     // at the last look
	jumps    []clockJump   // the oldest first
}

// A clockJump is one jump: copies up to seq came before it, unless they say a time of after it.
type clockJump struct {
	seq      int64
	by       time.Duration
	from, to time.Time     // what the clock showed after it, until it was noticed
	at       time.Duration // as the steady time says
}

func (c *clockWatch) times() (time.Time, time.Duration) {
	wall, steady := c.wall, c.steady
	if wall == nil {
		wall = func() time.Time { return time.Now().Round(0) }
	}
	if steady == nil {
		steady = sinceBoot
	}
	return wall(), steady()
}

// look notes a jump since the last look; last is the number of the newest copy.
func (c *clockWatch) look(last int64) {
	wall, steady := c.times()
	offset := time.Duration(wall.UnixNano()) - steady
	if by := offset - c.offset; c.begun && (by > clockSlack || by < -clockSlack) {
		c.jumps = append(c.jumps, clockJump{seq: last, by: by, from: c.lastWall.Add(by), to: wall, at: steady})
		c.jumps = c.jumps[max(0, len(c.jumps)-jumpsKept):]
	}
	c.begun, c.offset, c.lastWall = true, offset, wall
}

// age is how long ago a copy came that says a time of the clock.
func (c *clockWatch) age(seq int64, since time.Time) time.Duration {
	wall, _ := c.times()
	age := wall.Sub(since)
	for _, j := range c.jumps {
		after := !since.Before(j.from) && !since.After(j.to)
		if seq <= j.seq && !after {
			age -= j.by
		}
	}
	return age
}

// jumped gives the last jump as long as the clock has not run evenly for a while since.
func (c *clockWatch) jumped() (by time.Duration, ok bool) {
	if len(c.jumps) == 0 {
		return 0, false
	}
	_, steady := c.times()
	last := c.jumps[len(c.jumps)-1]
	return last.by, steady-last.at < clockCalm
}
