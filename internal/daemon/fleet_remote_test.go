package daemon_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// TestFleetRemote: a centre answers for a slip only where the shop allows it, and what it said is told and written down as said from afar: nobody there
// saw the paper. What the other rights are for is refused and done just so.
func TestFleetRemote(t *testing.T) {
	if testing.Short() {
		t.Skip("TestFleet looks at the same wiring")
	}
	b := fleettest.Start(t)
	hub := b.Centre("hub1")
	s := newTestShop(t, virtual.Options{Speed: virtual.Real, MMPerSecond: 50}, "front", "bar")
	section := b.Section("shop-1", "")
	s.write(section, "front", "bar")
	s.start()
	hub.Await("online", func(h fleettest.Heard) bool { return h.State("shop-1").Online })
	s.printers["front"].AtDots(300, virtual.Change{Paper: "out"})
	s.sale(770001, "front")
	s.await("the slip to be held", func() bool { return s.copyOf(770001).State == queue.Held })
	s.set("front", virtual.Change{Power: "off"}) // and with it the slip's end
	s.await("the question", func() bool { return s.copyOf(770001).State == queue.Uncertain })

	came, id := true, s.copyOf(770001).CopyID
	asked := map[string]wire.Command{
		wire.AllowResolve: {Cmd: wire.CmdResolve, CopyID: id, CameOut: &came}, wire.AllowReprint: {Cmd: wire.CmdReprint, JobID: "sale-770001", Reason: "lost", Printer: "bar"},
		wire.AllowMove: {Cmd: wire.CmdMove, Printer: "front", To: "bar"}, wire.AllowSettlement: {Cmd: wire.CmdCloseBatch, Batch: 4711}, wire.AllowArchive: {Cmd: wire.CmdArchive, VoucherNo: "770001"},
	}
	refused := func(r wire.Reply) bool { return r.Problem != nil && r.Problem.Code == "not_permitted" }
	for _, right := range wire.Allows() {
		c := asked[right]
		c.CmdID = "no-" + right
		if r := hub.Do("shop-1", c); !refused(r) {
			t.Errorf("%s is done although nothing is allowed: %+v", right, r)
		}
	}
	if c := s.copyOf(770001); c.State != queue.Uncertain {
		t.Fatalf("what was refused was done: %+v", c)
	}
	for i, right := range wire.Allows() { // each by itself lets one thing through
		s.write(section+"allow=[\""+right+"\"]\n", "front", "bar")
		s.await("the right "+right, func() bool { return strings.Count(s.log.String(), "configuration read again") > i })
		for other, c := range asked {
			if c.CmdID = right + "-" + other; other == right {
				c.CmdID = "yes-" + right
			}
			if r := hub.Do("shop-1", c); refused(r) == (other == right) {
				t.Errorf("%s, with %s allowed: %+v", other, right, r)
			}
		}
	}
	hub.Await("that it was said from afar", func(h fleettest.Heard) bool {
		for _, e := range h.Events("shop-1") {
			if e.CopyID == id && e.Type == vocabulary.EventPersonSaid {
				return e.Remote
			}
		}
		return false
	})
	s.end()
	q := s.journal()
	defer q.Close()
	story, err := q.Jobs.Show(t.Context(), "sale-770001")
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	for i := range story.Lines {
		e := &story.Lines[i].Event
		if e.Type == vocabulary.EventPersonSaid && e.CopyID == id {
			if said++; e.Operator != "remote-hub1" {
				t.Errorf("it is written down as said by %q", e.Operator)
			}
		}
	}
	if said != 1 {
		t.Errorf("said %d times", said)
	}
}
