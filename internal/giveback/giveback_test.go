package giveback

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestGivesOnceWorkHasEnded: after a start and after work, once it is quiet; seldom while somebody only asks, however often; and never else.
func TestGivesOnceWorkHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var times atomic.Int64
		g := New()
		g.give = func() { times.Add(1) }
		done := make(chan error)
		go func() { done <- g.Run(ctx) }()
		after := func(d time.Duration, want int, what string) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			if given := int(times.Load()); given != want {
				t.Errorf("%s: given back %d times, want %d", what, given, want)
			}
		}
		after(quiet-1, 0, "just started")
		after(2, 1, "started")
		after(24*time.Hour, 1, "idle")
		for range 100 {
			g.Work()
			time.Sleep(quiet / 2)
		}
		after(quiet-quiet/2-time.Second, 1, "work goes on")
		after(quiet+time.Second, 2, "work has ended")
		after(time.Hour, 2, "idle again")
		for range 120 { // as a program does that reads the metrics
			g.Asked()
			time.Sleep(15 * time.Second)
		}
		time.Sleep(seldom)
		synctest.Wait()
		given := int(times.Load())
		if given < 2+20 || given > 2+31 {
			t.Errorf("given back %d times in half an hour of questions", given-2)
		}
		g.Asked()
		time.Sleep(seldom / 2)
		g.Work()
		after(seldom/2+1, given, "work while it waits")
		after(quiet, given+1, "and its end")
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
