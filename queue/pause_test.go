package queue_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/receiptd/receiptd/queue"
)

// TestPause shows that nothing begins at a paused printer, not after a restart either, that the slip under way comes out whole, and
// that all of it comes out when the printer goes on.
func TestPause(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	begun, end := make(chan struct{}, 8), make(chan struct{}, 8)
	deliver := func(ctx context.Context, d queue.Delivery) queue.Result {
		if _, err := d.Begin(ctx); err != nil {
			return queue.Result{State: queue.Queued}
		}
		begun <- struct{}{}
		select {
		case <-end:
			return printed
		case <-ctx.Done():
			return queue.Result{State: queue.Uncertain, Reason: "stopped"}
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = s.q.Printing.Run(ctx, []string{"default"}, deliver) }()
	s.accept(slip{id: "a"}.String())
	<-begun
	if changed, err := s.q.Printing.Pause(t.Context(), "default", true, "07"); err != nil || !changed {
		t.Fatal(changed, err)
	}
	end <- struct{}{}
	s.wantState("a", 0, "printed")
	s.accept(slip{id: "b", voucher: "000002"}.String())
	stop()
	<-done
	s.reopen()
	if since, ok := s.q.Printing.Paused("default"); !ok || !since.Equal(s.now()) {
		t.Fatal("a restart forgot the pause: ", since, ok)
	}
	s.runWith(deliver, "default")
	s.wantState("a", 1, "queued")
	s.wantState("b", 0, "queued")
	select {
	case <-begun:
		t.Fatal("a copy began at a paused printer")
	default:
	}
	for range 8 {
		end <- struct{}{}
	}
	if changed, err := s.q.Printing.Pause(t.Context(), "default", false, "07"); err != nil || !changed {
		t.Fatal(changed, err)
	}
	s.wantState("a", 1, "printed")
	s.wantState("b", 1, "printed")
	if changed, err := s.q.Printing.Pause(t.Context(), "default", false, "07"); err != nil || changed {
		t.Error("it goes on twice: ", changed, err)
	}
}

// TestPauseTakesBack shows that a copy that waits at a printer that is not ready comes back when that is paused, and that it is
// not uncertain then.
func TestPauseTakesBack(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	there, back := make(chan struct{}, 1), make(chan struct{}, 1)
	var offers atomic.Int32
	s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
		if offers.Add(1) > 1 {
			if _, err := d.Begin(ctx); err != nil {
				return queue.Result{State: queue.Queued}
			}
			return printed
		}
		d.Report(queue.Held, "paper_out")
		there <- struct{}{}
		<-ctx.Done()
		back <- struct{}{}
		if _, err := d.Begin(context.WithoutCancel(ctx)); err == nil {
			t.Error("it began although it was given up")
		}
		return queue.Result{State: queue.Queued, Reason: "paper_out"}
	}, "default")
	s.accept(slip{id: "a"}.String())
	<-there
	if _, err := s.q.Printing.Pause(t.Context(), "default", true, "07"); err != nil {
		t.Fatal(err)
	}
	<-back
	if _, err := s.q.Printing.Pause(t.Context(), "default", false, "07"); err != nil {
		t.Fatal(err)
	}
	s.wantState("a", 1, "printed")
}

// TestCancelWaiting shows that what somebody saw waiting is cancelled, and nothing else: not what came later, not what waits
// elsewhere.
func TestCancelWaiting(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.accept(slip{id: "a"}.String())
	s.accept(slip{id: "b", voucher: "000002"}.String())
	s.accept(order("o", "1", "new"))
	seen := s.now()
	s.wait(time.Second)
	s.accept(slip{id: "late", voucher: "000003"}.String())
	if n, err := s.q.Printing.CancelWaiting(t.Context(), "elsewhere", seen, "07"); err != nil || n != 0 {
		t.Fatal(n, err)
	}
	want := len(s.answer("a").Copies) + len(s.answer("b").Copies) + len(s.answer("o").Copies)
	if n, err := s.q.Printing.CancelWaiting(t.Context(), "default", seen, "07"); err != nil || n != want {
		t.Fatalf("cancelled %d, want %d; %v", n, want, err)
	}
	s.wantState("a", 0, "cancelled cancelled")
	s.wantState("b", 1, "cancelled cancelled")
	s.wantState("late", 0, "queued")
}
