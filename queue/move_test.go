package queue_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// TestRehome shows that what waits for a printer that is gone goes copy by copy where the routes say, as that printer's own.
func TestRehome(t *testing.T) {
	t.Parallel()
	renamed := false
	s := newShop(t, func(o *queue.Options) {
		o.Route = func(_ *job.Job, c job.CopyName) string {
			if renamed {
				return "new-" + string(c)
			}
			return "old"
		}
	})
	s.accept(slip{id: "a"}.String())
	renamed = true
	moved, err := s.q.Printing.Rehome(t.Context(), "old")
	if err != nil || moved["new-merchant"] != 1 || moved["new-cardholder"] != 1 {
		t.Errorf("moved %v, %v", moved, err)
	}
	var marks sync.Map
	s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
		marks.Store(d.Printer, d.Mark)
		if _, err := d.Begin(ctx); err != nil {
			return queue.Result{State: queue.Queued}
		}
		return printed
	}, "new-merchant", "new-cardholder")
	s.wantState("a", 0, "printed")
	s.wantState("a", 1, "printed")
	if m, ok := marks.Load("new-merchant"); !ok || m.(job.Mark).From != "" || m.(job.Mark).Kind != job.MarkOriginal {
		t.Errorf("the mark is %+v, want an original's that names no other printer", m)
	}
	if zh := queue.DetailZh("moved from old to follow the routes"); zh != "从 old 转来，按现在的路由" {
		t.Errorf("told as %q", zh)
	}
}

// TestDismiss shows that a dismissed printer ends the copy it has, undisturbed, and gets no other; what comes is there for the
// next.
func TestDismiss(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	begun, end := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var late, next atomic.Int32
	deliver := func(ctx context.Context, d queue.Delivery) queue.Result {
		if d.Job.ID != "a" {
			late.Add(1)
		}
		if _, err := d.Begin(ctx); err != nil {
			return queue.Result{State: queue.Queued}
		}
		once.Do(func() { close(begun) })
		select {
		case <-end:
			return printed
		case <-ctx.Done():
			return queue.Result{State: queue.Uncertain, Reason: "stopped"}
		}
	}
	s.runWith(deliver, "default")
	s.accept(slip{id: "a"}.String())
	<-begun
	gone := make(chan struct{})
	go func() { s.q.Printing.Dismiss("default"); close(gone) }()
	select {
	case <-gone:
		t.Fatal("dismissed before the copy at the printer was over")
	default:
	}
	close(end)
	<-gone
	if got := s.state("a", 0); got != "printed" {
		t.Errorf("the copy at the printer is %s when it is dismissed, want printed", got)
	}
	s.accept(slip{id: "b", voucher: "105234"}.String())
	s.q.Printing.Dismiss("default") // nobody is there any more
	s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
		next.Add(1)
		if _, err := d.Begin(ctx); err != nil {
			return queue.Result{State: queue.Queued}
		}
		return printed
	}, "default")
	s.wantState("b", 0, "printed")
	if late.Load() != 0 || next.Load() == 0 {
		t.Errorf("after it was dismissed %d copies went to the old one and %d to the next", late.Load(), next.Load())
	}
}

// TestMove sends a dead printer's queue to another one.
func TestMove(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	stuck := make(chan struct{}, 10)
	var marks sync.Map
	s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
		if d.Printer == "default" {
			_, _ = d.Begin(ctx)
			d.Report(queue.Held, "error")
			stuck <- struct{}{}
			<-ctx.Done()
			return queue.Result{State: queue.Uncertain, Reason: "stopped", Bytes: 5}
		}
		_, _ = d.Begin(ctx)
		marks.Store(string(d.Copy), d.Mark)
		return printed
	}, "default", "spare")
	s.accept(slip{id: "a"}.String())
	<-stuck
	s.wantState("a", 0, "held error")
	until(t, "all moved", func() bool {
		_, err := s.q.Printing.Move(t.Context(), "default", "spare", "07")
		return err == nil && s.state("a", 1) == "printed"
	})
	s.wantState("a", 0, "uncertain stopped")
	m, ok := marks.Load("cardholder")
	if !ok || m.(job.Mark).From != "default" || m.(job.Mark).Kind != job.MarkOriginal {
		t.Errorf("%+v", m)
	}
}

// TestMoveOfWhatIsHeld moves a copy away while its printer looks at it: what that printer says about it then counts no more.
func TestMoveOfWhatIsHeld(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	stop := s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
		d.Report(queue.Held, "paper_out")
		<-ctx.Done()
		return queue.Result{State: queue.Queued, Reason: "paper_out", MoveTo: "elsewhere"}
	}, "default")
	s.accept(order("o", "1", "new"))
	s.wantState("o", 0, "held paper_out")
	if n, err := s.q.Printing.Move(t.Context(), "default", "spare", "07"); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	stop()
	if c := s.answer("o").Copies[0]; c.Printer != "spare" || c.State != queue.Queued || c.Reason != "" {
		t.Errorf("%+v", c)
	}
}

// TestRelease answers the question about old copies.
func TestRelease(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := &paper{}
	s.accept(slip{id: "a"}.String())
	s.accept(slip{id: "b", voucher: "000002"}.String())
	s.wait(time.Hour)
	s.run(p)
	s.wantState("b", 1, "held stale")
	if n, err := s.q.Decisions.Release(t.Context(), "default", true, "07", s.answer("a").Copies[0].CopyID); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	s.wantState("a", 0, "printed")
	if n, err := s.q.Decisions.Release(t.Context(), "default", false, "07"); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	s.wantState("b", 0, "cancelled dropped")
	if p.count() != 1 || p.marks[0].Kind != job.MarkLate {
		t.Errorf("%v", p.pieces)
	}
}
