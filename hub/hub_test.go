package hub_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet"
	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/light"
	"github.com/receiptd/receiptd/fleet/mqtt"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/hub"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/vocabulary"
)

var (
	quickShop = fleet.Pace{State: 50 * time.Millisecond, Keep: 20 * time.Millisecond, FirstPause: 20 * time.Millisecond, LastPause: 100 * time.Millisecond,
		TakenPause: 300 * time.Millisecond, WillDelay: time.Second}
	quick = hub.Pace{Look: 20 * time.Millisecond, First: 150 * time.Millisecond, Last: 400 * time.Millisecond, Command: 100 * time.Millisecond, Missed: 50 * time.Millisecond,
		FirstPause: 20 * time.Millisecond, LastPause: 100 * time.Millisecond, TakenPause: 300 * time.Millisecond}
)

// A centre is a hub that can be stopped and started on its folder.
type centre struct {
	*hub.Hub
	t     *testing.T
	pace  hub.Pace
	b     *fleettest.Broker
	name  string
	dir   string
	o     store.Options
	store *store.Store
	stop  func()
}

func start(t *testing.T, b *fleettest.Broker, name string, o store.Options) *centre {
	t.Helper()
	c := &centre{t: t, pace: quick, b: b, name: name, dir: t.TempDir(), o: o}
	c.start()
	t.Cleanup(func() { c.stop() })
	return c
}

func (c *centre) start() {
	c.t.Helper()
	s, err := store.Open(c.t.Context(), c.dir, c.o)
	if err != nil {
		c.t.Fatal(err)
	}
	c.store = s
	c.Hub = hub.New(hub.Options{Store: s, Broker: c.b.URL(), TLS: c.b.TLS(c.name), Tenant: fleettest.Tenant, Name: c.name, Pace: c.pace, Now: c.o.Now})
	end := fleettest.Background(c.t, c.Run)
	c.stop = sync.OnceFunc(func() {
		end()
		if err := s.Close(); err != nil {
			c.t.Error(err)
		}
	})
}

// await waits until something is so.
func (c *centre) await(what string, ok func() bool) {
	c.t.Helper()
	for limit := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			shops, _ := c.store.Shops(context.Background())
			jobs, _ := c.store.Jobs(context.Background(), store.Filter{})
			c.t.Fatalf("%s: never; %+v; %+v; %+v", what, c.Status(), shops, jobs)
		}
	}
}

func (c *centre) shop(name string) store.Shop {
	x, err := c.store.Shop(context.Background(), name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		c.t.Fatal(err)
	}
	return x
}

func (c *centre) online(name string) {
	c.t.Helper()
	c.await(name+" to be online", func() bool { return c.shop(name).State.Online })
}

func (c *centre) send(shop, id string, expiry time.Duration) {
	c.t.Helper()
	c.submit(shop, id, fleettest.Order(id), expiry)
}

func (c *centre) submit(shop, id, text string, expiry time.Duration) {
	c.t.Helper()
	if x, err := c.Submit(context.Background(), hub.Submission{Shop: shop, Data: []byte(text), Expiry: expiry, New: true, Source: "test"}); err != nil || x.Added != store.AddedNew {
		c.t.Fatal(id, x, err)
	}
}

func (c *centre) job(shop, id string) store.Job {
	j, err := c.store.Job(context.Background(), shop, id)
	if err != nil {
		c.t.Fatal(err)
	}
	return j
}

func (c *centre) becomes(shop, id string, s store.JobState) {
	c.t.Helper()
	c.await(id+" "+string(s), func() bool { return c.job(shop, id).State == s })
}

// whole tells whether every event of a light shop is stored.
func (c *centre) whole(name string, s *light.Shop) {
	c.t.Helper()
	c.await(name+"'s events", func() bool {
		x := c.shop(name)
		if x.Birth != s.Birth() || x.Seq != s.Last() || x.Missing {
			return false
		}
		at := int64(0)
		lines, err := c.store.Events(context.Background(), 0, name, 100000)
		for _, l := range lines {
			if l.Event.Birth == x.Birth {
				if l.Event.Prev > at || l.Event.Seq <= at {
					c.t.Fatalf("%s: a hole: %d follows %d", name, l.Event.Seq, at)
				}
				at = l.Event.Seq
			}
		}
		return err == nil && at == x.Seq
	})
}

// client runs a light shop until the test or stop ends it.
func client(t *testing.T, b *fleettest.Broker, name string, s *light.Shop, allow ...string) (stop func()) {
	t.Helper()
	c := fleet.New(fleet.Options{Broker: b.URL(), TLS: b.TLS(name), Place: wire.Place{Tenant: fleettest.Tenant, Shop: name}, Allow: allow, Door: s, Outbox: s, Shop: s, Pace: quickShop})
	return fleettest.Background(t, c.Run)
}

// once wants each job on paper once, and everything further marked.
func once(t *testing.T, s *light.Shop, ids ...string) {
	t.Helper()
	originals := map[string]int{}
	for _, p := range s.Paper() {
		if p.Mark == vocabulary.MarkOriginal {
			originals[p.JobID]++
		}
	}
	for _, id := range ids {
		if originals[id] != 1 {
			t.Errorf("%s lies on the counter %d times unmarked", id, originals[id])
		}
		delete(originals, id)
	}
	if len(originals) > 0 {
		t.Errorf("more on paper: %v", originals)
	}
}

// TestJobReachesShop: a job becomes one slip, its answer and what became of its paper are here, its content is not any more.
func TestJobReachesShop(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	h := start(t, b, "hub1", store.Options{})
	client(t, b, "shop-1", s)
	h.online("shop-1")
	h.send("shop-1", "o-1", 0)
	h.becomes("shop-1", "o-1", store.Accepted)
	h.whole("shop-1", s)
	if j := h.job("shop-1", "o-1"); len(j.Copies) != 1 || j.Copies[0].State != vocabulary.StatePrinted || j.Copies[0].Proof != vocabulary.ProofPrinted || j.Expires.Sub(j.Created).Round(time.Second) != wire.OrderExpiry {
		t.Errorf("%+v", j)
	}
	if x, err := h.Submit(t.Context(), hub.Submission{Shop: "shop-1", Data: []byte(fleettest.Order("o-1"))}); err != nil || x.Added != store.AddedKnown || x.Job.State != store.Accepted {
		t.Error(x, err)
	}
	other := strings.Replace(fleettest.Order("o-1"), `"qty":"1"`, `"qty":"2"`, 1)
	if x, err := h.Submit(t.Context(), hub.Submission{Shop: "shop-1", Data: []byte(other)}); err != nil || x.Added != store.AddedConflict {
		t.Error(x, err)
	}
	once(t, s, "o-1")
	h.stop()
	if db, err := sql.Open("sqlite", filepath.Join(h.dir, store.File)); err != nil {
		t.Fatal(err)
	} else {
		defer db.Close()
		var kept int
		if err := db.QueryRow("SELECT count(*) FROM jobs WHERE content IS NOT NULL").Scan(&kept); err != nil || kept != 0 {
			t.Error(kept, err)
		}
	}
}

// TestWrongJobs: what the shop's door would refuse does not even leave.
func TestWrongJobs(t *testing.T) {
	h := start(t, fleettest.Start(t), "hub1", store.Options{})
	h.await("the line", func() bool { return h.Status().Connected }) // a broker that ends while somebody comes is in a race with itself
	pan := "4" + strings.Repeat("1", 15)                             // a published test number
	for _, x := range []struct{ shop, data, code string }{
		{"shop-1", fleettest.Order("o-1"), "shop_unknown"},
		{"../x", fleettest.Order("o-1"), "shop_unknown"},
		{"shop-1", `{"job_id":"c","kind":"command","created_at":"2026-11-30T12:00:00Z","payload":{"command":"reprint_last"}}`, "not_permitted"},
		{"shop-1", `{`, "incomplete"},
		{"shop-1", strings.Replace(fleettest.Order("o-1"), `"o-1"`, `"`+pan+`"`, 1), "pan_in_identifier"},
	} {
		_, err := h.Submit(t.Context(), hub.Submission{Shop: x.shop, Data: []byte(x.data)})
		var w *hub.Wrong
		if !errors.As(err, &w) || w.Problems[0].Code != x.code {
			t.Errorf("%s: %v, not %s", x.data, err, x.code)
		}
	}
	masked := strings.Replace(fleettest.Order("o-2"), `"name":"a"`, `"name":"`+pan+`"`, 1)
	if x, err := h.Submit(t.Context(), hub.Submission{Shop: "shop-1", Data: []byte(masked), New: true}); err != nil || len(x.Warnings) == 0 {
		t.Fatal(x, err)
	}
	h.stop()
	for _, name := range []string{store.File, store.File + "-wal"} {
		if data, err := os.ReadFile(filepath.Join(h.dir, name)); err == nil && bytes.Contains(data, []byte(pan)) {
			t.Errorf("%s holds a card number", name)
		}
	}
}

// TestBrokerKilled: the broker is killed again and again, with all that it had acknowledged. Nothing is lost and nothing comes twice.
func TestBrokerKilled(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	h := start(t, b, "hub1", store.Options{})
	client(t, b, "shop-1", s)
	h.online("shop-1")
	var ids []string
	for round := range rounds(4) {
		for i := range 5 {
			ids = append(ids, fmt.Sprintf("o-%d-%d", round, i))
			h.send("shop-1", ids[len(ids)-1], time.Hour)
		}
		b.Kill()
		ids = append(ids, fmt.Sprint("local-", round))
		if _, err := s.Accept(t.Context(), []byte(fleettest.Order(ids[len(ids)-1]))); err != nil { // the shop goes on
			t.Fatal(err)
		}
		b.Run()
	}
	for _, id := range ids {
		if !strings.HasPrefix(id, "local-") {
			h.becomes("shop-1", id, store.Accepted)
		}
	}
	h.whole("shop-1", s)
	once(t, s, ids...)
}

// rounds is how often something is done, less in short runs.
func rounds(n int) int {
	if testing.Short() {
		return 2
	}
	return n
}

// TestShopOffAndOn: jobs wait here while the shop is off, and leave when it comes; more of them than one window too.
func TestShopOffAndOn(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	h := start(t, b, "hub1", store.Options{})
	stop := client(t, b, "shop-1", s)
	h.online("shop-1")
	stop()
	h.await("goodbye", func() bool { return !h.shop("shop-1").State.Online })
	if x := h.shop("shop-1"); x.State.Why != wire.WhyStopped {
		t.Errorf("%+v", x.State)
	}
	var ids []string
	for i := range 3 * store.Window / 2 {
		ids = append(ids, fmt.Sprint("o-", i))
		h.send("shop-1", ids[i], time.Hour)
	}
	h.send("shop-1", "late", time.Millisecond)
	h.becomes("shop-1", "late", store.Expired) // it never left: nobody need be asked
	if n := h.Status().Sent; n != 0 {
		t.Errorf("%d left for a shop that is off", n)
	}
	client(t, b, "shop-1", s)
	for _, id := range ids {
		h.becomes("shop-1", id, store.Accepted)
	}
	h.whole("shop-1", s)
	once(t, s, ids...)
}

// TestExpired: an order that left and was lost on the way is asked for when its time is over, and comes back as expired, not as paper. Until the
// shop has said so it is not called expired: only the shop knows.
func TestExpired(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	s.Fail = func() error { return errors.New("disk full") }
	h := start(t, b, "hub1", store.Options{})
	stop := client(t, b, "shop-1", s)
	h.online("shop-1")
	h.send("shop-1", "o-1", 5*time.Second) // long enough to leave on a slow machine
	h.becomes("shop-1", "o-1", store.Published)
	b.Kill()
	stop()
	h.await("its time to be over", func() bool { return time.Since(h.job("shop-1", "o-1").Expires) > time.Second })
	if j := h.job("shop-1", "o-1"); j.State != store.Published {
		t.Errorf("%+v", j)
	}
	s.Fail = nil
	b.Run()
	client(t, b, "shop-1", s)
	h.becomes("shop-1", "o-1", store.Expired)
	if j := h.job("shop-1", "o-1"); j.Outcome != vocabulary.OutcomeExpired {
		t.Errorf("%+v", j)
	}
	once(t, s)
	h.whole("shop-1", s)
}

// TestJournalReplaced: another birth is told apart, its events are stored from its beginning, and what is open is sent there. A copy of the
// first order may still be on its way: a journal that lost it prints it marked.
func TestJournalReplaced(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	h := start(t, b, "hub1", store.Options{})
	stop := client(t, b, "shop-1", s)
	h.online("shop-1")
	h.send("shop-1", "o-1", time.Hour)
	h.becomes("shop-1", "o-1", store.Accepted)
	h.whole("shop-1", s)
	stop()
	s.Replace("b2")
	if _, err := s.Accept(t.Context(), []byte(fleettest.OrderAt("local-1", time.Now()))); err != nil {
		t.Fatal(err)
	}
	if err := s.Keep(t.Context(), map[string]fleet.Cursor{}, s.Last()); err != nil { // told while nobody but the broker was there: what comes first here follows a hole
		t.Fatal(err)
	}
	client(t, b, "shop-1", s)
	h.online("shop-1")
	h.submit("shop-1", "o-2", fleettest.OrderAt("o-2", time.Now()), time.Hour)
	h.becomes("shop-1", "o-2", store.Accepted)
	h.whole("shop-1", s)
	if x := h.shop("shop-1"); x.Replaced.IsZero() || !x.Doubled.IsZero() || x.Birth != "b2" {
		t.Errorf("%+v", x)
	}
	once(t, s, "o-1", "o-2", "local-1")
}

// TestTwoUnderOneName: two daemons with one certificate are seen, and both journals are stored.
func TestTwoUnderOneName(t *testing.T) {
	b, s, other := fleettest.Start(t), light.New("b1"), light.New("b2")
	h := start(t, b, "hub1", store.Options{})
	client(t, b, "shop-1", s)
	h.online("shop-1")
	client(t, b, "shop-1", other)
	for i := 0; h.shop("shop-1").Doubled.IsZero(); i++ {
		for _, x := range []*light.Shop{s, other} {
			if _, err := x.Accept(t.Context(), []byte(fleettest.Order(fmt.Sprint("o-", i)))); err != nil {
				t.Fatal(err)
			}
		}
		if time.Sleep(20 * time.Millisecond); i > 5000 {
			t.Fatalf("not seen: %+v", h.shop("shop-1"))
		}
	}
}

// TestMayNotPublish: a job that the broker did not take has not left, however often it was tried, and the hub says why.
func TestMayNotPublish(t *testing.T) {
	b := fleettest.Start(t)
	h := start(t, b, fleettest.Mute, store.Options{})
	h.send("shop-1", "o-1", time.Hour)
	h.await("the refusal to be told", func() bool { f := h.Status().Failure; return f != nil && f.Code == mqtt.CodeDenied })
	h.await("nothing to have left", func() bool {
		j := h.job("shop-1", "o-1")
		return j.State == store.Waiting && j.Sent == 0 && h.Status().Sent == 0
	})
}

// TestTwoHubs: each has its own cursor and its own answers; one that comes late gets all of it.
func TestTwoHubs(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	one := start(t, b, "hub1", store.Options{})
	client(t, b, "shop-1", s)
	one.online("shop-1")
	one.send("shop-1", "o-1", time.Hour)
	one.becomes("shop-1", "o-1", store.Accepted)
	one.whole("shop-1", s)
	two := start(t, b, "hub2", store.Options{})
	two.online("shop-1")
	two.send("shop-1", "o-2", time.Hour)
	two.becomes("shop-1", "o-2", store.Accepted)
	two.whole("shop-1", s)
	one.whole("shop-1", s)
	once(t, s, "o-1", "o-2")
}

// TestStoreFullAndHeld: a store that takes nothing says so and takes no job; the shops' events are here when it does again.
func TestStoreFullAndHeld(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	h := start(t, b, "hub1", store.Options{Patience: 50 * time.Millisecond})
	client(t, b, "shop-1", s)
	h.online("shop-1")
	held, err := sql.Open("sqlite", filepath.Join(h.dir, store.File))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	held.SetMaxOpenConns(1)
	if _, err := held.Exec("PRAGMA busy_timeout = 20000"); err != nil { // the hub writes too
		t.Fatal(err)
	}
	if _, err := held.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Submit(t.Context(), hub.Submission{Shop: "shop-1", Data: []byte(fleettest.Order("o-0"))}); !errors.Is(err, store.ErrBusy) {
		t.Error(err)
	}
	for i := range 20 {
		if _, err := s.Accept(t.Context(), []byte(fleettest.Order(fmt.Sprint("local-", i)))); err != nil {
			t.Fatal(err)
		}
	}
	h.await("to say so", func() bool { p := h.Status().Store; return p != nil && p.Code == "store_busy" })
	if _, err := held.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	h.whole("shop-1", s)
	h.await("to be well", func() bool { return h.Status().Store == nil })

	h.stop()
	h.o.MostPages = 40
	h.start()
	var full error
	for i := 0; full == nil && i < 5000; i++ {
		_, full = h.Submit(t.Context(), hub.Submission{Shop: "shop-9", New: true, Data: []byte(fleettest.Order(fmt.Sprint("fill-", i)))})
	}
	if !errors.Is(full, store.ErrFull) {
		t.Fatal(full)
	}
	for i := range 20 {
		if _, err := s.Accept(t.Context(), []byte(fleettest.Order(fmt.Sprint("more-", i)))); err != nil {
			t.Fatal(err)
		}
	}
	h.await("to say so", func() bool { p := h.Status().Store; return p != nil && p.Code == "disk_full" })
	for range 50 { // what needs no room works all the while, and does not hide it
		if p := h.Status().Store; p == nil || p.Code != "disk_full" {
			t.Fatalf("on a full disk it says %+v", p)
		}
		time.Sleep(5 * time.Millisecond)
	}
	h.stop()
	h.o.MostPages = 0
	h.start()
	h.whole("shop-1", s)
}

// TestReprint: where the shop allows it a reprint comes out once, marked, however often it is asked; where not, its refusal is here in words.
func TestReprint(t *testing.T) {
	b, s, strict := fleettest.Start(t), light.New("b1"), light.New("b2")
	h := start(t, b, "hub1", store.Options{})
	client(t, b, "shop-1", s, wire.AllowReprint)
	client(t, b, "shop-2", strict)
	h.online("shop-1")
	h.online("shop-2")
	for _, shop := range []string{"shop-1", "shop-2"} {
		h.send(shop, "o-1", time.Hour)
		h.becomes(shop, "o-1", store.Accepted)
	}
	ask := wire.Command{CmdID: "again", Cmd: wire.CmdReprint, JobID: "o-1", Reason: "lost"}
	for range 2 {
		c, err := h.Command(t.Context(), "shop-1", ask, "Anna")
		if err != nil || c.Reply == nil || !c.Reply.OK || c.Operator != "Anna" {
			t.Fatalf("%+v %v", c, err)
		}
	}
	ask.CmdID = "not-here"
	c, err := h.Command(t.Context(), "shop-2", ask, "")
	if err != nil || c.Reply == nil || c.Reply.OK || c.Reply.Problem.Code != "not_permitted" || c.Reply.Problem.Message.Zh == "" || c.Reply.Problem.Fix.En == "" {
		t.Fatalf("%+v %v", c, err)
	}
	once(t, s, "o-1")
	once(t, strict, "o-1")
	if n := len(s.Paper()); n != 2 {
		t.Errorf("%d pieces", n)
	}
	if n := len(strict.Paper()); n != 1 {
		t.Errorf("%d pieces", n)
	}
	h.whole("shop-1", s)
	if j := h.job("shop-1", "o-1"); len(j.Copies) != 2 || j.Copies[1].Mark != vocabulary.MarkDuplicate {
		t.Errorf("%+v", j)
	}
}
