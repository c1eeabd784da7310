package notices_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/queue/notices"
	"github.com/receiptd/receiptd/vocabulary"
)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func open(t *testing.T, path string, c *clock) *queue.Queue {
	t.Helper()
	q, err := queue.Open(t.Context(), path, queue.Options{Ballast: -1, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func printer(names ...string) (list []notices.Condition) {
	for _, n := range names {
		list = append(list, notices.Condition{Event: vocabulary.NoticePrinter, Subject: n, Facts: api.Facts{Printer: n, Reason: "paper_out"}})
	}
	return list
}

func over(c notices.Condition) (api.Facts, bool) { return c.Facts, c.Subject != "unknown" }

// told lists what a receiver was not told yet.
func told(t *testing.T, q *queue.Queue, name string, events ...vocabulary.Notice) (out []string, last int64) {
	t.Helper()
	if len(events) == 0 {
		events = vocabulary.Notices()
	}
	p, err := q.Notices.Pending(t.Context(), name, events, 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range p.Notices {
		mark := "+"
		if n.Over {
			mark = "-"
			if n.Since.IsZero() || n.At.Before(n.Since) {
				t.Errorf("%+v ended before it began", n)
			}
		}
		out = append(out, mark+n.Printer)
	}
	if p.Total < len(p.Notices) {
		t.Error(p)
	}
	return out, p.Last
}

// TestNotices: an end follows each begin, once; cursors are each receiver's own and outlive a restart; a new receiver is told what stands.
func TestNotices(t *testing.T) {
	path, c := filepath.Join(t.TempDir(), "journal.db"), &clock{time.Date(2026, 8, 11, 12, 0, 0, 0, time.UTC)}
	q := open(t, path, c)
	ctx := t.Context()
	n := q.Notices
	set := func(want int, list ...string) {
		t.Helper()
		c.at = c.at.Add(time.Minute)
		if got, err := n.Set(ctx, printer(list...), over); err != nil || got != want {
			t.Fatal(got, err)
		}
	}
	want := func(name string, list ...string) int64 {
		t.Helper()
		got, last := told(t, q, name)
		if !slices.Equal(got, list) {
			t.Errorf("%s is to be told %q, want %q", name, got, list)
		}
		return last
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(n.Begin(ctx, []string{"a"}))
	set(1, "front")
	set(0, "front")
	set(1, "front", "unknown")
	set(1, "unknown") // front is over
	set(0)            // of the other nobody knows
	last := want("a", "+front", "+unknown", "-front")
	must(n.Begin(ctx, []string{"a", "b"}))
	want("b", "+unknown")
	must(n.Told(ctx, "a", last, 3))
	want("a")
	set(1, "bar", "unknown")
	if got, _ := told(t, q, "a", vocabulary.NoticeDisk); got != nil {
		t.Errorf("told of what it does not want: %q", got)
	}
	must(q.Close())
	q = open(t, path, c)
	n = q.Notices
	want("a", "+bar")
	want("b", "+unknown", "+bar")
	set(0, "bar", "unknown")

	c.at = c.at.Add(25 * time.Hour)
	set(1, "bar", "unknown", "new")
	if got, err := n.GiveUp(ctx, "b", vocabulary.Notices(), c.at.Add(-24*time.Hour)); err != nil || got != 2 {
		t.Fatal(got, err)
	}
	want("b", "+new")
	r, err := n.Receiver(ctx, "b", vocabulary.Notices())
	if err != nil || r.Pending != 1 || r.GivenUp != 2 || r.GivenUpAt.IsZero() || r.Oldest.IsZero() {
		t.Errorf("%+v %v", r, err)
	}
	must(n.Begin(ctx, []string{"b"}))
	must(n.Begin(ctx, []string{"a", "b"})) // it went and came: it is told what stands
	want("a", "+unknown", "+bar", "+new")
	must(q.Journal.Verify(ctx))
	must(q.Close())
}

// TestManyUndelivered: ten thousand notices that nobody takes lie in the journal, not in memory.
func TestManyUndelivered(t *testing.T) {
	path, c := filepath.Join(t.TempDir(), "journal.db"), &clock{time.Now()}
	q := open(t, path, c)
	defer q.Close()
	if err := q.Notices.Begin(t.Context(), []string{"deaf"}); err != nil {
		t.Fatal(err)
	}
	var list []notices.Condition
	for i := range 5000 {
		list = append(list, printer(fmt.Sprint("p", i))...)
	}
	if _, err := q.Notices.Set(t.Context(), list, over); err != nil {
		t.Fatal(err)
	}
	if _, err := q.Notices.Set(t.Context(), nil, over); err != nil {
		t.Fatal(err)
	}
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	var most int64
	for range 20 {
		p, err := q.Notices.Pending(t.Context(), "deaf", vocabulary.Notices(), 50)
		if err != nil || p.Total != 10000 || len(p.Notices) != 50 || len(p.Counts) != 2 {
			t.Fatal(p.Total, len(p.Notices), p.Counts, err)
		}
		most = max(most, heap()-before)
		runtime.KeepAlive(p)
	}
	if most > 5<<20 {
		t.Errorf("10000 notices cost %d bytes", most)
	}
}

// TestEachKindIsWatched: each kind has its own limit, a job may say another one, and what neither names is not watched.
func TestEachKindIsWatched(t *testing.T) {
	q := open(t, filepath.Join(t.TempDir(), "journal.db"), &clock{time.Date(2026, 8, 11, 12, 0, 0, 0, time.UTC)})
	defer q.Close()
	limits := queue.Limits{}
	for i, x := range []struct {
		kind job.Kind
		file string
	}{{job.KindTransaction, "01-sale-chip"}, {job.KindReversal, "07-reversal-pending"}, {job.KindOrder, "11-order-meituan"}, {job.KindDocument, "12-document-receiptline"}, {job.KindSettlement, "17-settlement"}} {
		text, err := os.ReadFile("../../examples/jobs/" + x.file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if a, err := q.Requests.Accept(t.Context(), queue.Arrival{Parsed: job.Parse(text), Source: queue.SourceHTTP}); err != nil || a.Outcome != queue.Accepted {
			t.Fatal(a, err)
		}
		limits[x.kind] = time.Duration(i+1) * time.Minute
	}
	text, err := os.ReadFile("../../examples/jobs/47-order-due-in.json")
	if err != nil {
		t.Fatal(err)
	}
	own := job.Parse(text)
	if a, err := q.Requests.Accept(t.Context(), queue.Arrival{Parsed: own, Source: queue.SourceHTTP}); err != nil || a.Outcome != queue.Accepted {
		t.Fatal(a, err)
	}
	watched := func(l queue.Limits) map[string]time.Duration {
		list, err := q.Waiting.Watched(t.Context(), l, 100)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]time.Duration{}
		for _, x := range list {
			if x.JobID == own.Job.ID {
				found["own"] = x.Limit
			} else {
				found[string(x.Kind)] = x.Limit
			}
		}
		return found
	}
	want := map[string]time.Duration{"own": time.Duration(own.Job.DueIn) * time.Second}
	if got := watched(nil); !maps.Equal(got, want) {
		t.Errorf("without limits %v, want %v", got, want)
	}
	for kind, limit := range limits {
		one := maps.Clone(want)
		one[string(kind)] = limit
		if got := watched(queue.Limits{kind: limit}); !maps.Equal(got, one) {
			t.Errorf("%s: %v, want %v", kind, got, one)
		}
	}
}

// TestOverdueOutlivesARestart: that a slip is late stands in the journal, which is as whole as before when it is opened again.
func TestOverdueOutlivesARestart(t *testing.T) {
	path, c := filepath.Join(t.TempDir(), "journal.db"), &clock{time.Date(2026, 8, 11, 12, 0, 0, 0, time.UTC)}
	q := open(t, path, c)
	parsed := job.Parse([]byte(`{"job_id":"o1","kind":"order","due_in":60,"created_at":"2026-08-11T12:00:00Z","copies":["kitchen"],"payload":{"order_no":"1","status":"new",
		"placed_at":"2026-08-11T12:00:00Z","bags":[{"items":[{"name":"a","qty":"1"}]}]}}`))
	if a, err := q.Requests.Accept(t.Context(), queue.Arrival{Parsed: parsed, Source: queue.SourceHTTP}); err != nil || a.Outcome != queue.Accepted {
		t.Fatal(a, err)
	}
	if n, err := q.Printing.Move(t.Context(), "default", "bar", "7"); err != nil || n != 1 { // it has an event of its own
		t.Fatal(n, err)
	}
	list, err := q.Waiting.Watched(t.Context(), queue.Limits{}, 10)
	if err != nil || len(list) != 1 || list[0].Limit != time.Minute || list[0].Order != "1" {
		t.Fatal(list, err)
	}
	if err := q.Alarms.Overdue(t.Context(), []int64{list[0].Seq}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, lost := q.Journal.Loss(); lost {
			t.Error("the journal counts as damaged")
		}
		a, err := q.Jobs.Answer(t.Context(), "o1")
		if late, _ := q.Waiting.CountOverdue(t.Context()); err != nil || !a.Overdue || !a.Copies[0].Overdue || late["bar"] != 1 {
			t.Errorf("%+v %v %v", a, late, err)
		}
		if err := q.Close(); err != nil {
			t.Fatal(err)
		}
		q = open(t, path, c)
	}
	q.Close()
}
