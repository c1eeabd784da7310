package queue_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// begun collects the jobs whose copies began, and what was shown ahead.
type begun struct {
	mu          sync.Mutex
	asked, jobs []string
	shown       []string
	lost        chan struct{} // the delivery of job "lost" waits for it
}

func (b *begun) deliver(ctx context.Context, d queue.Delivery) queue.Result {
	b.mu.Lock()
	b.asked = append(b.asked, d.Job.ID)
	b.mu.Unlock()
	if d.Job.ID == "lost" {
		<-b.lost
	}
	if _, err := d.Begin(ctx); err != nil {
		return queue.Result{State: queue.Queued}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.jobs = append(b.jobs, d.Job.ID+" "+string(d.Copy)+" "+string(d.Mark.Kind))
	return printed
}

func (b *begun) prepare(d queue.Delivery) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shown = append(b.shown, d.Job.ID+" "+string(d.Copy))
}

func (b *begun) list() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.jobs)
}

func (b *begun) wasAsked(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Contains(b.asked, id)
}

// TestOfferedAndNotTaken shows that a copy whose job did not get to the disk never begins although its printer was offered
// it, and that the job that gets its number then is printed as itself.
func TestOfferedAndNotTaken(t *testing.T) {
	t.Parallel()
	b := &begun{lost: make(chan struct{})}
	s := newShop(t)
	s.runWith(b.deliver, "default")
	s.accept(slip{id: "first", voucher: "000001"}.String())
	s.wantState("first", 1, "printed")
	until(t, "a printer without work is offered a job that is not on disk", func() bool {
		queue.FailCommit(s.q)
		lost := queue.Arrival{Parsed: parse(t, slip{id: "lost", voucher: "000002"}.String()), Source: queue.SourceHTTP}
		if _, err := s.q.Requests.Accept(t.Context(), lost); err == nil {
			t.Fatal("taken although the commit failed")
		}
		time.Sleep(5 * time.Millisecond) // between two tries
		return b.wasAsked("lost")
	})
	s.accept(slip{id: "next", voucher: "000003"}.String())
	close(b.lost)
	s.wantState("next", 1, "printed")
	want := []string{"first merchant original", "first cardholder original", "next merchant original", "next cardholder original"}
	if got := b.list(); !slices.Equal(got, want) {
		t.Errorf("printed %q", got)
	}
}

// TestBegunAndNotTaken shows that a copy that began in a transaction that did not get to the disk, though all of it had run,
// has not begun: its job, taken at the second try, comes out once.
func TestBegunAndNotTaken(t *testing.T) {
	t.Parallel()
	b := &begun{}
	s := newShop(t)
	s.runWith(b.deliver, "default")
	s.accept(slip{id: "0", voucher: "000100"}.String())
	s.wantState("0", 1, "printed")
	want := []string{"0 merchant original", "0 cardholder original"}
	for i := 1; i <= 20; i++ {
		id := fmt.Sprint(i)
		queue.FailCommit(s.q)
		lost := queue.Arrival{Parsed: parse(t, slip{id: id, voucher: fmt.Sprintf("%06d", 100+i)}.String()), Source: queue.SourceHTTP}
		if _, err := s.q.Requests.Accept(t.Context(), lost); err != nil { // nothing joined it: it was not tried again
			s.arrive(lost)
		}
		s.wantState(id, 1, "printed")
		want = append(want, id+" merchant original", id+" cardholder original")
	}
	if got := b.list(); !slices.Equal(got, want) {
		t.Errorf("began:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestOneCommit shows that a slip that comes to a printer without work begins with the very commit that takes it: one wait for
// the disk, not two. The clock is the bubble's: a slow machine is in time too.
func TestOneCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var commits atomic.Int64
		began := make(chan int64, 1)
		s := newShop(t)
		s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
			if _, err := d.Begin(ctx); err != nil {
				return queue.Result{State: queue.Queued}
			}
			if d.Copy == "merchant" {
				began <- commits.Load()
			}
			return printed
		}, "default")
		queue.SetHook(s.q, func(point string) {
			if point == "after commit" {
				commits.Add(1)
			}
		})
		n := 0
		until(t, "accept and start share a commit", func() bool {
			n++
			id := fmt.Sprintf("sale-%d", n)
			before := commits.Load()
			s.accept(slip{id: id, voucher: fmt.Sprintf("%06d", n)}.String())
			shared := <-began-before == 1
			s.wantState(id, 1, "printed") // on disk: the worker rests now, or very soon
			return shared
		})
	})
}

// TestShownAhead shows that the copy that follows is shown while one is at the printer, and that a void that comes in between
// still gets onto it.
func TestShownAhead(t *testing.T) {
	t.Parallel()
	b := &begun{}
	var s *shop
	hold, held := make(chan struct{}), make(chan struct{})
	s = newShop(t, func(o *queue.Options) { o.Prepare = b.prepare })
	var marks []job.Mark
	s.accept(slip{id: "sale", voucher: "000001"}.String())
	s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
		if _, err := d.Begin(ctx); err != nil {
			return queue.Result{State: queue.Queued}
		}
		if d.Copy == "merchant" && d.Job.ID == "sale" {
			close(held)
			<-hold
		}
		if d.Job.ID == "sale" {
			marks = append(marks, d.Mark)
		}
		return printed
	}, "default")
	<-held
	until(t, "the cardholder's copy is shown", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return slices.Contains(b.shown, "sale cardholder")
	})
	s.accept(slip{id: "void", voucher: "000002", typ: "sale_void", original: "000001"}.String())
	close(hold)
	s.wantState("sale", 1, "printed")
	if len(marks) != 2 || marks[0].Voided || !marks[1].Voided {
		t.Errorf("marks %+v", marks)
	}
}

// TestOrderWithoutProof shows that an order is not printed again by itself at a printer that proves nothing: its question
// stays, and a person's "no" makes the marked copy.
func TestOrderWithoutProof(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	first := true
	s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
		if d.Auto {
			return queue.Result{State: queue.Queued, Unproven: true}
		}
		if _, err := d.Begin(ctx); err != nil {
			return queue.Result{State: queue.Queued}
		}
		if first {
			first = false
			return queue.Result{State: queue.Uncertain, Reason: "link_down", Bytes: 100}
		}
		return printed
	}, "default")
	s.accept(order("o", "1", "new"))
	s.wantState("o", 0, "uncertain link_down")
	until(t, "the copy that nobody asked for is given up", func() bool { return strings.Contains(describe(s.answer("o")), "unproven") })
	name := s.answer("o").Copies[0].Copy
	a := s.accept(command("no", `"command":"resolve_uncertain","target_job_id":"o","copy":"`+string(name)+`","came_out":false,"operator_no":"09"`))
	if a.Outcome != queue.Accepted {
		t.Fatalf("%+v", a)
	}
	until(t, "the marked copy", func() bool {
		c := s.answer("no").Copies
		return len(c) == 1 && c[0].State == queue.Printed && c[0].PrintNo == 2
	})
}

// TestNoMeanwhile shows that a person's "no" stands that comes while the marked copy of an order is at a printer that proves
// nothing: the copy is wanted now, and comes out.
func TestNoMeanwhile(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.runWith(func(ctx context.Context, d queue.Delivery) queue.Result {
		if d.Auto {
			s.accept(command("no", `"command":"resolve_uncertain","target_job_id":"o","copy":"kitchen","came_out":false,"operator_no":"09"`))
			return queue.Result{State: queue.Queued, Unproven: true}
		}
		if _, err := d.Begin(ctx); err != nil {
			return queue.Result{State: queue.Queued}
		}
		if d.Mark.PrintNo == 1 {
			return queue.Result{State: queue.Uncertain, Reason: "link_down", Bytes: 100}
		}
		return printed
	}, "default")
	s.accept(order("o", "1", "new"))
	s.wantState("o", 1, "printed")
	if got := s.state("o", 0); got != "cancelled not_out" {
		t.Error(got)
	}
}

// TestLastSlipIsWritten: what is noted of the batch's latest slip is written before the slip is offered to its printer, for an
// offer that cannot be made is passed over: the transaction ends with the error, the slip is not taken.
func TestLastSlipIsWritten(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.run(&paper{})
	s.accept(slip{id: "a"}.String())
	s.wantState("a", 1, "printed")
	if err := queue.Exec(s.q, "CREATE TRIGGER broken BEFORE UPDATE OF last_job ON batches BEGIN SELECT RAISE(ABORT, 'broken'); END"); err != nil {
		t.Fatal(err)
	}
	a, err := s.q.Requests.Accept(t.Context(), queue.Arrival{Parsed: parse(t, slip{id: "b", voucher: "000002"}.String()), Source: queue.SourceHTTP})
	if err == nil {
		t.Errorf("taken: %+v", a)
	}
}
