package daemon

import (
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/config"
)

// TestClockWatch: what waits grows old as time passes, whatever the clock shows.
func TestClockWatch(t *testing.T) {
	wall, steady := time.Date(2026, 8, 11, 12, 0, 0, 0, time.UTC), time.Hour
	c := &clockWatch{wall: func() time.Time { return wall }, steady: func() time.Duration { return steady }}
	pass := func(d, jump time.Duration) { wall, steady = wall.Add(d+jump), steady+d }
	c.look(0)
	early := wall
	for i, jump := range []time.Duration{48 * time.Hour, -72 * time.Hour, 10 * 365 * 24 * time.Hour, -time.Hour} {
		before, seq := wall, int64(10*i+2)
		age := c.age(seq, before)
		pass(20*time.Second, jump)
		after := wall
		pass(time.Second, 0)
		c.look(seq + 1)
		if got := c.age(seq, before) - age; got != 21*time.Second {
			t.Errorf("after a jump of %s a slip of before is %s old", jump, got)
		}
		if got := c.age(seq+1, after); got != time.Second {
			t.Errorf("after a jump of %s a slip of after is %s old", jump, got)
		}
		if by, ok := c.jumped(); !ok || by.Round(time.Second) != jump {
			t.Errorf("a jump of %s is %s", jump, by)
		}
		pass(time.Minute, 0)
		c.look(seq + 1)
	}
	if got := c.age(1, early); got < 4*time.Minute || got > 6*time.Minute {
		t.Errorf("after four jumps a slip of five minutes is %s old", got)
	}
	pass(11*time.Minute, 0)
	c.look(100)
	if _, ok := c.jumped(); ok {
		t.Error("the clock never counts as even again")
	}
	if sinceBoot() <= 0 {
		t.Error("no steady time")
	}
}

// TestSettledBy: the last time of day at which batches had to be settled, in the shop's clock.
func TestSettledBy(t *testing.T) {
	cfg := &config.Config{Shop: config.Shop{Timezone: "Asia/Shanghai"}, Watch: config.Watch{SettledBy: "23:30"}}
	for now, want := range map[string]string{
		"2026-08-11T23:29:00+08:00": "2026-08-10T23:30:00+08:00",
		"2026-08-11T23:31:00+08:00": "2026-08-11T23:30:00+08:00",
		"2026-08-11T20:00:00Z":      "2026-08-11T23:30:00+08:00",
	} {
		at, _ := time.Parse(time.RFC3339, now)
		if got, ok := settledBy(cfg, at); !ok || got.Format(time.RFC3339) != want {
			t.Errorf("at %s: %s, want %s", now, got, want)
		}
	}
	if _, ok := settledBy(&config.Config{}, time.Now()); ok {
		t.Error("batches are due although nobody says so")
	}
}
