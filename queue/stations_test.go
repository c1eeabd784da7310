package queue_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/templates"
)

var stationOrders = flag.Int("orders", 150, "random orders of TestStationsUnderFaults; the long form has 10000")

// A stationHouse is three printers, of which the bar's proves nothing, and what came out of them.
type stationHouse struct {
	t   *testing.T
	set *templates.Set
	q   *queue.Queue

	mu     sync.Mutex
	rnd    *rand.Rand
	faults bool
	paper  map[string][]sheet // by job
	truth  map[string]bool    // by copy: whether an uncertain one lies on the counter
}

// A sheet is one piece of paper with items on it.
type sheet struct {
	copy   job.CopyName
	marked bool
	items  []string
}

var stationPrinters = []string{"hot", "cold", "bar"}

func newStationHouse(t *testing.T, seed uint64) *stationHouse {
	t.Helper()
	set, err := templates.Load(templates.Options{})
	if err != nil {
		t.Fatal(err)
	}
	k := &stationHouse{t: t, set: set, rnd: rand.New(rand.NewPCG(seed, 1)), paper: map[string][]sheet{}, truth: map[string]bool{}}
	route := func(_ *job.Job, c job.CopyName) string {
		if slices.Contains(stationPrinters, c.Station()) {
			return c.Station()
		}
		return "hot"
	}
	if k.q, err = queue.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), queue.Options{Ballast: -1, Route: route}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.q.Close() })
	return k
}

// order makes a ticket with n items, each of a station or of none. The items' names are unique.
func (k *stationHouse) order(id string, stations ...string) string {
	var items []string
	for i, s := range stations {
		items = append(items, fmt.Sprintf(`{"name":"%sx%dz","qty":"1","station":%q}`, id, i, s))
	}
	return fmt.Sprintf(`{"job_id":%q,"kind":"order","copies":["kitchen"],"payload":{"order_no":%q,"status":"new","placed_at":"2026-08-11T12:00:00+08:00","bags":[{"items":[%s]}],"remark":"note of %s"}}`,
		id, id, strings.ReplaceAll(strings.Join(items, ","), `,"station":""`, ""), id)
}

func (k *stationHouse) accept(text string) queue.Answer {
	k.t.Helper()
	r := job.Parse([]byte(text))
	if r.Job == nil {
		k.t.Fatal(r.Errors)
	}
	a, err := k.q.Requests.Accept(k.t.Context(), queue.Arrival{Parsed: r, Source: queue.SourceHTTP, Permitted: true})
	if err != nil {
		k.t.Fatal(err)
	}
	return a
}

func (k *stationHouse) roll(n int) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.faults {
		return n
	}
	return k.rnd.IntN(n)
}

// deliver prints as these printers do: mostly well, else not at all, in part, or so that nobody knows.
func (k *stationHouse) deliver(ctx context.Context, d queue.Delivery) queue.Result {
	fate := k.roll(100)
	if fate < 8 && d.Mark.From == "" { // not ready: another one takes it, once
		at := slices.Index(stationPrinters, d.Printer)
		return queue.Result{State: queue.Queued, Reason: "paper_out", MoveTo: stationPrinters[(at+1)%len(stationPrinters)]}
	}
	if _, err := d.Begin(ctx); err != nil {
		return queue.Result{State: queue.Queued}
	}
	if fate < 14 {
		return queue.Result{State: queue.Cancelled, Reason: "paper_out", Bytes: 9, Torn: true}
	}
	out := fate >= 28 || fate%2 == 0
	if out {
		k.prints(d)
	}
	switch {
	case fate < 28:
		k.mu.Lock()
		k.truth[d.CopyID] = out
		k.mu.Unlock()
		return queue.Result{State: queue.Uncertain, Reason: "link_down", Bytes: 9}
	case d.Printer == "bar":
		return queue.Result{State: queue.Sent, Bytes: 9}
	}
	return queue.Result{State: queue.Printed, Proof: queue.ProofPrinted, Bytes: 9}
}

func (k *stationHouse) prints(d queue.Delivery) {
	slip, err := k.set.Render(templates.Input{Job: d.Job, Copy: d.Copy, Mark: d.Mark, Width: 32, Locale: "en"})
	if err != nil {
		k.t.Error(err)
		return
	}
	s := sheet{copy: d.Copy, marked: strings.Contains(slip.Source, "DUPLICATED")}
	for i := 0; ; i++ {
		name := fmt.Sprintf("%sx%dz", d.Job.ID, i)
		if i >= 12 {
			break
		}
		if strings.Contains(slip.Source, name) {
			s.items = append(s.items, name)
		}
	}
	if !strings.Contains(slip.Source, "note of "+d.Job.ID) {
		k.t.Errorf("%s %s: the note is not on it", d.Job.ID, d.Copy)
	}
	k.mu.Lock()
	k.paper[d.Job.ID] = append(k.paper[d.Job.ID], s)
	k.mu.Unlock()
}

// work lets the printers work until they have nothing to do.
func (k *stationHouse) work() {
	k.t.Helper()
	ctx, cancel := context.WithCancel(k.t.Context())
	done := make(chan error, 1)
	go func() { done <- k.q.Printing.Run(ctx, stationPrinters, k.deliver) }()
	for happened := k.q.Events.Subscribe(-1); ; {
		list, err := k.q.Waiting.Outstanding(k.t.Context())
		if err != nil {
			k.t.Fatal(err)
		}
		if !slices.ContainsFunc(list, func(o queue.Outstanding) bool { return o.State == queue.Queued || o.State == queue.Sending }) {
			break
		}
		if _, err := happened.Next(k.t.Context()); err != nil {
			k.t.Fatal(err)
		}
	}
	cancel()
	if err := <-done; err != nil {
		k.t.Fatal(err)
	}
}

func (k *stationHouse) command(text string) queue.Answer {
	k.t.Helper()
	return k.accept(fmt.Sprintf(`{"job_id":"cmd-%d","kind":"command","payload":%s}`, k.rnd.Uint64(), text))
}

func names(a queue.Answer) string {
	var list []string
	for _, c := range a.Copies {
		list = append(list, fmt.Sprintf("%s %s %d %s %s", c.Name(), c.Printer, c.PrintNo, c.State, c.Mark))
	}
	return strings.Join(list, ", ")
}

// TestStations: an order's kitchen copy is one ticket for each station, each a copy of its own: routed, printed, reprinted, reported,
// cancelled by the station's name, or all together.
func TestStations(t *testing.T) {
	t.Parallel()
	k := newStationHouse(t, 1)
	order := k.order("o1", "bar", "cold", "bar", "", "grill")
	a := k.accept(order)
	if got, want := names(a), "kitchen@bar bar 1 queued original, kitchen@cold cold 1 queued original, kitchen hot 1 queued original, kitchen@grill hot 1 queued original"; got != want {
		t.Errorf("accepted:\n%s\nwant\n%s", got, want)
	}
	if a.AllPartsOut == nil || *a.AllPartsOut {
		t.Errorf("all parts out: %v", a.AllPartsOut)
	}
	if a := k.command(`{"command":"cancel","target_job_id":"o1","copy":"kitchen","station":"grill"}`); a.Outcome != queue.Accepted {
		t.Errorf("cancel: %+v", a)
	}
	k.work()
	answer := func() queue.Answer {
		a, err := k.q.Jobs.Answer(t.Context(), "o1")
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if got, want := names(answer()), "kitchen@bar bar 1 sent original, kitchen@cold cold 1 printed original, kitchen hot 1 printed original, kitchen@grill hot 0 cancelled original"; got != want {
		t.Errorf("printed:\n%s\nwant\n%s", got, want)
	}
	if a := answer(); *a.AllPartsOut {
		t.Error("a cancelled part passes for one that came out")
	}
	if a := k.accept(strings.Replace(order, `"job_id":"o1"`, `"job_id":"o1b"`, 1)); a.Outcome != queue.Duplicate {
		t.Errorf("a retry under another id: %+v", a)
	}
	for _, c := range []struct{ command, want string }{
		{`{"command":"reprint_job","target_job_id":"o1","station":"bar"}`, "kitchen@bar bar 2 queued duplicate"},
		{`{"command":"reprint_job","target_job_id":"o1","copies":["kitchen"],"station":"cold"}`, "kitchen@cold cold 2 queued duplicate"},
		{`{"command":"mark_defective","target_job_id":"o1","copy":"kitchen","station":"bar"}`, "kitchen@bar bar 3 queued duplicate"},
		{`{"command":"reprint_job","target_job_id":"o1","copies":["kitchen"]}`,
			"kitchen@bar bar 4 queued duplicate, kitchen@cold cold 3 queued duplicate, kitchen hot 2 queued duplicate, kitchen@grill hot 1 queued duplicate"},
		{`{"command":"reprint_job","target_job_id":"o1","station":"sushi"}`, ""},
	} {
		if got := names(k.command(c.command)); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.command, got, c.want)
		}
		k.work()
	}
	if a := k.command(`{"command":"mark_defective","target_job_id":"o1","copy":"kitchen"}`); len(a.Copies) != 4 {
		t.Errorf("all reported: %s", names(a))
	}
	if a := k.accept(k.order("o2", "", "")); names(a) != "kitchen hot 1 queued original" || a.AllPartsOut != nil {
		t.Errorf("an order without stations: %s %v", names(a), a.AllPartsOut)
	}
}

// TestUncertainStation: the question is about one ticket, and so is its answer.
func TestUncertainStation(t *testing.T) {
	t.Parallel()
	k := newStationHouse(t, 1)
	k.accept(k.order("o1", "hot", "cold"))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- k.q.Printing.Run(ctx, stationPrinters, func(ctx context.Context, d queue.Delivery) queue.Result {
			if _, err := d.Begin(ctx); err != nil {
				return queue.Result{State: queue.Queued}
			}
			return queue.Result{State: queue.Uncertain, Reason: "link_down", Bytes: 1}
		})
	}()
	for happened := k.q.Events.Subscribe(-1); ; {
		a, err := k.q.Jobs.Answer(t.Context(), "o1")
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Copies) == 4 && !slices.ContainsFunc(a.Copies, func(c queue.CopyStatus) bool { return c.State != queue.Uncertain }) {
			break
		}
		if _, err := happened.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	k.command(`{"command":"resolve_uncertain","target_job_id":"o1","copy":"kitchen","station":"cold","came_out":true}`)
	a, err := k.q.Jobs.Answer(t.Context(), "o1")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range a.Copies {
		if (c.Station == "cold") != (c.State == queue.Printed) {
			t.Errorf("%s is %s", c.Name(), c.State)
		}
	}
	if *a.AllPartsOut {
		t.Error("the hot kitchen's ticket is still a question")
	}
}

// TestStationsUnderFaults: whatever goes wrong at the printers, each item of each order is on a proven ticket of its own station and of
// none else, never on two unmarked ones; what is not is a question.
func TestStationsUnderFaults(t *testing.T) {
	t.Parallel()
	k := newStationHouse(t, 7)
	stations := []string{"hot", "cold", "bar", "grill", ""}
	given := map[string][]string{}
	for i := range *stationOrders {
		id := fmt.Sprintf("o%d", i)
		for range 1 + k.rnd.IntN(8) {
			given[id] = append(given[id], stations[k.rnd.IntN(len(stations))])
		}
		k.accept(k.order(id, given[id]...))
		if i%50 == 49 || i == *stationOrders-1 {
			k.faults = true
			k.work()
			k.faults = false
		}
	}
	for id := range given { // a person looks at the counter, of half of what is asked
		a, err := k.q.Jobs.Answer(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range a.Copies {
			if c.State == queue.Uncertain && k.rnd.IntN(2) == 0 {
				if _, err := k.q.Decisions.Resolve(t.Context(), c.CopyID, k.truth[c.CopyID], "01"); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	k.work()
	for id, list := range given {
		a, err := k.q.Jobs.Answer(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		proven, asked := map[job.CopyName]int{}, map[job.CopyName]bool{}
		for _, c := range a.Copies {
			switch c.State {
			case queue.Printed, queue.Processed, queue.Sent:
				proven[c.Name()]++
			case queue.Uncertain:
				asked[c.Name()] = true
			}
		}
		divided := slices.ContainsFunc(list, func(s string) bool { return s != "" })
		for i, s := range list {
			item, home := fmt.Sprintf("%sx%dz", id, i), job.CopyKitchen.At(s)
			unmarked, sheets := 0, 0
			for _, p := range k.paper[id] {
				if !slices.Contains(p.items, item) {
					continue
				}
				sheets++
				if !p.marked {
					unmarked++
				}
				if divided && p.copy != home {
					t.Errorf("%s of station %q is on the ticket %s", item, s, p.copy)
				}
			}
			if unmarked > 1 {
				t.Errorf("%s is on %d unmarked tickets", item, unmarked)
			}
			if proven[home] == 0 && !asked[home] {
				t.Errorf("%s is on no proven ticket, and nobody is asked: %s", item, names(a))
			}
			if proven[home] > 0 && sheets == 0 {
				t.Errorf("%s is said to be out and is on no paper: %s", item, names(a))
			}
		}
	}
}
