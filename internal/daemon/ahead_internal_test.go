package daemon

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer"
)

// TestRenderedBesideTheJournal: the slip that is rendered when a job comes is the one that its turn would render, and is used for
// nothing else.
func TestRenderedBesideTheJournal(t *testing.T) {
	p, s, _ := twoStations(t, "A")
	c := delivery(t, nil)
	asked := time.Date(2026, 8, 11, 12, 0, 0, 0, time.UTC)
	c.Mark = job.Mark{Kind: job.MarkOriginal, PrintNo: 1, At: asked}
	turn, _, err := p.encode(t.Context(), s, c.Job, c.Copy, c.Mark)
	if err != nil {
		t.Fatal(err)
	}
	for s.printer.Status().State == printer.Printing {
		time.Sleep(time.Millisecond)
	}
	ahead := func() *readySlip {
		s.ready.Store(nil)
		p.expect(c.Job)
		p.ahead.Wait()
		return s.ready.Load()
	}
	r := ahead()
	if r == nil {
		t.Fatal("nothing is rendered")
	}
	if d := cmp.Diff(turn, r.slip); d != "" {
		t.Error("another slip:", d)
	}
	set := p.now.Load()
	if !r.is(c, set) {
		t.Error("it is not used")
	}
	for name, change := range map[string]func(){
		"mark":   func() { c.Mark.Voided = true },
		"number": func() { c.Mark.PrintNo = 2 },
		"late":   func() { c.Mark.Kind, c.Mark.Late = job.MarkLate, true },
		"copy":   func() { c.Copy = job.CopyCardholder },
		"job": func() {
			other := *c.Job
			other.JSON = append([]byte(nil), other.JSON...)
			other.JSON[20]++
			c.Job = &other
		},
		"id": func() { other := *c.Job; other.ID += "~2"; c.Job = &other },
	} {
		was := c
		if change(); r.is(c, set) {
			t.Errorf("it is used for another %s", name)
		}
		c = was
	}
	if r.is(c, &setup{}) {
		t.Error("it is used under another configuration")
	}
	if r.at = r.at.Add(-readyTime); r.is(c, set) {
		t.Error("it is used later")
	}
	if c.Job.Settlement = (&job.Settlement{}); ahead() != nil {
		t.Error("a settlement is rendered before the journal knows its slips")
	}
}

// TestPanicAhead: what goes wrong ahead costs nothing; its turn tells of it.
func TestPanicAhead(t *testing.T) {
	p, s, _ := twoStations(t, "A")
	c := delivery(t, nil)
	c.Mark = plain
	p.renderAhead(s, &job.Job{ID: c.Job.ID, JSON: c.Job.JSON, Kind: c.Job.Kind}, c.Copy, plain) // it has no payload
	if r := s.ready.Load(); r == nil || r.err == nil {
		t.Fatal("a job without a payload is rendered")
	}
	if slip, _, err := p.slip(t.Context(), s, c); err != nil || len(slip.Content) == 0 {
		t.Error("in its turn:", err)
	}
}

// TestReadyAtOnce: what is rendered ahead is there for its turn however late the machine gets to it, and is rendered once; of several
// jobs that come at once the first is kept ready.
func TestReadyAtOnce(t *testing.T) {
	p, s, _ := twoStations(t, "A")
	c := delivery(t, nil)
	c.Mark = plain
	for s.printer.Status().State == printer.Printing {
		time.Sleep(time.Millisecond)
	}
	p.expect(c.Job)
	r := s.ready.Load()
	if r == nil || !r.is(c, p.now.Load()) {
		t.Fatalf("nothing is ready when the job has come: %+v", r)
	}
	other := *c.Job
	other.ID += "-2"
	if p.expect(&other); s.ready.Load() != r {
		t.Error("a job that came later takes its place")
	}
	slip, _, err := p.slip(t.Context(), s, c)
	p.ahead.Wait()
	if err != nil || len(slip.Content) == 0 || &slip.Content[0] != &r.slip.Content[0] {
		t.Error("its turn has rendered it once more:", err)
	}
	if p.expect(&other); s.ready.Load() == nil {
		t.Error("then the other one is not kept ready")
	}
	stale := s.ready.Load()
	stale.at = stale.at.Add(-readyTime)
	if p.expect(c.Job); s.ready.Load() == stale {
		t.Error("one whose turn never came is in the way")
	}
	p.ahead.Wait()
}
