package queue_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// A piece is one piece of paper on the counter of the property test.
type piece struct {
	job  string
	copy job.CopyName
	mark job.Mark
	id   queue.ProofID
	told queue.State // how its delivery ended
}

// counter is the model: what was asked, and what lies there.
type counter struct {
	t      *rapid.T
	dir    string
	q      *queue.Queue
	n      int
	asked  []string          // job ids answered as accepted
	texts  map[string]string // by id
	extra  map[string]int    // job/copy: pieces that a person or the printer's own cancel allows beyond the first
	pieces []piece
}

func (c *counter) path() string { return filepath.Join(c.dir, fmt.Sprint("journal", c.n, ".db")) }

func (c *counter) open() {
	if err := os.MkdirAll(filepath.Dir(c.path()), 0o700); err != nil {
		c.t.Fatal(err)
	}
	q, err := queue.Open(context.Background(), c.path(), queue.Options{Ballast: -1})
	if err != nil {
		c.t.Fatal(err)
	}
	c.q = q
}

func (c *counter) accept(text string) queue.Answer {
	r := job.Parse([]byte(text))
	if r.Job == nil {
		c.t.Fatal(r.Errors, text)
	}
	a, err := c.q.Requests.Accept(context.Background(), queue.Arrival{Parsed: r, Source: queue.SourceHTTP})
	if err != nil {
		c.t.Fatal(err)
	}
	if _, ok := c.texts[r.Job.ID]; !ok && a.Outcome == queue.Accepted {
		c.asked = append(c.asked, r.Job.ID)
		c.texts[r.Job.ID] = text
	}
	return a
}

// copyFile takes the journal as a dying process leaves it. The writer is idle: it waits for nothing but this delivery.
func copyFile(t *rapid.T, from, to string) {
	for _, side := range []string{"", "-wal"} {
		b, err := os.ReadFile(from + side)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to+side, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// print lets the printer work with these endings until it has nothing to do or the process "dies".
func (c *counter) print(endings []queue.State) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var mu sync.Mutex
	died := false
	deliver := func(ctx context.Context, d queue.Delivery) queue.Result {
		id, err := d.Begin(ctx)
		if err != nil {
			return queue.Result{State: queue.Queued}
		}
		mu.Lock()
		defer mu.Unlock()
		end := queue.Printed
		if len(endings) > 0 {
			end, endings = endings[0], endings[1:]
		}
		c.pieces = append(c.pieces, piece{d.Job.ID, d.Copy, d.Mark, id, end})
		if end == queue.Sending { // the process dies here
			c.n++
			copyFile(c.t, filepath.Join(c.dir, fmt.Sprint("journal", c.n-1, ".db")), c.path())
			died = true
			cancel()
			return queue.Result{State: queue.Uncertain, Reason: "stopped", Bytes: 1}
		}
		if end == queue.Cancelled {
			c.extra[d.Job.ID+"/"+string(d.Copy)]++
		}
		return queue.Result{State: end, Bytes: 1}
	}
	done := make(chan error, 1)
	go func() { done <- c.q.Printing.Run(ctx, []string{"default"}, deliver) }()
	for {
		list, err := c.q.Waiting.Outstanding(context.Background())
		if err != nil {
			c.t.Fatal(err)
		}
		busy := false
		for _, o := range list {
			busy = busy || o.State == queue.Queued || o.State == queue.Sending
		}
		if !busy || ctx.Err() != nil {
			break
		}
	}
	cancel()
	if err := <-done; err != nil {
		c.t.Fatal(err)
	}
	if died {
		c.q.Close()
		c.open()
	}
}

// check holds the paper against the journal.
func (c *counter) check() {
	for _, id := range c.asked {
		a, err := c.q.Jobs.Answer(context.Background(), id)
		if err != nil || a.Outcome != queue.Accepted {
			c.t.Fatalf("P1: %s was accepted, now: %+v %v", id, a, err)
		}
		for _, x := range a.Copies {
			if x.State == queue.Sending {
				c.t.Fatalf("P4: %s %s is sending and nobody sends", id, x.Copy)
			}
		}
	}
	last := map[string]int{}
	ids := map[queue.ProofID]bool{}
	for _, p := range c.pieces {
		key := p.job + "/" + string(p.copy)
		if p.mark.PrintNo <= last[key] {
			c.t.Fatalf("P2: %s came out as number %d after %d", key, p.mark.PrintNo, last[key])
		}
		last[key] = p.mark.PrintNo
		first := p.mark.Kind == job.MarkOriginal || p.mark.Kind == job.MarkLate
		if first != (p.mark.PrintNo == 1) {
			c.t.Fatalf("P2: %s number %d is marked %s", key, p.mark.PrintNo, p.mark.Kind)
		}
		if last[key] > 1+c.extra[key] {
			c.t.Fatalf("P4: %s came out %d times, %d asked for", key, last[key], 1+c.extra[key])
		}
		if ids[p.id] {
			c.t.Fatalf("proof id % x twice", p.id)
		}
		ids[p.id] = true
	}
	if err := c.q.Journal.Verify(context.Background()); err != nil {
		c.t.Fatal(err)
	}
}

// TestPromises plays random days against P1, P2 and P4.
func TestPromises(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	day := 0
	rapid.Check(t, func(rt *rapid.T) {
		day++
		c := &counter{t: rt, dir: filepath.Join(root, fmt.Sprint(day)), texts: map[string]string{}, extra: map[string]int{}}
		c.open()
		defer func() { c.q.Close() }()
		slips, batch, asks := 0, 1, 0
		someSlip := func(t *rapid.T) string {
			var list []string
			for _, id := range c.asked {
				if strings.HasPrefix(id, "slip") {
					list = append(list, id)
				}
			}
			if len(list) == 0 {
				t.Skip("no slip yet")
			}
			return rapid.SampledFrom(list).Draw(t, "slip")
		}
		name := rapid.SampledFrom([]job.CopyName{job.CopyMerchant, job.CopyCardholder})
		rt.Repeat(map[string]func(*rapid.T){
			"": func(*rapid.T) { c.check() },
			"slip": func(*rapid.T) {
				slips++
				c.accept(slip{id: fmt.Sprint("slip", slips), batch: fmt.Sprintf("%06d", batch), voucher: fmt.Sprintf("%06d", slips),
					at: fmt.Sprintf("2026-08-11T12:%02d:%02d+08:00", slips/60, slips%60)}.String())
			},
			"again": func(t *rapid.T) {
				text := c.texts[someSlip(t)]
				if a := c.accept(text); a.Outcome != queue.Duplicate {
					t.Fatalf("%+v", a)
				}
			},
			"reprint": func(t *rapid.T) {
				asks++
				id, n := someSlip(t), name.Draw(t, "copy")
				a := c.accept(command(fmt.Sprint("cmd", asks), fmt.Sprintf(`"command":"reprint_job","target_job_id":%q,"copies":[%q]`, id, n)))
				if a.Outcome == queue.Accepted {
					c.extra[id+"/"+string(n)]++
				}
			},
			"defective": func(t *rapid.T) {
				asks++
				id, n := someSlip(t), name.Draw(t, "copy")
				a := c.accept(command(fmt.Sprint("cmd", asks), fmt.Sprintf(`"command":"mark_defective","target_job_id":%q,"copy":%q`, id, n)))
				c.extra[id+"/"+string(n)] += len(a.Copies)
			},
			"resolve": func(t *rapid.T) {
				asks++
				id, n, out := someSlip(t), name.Draw(t, "copy"), rapid.Bool().Draw(t, "came out")
				a := c.accept(command(fmt.Sprint("cmd", asks),
					fmt.Sprintf(`"command":"resolve_uncertain","target_job_id":%q,"copy":%q,"came_out":%v`, id, n, out)))
				c.extra[id+"/"+string(n)] += len(a.Copies)
			},
			"settlement": func(*rapid.T) {
				c.accept(settlement(fmt.Sprint("settle", batch), "00012345", fmt.Sprintf("%06d", batch),
					fmt.Sprintf("2026-08-11T12:%02d:%02d+08:00", (slips+1)/60, (slips+1)%60), "settlement"))
				batch++
			},
			"print": func(t *rapid.T) {
				ends := rapid.SliceOfN(rapid.SampledFrom([]queue.State{
					queue.Printed, queue.Printed, queue.Sent, queue.Processed, queue.Uncertain, queue.Cancelled, queue.Sending,
				}), 0, 4).Draw(t, "endings")
				c.print(ends)
			},
			"late proof": func(t *rapid.T) {
				if len(c.pieces) == 0 {
					t.Skip("no paper")
				}
				p := rapid.SampledFrom(c.pieces).Draw(t, "piece")
				if err := c.q.Printing.Settle(context.Background(), p.id, c.pieces[0].mark.At); err != nil {
					t.Fatal(err)
				}
			},
			"restart": func(*rapid.T) {
				c.q.Close()
				c.open()
			},
		})
	})
}
