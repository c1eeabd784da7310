//go:build linux

package faults

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	mochi "github.com/mochi-mqtt/server/v2/packets"

	"github.com/receiptd/receiptd/fleet/enroll"
	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// join puts a house into a fleet, under a shop's name.
func (h *house) join(b *fleettest.Broker, shop, more string) {
	h.t.Helper()
	if testing.Short() {
		h.t.Skip("the race detector looks at the same wiring in internal/daemon and fleet")
	}
	h.t.Cleanup(func() {
		if h.t.Failed() {
			h.t.Log(h.log.String())
		}
	})
	f, err := os.OpenFile(h.path("receiptd.toml"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(b.Section(shop, more)); err != nil {
		h.t.Fatal(err)
	}
}

// online waits until a centre knows that a shop is there, and gives its journal's name.
func online(hub *fleettest.Centre, shop string) (birth string) {
	hub.Await(shop+" online", func(h fleettest.Heard) bool { birth = h.State(shop).Birth; return h.State(shop).Online })
	return birth
}

// oneShop is a house that is in a fleet as shop-1, with its centre, when the centre knows that it is there.
func oneShop(t *testing.T) (b *fleettest.Broker, hub *fleettest.Centre, h *house, birth string) {
	t.Helper()
	b = fleettest.Start(t)
	hub, h = b.Centre("hub1"), newHouse(t)
	h.join(b, "shop-1", "")
	h.start()
	return b, hub, h, online(hub, "shop-1")
}

// brings has a sale delivered to shop-1, which must take it, and waits until its end is told.
func (h *house) brings(hub *fleettest.Centre, n int) {
	h.t.Helper()
	id, payload := h.sold(n)
	if a := hub.DeliverJob("shop-1", id, payload); !a.Taken() {
		h.t.Fatalf("%+v", a)
	}
	settledAt(hub, "shop-1", id)
}

// toldAll waits until shop-1 has said that it is off, and has told all of a journal's events.
func toldAll(hub *fleettest.Centre, birth string) {
	hub.Await("the whole chain", func(h fleettest.Heard) bool {
		return h.State("shop-1").Why == wire.WhyStopped && chain(h.Events("shop-1"), birth) >= h.State("shop-1").Seq
	})
}

// chain gives how far a shop's events of one journal are known without a hole: each says which one came before it.
func chain(events []wire.Event, birth string) (at int64) {
	for _, e := range events {
		if e.Birth == birth && (at == 0 || e.Prev <= at && e.Seq > at) {
			at = e.Seq
		}
	}
	return at
}

// settledAt waits until a shop has told the end of a job's copies: printed, with a proof.
func settledAt(hub *fleettest.Centre, shop string, jobs ...string) {
	hub.Await(fmt.Sprint("the proofs of ", jobs), func(h fleettest.Heard) bool {
		left := map[string]bool{}
		for _, id := range jobs {
			left[id] = true
		}
		for _, e := range h.Events(shop) {
			if e.State == string(vocabulary.StatePrinted) && e.Proof == vocabulary.ProofPrinted {
				delete(left, e.JobID)
			}
		}
		return len(left) == 0
	})
}

// slips counts the slips of a job on paper, and those of them that carry no mark.
func (h *house) slips(n int) (all, unmarked int) {
	for _, p := range h.printer.Pieces() {
		text := p.Text()
		if !strings.Contains(text, fmt.Sprint(firstNumber+n)) || !strings.Contains(text, labels["merchant"]) {
			continue
		}
		if all++; !strings.Contains(text, "DUPLICATE") && reprintOf(text) == 0 {
			unmarked++
		}
	}
	return all, unmarked
}

// sold is a sale with one copy, and its id.
func (h *house) sold(n int) (id, payload string) {
	var j map[string]any
	if err := json.Unmarshal(h.sale(n), &j); err != nil {
		h.t.Fatal(err)
	}
	j["copies"] = []string{"merchant"}
	delete(j, "printer")
	text, err := json.Marshal(j)
	if err != nil {
		h.t.Fatal(err)
	}
	return fmt.Sprint(j["job_id"]), string(text)
}

// TestFleetKilled: the daemon is killed when a job is on its disk and nobody knows, and when the centre knows and the broker was not told: the
// broker sends the job again, the journal knows it, one slip lies on the counter.
func TestFleetKilled(t *testing.T) {
	t.Parallel()
	b, hub, h, birth := oneShop(t)
	client := wire.Place{Tenant: fleettest.Tenant, Shop: "shop-1"}.ClientID()
	told := func(p mochi.Packet, id string) bool { // the first word of it leaves
		var e wire.Event
		return p.FixedHeader.Type == mochi.Publish && strings.HasSuffix(p.TopicName, "/"+wire.PartEvent) && json.Unmarshal(p.Payload, &e) == nil && e.JobID == id
	}
	var known bool                                 // the broker reads one packet of a client after the other
	acks := func(p mochi.Packet, id string) bool { // it acknowledges
		known = known || told(p, id)
		return known && p.FixedHeader.Type == mochi.Puback
	}
	for n, at := range []func(p mochi.Packet, id string) bool{told, acks} {
		id, payload := h.sold(n)
		killed := make(chan struct{})
		var once atomic.Bool
		b.Takes(func(c string, p mochi.Packet) bool {
			if c != client || !at(p, id) || !once.CompareAndSwap(false, true) {
				return true
			}
			h.kill()
			close(killed)
			return false
		})
		hub.Send("shop-1", payload, time.Minute, false)
		select {
		case <-killed:
		case <-time.After(time.Minute):
			t.Fatal("the moment never came\n" + h.log.String())
		}
		h.start()
		hub.Await("its answer", func(h fleettest.Heard) bool { return h.Answer(id).Outcome == vocabulary.OutcomeDuplicate })
		hub.Await("its end", func(h fleettest.Heard) bool { // killed while it was on the wire it is a person's question, and no second slip
			for _, e := range h.Events("shop-1") {
				if e.JobID == id && (e.State == string(vocabulary.StatePrinted) && e.Proof == vocabulary.ProofPrinted || e.State == string(vocabulary.StateUncertain)) {
					return true
				}
			}
			return false
		})
		if all, unmarked := h.slips(n); unmarked > 1 || all > 1 {
			t.Errorf("%d slips of %s, %d without a mark\n%s", all, id, unmarked, h.paper())
		}
	}
	h.stop()
	toldAll(hub, birth)
	h.check("killed")
}

// TestFleetBrokerKilled: a broker that is killed with jobs on their way loses them, and what it acknowledged. A centre that sends until the
// shop itself answers gets each one onto paper once, whichever broker it is.
func TestFleetBrokerKilled(t *testing.T) {
	t.Parallel()
	const rounds, jobs = 2, 5
	h := newHouse(t)
	m := fleettest.NewMosquitto(t, filepath.Join("..", "..", "packaging", "fleet"))
	hub := m.Centre("hub1")
	h.join(m.Broker, "shop-1", "")
	h.start()
	birth := online(hub, "shop-1")
	var ids []string
	for round := range rounds {
		for n := range jobs {
			_, payload := h.sold(round*jobs + n)
			hub.Send("shop-1", payload, time.Minute, false)
		}
		m.Kill()
		m.Run()
		hub.Connected()
		for n := range jobs {
			id, payload := h.sold(round*jobs + n)
			if a := hub.DeliverJob("shop-1", id, payload); !a.Taken() {
				t.Errorf("%+v", a)
			}
			ids = append(ids, id)
		}
	}
	hub.Ack("shop-1", wire.Ack{Birth: birth, Seq: 0, Resend: true}) // as a centre does that sees a hole
	settledAt(hub, "shop-1", ids...)
	h.stop()
	toldAll(hub, birth)
	for n := range ids {
		if all, _ := h.slips(n); all != 1 {
			t.Errorf("job %d came out %d times", n, all)
		}
	}
	h.check("the broker was killed")
}

// TestFleetTwoDaemons: two tills under one identity: whoever was there first writes an alarm down and prints on, and the centre hears of it.
func TestFleetTwoDaemons(t *testing.T) {
	t.Parallel()
	b := fleettest.Start(t)
	hub := b.Centre("hub1")
	first, second := newHouse(t), newHouse(t)
	first.join(b, "shop-1", "")
	second.join(b, "shop-1", "")
	first.start()
	one := online(hub, "shop-1")
	second.start()
	hub.Await("the second", func(h fleettest.Heard) bool { return h.State("shop-1").Birth != one && h.State("shop-1").Online })
	first.await("an alarm in its log", func() bool {
		return strings.Contains(first.log.String(), "another receiptd has come under this shop's identity")
	})
	first.drop(1, first.sale(1))
	first.await("its own work to be printed", first.settled)
	second.stop()
	first.stop() // it waits a minute before it comes again; a start does not
	first.start()
	hub.Await("the alarm", func(h fleettest.Heard) bool {
		for _, e := range h.Events("shop-1") {
			if e.Birth == one && e.Type == vocabulary.EventAlarm && e.Reason == vocabulary.ReasonFleetTaken {
				return true
			}
		}
		return false
	})
	first.stop()
	first.check("two under one identity")
}

// TestFleetJournalReplaced: a shop whose journal is gone tells of another one from its beginning, and jobs of before that come again do
// not pass for first prints of the old journal: the centre sees another birth.
func TestFleetJournalReplaced(t *testing.T) {
	t.Parallel()
	_, hub, h, one := oneShop(t)
	h.brings(hub, 1)
	hub.Ack("shop-1", wire.Ack{Birth: one, Seq: 1 << 40})
	h.stop()
	files, err := filepath.Glob(h.path("data", "journal.db*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	h.start()
	var two string
	hub.Await("another birth", func(h fleettest.Heard) bool {
		two = h.State("shop-1").Birth
		return h.State("shop-1").Online && two != one
	})
	h.brings(hub, 2)
	h.stop()
	toldAll(hub, two)
}

// TestFleetExpired: an order whose time is over comes back as expired and is never paper, whichever way its time ran out: the centre says so,
// the broker counted its seconds while the shop was off, or an older message comes behind. No clock of the shop is asked.
func TestFleetExpired(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := fleettest.NewMosquitto(t, filepath.Join("..", "..", "packaging", "fleet"))
	hub := b.Centre("hub1")
	h.join(b.Broker, "shop-1", "")
	h.start()
	online(hub, "shop-1")
	h.stop()
	hub.Await("off", func(h fleettest.Heard) bool { return h.State("shop-1").Why == wire.WhyStopped })
	late, latePayload := h.sold(1)
	good, goodPayload := h.sold(2)
	gone, gonePayload := h.sold(3)
	hub.Send("shop-1", latePayload, time.Second, false)
	time.Sleep(2100 * time.Millisecond) // it counts whole seconds
	hub.Send("shop-1", goodPayload, time.Minute, false)
	h.start()
	hub.Await("what waited", func(h fleettest.Heard) bool { return h.Answer(good).Outcome == vocabulary.OutcomeAccepted })
	for id, payload := range map[string]string{late: latePayload, gone: gonePayload} {
		hub.Send("shop-1", payload, 0, true)
		hub.Await("expired", func(h fleettest.Heard) bool { return h.Answer(id).Outcome == vocabulary.OutcomeExpired })
	}
	hub.Send("shop-1", goodPayload, 0, true) // printed before its time was over: that is what is told
	hub.Await("known", func(h fleettest.Heard) bool { return h.Answer(good).Outcome == vocabulary.OutcomeDuplicate })
	settledAt(hub, "shop-1", good)
	h.kill() // what was said stands, also after this
	h.start()
	for id, payload := range map[string]string{late: latePayload, gone: gonePayload} { // an older message comes behind
		if a := hub.DeliverJob("shop-1", id, payload); a.Outcome != vocabulary.OutcomeExpired {
			t.Errorf("%+v", a)
		}
	}
	h.brings(hub, 4)
	h.stop()
	for n, want := range map[int]int{1: 0, 2: 1, 3: 0, 4: 1} {
		if all, _ := h.slips(n); all != want {
			t.Errorf("job %d: %d slips, want %d\n%s", n, all, want, h.paper())
		}
	}
	q, err := queue.Open(t.Context(), h.path("data", "journal.db"), queue.Options{Ballast: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if _, err := q.Jobs.Answer(t.Context(), gone); err == nil {
		t.Error("a job that never was is in the journal")
	}
}

// TestFleetWrongClock: a daemon whose clock is years off takes and expires orders all the same, since only the broker's seconds count; a
// broker's certificate that seems over is told of with the clock named first.
func TestFleetWrongClock(t *testing.T) {
	t.Parallel()
	b, hub, h, _ := oneShop(t)
	h.stop()
	db, err := sql.Open("sqlite", "file:"+h.path("data", "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE fleet_cursors SET at = at + 3155760000000"); err != nil { // the clock was a hundred years ahead when they were noted
		t.Fatal(err)
	}
	db.Close()
	h.start()
	h.brings(hub, 1)
	a, _, err := enroll.Open(b.Dir, fleettest.Tenant, time.Now().AddDate(-3, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Issue(enroll.Member{Name: "broker", Hosts: []string{"127.0.0.1"}, Renew: true}); err != nil {
		t.Fatal(err)
	}
	b.Kill()
	b.Run()
	h.await("the clock in its log", func() bool { return strings.Contains(h.log.String(), "first check this computer's date and clock") })
	h.drop(2, h.sale(2))
	h.await("its own work to be printed", h.settled)
	h.stop()
	h.check("wrong clock")
}
