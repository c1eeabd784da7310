package mqtt_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/mqtt"
	"github.com/receiptd/receiptd/fleet/wire"
)

// run keeps a line up until the test ends.
func run(t *testing.T, o mqtt.Options) {
	t.Helper()
	o.FirstPause, o.LastPause = 20*time.Millisecond, 100*time.Millisecond
	fleettest.Background(t, mqtt.New(o).Run)
}

func next[T any](t *testing.T, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(time.Minute):
		t.Fatal(what, "never came")
	}
	return v
}

// TestNothingOldLeaves: what the broker did not acknowledge ends with its connection. Sent again it would have all of its time before it once
// more: an order would be printed hours late, and a command done that nobody waits for.
func TestNothingOldLeaves(t *testing.T) {
	b, topic := fleettest.Start(t), wire.Place{Tenant: fleettest.Tenant, Shop: "shop-1"}.Job()
	cut := make(chan struct{}, 1)
	b.Takes(func(_ string, p packets.Packet) bool {
		if p.FixedHeader.Type == packets.Publish && string(p.Payload) == "old" && !p.FixedHeader.Dup {
			cut <- struct{}{}
			return false
		}
		return true
	})
	up := make(chan *mqtt.Conn, 16)
	run(t, mqtt.Options{Broker: b.URL(), TLS: b.TLS("hub1"), ClientID: "hub1", Up: func(_ context.Context, c *mqtt.Conn) { up <- c }})
	if err := next(t, up, "the line").Send(t.Context(), mqtt.Out{Topic: topic, Payload: []byte("old"), Expiry: time.Second}); err != nil {
		t.Fatal(err)
	}
	next(t, cut, "the old message")
	if err := next(t, up, "the second line").Publish(t.Context(), mqtt.Out{Topic: topic, Payload: []byte("new")}); err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, p := range b.Packets() {
		left = append(left, string(p.Payload))
	}
	if !slices.Equal(left, []string{"new"}) {
		t.Errorf("to the broker came %q", left)
	}
}

// TestComesAgain: what came and was not acknowledged comes again by the next connection, and not once more when it was acknowledged there.
func TestComesAgain(t *testing.T) {
	b, place := fleettest.Start(t), wire.Place{Tenant: fleettest.Tenant, Shop: "shop-1"}
	hub := b.Centre("hub1")
	came, up := make(chan *mqtt.Message, 16), make(chan *mqtt.Conn, 16)
	run(t, mqtt.Options{Broker: b.URL(), TLS: b.TLS("shop-1"), ClientID: place.ClientID(), Filters: []string{place.Job()},
		Receive: func(m *mqtt.Message) { came <- m }, Up: func(_ context.Context, c *mqtt.Conn) { up <- c }})
	next(t, up, "the line")
	hub.Send("shop-1", "first", time.Minute, false)
	first := next(t, came, "the message")
	b.Cut(place.ClientID())
	next(t, first.Left(), "the end of its connection")
	first.Ack() // too late
	again := next(t, came, "the message again")
	if string(again.Payload) != "first" || !again.Again || again.Gone() || !first.Gone() {
		t.Errorf("%+v", again)
	}
	again.Ack()
	next(t, up, "the second line")
	hub.Send("shop-1", "second", time.Minute, false)
	next(t, came, "the second message").Ack()
}

// TestAcknowledgedInOrder: the broker hears of messages in the order in which they came, whatever the order in which their receiver is done
// with them, and of none before those in front of it.
func TestAcknowledgedInOrder(t *testing.T) {
	b, place := fleettest.Start(t), wire.Place{Tenant: fleettest.Tenant, Shop: "shop-1"}
	acked := make(chan uint16, 16)
	b.Takes(func(client string, p packets.Packet) bool {
		if client == place.ClientID() && p.FixedHeader.Type == packets.Puback {
			acked <- p.PacketID
		}
		return true
	})
	hub := b.Centre("hub1")
	came, up := make(chan *mqtt.Message, 16), make(chan *mqtt.Conn, 16)
	run(t, mqtt.Options{Broker: b.URL(), TLS: b.TLS("shop-1"), ClientID: place.ClientID(), Filters: []string{place.Job()},
		Receive: func(m *mqtt.Message) { came <- m }, Up: func(_ context.Context, c *mqtt.Conn) { up <- c }})
	next(t, up, "the line")
	var waiting []*mqtt.Message
	for _, id := range []string{"first", "second", "third", "fourth"} {
		hub.Send("shop-1", id, time.Minute, false)
		waiting = append(waiting, next(t, came, id))
	}
	for _, n := range []int{2, 1, 3} { // the first one is still being written
		waiting[n].Ack()
	}
	if len(acked) != 0 {
		t.Fatalf("%d are acknowledged before the first", len(acked))
	}
	waiting[0].Ack()
	waiting[0].Ack() // once more changes nothing
	var order []uint16
	for range waiting {
		order = append(order, next(t, acked, "an acknowledgement"))
	}
	if !slices.IsSorted(order) || len(slices.Compact(order)) != len(waiting) {
		t.Errorf("acknowledged in the order of their numbers %v", order)
	}
	hub.Send("shop-1", "fifth", time.Minute, false)
	next(t, came, "the fifth").Ack()
	next(t, acked, "its acknowledgement")
}
