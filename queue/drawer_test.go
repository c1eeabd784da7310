package queue_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// kick is a command that opens the drawer.
func kick(id string) string {
	return fmt.Sprintf(`{"job_id":%q,"kind":"command","payload":{"command":"drawer_open","operator_no":"07","reason":"change"}}`, id)
}

// A till opens drawers: it says what became of each.
type till struct {
	s      *shop
	pulses atomic.Int64
	result atomic.Pointer[queue.DrawerResult]
	stop   func()
}

// openTill runs the drawers of a shop until the test ends.
func openTill(s *shop) *till {
	k := &till{s: s}
	k.result.Store(&queue.DrawerResult{State: vocabulary.OpeningSent})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	drawers := s.q.Drawers
	go func() {
		done <- drawers.Run(ctx, func(ctx context.Context, o queue.DrawerPulse) queue.DrawerResult {
			if o.Begin(ctx) != nil {
				return queue.DrawerResult{State: vocabulary.OpeningNotSent, Reason: vocabulary.ReasonTooLate}
			}
			k.pulses.Add(1)
			return *k.result.Load()
		})
	}()
	ended := false
	k.stop = func() {
		if !ended {
			ended = true
			cancel()
			if err := <-done; err != nil {
				s.t.Error(err)
			}
		}
	}
	s.t.Cleanup(k.stop)
	return k
}

func (k *till) becomes(id string, want vocabulary.Opening, why vocabulary.Reason) {
	k.s.t.Helper()
	until(k.s.t, id+" "+string(want), func() bool {
		a := k.s.answer(id)
		return a.Drawer != nil && a.Drawer.State == want && a.Drawer.Reason == why
	})
}

// TestDrawerOpen: a command opens the drawer once, however often it comes, and who wanted it stays known.
func TestDrawerOpen(t *testing.T) {
	s := newShop(t)
	k := openTill(s)
	if a := s.accept(kick("a")); a.Outcome != queue.Accepted || a.Drawer == nil || a.Drawer.State != vocabulary.OpeningWaiting {
		t.Errorf("%+v", a)
	}
	k.becomes("a", vocabulary.OpeningSent, "")
	if a := s.accept(kick("a")); a.Outcome != queue.Duplicate || a.Drawer == nil || a.Drawer.State != vocabulary.OpeningSent {
		t.Errorf("%+v", a)
	}
	k.result.Store(&queue.DrawerResult{State: vocabulary.OpeningUncertain, Reason: "link_down"})
	s.accept(kick("b"))
	k.becomes("b", vocabulary.OpeningUncertain, "link_down")
	k.stop()
	s.accept(kick("c")) // nobody is there, and receiptd ends
	s.reopen()
	k = openTill(s)
	k.becomes("c", vocabulary.OpeningNotSent, vocabulary.ReasonTooLate)
	if a := s.accept(kick("b")); a.Outcome != queue.Duplicate || k.pulses.Load() != 0 {
		t.Errorf("%+v, %d pulses", a, k.pulses.Load())
	}
	list, err := s.q.Drawers.List(t.Context(), 10)
	if err != nil || len(list) != 3 || list[0].JobID != "c" || list[2].OperatorNo != "07" || list[2].Wanted != "change" || list[2].Source != queue.SourceHTTP {
		t.Errorf("%v %+v", err, list)
	}
	story, err := s.q.Jobs.Show(t.Context(), "a")
	if err != nil || len(story.Lines) != 5 || story.Lines[3].Text.En != "drawer: the signal has been sent · http [default] (07)" {
		t.Errorf("%v %+v", err, story.Lines)
	}
	if err := s.q.Journal.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestDrawerCrash: a pulse that may have left when the process died is uncertain, and never repeated.
func TestDrawerCrash(t *testing.T) {
	s := newShop(t)
	ctx, cancel := context.WithCancel(t.Context())
	begun, over := make(chan bool), make(chan bool)
	go func() {
		defer close(over)
		_ = s.q.Drawers.Run(ctx, func(ctx context.Context, o queue.DrawerPulse) queue.DrawerResult {
			if err := o.Begin(ctx); err != nil {
				t.Error(err)
			}
			if err := s.q.Close(); err != nil { // what comes is not on disk
				t.Error(err)
			}
			close(begun)
			return queue.DrawerResult{State: vocabulary.OpeningSent}
		})
	}()
	s.accept(kick("a"))
	<-begun
	cancel()
	<-over
	s.open()
	k := openTill(s)
	k.becomes("a", vocabulary.OpeningUncertain, vocabulary.ReasonCrash)
	s.reopen()
	if k.pulses.Load() != 0 {
		t.Errorf("%d pulses", k.pulses.Load())
	}
}

// TestDrawerWays: from where a drawer may be opened.
func TestDrawerWays(t *testing.T) {
	for name, c := range map[string]struct {
		allow []string
		a     queue.Arrival
		want  queue.Outcome
	}{
		"http":             {nil, queue.Arrival{Source: queue.SourceHTTP}, queue.Accepted},
		"command line":     {nil, queue.Arrival{Source: queue.SourceCLI}, queue.Accepted},
		"folder":           {nil, queue.Arrival{Source: queue.SourceSpool}, queue.Refused},
		"folder, others":   {[]string{"archive_copy"}, queue.Arrival{Source: queue.SourceSpool}, queue.Refused},
		"folder, allowed":  {[]string{"drawer_open"}, queue.Arrival{Source: queue.SourceSpool}, queue.Accepted},
		"folder, too old":  {[]string{"drawer_open"}, queue.Arrival{Source: queue.SourceSpool, Age: time.Minute}, queue.Refused},
		"fleet":            {[]string{"drawer_open"}, queue.Arrival{Source: vocabulary.SourceFleet, Permitted: true}, queue.Refused},
		"unknown":          {[]string{"drawer_open"}, queue.Arrival{Permitted: true}, queue.Refused},
		"capture":          {nil, queue.Arrival{Source: queue.SourceCapture, Wish: queue.WishPass}, queue.Accepted},
		"capture, no wish": {[]string{"drawer_open"}, queue.Arrival{Source: queue.SourceCapture}, queue.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, func(o *queue.Options) { o.Allow = c.allow })
			k := openTill(s)
			c.a.Parsed = parse(t, kick("a"))
			a := s.arrive(c.a)
			if a.Outcome != c.want || c.want == queue.Refused && (a.Drawer != nil || len(a.Errors) != 1 || a.Errors[0].Fix.Zh == "") {
				t.Errorf("%+v", a)
			}
			if c.want == queue.Accepted {
				k.becomes("a", vocabulary.OpeningSent, "")
			}
			k.stop()
			if (k.pulses.Load() == 1) != (c.want == queue.Accepted) {
				t.Errorf("%d pulses", k.pulses.Load())
			}
		})
	}
}

// TestDrawerAsked: what a program wants is done when a person says so, in time.
func TestDrawerAsked(t *testing.T) {
	s := newShop(t)
	k := openTill(s)
	ask := func(id string) {
		t.Helper()
		a := s.arrive(queue.Arrival{Parsed: parse(t, kick(id)), Source: queue.SourceCapture, Wish: queue.WishAsk})
		if a.Drawer == nil || a.Drawer.State != vocabulary.OpeningAsked {
			t.Errorf("%+v", a)
		}
	}
	say := func(id string, open bool) {
		t.Helper()
		if _, err := s.q.Decisions.OpenDrawer(t.Context(), id, open, "02"); err != nil {
			t.Error(err)
		}
	}
	ask("yes")
	ask("no")
	ask("late")
	if list, err := s.q.Drawers.Asked(t.Context()); err != nil || len(list) != 3 {
		t.Errorf("%v %+v", err, list)
	}
	say("yes", true)
	say("no", false)
	k.becomes("yes", vocabulary.OpeningSent, "")
	k.becomes("no", vocabulary.OpeningNotSent, vocabulary.ReasonNotWanted)
	s.wait(2 * time.Minute)
	say("late", true)
	k.becomes("late", vocabulary.OpeningNotSent, vocabulary.ReasonTooLate)
	say("yes", true)
	say("no", true)
	k.stop()
	if a := s.answer("yes"); k.pulses.Load() != 1 || a.Drawer.OperatorNo != "02" {
		t.Errorf("%d pulses, %+v", k.pulses.Load(), a.Drawer)
	}
	ask("crash")
	s.reopen()
	if a := s.answer("crash"); a.Drawer.State != vocabulary.OpeningNotSent {
		t.Errorf("%+v", a.Drawer)
	}
}

// TestDrawerSeen: a drawer that springs open behind a pulse shows that the pulse came.
func TestDrawerSeen(t *testing.T) {
	s := newShop(t)
	k := openTill(s)
	k.result.Store(&queue.DrawerResult{State: vocabulary.OpeningUncertain, Reason: "offline"})
	see := func(state vocabulary.DrawerState) {
		t.Helper()
		if err := s.q.Drawers.Seen(t.Context(), "default", state); err != nil {
			t.Error(err)
		}
	}
	see(vocabulary.DrawerOpen)
	s.accept(kick("a"))
	k.becomes("a", vocabulary.OpeningUncertain, "offline")
	see(vocabulary.DrawerOpen)
	k.becomes("a", vocabulary.OpeningSent, "")
	if a := s.answer("a"); a.Drawer.Seen != vocabulary.DrawerOpen {
		t.Errorf("%+v", a.Drawer)
	}
	s.accept(kick("b"))
	k.becomes("b", vocabulary.OpeningUncertain, "offline")
	s.wait(time.Minute)
	see(vocabulary.DrawerOpen)
	k.becomes("b", vocabulary.OpeningUncertain, "offline")
}

// TestDrawerReprint: a captured slip opens the drawer once. Its reprints open nothing, nor does it when it comes again or says that it is
// one itself.
func TestDrawerReprint(t *testing.T) {
	x := &program{shop: newShop(t), p: &paper{}}
	k := openTill(x.shop)
	arrives := func(id string, l job.Lifted, again bool) {
		t.Helper()
		l.Rule, l.Currency, l.Merchant, l.Terminal, l.Batch, l.Type = "slip", "CNY", shopNo, "00012345", "000122", "sale"
		r := job.Parser{}.Captured(job.Job{ID: id, CreatedAt: x.now()}, job.Capture{Name: "till", Stream: []byte("slip")}, []job.Block{{Type: job.BlockText, Text: "slip"}},
			func([]string) *job.Lifted { return &l })
		if a := x.arrive(queue.Arrival{Parsed: r, Source: queue.SourceCapture, Wish: queue.WishPass, Again: again}); a.Outcome != queue.Accepted || (a.Drawer != nil) != (id == "m7") {
			t.Errorf("%s: %+v", id, a)
		}
		x.out(id + " document original 1")
	}
	arrives("m7", sold("000007", 500), false)
	k.becomes("m7", vocabulary.OpeningSent, "")
	for i, c := range []string{byVoucher("r1", "7", ""), last("r2", ""), job1("r3", "m7")} {
		x.want(x.accept(c), printed1)
		x.out(fmt.Sprintf("m7 document duplicate %d", i+2))
	}
	arrives("again", sold("000007", 500), true)
	own := sold("000007", 500)
	own.Duplicate = true
	arrives("own", own, false)
	k.stop()
	if n := k.pulses.Load(); n != 1 {
		t.Errorf("%d pulses", n)
	}
	if list, err := x.q.Drawers.List(t.Context(), 10); err != nil || len(list) != 1 || list[0].JobID != "m7" {
		t.Errorf("%v %+v", err, list)
	}
}
