package fleet_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/light"
	"github.com/receiptd/receiptd/fleet/wire"
)

// ends runs what must end.
func ends(t *testing.T, what string, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal(what, "never ends")
	}
}

// TestBacklog: connections that end before anybody takes a job leave nothing that stands in the way of the next ones.
func TestBacklog(t *testing.T) {
	const jobs = 60 // at each connection: the third has no room for all
	b, s := fleettest.Start(t), light.New("b1")
	hub, id := b.Centre("hub1"), wire.Place{Tenant: fleettest.Tenant, Shop: "shop-1"}.ClientID()
	_, stop := client(t, b, "shop-1", s)
	hub.Await("online", func(h fleettest.Heard) bool { return h.State("shop-1").Online })
	stop()
	for i := range jobs {
		hub.Send("shop-1", fleettest.Order(fmt.Sprint("o-", i)), time.Hour, false)
	}
	var tries atomic.Int64
	tried := make(chan struct{})
	b.Takes(func(client string, p packets.Packet) bool {
		if client != id || p.FixedHeader.Type != packets.Subscribe {
			return true
		}
		n := tries.Add(1)
		if n == 4 {
			close(tried)
		}
		return n > 4
	})
	_, stop = client(t, b, "shop-1", s)
	select {
	case <-tried:
	case <-time.After(time.Minute):
		t.Fatalf("it has asked for its topics %d times only", tries.Load())
	}
	hub.Await("all taken", func(fleettest.Heard) bool { return len(s.Paper()) == jobs })
	ends(t, "the shop", stop)
}

// TestStopsInABacklog: a shop that can take nothing, from a broker that sends more than it may, ends all the same.
func TestStopsInABacklog(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	asked := make(chan struct{}, 1)
	s.Fail = func() error {
		select {
		case asked <- struct{}{}:
		default:
		}
		return errors.New("full")
	}
	hub := b.Centre("hub1")
	_, stop := client(t, b, "shop-1", s)
	hub.Await("online", func(h fleettest.Heard) bool { return h.State("shop-1").Online })
	for i := range 300 {
		hub.Send("shop-1", fleettest.Order(fmt.Sprint("o-", i)), time.Hour, false)
	}
	<-asked
	ends(t, "the shop", stop)
}
