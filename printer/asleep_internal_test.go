package printer

import (
	"fmt"
	"testing"
	"time"
)

// TestLateGoesOn: on a machine where this process is late again and again, what is overdue is found to be: the machine's time goes on by what
// is waited for, at least by half of what passes in time, and never by more than what passes.
func TestLateGoesOn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		inTime int // beats before one is late
		late   time.Duration
	}{{0, 150 * time.Millisecond}, {0, 2 * time.Second}, {1, 150 * time.Millisecond}, {1, 250 * time.Millisecond}, {2, 300 * time.Millisecond}, {9, time.Second}, {20, 2500 * time.Millisecond}} {
		t.Run(fmt.Sprintf("%d in time, then late by %v", c.inTime, c.late), func(t *testing.T) {
			t.Parallel()
			var m machine
			m.wire()
			var w watch
			began := time.Now()
			now, wake := began, began.Add(time.Second)
			m.core.now = now
			ticks, inTime := 0, time.Duration(0)
			for i := 0; now.Sub(began) < 10*time.Minute; i++ {
				due := w.next(m.core.real(wake), now, false)
				inTime += due.Sub(now)
				now = due.Add(time.Millisecond)
				if i%(c.inTime+1) == c.inTime {
					now = due.Add(c.late)
				}
				m.core.last, m.core.now = m.core.now, now.Add(-m.core.slept)
				if span, unseen := w.slept(now, 0); unseen > 0 {
					m.asleep(span, unseen)
				}
				if !now.Before(m.core.real(wake)) {
					ticks++
					wake = wake.Add(time.Second)
					w.looked()
				}
			}
			if on := now.Add(-m.core.slept).Sub(began); ticks < int(inTime/(2*time.Second)) || on > now.Sub(began) {
				t.Errorf("in 10 minutes, %v of them in time: overdue %d times, the machine's time went on by %v", inTime, ticks, on)
			} else {
				t.Logf("%d ticks, %v in time", ticks, inTime)
			}
		})
	}
}
