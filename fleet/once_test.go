package fleet_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet"
	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/light"
	"github.com/receiptd/receiptd/fleet/wire"
)

// A prober is a shop whose probes take as long as the test wants.
type prober struct {
	*light.Shop
	probes atomic.Int64
	began  chan struct{}
	goOn   chan wire.Reply
}

// Do takes its time.
func (p *prober) Do(ctx context.Context, _ string, c wire.Command) wire.Reply {
	if c.Cmd != wire.CmdProbe {
		return wire.Reply{OK: true}
	}
	p.probes.Add(1)
	p.began <- struct{}{}
	select {
	case r := <-p.goOn:
		return r
	case <-ctx.Done():
		return wire.Reply{}
	}
}

// TestCommandsOnce: a command that is asked for again, while it is being done or after, is done once and answered as it was; one that could
// not be done is tried anew; one of its id and another content is refused.
func TestCommandsOnce(t *testing.T) {
	b := fleettest.Start(t)
	p := &prober{Shop: light.New("b1"), began: make(chan struct{}, 16), goOn: make(chan wire.Reply)}
	hub, place := b.Centre("hub1"), wire.Place{Tenant: fleettest.Tenant, Shop: "shop-1"}
	c := fleet.New(fleet.Options{Broker: b.URL(), TLS: b.TLS("shop-1"), Place: place, Door: p, Outbox: p, Shop: p, Pace: quick, Allow: []string{wire.AllowReprint, wire.AllowMove}})
	fleettest.Background(t, c.Run)
	hub.Await("online", func(h fleettest.Heard) bool { return h.State("shop-1").Online })
	probe := wire.Command{CmdID: "p-1", Cmd: wire.CmdProbe, Printer: "front"}
	for range 8 { // more than are done at the same time
		hub.Ask("shop-1", probe)
	}
	next := func() {
		t.Helper()
		select {
		case <-p.began:
		case <-time.After(time.Minute):
			t.Fatal("no probe")
		}
	}
	next()
	if r := hub.Do("shop-1", wire.Command{CmdID: "s-1", Cmd: wire.CmdStatus}); !r.OK { // the copies take no place of others
		t.Errorf("%+v", r)
	}
	p.goOn <- wire.Reply{OK: true, Probe: &wire.Probe{Printer: "front"}}
	for range 2 {
		if r := hub.Do("shop-1", probe); !r.OK || r.Probe == nil || r.Probe.Printer != "front" {
			t.Errorf("%+v", r)
		}
	}
	hub.Ask("shop-1", wire.Command{CmdID: "p-1", Cmd: wire.CmdProbe, Printer: "back"})
	hub.Await("a refusal", func(h fleettest.Heard) bool {
		return slices.ContainsFunc(h.Replies("p-1"), func(r wire.Reply) bool { return r.Problem != nil })
	})
	if n := p.probes.Load(); n != 1 {
		t.Errorf("probed %d times", n)
	}
	failing := wire.Command{CmdID: "p-2", Cmd: wire.CmdProbe, Printer: "front"}
	hub.Ask("shop-1", failing)
	next()
	p.goOn <- wire.Reply{Problem: &wire.Problem{Code: "internal"}}
	hub.Await("the failure", func(h fleettest.Heard) bool { r, _ := h.Reply("p-2"); return r.Problem != nil })
	hub.Ask("shop-1", failing)
	next()
	p.goOn <- wire.Reply{OK: true}
	hub.Await("the second try", func(h fleettest.Heard) bool { r, _ := h.Reply("p-2"); return r.OK })
}
