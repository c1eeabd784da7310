package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet"
	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/light"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/vocabulary"
)

var quick = fleet.Pace{State: 50 * time.Millisecond, Keep: 20 * time.Millisecond, FirstPause: 20 * time.Millisecond, LastPause: 100 * time.Millisecond,
	TakenPause: 300 * time.Millisecond, WillDelay: time.Second}

// client runs a shop's client until the test or stop ends it.
func client(t *testing.T, b *fleettest.Broker, name string, s *light.Shop, allow ...string) (c *fleet.Client, stop func()) {
	t.Helper()
	return with(t, fleet.Options{Broker: b.URL(), TLS: b.TLS(name), Place: wire.Place{Tenant: fleettest.Tenant, Shop: name}, Allow: allow}, s)
}

// with is client with options of the test's own.
func with(t *testing.T, o fleet.Options, s *light.Shop) (c *fleet.Client, stop func()) {
	t.Helper()
	o.Door, o.Outbox, o.Shop, o.Pace = s, s, s, quick
	c = fleet.New(o)
	return c, fleettest.Background(t, c.Run)
}

// whole tells whether a shop's events are a chain without a hole, up to a number.
func whole(events []wire.Event, birth string, last int64) bool {
	at := int64(0)
	for _, e := range events {
		if e.Birth == birth && e.Prev <= at && e.Seq > at {
			at = e.Seq
		}
	}
	return last > 0 && at == last
}

// TestJob: a job becomes one slip, its answer comes back, and the events are whole; the state is told and kept.
func TestJob(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	hub := b.Centre("hub1")
	_, stop := client(t, b, "shop-1", s)
	hub.Await("online", func(h fleettest.Heard) bool { return h.State("shop-1").Online })
	for range 3 {
		hub.Send("shop-1", fleettest.Order("o-1"), time.Minute, false)
	}
	hub.Await("answer", func(h fleettest.Heard) bool {
		again := 0
		for _, e := range h.Events("shop-1") {
			if e.Outcome == vocabulary.OutcomeDuplicate {
				again++
			}
		}
		return again == 2 && h.Answer("o-1").Outcome == vocabulary.OutcomeDuplicate && whole(h.Events("shop-1"), "b1", s.Last())
	})
	if p := s.Paper(); len(p) != 1 || p[0].PrintNo != 1 {
		t.Errorf("on paper: %+v", p)
	}
	stop()
	hub.Await("goodbye", func(h fleettest.Heard) bool {
		st := h.State("shop-1")
		return !st.Online && st.Why == wire.WhyStopped && st.Seq == s.Last()
	})
	late := b.Centre("hub2")
	late.Await("kept state", func(h fleettest.Heard) bool { return h.State("shop-1").Why == wire.WhyStopped })
}

// TestKilledBetweenTheDiskAndTheAnswer: a client that dies when a job is on disk and nobody knows yet: the broker has it still, the journal
// knows it, the centre hears `accepted`.
func TestKilledBetweenTheDiskAndTheAnswer(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	hub := b.Centre("hub1")
	held, killed := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s.Before = func(string) { once.Do(func() { close(held); <-killed }) }
	_, stop := client(t, b, "shop-1", s)
	hub.Await("online", func(h fleettest.Heard) bool { return h.State("shop-1").Online })
	hub.Send("shop-1", fleettest.Order("o-1"), time.Minute, false)
	<-held
	b.Cut("rd." + fleettest.Tenant + ".shop-1")
	close(killed)
	stop()
	client(t, b, "shop-1", s)
	hub.Await("accepted", func(h fleettest.Heard) bool {
		return h.Answer("o-1").Taken() && whole(h.Events("shop-1"), "b1", s.Last())
	})
	if p := s.Paper(); len(p) != 1 {
		t.Errorf("on paper: %+v", p)
	}
}

// TestBrokerForgets: a broker that is killed loses what it acknowledged. The centre has what the shop told all the same, and a job that is
// sent until the shop answers becomes one slip.
func TestBrokerForgets(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	hub := b.Centre("hub1")
	client(t, b, "shop-1", s)
	hub.Await("online", func(h fleettest.Heard) bool { return h.State("shop-1").Online })
	hub.Ack("shop-1", wire.Ack{Birth: "b1", Seq: 0})
	for i := range 3 {
		id := fmt.Sprint("o-", i)
		hub.Send("shop-1", fleettest.Order(id), time.Minute, false)
		b.Kill()
		if i == 1 { // a job from elsewhere meanwhile: the outbox is the journal
			if _, err := s.Accept(t.Context(), []byte(fleettest.Order("local"))); err != nil {
				t.Fatal(err)
			}
		}
		b.Run()
		hub.Connected()
		if a := hub.Deliver("shop-1", id); !a.Taken() {
			t.Fatal(a)
		}
	}
	hub.Ack("shop-1", wire.Ack{Birth: "b1", Seq: 0, Resend: true}) // as a centre does that sees a hole
	hub.Await("all events", func(h fleettest.Heard) bool { return whole(h.Events("shop-1"), "b1", s.Last()) })
	if p := s.Paper(); len(p) != 4 {
		t.Errorf("on paper: %+v", p)
	}
}

// TestExpired: a job whose time is over is never paper, also when a copy of it comes behind; one that was taken in time keeps its answer.
func TestExpired(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	hub := b.Centre("hub1")
	client(t, b, "shop-1", s)
	hub.Await("online", func(h fleettest.Heard) bool { return h.State("shop-1").Online })
	hub.Send("shop-1", fleettest.Order("late"), 0, true)
	hub.Await("expired", func(h fleettest.Heard) bool { return h.Answer("late").Outcome == vocabulary.OutcomeExpired })
	hub.Send("shop-1", fleettest.Order("late"), time.Minute, false)
	hub.Send("shop-1", fleettest.Order("good"), time.Minute, false)
	hub.Await("accepted", func(h fleettest.Heard) bool { return h.Answer("good").Outcome == vocabulary.OutcomeAccepted })
	hub.Send("shop-1", fleettest.Order("good"), 0, true)
	hub.Await("known", func(h fleettest.Heard) bool { return h.Answer("good").Outcome == vocabulary.OutcomeDuplicate })
	if p := s.Paper(); len(p) != 1 || p[0].JobID != "good" {
		t.Errorf("on paper: %+v", p)
	}
}

// TestFullDisk: a job that cannot be taken is not acknowledged; it is taken when there is room.
func TestFullDisk(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	var full atomic.Bool
	full.Store(true)
	asked := make(chan struct{}, 100)
	s.Fail = func() error {
		if full.Load() {
			asked <- struct{}{}
			return errors.New("full")
		}
		return nil
	}
	hub := b.Centre("hub1")
	client(t, b, "shop-1", s)
	hub.Await("online", func(h fleettest.Heard) bool { return h.State("shop-1").Online })
	hub.Send("shop-1", fleettest.Order("o-1"), time.Minute, false)
	<-asked
	full.Store(false)
	hub.Await("accepted", func(h fleettest.Heard) bool { return h.Answer("o-1").Taken() })
}

// noCursors is an outbox that remembers nothing, and says so with no map at all.
type noCursors struct{ *light.Shop }

func (noCursors) Cursors(context.Context) (cursors map[string]fleet.Cursor, base int64, err error) {
	return nil, 0, nil
}

// TestNoCursors: a centre's word is taken where nothing was remembered.
func TestNoCursors(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	hub := b.Centre("hub1")
	c := fleet.New(fleet.Options{Broker: b.URL(), TLS: b.TLS("shop-1"), Place: wire.Place{Tenant: fleettest.Tenant, Shop: "shop-1"}, Door: s, Outbox: noCursors{s}, Shop: s, Pace: quick})
	fleettest.Background(t, c.Run)
	hub.Await("online", func(h fleettest.Heard) bool { return h.State("shop-1").Online })
	hub.Ack("shop-1", wire.Ack{Birth: "b1"})
	hub.Deliver("shop-1", "o-1") // what comes after it is taken too
}

// TestCursors: each centre is told from where it stopped, whatever another has; one that missed some asks for them.
func TestCursors(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	hub := b.Centre("hub1")
	_, stop := client(t, b, "shop-1", s)
	hub.Await("online", func(h fleettest.Heard) bool { return h.State("shop-1").Online })
	for i := range 10 {
		hub.Send("shop-1", fleettest.Order(fmt.Sprint("o-", i)), time.Minute, false)
	}
	hub.Await("all", func(h fleettest.Heard) bool { return whole(h.Events("shop-1"), "b1", s.Last()) })
	second := b.Centre("hub2")
	second.Ack("shop-1", wire.Ack{Birth: "b1", Seq: 0, Resend: true})
	second.Await("all again", func(h fleettest.Heard) bool { return whole(h.Events("shop-1"), "b1", s.Last()) })
	hub.Ack("shop-1", wire.Ack{Birth: "b1", Seq: s.Last()})
	second.Ack("shop-1", wire.Ack{Birth: "b1", Seq: 5})
	second.Ack("shop-1", wire.Ack{Birth: "another", Seq: 7})
	limit := time.Now().Add(time.Minute)
	for {
		cursors, _, _ := s.Cursors(t.Context())
		if cursors["hub1"].Seq == s.Last() && cursors["hub2"].Seq == 5 {
			break
		}
		if time.Now().After(limit) {
			t.Fatal(cursors)
		}
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	second.Stop()
	third := b.Centre("hub3")
	client(t, b, "shop-1", s)
	third.Await("from the lowest cursor", func(h fleettest.Heard) bool {
		list := h.Events("shop-1")
		return len(list) > 0 && list[0].Prev == 5 && list[len(list)-1].Seq == s.Last()
	})
}

// TestReplacedJournal: another journal is another stream.
func TestReplacedJournal(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	hub := b.Centre("hub1")
	_, stop := client(t, b, "shop-1", s)
	hub.Deliver("shop-1", "o-1")
	hub.Await("first", func(h fleettest.Heard) bool { return whole(h.Events("shop-1"), "b1", s.Last()) })
	stop()
	s.Replace("b2")
	client(t, b, "shop-1", s)
	hub.Deliver("shop-1", "o-2")
	hub.Await("second", func(h fleettest.Heard) bool {
		return h.State("shop-1").Birth == "b2" && whole(h.Events("shop-1"), "b2", s.Last())
	})
}

// TestTwoDaemons: two of them under one identity are told of, at both.
func TestTwoDaemons(t *testing.T) {
	b, s1, s2 := fleettest.Start(t), light.New("b1"), light.New("b2")
	hub := b.Centre("hub1")
	client(t, b, "shop-1", s1)
	hub.Await("online", func(h fleettest.Heard) bool { return h.State("shop-1").Birth == "b1" })
	client(t, b, "shop-1", s2)
	hub.Await("told", func(h fleettest.Heard) bool {
		one, two := false, false
		for _, st := range h.States("shop-1") {
			one = one || st.TakenOver && st.Birth == "b1"
			two = two || st.TakenOver && st.Birth == "b2"
		}
		return one && two
	})
	if s1.Alarms() == 0 || s2.Alarms() == 0 {
		t.Error("no alarm at a shop")
	}
}

// TestCommands: what is not allowed is not done; what is, once.
func TestCommands(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	hub := b.Centre("hub1")
	_, stop := client(t, b, "shop-1", s)
	hub.Deliver("shop-1", "o-1")
	for _, cmd := range []string{wire.CmdReprint, wire.CmdArchive, wire.CmdMove, wire.CmdResolve, wire.CmdCloseBatch} {
		if r := hub.Do("shop-1", wire.Command{CmdID: "no-" + cmd, Cmd: cmd, JobID: "o-1"}); r.OK || r.Problem == nil || r.Problem.Code != "not_permitted" {
			t.Errorf("%s: %+v", cmd, r)
		}
	}
	if r := hub.Do("shop-1", wire.Command{CmdID: "what", Cmd: "format"}); r.OK || r.Problem.Code != "unknown_command" {
		t.Errorf("%+v", r)
	}
	if r := hub.Do("shop-1", wire.Command{CmdID: "status", Cmd: wire.CmdStatus}); !r.OK || !r.State.Online || r.State.Birth != "b1" {
		t.Errorf("%+v", r)
	}
	stop()
	client(t, b, "shop-1", s, wire.AllowReprint)
	for range 2 {
		if r := hub.Do("shop-1", wire.Command{CmdID: "c1", Cmd: wire.CmdReprint, JobID: "o-1"}); !r.OK || r.Answer.Copies[0].Mark != vocabulary.MarkDuplicate {
			t.Errorf("%+v", r)
		}
	}
	if p := s.Paper(); len(p) != 2 || p[1].Mark != vocabulary.MarkDuplicate {
		t.Errorf("on paper: %+v", p)
	}
}
