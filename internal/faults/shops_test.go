//go:build linux

package faults

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet"
	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/light"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/hub"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/vocabulary"
)

var (
	shops   = flag.Int("shops", 17, "light shops of TestManyShops")
	daemons = flag.Int("daemons", 3, "real daemons of TestManyShops")
	rate    = flag.Float64("rate", 6, "jobs a second of TestManyShops")
	lasting = flag.Duration("lasting", 20*time.Second, "how long TestManyShops sends")
	breaks  = flag.Duration("breaks", 8*time.Second, "how often TestManyShops kills the broker")
)

// A chainOfShops is a centre with its store, a broker, and shops that are killed, switched off and doubled while jobs come.
type chainOfShops struct {
	t     *testing.T
	b     *fleettest.Mosquitto
	hub   *hub.Hub
	store *store.Store
	light map[string]*light.Shop
	stop  map[string]func() // of the light ones that run
	house map[string]*house
	fault sync.WaitGroup
	mu    sync.Mutex // guards what follows and stop
	sent  map[string]chainJob
	lines []*fleet.Client // of the light shops, each that ever ran
}

// A chainJob is one that was handed to the centre.
type chainJob struct {
	shop string
	n    int // of a daemon's
	late bool
}

// TestManyShops: light shops and real daemons on one broker, a real hub, and for a while all that can go wrong: the broker killed, shops off
// and on, daemons killed, one identity used twice, jobs that were sent twice, orders whose time runs out. In the end each job has `accepted` or
// `expired`, no paper is there twice without a mark and none of what expired, every chain of events is whole, every shop's state is right.
//
//	go test ./internal/faults -run TestManyShops -shops 960 -daemons 40 -rate 50 -lasting 30m -breaks 30s -timeout 60m -v
func TestManyShops(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	t.Parallel()
	c := &chainOfShops{t: t, light: map[string]*light.Shop{}, stop: map[string]func(){}, house: map[string]*house{}, sent: map[string]chainJob{}}
	c.b = fleettest.NewMosquitto(t, filepath.Join("..", "..", "packaging", "fleet"))
	c.centre()
	for i := range *shops {
		name := fmt.Sprintf("light-%d", i)
		c.light[name] = light.New("b-" + name)
		c.on(name)
	}
	for i := range *daemons {
		name := fmt.Sprintf("till-%d", i)
		h := newHouse(t)
		h.join(c.b.Broker, name, "")
		h.start()
		c.house[name] = h
	}
	t.Cleanup(func() {
		for name := range c.light {
			c.off(name)
		}
	})
	most := time.Minute + time.Duration(len(c.light)+20*len(c.house))*100*time.Millisecond
	c.within("all to be there", most, c.allOnline)
	began := c.run()
	c.within("all to be there again", most, func() string { return c.heardSince(began) })
	back := time.Since(began)
	c.within("every job to be answered for", most, func() string {
		n, err := c.store.Counts(context.Background())
		if left := n.States[store.Waiting] + n.States[store.Published]; err != nil || left > 0 {
			return fmt.Sprint(n.States, err)
		}
		return ""
	})
	c.within("all states and chains", most, func() string {
		if wrong := c.allOnline(); wrong != "" {
			return wrong
		}
		return c.behind()
	})
	calm := time.Since(began)
	c.checkChains()
	for name, h := range c.house {
		h.await(name+"'s slips", func() bool { return c.unproven(name) == 0 })
		h.stop()
	}
	c.checkPaper()
	c.checkLines()
	st, n := c.hub.Status(), map[store.JobState]int{}
	if counts, err := c.store.Counts(t.Context()); err == nil {
		n = counts.States
	}
	t.Logf("%d shops, %d jobs: %v; sent %d times, %d events, %d of them again, %d holes filled; the broker's last start: all back after %v, all right after %v", len(c.light)+len(c.house), len(c.sent), n, st.Sent, st.Events, st.Repeated, st.Holes,
		back.Round(time.Millisecond), calm.Round(time.Millisecond))
	if bytes := c.b.Traffic(); len(c.sent) > 0 {
		t.Logf("at the broker, in and out, TLS and its handshakes included: %d bytes a slip", bytes/int64(len(c.sent)))
	}
}

// heardSince looks whether every shop has spoken since a moment.
func (c *chainOfShops) heardSince(since time.Time) string {
	list, err := c.store.Shops(context.Background())
	if err != nil {
		return err.Error()
	}
	silent := len(c.light) + len(c.house)
	for i := range list {
		if list[i].Heard.After(since) {
			silent--
		}
	}
	if silent > 0 {
		return fmt.Sprintf("%d have not spoken since the broker's last start", silent)
	}
	return ""
}

// centre runs a hub until the test ends.
func (c *chainOfShops) centre() {
	c.t.Helper()
	s, err := store.Open(c.t.Context(), c.t.TempDir(), store.Options{})
	if err != nil {
		c.t.Fatal(err)
	}
	c.store = s
	c.hub = hub.New(hub.Options{Store: s, Broker: c.b.URL(), TLS: c.b.TLS("hub1"), Tenant: fleettest.Tenant, Name: "hub1", Pace: hub.Pace{First: 2 * time.Second, Last: 5 * time.Second, Missed: time.Second, LastPause: 2 * time.Second}})
	c.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			c.t.Error(err)
		}
	})
	fleettest.Background(c.t, c.hub.Run) // it ends before the store is closed
}

// on lets a light shop's client run; off ends it. What the shop holds stays.
func (c *chainOfShops) on(name string) {
	stop := c.client(name, c.light[name])
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stop[name] = stop
}

func (c *chainOfShops) off(name string) {
	c.mu.Lock()
	stop := c.stop[name]
	delete(c.stop, name)
	c.mu.Unlock()
	if stop != nil {
		stop()
	}
}

func (c *chainOfShops) client(name string, s *light.Shop) (stop func()) {
	x := fleet.New(fleet.Options{Broker: c.b.URL(), TLS: c.b.TLS(name), Place: wire.Place{Tenant: fleettest.Tenant, Shop: name}, Door: s, Outbox: s, Shop: s, Logger: slog.New(slog.DiscardHandler),
		Pace: fleet.Pace{State: time.Second, LastPause: 5 * time.Second, TakenPause: 3 * time.Second}})
	c.mu.Lock()
	c.lines = append(c.lines, x)
	c.mu.Unlock()
	return fleettest.Background(c.t, x.Run)
}

// checkLines tells what went over the light shops' lines for a slip of theirs: what comes with a slip, and what comes with a connection.
func (c *chainOfShops) checkLines() {
	c.t.Helper()
	var all, greetings int64
	times, slips := 0, int64(0)
	for _, x := range c.lines {
		st, _ := x.Status()
		all, greetings, times = all+st.Bytes, greetings+st.Greeting, times+st.Times
	}
	for _, s := range c.light {
		slips += int64(len(s.Paper()))
	}
	if slips == 0 || times == 0 {
		return
	}
	c.t.Logf("on the light shops' lines, with TLS: %d bytes a slip, and %d for each of %d connections, which are %d a slip", (all-greetings)/slips, greetings/int64(times), times, greetings/slips)
	if *lasting >= 10*time.Minute && (all-greetings)/slips > mostOfASlip { // a short run is all faults
		c.t.Errorf("a slip takes more than %d bytes", mostOfASlip)
	}
}

// within waits until nothing is wrong.
func (c *chainOfShops) within(what string, d time.Duration, wrong func() string) {
	c.t.Helper()
	for limit := time.Now().Add(d); ; time.Sleep(50 * time.Millisecond) {
		w := wrong()
		if w == "" {
			return
		}
		if time.Now().After(limit) {
			c.t.Fatalf("not within %v: %s: %s", d, what, w)
		}
	}
}

// allOnline looks whether the centre knows every shop to be there.
func (c *chainOfShops) allOnline() string {
	list, err := c.store.Shops(context.Background())
	if err != nil {
		return err.Error()
	}
	there := 0
	for i := range list {
		if list[i].State.Online {
			there++
		}
	}
	if want := len(c.light) + len(c.house); there != want {
		return fmt.Sprintf("%d of %d are there", there, want)
	}
	return ""
}

// behind looks whether the centre has every event.
func (c *chainOfShops) behind() string {
	list, err := c.store.Shops(context.Background())
	if err != nil {
		return err.Error()
	}
	for i := range list {
		x := &list[i]
		if l := c.light[x.Name]; l != nil && (x.Seq != l.Last() || x.State.Seq != l.Last()) || x.Missing || x.Seq < x.State.Seq {
			return fmt.Sprintf("%s: %+v", x.Name, x)
		}
	}
	return ""
}

// run sends jobs, while things go wrong. In the end the broker is killed once more; it gives the moment of its last start.
func (c *chainOfShops) run() time.Time {
	names := slices.Concat(slices.Sorted(maps.Keys(c.light)), slices.Sorted(maps.Keys(c.house)))
	var lightNames, tills = names[:len(c.light)], names[len(c.light):]
	over, cancel := context.WithTimeout(context.Background(), *lasting)
	defer cancel()
	each := func(every time.Duration, fn func()) {
		c.fault.Go(func() {
			t := time.NewTicker(every)
			defer t.Stop()
			for {
				select {
				case <-t.C:
					fn()
				case <-over.Done():
					return
				}
			}
		})
	}
	each(*breaks, func() { c.b.Kill(); time.Sleep(time.Second); c.b.Run() })
	each(time.Second, func() { // a shop is off for a while
		name := lightNames[rand.IntN(len(lightNames))]
		c.off(name)
		time.Sleep(rand.N(3 * time.Second))
		c.on(name)
	})
	each(5*time.Second, func() { // another one under the same name, as where a folder was copied
		stop := c.client(lightNames[0], light.New("twin"))
		time.Sleep(2 * time.Second)
		stop()
	})
	if len(tills) > 0 {
		each(4*time.Second, func() {
			h := c.house[tills[rand.IntN(len(tills))]]
			h.kill()
			time.Sleep(rand.N(time.Second))
			h.start()
		})
	}
	c.fault.Go(func() { c.sendAll(over, names[1:]) }) // the doubled one gets none: its twin has another paper
	began := time.Now()
	each(time.Minute, func() { // of a long run, how it goes
		n, err := c.store.Counts(context.Background())
		c.t.Logf("%v: %v %v", time.Since(began).Round(time.Second), n.States, err)
	})
	c.fault.Wait()
	c.b.Kill()
	defer c.b.Run() // everything that the broker had is gone
	return time.Now()
}

// sendAll sends jobs at the rate until ctx ends. What came too late for its moment follows at once, several at a time: one after the other,
// the disk's time would be the rate.
func (c *chainOfShops) sendAll(ctx context.Context, names []string) {
	places := make(chan struct{}, 32)
	next := time.NewTimer(0)
	defer next.Stop()
	for n, began := 0, time.Now(); ; n++ {
		next.Reset(time.Until(began.Add(time.Duration(float64(n) / *rate * float64(time.Second)))))
		select {
		case <-next.C:
		case <-ctx.Done():
			return
		}
		places <- struct{}{}
		shop := names[rand.IntN(len(names))]
		c.fault.Go(func() { c.send(n, shop); <-places })
	}
}

// send hands the centre a job. Every tenth may not wait.
func (c *chainOfShops) send(n int, shop string) {
	id, expiry := fmt.Sprintf("o-%d", n), wire.OrderExpiry
	payload := fleettest.Order(id)
	if h := c.house[shop]; h != nil {
		id, payload = h.sold(n)
	}
	late := n%10 == 3
	if late {
		expiry = time.Second
	}
	for range 1 + n%20/19 { // what is sent twice is one
		if _, err := c.hub.Submit(context.Background(), hub.Submission{Shop: shop, Data: []byte(payload), Expiry: expiry, New: true}); err != nil {
			c.t.Error(err)
			return
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent[id] = chainJob{shop, n, late}
}

// unproven counts the slips of a till whose end the centre does not know.
func (c *chainOfShops) unproven(shop string) (left int) {
	list, err := c.store.Slips(context.Background(), shop, "", 100000)
	if err != nil {
		return 1
	}
	for i := range list {
		for k := range list[i].Copies {
			if s := list[i].Copies[k].State; s == vocabulary.StateQueued || s == vocabulary.StateSending {
				left++
			}
		}
	}
	return left
}

// checkChains reads every event that the centre has.
func (c *chainOfShops) checkChains() {
	c.t.Helper()
	for _, name := range slices.Concat(slices.Collect(maps.Keys(c.light)), slices.Collect(maps.Keys(c.house))) {
		at := map[string]int64{}
		lines, err := c.store.Events(c.t.Context(), 0, name, 1000000)
		if err != nil {
			c.t.Fatal(err)
		}
		for i := range lines {
			e := &lines[i].Event
			if e.Prev > at[e.Birth] || e.Seq <= at[e.Birth] {
				c.t.Errorf("%s: a hole: %d follows %d", name, e.Seq, at[e.Birth])
			}
			at[e.Birth] = e.Seq
		}
	}
}

// checkPaper holds what the centre says against what lies on the counters.
func (c *chainOfShops) checkPaper() {
	c.t.Helper()
	unmarked := map[string]int{}
	for _, s := range c.light {
		for _, p := range s.Paper() {
			if p.Mark == vocabulary.MarkOriginal {
				unmarked[p.JobID]++
			}
		}
	}
	expired := 0
	for id, j := range c.sent {
		x, err := c.store.Job(c.t.Context(), j.shop, id)
		if err != nil {
			c.t.Errorf("%s: %v", id, err)
			continue
		}
		most := 1
		switch {
		case x.State == store.Expired:
			most = 0
			expired++
			if !j.late {
				c.t.Errorf("%s had time, and expired", id)
			}
		case x.State != store.Accepted:
			c.t.Errorf("%s is %s", id, x.State)
		}
		n := unmarked[id]
		if h := c.house[j.shop]; h != nil {
			_, n = h.slips(j.n)
		} else if n < most {
			c.t.Errorf("%s was accepted and is not on paper", id)
		}
		if n > most {
			c.t.Errorf("%s lies there %d times without a mark, may be %d times", id, n, most)
		}
	}
	var status strings.Builder
	if data, err := os.ReadFile("/proc/self/status"); err == nil {
		for line := range strings.Lines(string(data)) {
			if strings.HasPrefix(line, "VmRSS") || strings.HasPrefix(line, "RssAnon") {
				status.WriteString(strings.Join(strings.Fields(line), " ") + " ")
			}
		}
	}
	c.t.Logf("%d of %d expired; centre, light shops and printers together: %s", expired, len(c.sent), status.String())
}
