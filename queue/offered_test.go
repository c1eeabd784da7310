package queue_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/queue"
)

// TestStartIsWaitedFor: a printer that must first open its link and be asked begins with the commit that takes its slip; one that
// refuses the slip, or takes too long, keeps nobody waiting. The clock is the bubble's.
func TestStartIsWaitedFor(t *testing.T) {
	for _, c := range []struct {
		name    string
		ready   time.Duration // after that the printer begins
		refuses bool
		shared  bool
		atMost  time.Duration // for the answer
	}{
		{"a link is opened first", 3 * time.Millisecond, false, true, 3 * time.Millisecond},
		{"refused", time.Millisecond, true, false, time.Millisecond},
		{"too slow", time.Second, false, false, 5 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			var commits, atBegin atomic.Int64
			s := newShop(t)
			s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
				time.Sleep(c.ready)
				if c.refuses {
					return queue.Result{State: queue.Queued, Reason: "paper_out"}
				}
				if _, err := d.Begin(ctx); err != nil {
					return queue.Result{State: queue.Queued}
				}
				atBegin.Store(commits.Load())
				return printed
			}, "default")
			queue.SetHook(s.q, func(point string) {
				if point == "after commit" {
					commits.Add(1)
				}
			})
			for n := range 3 {
				time.Sleep(5 * time.Second) // its worker rests
				before, asked := commits.Load(), time.Now()
				s.accept(slip{id: fmt.Sprint("s", n), voucher: fmt.Sprintf("%06d", n+1), more: `,"copies":["merchant"]`}.String())
				if took := time.Since(asked); took > c.atMost {
					t.Errorf("%s: the answer waited for %v", c.name, took)
				}
				if c.refuses {
					break // the worker tries it again by itself
				}
				time.Sleep(5 * time.Second)
				if n := atBegin.Load() - before; (n == 1) != c.shared {
					t.Errorf("%s: it began with commit %d", c.name, n)
				}
			}
		})
	}
}
