package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/vocabulary"
)

// A desk is a store whose clock the test turns.
type desk struct {
	*testing.T
	*store.Store
	now time.Time
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{T: t, now: time.Now()}
	s, err := store.Open(t.Context(), t.TempDir(), store.Options{Now: func() time.Time { return d.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	d.Store = s
	return d
}

func (d *desk) add(shop, id string, content []byte) {
	d.Helper()
	if _, added, err := d.Add(d.Context(), store.New{Shop: shop, JobID: id, Kind: "order", Hash: id, Content: content}); err != nil || added != store.AddedNew {
		d.Fatal(added, err)
	}
}

func (d *desk) claim() []store.Outgoing {
	d.Helper()
	out, err := d.Claim(d.Context(), func(int) time.Duration { return 10 * time.Second })
	if err != nil {
		d.Fatal(err)
	}
	return out
}

func (d *desk) hear(batch ...store.Heard) store.Taken {
	d.Helper()
	k, err := d.Take(d.Context(), batch)
	if err != nil {
		d.Fatal(err)
	}
	return k
}

func (d *desk) shop(name string) store.Shop {
	d.Helper()
	x, err := d.Shop(context.Background(), name)
	if err != nil {
		d.Fatal(err)
	}
	return x
}

// TestOnlyTheAnswerEndsAJob: a shop's till used the same job_id, and the message of the centre was lost: the shop's events of that other job
// do not end the centre's. It is sent again, and its own answer, a conflict, is what people see.
func TestOnlyTheAnswerEndsAJob(t *testing.T) {
	d := open(t)
	d.add("shop-1", "o-1", []byte("content"))
	if out := d.claim(); len(out) != 1 {
		t.Fatal(out)
	}
	d.hear(store.Heard{Shop: "shop-1", Event: &wire.Event{Seq: 1, Birth: "b", Type: vocabulary.EventAccepted, JobID: "o-1", Request: "o-1", Outcome: vocabulary.OutcomeAccepted}},
		store.Heard{Shop: "shop-1", Event: &wire.Event{Seq: 2, Prev: 1, Birth: "b", Type: vocabulary.EventAnswered, JobID: "o-1", Request: "o-1", Outcome: vocabulary.OutcomeExpired}})
	if j, err := d.Job(t.Context(), "shop-1", "o-1"); err != nil || j.State != store.Published || !j.Done.IsZero() {
		t.Fatalf("%+v %v", j, err)
	}
	d.now = d.now.Add(11 * time.Second)
	if out := d.claim(); len(out) != 1 || string(out[0].Content) != "content" || !out[0].Again() {
		t.Fatalf("%+v", out)
	}
	if k := d.hear(store.Heard{Shop: "shop-1", Answer: &wire.Answer{JobID: "o-1", Outcome: vocabulary.OutcomeConflict}}); k.Done != 1 {
		t.Errorf("%+v", k)
	}
	if j, err := d.Job(t.Context(), "shop-1", "o-1"); err != nil || j.State != store.Rejected || j.Outcome != vocabulary.OutcomeConflict {
		t.Errorf("%+v %v", j, err)
	}
	if k := d.hear(store.Heard{Shop: "shop-1", Answer: &wire.Answer{JobID: "o-1", Outcome: vocabulary.OutcomeAccepted}}); k.Done != 0 { // an end is an end
		t.Errorf("%+v", k)
	}
	d.now = d.now.Add(time.Hour)
	if out := d.claim(); len(out) != 0 {
		t.Errorf("%+v", out)
	}
}

// TestReplacedJournalIsNoSecondDaemon: another journal whose first event here is not its first is a replaced one, also when what is missing
// comes; only a journal that was left and speaks anew is a second daemon.
func TestReplacedJournalIsNoSecondDaemon(t *testing.T) {
	d := open(t)
	event := func(birth string, seq, prev int64) store.Taken {
		t.Helper()
		d.now = d.now.Add(time.Second)
		return d.hear(store.Heard{Shop: "shop-1", Event: &wire.Event{Seq: seq, Prev: prev, Birth: birth, Type: vocabulary.EventAlarm}})
	}
	event("b1", 1, 0)
	if k := event("b2", 10, 7); k.Holes != 1 || !k.Acks["shop-1"].Resend {
		t.Errorf("%+v", k)
	}
	x := d.shop("shop-1")
	if x.Replaced.IsZero() || !x.Doubled.IsZero() || x.Birth != "b2" || x.Seq != 0 || !x.Missing {
		t.Errorf("%+v", x)
	}
	replaced := x.Replaced
	event("b2", 7, 0)
	event("b2", 10, 7)
	if x := d.shop("shop-1"); !x.Replaced.Equal(replaced) || !x.Doubled.IsZero() || x.Seq != 10 || x.Missing {
		t.Errorf("%+v", x)
	}
	event("b1", 2, 1)
	if x := d.shop("shop-1"); x.Doubled.IsZero() || x.Birth != "b1" {
		t.Errorf("%+v", x)
	}
}

// TestShopsHearOfANewStart: what a centre had not told a shop when it ended, it tells with the first that it hears of the shop.
func TestShopsHearOfANewStart(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	for start := range 2 {
		now = now.Add(time.Minute)
		s, err := store.Open(t.Context(), dir, store.Options{Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		d := &desk{T: t, Store: s}
		state := store.Heard{Shop: "shop-1", State: &wire.State{Online: true, Birth: "b1", Seq: 1}}
		if start == 0 {
			d.hear(store.Heard{Shop: "shop-1", Event: &wire.Event{Seq: 1, Birth: "b1", Type: vocabulary.EventAlarm}})
			d.hear(state)
		} else if a := d.hear(state).Acks["shop-1"]; a.Seq != 1 || a.Resend {
			t.Errorf("%+v", a)
		}
		now = now.Add(time.Second)
		if a := d.hear(state).Acks; len(a) != 0 {
			t.Errorf("told again: %+v", a)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestClaimIsBounded: however much is due, little of it is in memory at once, and all of it leaves, each job once.
func TestClaimIsBounded(t *testing.T) {
	d := open(t)
	const size, most = 256 << 10, 8 << 20
	left := map[string]int{}
	for i := range 3 {
		for n := range 13 { // 10 MB, of which a claim may end within a shop
			shop, id := fmt.Sprint("shop-", i), fmt.Sprint("o-", n)
			d.add(shop, id, make([]byte, size))
			left[shop+id] = 1
		}
	}
	for range 4 {
		bytes := 0
		for _, j := range d.claim() {
			bytes += len(j.Content)
			left[j.Shop+j.JobID]--
		}
		if bytes > most+size {
			t.Errorf("%d bytes at once", bytes)
		}
	}
	for name, n := range left {
		if n != 0 {
			t.Errorf("%s left %d times", name, 1-n)
		}
	}
}
