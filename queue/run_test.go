package queue_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// runWith runs a deliver function until the test ends.
func (s *shop) runWith(d queue.Deliver, printers ...string) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.q.Printing.Run(ctx, printers, d) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				s.t.Error(err)
			}
		})
	}
	s.t.Cleanup(stop)
	return stop
}

func (s *shop) state(id string, i int) string {
	a := s.answer(id)
	if i >= len(a.Copies) {
		return ""
	}
	c := a.Copies[i]
	if c.Reason != "" {
		return string(c.State) + " " + string(c.Reason)
	}
	return string(c.State)
}

func (s *shop) wantState(id string, i int, want string) {
	s.t.Helper()
	until(s.t, fmt.Sprintf("%s copy %d is %s", id, i, want), func() bool { return s.state(id, i) == want })
}

var printed = queue.Result{State: queue.Printed, Proof: queue.ProofPrinted, Bytes: 1}

// TestHeldBeforeTheFirstByte shows that a printer without paper costs no number and no mark, and that another printer
// goes on.
func TestHeldBeforeTheFirstByte(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(o *queue.Options) {
		o.Route = func(_ *job.Job, c job.CopyName) string { return string(c) }
	})
	var paper atomic.Bool
	var mark atomic.Value
	s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
		if d.Printer == "merchant" && !paper.Load() {
			d.Report(queue.Held, "paper_out")
			return queue.Result{State: queue.Queued, Reason: "paper_out"}
		}
		if d.Printer == "merchant" {
			mark.Store(d.Mark)
		}
		if _, err := d.Begin(ctx); err != nil {
			return queue.Result{State: queue.Queued}
		}
		return printed
	}, "merchant", "cardholder")
	s.accept(slip{id: "a"}.String())
	s.wantState("a", 0, "held paper_out")
	s.wantState("a", 1, "printed")
	if n := s.answer("a").Copies[0].PrintNo; n != 1 {
		t.Errorf("print number %d while held, want the coming 1", n)
	}
	if a := s.accept(last("r", `,"copies":["cardholder"]`)); a.Outcome != queue.Accepted {
		t.Errorf("a copy that is out can be reprinted while another is held: %+v", a)
	}
	paper.Store(true)
	s.q.Printing.Wake("merchant")
	s.wantState("a", 0, "printed")
	if m := mark.Load().(job.Mark); m.Kind != job.MarkOriginal || m.PrintNo != 1 {
		t.Errorf("%+v", m)
	}
}

// TestHeldMidSlip shows the states of a copy whose printer runs out of paper in the middle.
func TestHeldMidSlip(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	step := make(chan struct{})
	s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
		if _, err := d.Begin(ctx); err != nil {
			return queue.Result{State: queue.Queued}
		}
		d.Report(queue.Held, "paper_out")
		<-step
		d.Report(queue.Sending, "")
		<-step
		return printed
	}, "default")
	s.accept(order("o", "1", "new"))
	s.wantState("o", 0, "held paper_out")
	if a := s.accept(command("c", `"command":"cancel","target_job_id":"o"`)); a.Outcome != queue.Refused {
		t.Errorf("cancelled a copy of which bytes left: %+v", a)
	}
	step <- struct{}{}
	s.wantState("o", 0, "sending")
	step <- struct{}{}
	s.wantState("o", 0, "printed")
}

// TestStopped shows that a stop in the middle of a slip leaves it uncertain, on disk.
func TestStopped(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	begun := make(chan struct{})
	stop := s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
		_, _ = d.Begin(ctx)
		close(begun)
		<-ctx.Done()
		return queue.Result{State: queue.Uncertain, Reason: "stopped", Bytes: 10}
	}, "default")
	s.accept(slip{id: "a"}.String())
	<-begun
	stop()
	s.reopen()
	if got := s.state("a", 0); got != "uncertain stopped" {
		t.Error(got)
	}
	if got := s.state("a", 1); got != "queued" {
		t.Error(got)
	}
}

// TestLastResultIsWaitedFor shows that Run does not return while the result of its last copy is still on its way to the disk,
// whoever writes it.
func TestLastResultIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		writing, written, stopped := make(chan struct{}), make(chan struct{}), make(chan struct{})
		s := newShop(t, func(o *queue.Options) {
			o.CopyPause = func(string) time.Duration { <-stopped; return 0 } // the worker is slow: the result is written without it
		})
		s.accept(slip{id: "a"}.String())
		var out atomic.Bool
		var once sync.Once
		queue.SetHook(s.q, func(point string) {
			if point == "before commit" && out.Load() {
				once.Do(func() { close(writing); <-written })
			}
		})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		done := make(chan error, 1)
		go func() {
			done <- s.q.Printing.Run(ctx, []string{"default"}, func(ctx context.Context, d queue.Delivery) queue.Result {
				if _, err := d.Begin(ctx); err != nil {
					return queue.Result{State: queue.Queued}
				}
				out.Store(true)
				return printed
			})
		}()
		<-writing
		cancel()
		close(stopped)
		synctest.Wait()
		if len(done) > 0 {
			t.Error("Run returned before the result was on disk")
		}
		close(written)
		if err := <-done; err != nil {
			t.Error(err)
		}
		if got := s.state("a", 0); got != "printed" {
			t.Error(got)
		}
	})
}

// TestStoppedWhileItBegins shows that a stop while the start of a copy is on its way to the disk leaves it as one of which nothing
// left, not at the printer or uncertain.
func TestStoppedWhileItBegins(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.accept(order("o", "1", "new"))
	ctx, cancel := context.WithCancel(t.Context())
	var begins atomic.Bool
	queue.SetHook(s.q, func(point string) {
		if point == "before commit" && begins.Load() {
			cancel()
		}
	})
	err := s.q.Printing.Run(ctx, []string{"default"}, func(ctx context.Context, d queue.Delivery) queue.Result {
		begins.Store(true)
		if _, err := d.Begin(ctx); err != nil {
			t.Error(err)
		}
		return queue.Result{State: queue.Queued}
	})
	if err != nil {
		t.Error(err)
	}
	if got := s.state("o", 0); got != "queued" {
		t.Errorf("%s after the stop", got)
	}
	s.reopen()
	if got := describe(s.answer("o")); got != "accepted kitchen:queued" {
		t.Errorf("at the next start: %s", got)
	}
}

// TestMarkChangesUnderway shows that a slip rendered before a settlement does not come out without its late mark.
func TestMarkChangesUnderway(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	var first sync.Once
	var marks []job.Mark
	var mu sync.Mutex
	s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
		first.Do(func() { s.accept(settlement("s", "00012345", "000122", nightful, "settlement")) })
		if _, err := d.Begin(ctx); err != nil {
			if !errors.Is(err, queue.ErrSkip) && ctx.Err() == nil { // the test ends while the settlement's own slip begins
				t.Error(err)
			}
			return queue.Result{State: queue.Queued}
		}
		mu.Lock()
		defer mu.Unlock()
		marks = append(marks, d.Mark)
		return printed
	}, "default")
	s.accept(slip{id: "a", more: `,"copies":["merchant"]`}.String())
	s.wantState("a", 0, "printed")
	mu.Lock()
	defer mu.Unlock()
	if marks[0].Kind != job.MarkLate || !marks[0].Late || marks[0].PrintNo != 1 {
		t.Errorf("%+v", marks)
	}
}

// TestCancelledUnderway shows that a copy cancelled while its printer was looked at does not begin.
func TestCancelledUnderway(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	var begun atomic.Int64
	s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
		if d.Job.ID == "o" {
			s.accept(command("c", `"command":"cancel","target_job_id":"o"`))
		}
		if _, err := d.Begin(ctx); err != nil {
			return queue.Result{State: queue.Queued}
		}
		begun.Add(1)
		return printed
	}, "default")
	s.accept(order("o", "1", "new"))
	s.accept(order("p", "2", "new"))
	s.wantState("p", 0, "printed")
	if got := s.state("o", 0); got != "cancelled cancelled" || begun.Load() != 1 {
		t.Errorf("%s, %d began", got, begun.Load())
	}
}

// TestOneCommitForEachCopy counts commits while a queue drains. The clock is the bubble's: a slow machine does not write a result
// before the next start is ready.
func TestOneCommitForEachCopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		for i := range 20 {
			s.accept(order(fmt.Sprint("o", i), fmt.Sprint(i), "new"))
		}
		var commits atomic.Int64
		queue.SetHook(s.q, func(p string) {
			if p == "after commit" {
				commits.Add(1)
			}
		})
		commits.Store(0)
		p := &paper{}
		stop := s.run(p)
		s.wantState("o19", 0, "printed")
		stop()
		if n := commits.Load(); n > 24 {
			t.Errorf("%d commits for 20 copies", n)
		}
	})
}

// TestNothingLeft shows that an attempt of which no byte left gives its number back.
func TestNothingLeft(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	n := 0
	var marks []job.Mark
	stop := s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
		if _, err := d.Begin(ctx); err != nil {
			t.Error(err)
		}
		marks = append(marks, d.Mark)
		if n++; n == 1 {
			return queue.Result{State: queue.Queued, Reason: "link_down"}
		}
		return printed
	}, "default")
	s.accept(order("o", "1", "new"))
	s.wantState("o", 0, "printed")
	stop()
	if len(marks) != 2 || marks[1].PrintNo != 1 || marks[1].Kind != job.MarkOriginal {
		t.Errorf("%+v", marks)
	}
}

// TestWithoutBegin shows that a driver that breaks its contract leaves an uncertain copy, not an unmarked second one.
func TestWithoutBegin(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.runWith(func(context.Context, queue.Delivery) queue.Result { return printed }, "default")
	s.accept(slip{id: "a", more: `,"copies":["merchant"]`}.String())
	s.wantState("a", 0, "uncertain")
	a := s.accept(last("r", ""))
	if a.Outcome != queue.Accepted || a.Copies[0].PrintNo != 2 {
		t.Errorf("%+v", a)
	}
}

// TestPanic shows that a broken driver or template costs only its own copy.
func TestPanic(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
		if d.Job.ID == "a" {
			if d.Copy == job.CopyMerchant {
				_, _ = d.Begin(ctx)
			}
			panic("broken")
		}
		_, _ = d.Begin(ctx)
		return printed
	}, "default")
	s.accept(slip{id: "a"}.String())
	s.accept(slip{id: "b", voucher: "000002"}.String())
	s.wantState("b", 1, "printed")
	if got := s.state("a", 0) + ", " + s.state("a", 1); got != "uncertain error, cancelled unprintable" {
		t.Error(got)
	}
}

// TestTornPiece shows that a recovery copy names the torn one, and is its printer's next.
func TestTornPiece(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := &paper{next: failing(queue.Cancelled, "paper_out")}
	s.accept(order("o1", "1", "new"))
	s.accept(order("o2", "2", "new"))
	s.run(p)
	s.wantState("o2", 0, "printed")
	want := "o1 kitchen original 1; o1 kitchen recovery 2; o2 kitchen original 1"
	if got := strings.Join(p.pieces, "; "); got != want {
		t.Errorf("%s", got)
	}
	if m := p.marks[1]; !m.TornPiece || m.Operator != "SYSTEM" || m.Reason != "paper_out" {
		t.Errorf("%+v", m)
	}
}

// TestCopyPause shows the pause between the copies of one job, and none before another job. The clock is the bubble's: a
// commit to a slow disk takes no time on it.
func TestCopyPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const pause = 200 * time.Millisecond
		s := newShop(t, func(o *queue.Options) { o.CopyPause = func(string) time.Duration { return pause } })
		var mu sync.Mutex
		var at []time.Time
		s.accept(slip{id: "a"}.String())
		s.accept(order("o", "1", "new"))
		s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
			mu.Lock()
			at = append(at, time.Now())
			mu.Unlock()
			_, _ = d.Begin(ctx)
			return printed
		}, "default")
		s.wantState("o", 0, "printed")
		mu.Lock()
		defer mu.Unlock()
		if d := at[1].Sub(at[0]); d < pause {
			t.Errorf("%v between two copies of a job", d)
		}
		if d := at[2].Sub(at[1]); d >= pause {
			t.Errorf("%v before another job, the pause between copies is %v", d, pause)
		}
	})
}
