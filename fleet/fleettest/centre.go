package fleettest

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet/mqtt"
	"github.com/receiptd/receiptd/fleet/wire"
)

// A Centre writes down what it hears.
type Centre struct {
	Name string

	t    testing.TB
	up   chan *mqtt.Conn
	conn *mqtt.Conn
	stop func()

	mu      sync.Mutex // guards what follows
	events  map[string][]wire.Event
	states  map[string][]wire.State
	answers map[string]wire.Answer  // the last, by job
	replies map[string][]wire.Reply // by command
	changed chan struct{}
}

// Centre connects a centre until the test ends.
func (b *Broker) Centre(name string) *Centre {
	b.t.Helper()
	c := &Centre{Name: name, t: b.t, up: make(chan *mqtt.Conn, 16), events: map[string][]wire.Event{}, states: map[string][]wire.State{}, answers: map[string]wire.Answer{},
		replies: map[string][]wire.Reply{}, changed: make(chan struct{})}
	line := mqtt.New(mqtt.Options{Broker: b.URL(), TLS: b.TLS(name), ClientID: name, FirstPause: 20 * time.Millisecond, LastPause: 100 * time.Millisecond,
		Filters: []string{wire.All(Tenant, wire.PartEvent), wire.All(Tenant, wire.PartState), wire.All(Tenant, wire.PartReply) + "/" + name},
		Receive: c.hear, Up: func(_ context.Context, conn *mqtt.Conn) { c.up <- conn }})
	c.stop = Background(b.t, line.Run)
	c.Connected()
	return c
}

// Background runs what runs until its context ends, until the test or stop ends it.
func Background(t testing.TB, run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := run(ctx); err != nil {
			t.Error(err)
		}
	}()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(stop)
	return stop
}

// Connected waits for the next connection.
func (c *Centre) Connected() {
	c.t.Helper()
	select {
	case c.conn = <-c.up:
	case <-time.After(time.Minute):
		c.t.Fatal("the centre does not come to the broker")
	}
}

// Stop ends the centre.
func (c *Centre) Stop() { c.stop() }

func (c *Centre) hear(m *mqtt.Message) {
	defer m.Ack()
	p, part, _, err := wire.Parse(m.Topic)
	if err != nil {
		c.t.Error(err)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch part {
	case wire.PartEvent:
		var e wire.Event
		c.read(m, &e)
		c.events[p.Shop] = append(c.events[p.Shop], e)
	case wire.PartState:
		var s wire.State
		c.read(m, &s)
		c.states[p.Shop] = append(c.states[p.Shop], s)
	case wire.PartReply:
		var a wire.Answer
		var r wire.Reply
		if c.read(m, &r); r.CmdID != "" {
			c.replies[r.CmdID] = append(c.replies[r.CmdID], r)
		} else {
			c.read(m, &a)
			c.answers[a.JobID] = a
		}
	}
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *Centre) read(m *mqtt.Message, v any) {
	if err := json.Unmarshal(m.Payload, v); err != nil {
		c.t.Errorf("%s: %v", m.Topic, err)
	}
}

// Await waits until something is so; look may read what follows by the methods without a lock.
func (c *Centre) Await(what string, look func(h Heard) bool) {
	c.t.Helper()
	if !c.within(time.Minute, look) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.t.Fatalf("%s: never; heard %+v, %+v, %+v", what, c.events, c.states, c.answers)
	}
}

// within waits until something is so, and reports false where it was not in time.
func (c *Centre) within(d time.Duration, look func(h Heard) bool) bool {
	limit := time.After(d)
	for {
		c.mu.Lock()
		ok, changed := look(Heard{c}), c.changed
		c.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-changed:
		case <-limit:
			return false
		}
	}
}

// Heard is what a centre has heard, for as long as Await asks.
type Heard struct{ c *Centre }

// Events of a shop.
func (h Heard) Events(shop string) []wire.Event { return h.c.events[shop] }

// State is the last one of a shop.
func (h Heard) State(shop string) wire.State {
	if l := h.c.states[shop]; len(l) > 0 {
		return l[len(l)-1]
	}
	return wire.State{}
}

// States are all of a shop.
func (h Heard) States(shop string) []wire.State { return h.c.states[shop] }

// Answer is the last one about a job.
func (h Heard) Answer(job string) wire.Answer { return h.c.answers[job] }

// Reply is the last one to a command.
func (h Heard) Reply(cmd string) (r wire.Reply, ok bool) {
	list := h.c.replies[cmd]
	if len(list) == 0 {
		return r, false
	}
	return list[len(list)-1], true
}

// Replies gives all replies to a command: of copies of it that were asked for together, any may come last.
func (h Heard) Replies(cmd string) []wire.Reply { return h.c.replies[cmd] }

// Send sends a job to a shop.
func (c *Centre) Send(shop, payload string, expiry time.Duration, expired bool) {
	c.t.Helper()
	p := wire.Place{Tenant: Tenant, Shop: shop}
	m := mqtt.Out{Topic: p.Job(), Payload: []byte(payload), Expiry: expiry, Response: p.Reply(c.Name)}
	if expired {
		m.Properties = map[string]string{wire.PropertyExpired: "1"}
	}
	c.publish(m)
}

// Deliver sends a job again and again until the shop has answered for it, as a hub does.
func (c *Centre) Deliver(shop, id string) wire.Answer {
	c.t.Helper()
	return c.DeliverJob(shop, id, Order(id))
}

// DeliverJob is Deliver with a job of the caller's.
func (c *Centre) DeliverJob(shop, id, payload string) wire.Answer {
	c.t.Helper()
	for range 300 {
		c.Send(shop, payload, time.Minute, false)
		var a wire.Answer
		if c.within(200*time.Millisecond, func(h Heard) bool { a = h.Answer(id); return a.Outcome != "" }) {
			return a
		}
	}
	c.t.Fatalf("%s: no answer", id)
	return wire.Answer{}
}

// Do gives a shop a command, again and again, and waits for its reply.
func (c *Centre) Do(shop string, cmd wire.Command) (r wire.Reply) {
	c.t.Helper()
	for range 20 {
		c.Ask(shop, cmd)
		if c.within(time.Second, func(h Heard) (ok bool) { r, ok = h.Reply(cmd.CmdID); return ok }) {
			return r
		}
	}
	c.t.Fatalf("%s: no reply", cmd.CmdID)
	return r
}

// Ask gives a shop a command once, and does not wait.
func (c *Centre) Ask(shop string, cmd wire.Command) {
	c.t.Helper()
	p := wire.Place{Tenant: Tenant, Shop: shop}
	c.publish(mqtt.Out{Topic: p.Cmd(), Payload: wire.Encode(cmd), Expiry: wire.CommandExpiry, Response: p.Reply(c.Name)})
}

// Ack says how far the centre has stored.
func (c *Centre) Ack(shop string, a wire.Ack) {
	c.t.Helper()
	a.Centre = c.Name
	c.publish(mqtt.Out{Topic: wire.Place{Tenant: Tenant, Shop: shop}.Ack(), Payload: wire.Encode(a)})
}

func (c *Centre) publish(m mqtt.Out) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := c.conn.Publish(ctx, m); err != nil {
		c.t.Fatal(err)
	}
}

// Order is a ticket.
func Order(id string) string { return OrderAt(id, time.Date(2026, 8, 11, 12, 0, 0, 0, time.UTC)) }

// OrderAt is an order that was made at a time.
func OrderAt(id string, at time.Time) string {
	made := at.UTC().Format(time.RFC3339Nano)
	return fmt.Sprintf(`{"job_id":%q,"kind":"order","created_at":%[2]q,"copies":["kitchen"],"payload":{"order_no":"1","status":"new",
		"placed_at":%[2]q,"bags":[{"items":[{"name":"a","qty":"1"}]}]}}`, id, made)
}
