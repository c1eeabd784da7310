package printer_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

// TestFaults: each fault in the middle of a slip of 40 rows, what is said of it, and what lies on the counter.
func TestFaults(t *testing.T) {
	restart := func(p *profile.Profile) { p.ClearDC4, p.PaperOut = true, "restart" }
	resume := func(p *profile.Profile) { p.PaperOut = "resume" }
	untrusted := func(p *profile.Profile) { p.ClearDC4, p.PaperOut = false, "restart" }
	yes := true
	at := func(d time.Duration, c virtual.Change) event { return event{after: d, change: c} }
	for _, c := range []struct {
		name   string
		model  string
		edit   func(*profile.Profile)
		proof  string
		known  bool           // its ids were seen to prove printing before
		fault  virtual.Change // after a third of the slip's paper
		then   []event        // after the fault, one after the other
		state  printer.State
		reason printer.Reason
		held   string // reports on the way, joined
		once   bool   // the whole slip lies there once, over all pieces
		ready  bool   // ten seconds later the printer takes a slip
	}{
		{name: "paper out, resume", edit: resume, fault: virtual.Change{Paper: "out"}, then: []event{at(20*time.Second, virtual.Change{Paper: "ok"})},
			state: printer.Printed, held: "held paper_out|sending", once: true, ready: true},
		{name: "paper out, restart", edit: restart, fault: virtual.Change{Paper: "out"}, then: []event{at(20*time.Second, virtual.Change{Paper: "ok"})},
			state: printer.Cancelled, reason: printer.PaperOut, held: "held paper_out", ready: true},
		{name: "paper out, clear not proven", edit: untrusted, fault: virtual.Change{Paper: "out"}, then: []event{at(20*time.Second, virtual.Change{Paper: "ok"})},
			state: printer.Printed, held: "held paper_out|sending", once: true, ready: true},
		{name: "paper out, clear not known to the printer", model: "epson-tm-t88iii", proof: "B", edit: restart, fault: virtual.Change{Paper: "out"}, then: []event{at(20*time.Second, virtual.Change{Paper: "ok"})},
			state: printer.Processed, held: "held paper_out|sending", once: true, ready: true},
		{name: "paper out, printer throws the rest away", model: "clone-forgets", edit: resume, fault: virtual.Change{Paper: "out"}, then: []event{at(5*time.Second, virtual.Change{Paper: "ok"})},
			state: printer.Uncertain, reason: printer.PowerLost, held: "held paper_out|sending", ready: true},
		{name: "paper out without automatic status", model: "gprinter-80", edit: resume, fault: virtual.Change{Paper: "out"}, then: []event{at(5*time.Second, virtual.Change{Paper: "ok"})},
			state: printer.Printed, held: "held paper_out|sending", once: true, ready: true},
		{name: "the printer says that it dropped it", model: "nz", edit: resume, fault: virtual.Change{Paper: "out"}, then: []event{at(5*time.Second, virtual.Change{Paper: "ok"})},
			state: printer.Uncertain, reason: printer.PowerLost, held: "held paper_out|sending", once: true, ready: true},
		{name: "cover", fault: virtual.Change{Cover: "open"}, then: []event{at(5*time.Second, virtual.Change{Cover: "closed"})},
			state: printer.Printed, held: "held cover_open|sending", once: true, ready: true},
		{name: "cover, GS r only", proof: "B", fault: virtual.Change{Cover: "open"}, then: []event{at(5*time.Second, virtual.Change{Cover: "closed"})},
			state: printer.Processed, held: "held cover_open|sending", once: true, ready: true},
		{name: "cover, status only", proof: "C", fault: virtual.Change{Cover: "open"}, then: []event{at(5*time.Second, virtual.Change{Cover: "closed"})},
			state: printer.Sent, held: "held cover_open|sending", once: true, ready: true},
		{name: "paper out, then cover", edit: resume, fault: virtual.Change{Paper: "out"}, then: []event{
			at(5*time.Second, virtual.Change{Cover: "open"}), at(5*time.Second, virtual.Change{Paper: "ok"}), at(5*time.Second, virtual.Change{Cover: "closed"})},
			state: printer.Printed, held: "held paper_out|held cover_open|sending", once: true, ready: true},
		{name: "hot", fault: virtual.Change{Head: "hot"}, then: []event{at(time.Minute, virtual.Change{Head: "ok"})},
			state: printer.Printed, held: "held hot|sending", once: true, ready: true},
		{name: "near end", fault: virtual.Change{Paper: "near_end"}, state: printer.Printed, once: true, ready: true},
		{name: "power cut, link cut", fault: virtual.Change{Power: "off", Link: "drop"}, then: []event{at(time.Second, virtual.Change{Power: "on", Link: "up"})},
			state: printer.Uncertain, reason: printer.LinkDown, ready: true},
		{name: "power cut, line stays", fault: virtual.Change{Power: "off"}, then: []event{at(4*time.Second, virtual.Change{Power: "on"})},
			state: printer.Uncertain, reason: printer.ProofLost, ready: true},
		{name: "power cut during paper out, line stays", edit: resume, fault: virtual.Change{Paper: "out"}, then: []event{
			at(4*time.Second, virtual.Change{Power: "off"}), at(4*time.Second, virtual.Change{Paper: "ok", Power: "on"})},
			state: printer.Uncertain, reason: printer.PowerLost, held: "held paper_out|sending", ready: true},
		{name: "power cut during paper out, line stays, GS r only", proof: "B", edit: resume, fault: virtual.Change{Paper: "out"}, then: []event{
			at(4*time.Second, virtual.Change{Power: "off"}), at(4*time.Second, virtual.Change{Paper: "ok", Power: "on"})},
			state: printer.Uncertain, reason: printer.PowerLost, held: "held paper_out|sending", ready: true},
		{name: "power cut during paper out, line stays, status only", proof: "C", edit: resume, fault: virtual.Change{Paper: "out"}, then: []event{
			at(4*time.Second, virtual.Change{Power: "off"}), at(4*time.Second, virtual.Change{Paper: "ok", Power: "on"})},
			state: printer.Uncertain, reason: printer.PowerLost, held: "held paper_out|sending", ready: true},
		{name: "unrecoverable, switched off and on", fault: virtual.Change{Error: "unrecoverable"}, then: []event{
			at(5*time.Second, virtual.Change{Power: "off", Link: "drop"}), at(2*time.Second, virtual.Change{Power: "on", Error: "none", Link: "up"})},
			state: printer.Uncertain, reason: printer.LinkDown, held: "held error", ready: true},
		{name: "link cut, back at once", known: true, fault: virtual.Change{Link: "blip"},
			state: printer.Printed, once: true, ready: true},
		{name: "link cut, back at once, not known before", fault: virtual.Change{Link: "blip"},
			state: printer.Uncertain, reason: printer.LinkDown, once: true, ready: true},
		{name: "link cut, back after the slip", fault: virtual.Change{Link: "drop"}, then: []event{at(2*time.Second, virtual.Change{Link: "up"})},
			state: printer.Uncertain, reason: printer.LinkDown, once: true, ready: true},
		{name: "link cut for long", fault: virtual.Change{Link: "drop"}, then: []event{at(20*time.Second, virtual.Change{Link: "up"})},
			state: printer.Uncertain, reason: printer.LinkDown, once: true, ready: true},
		{name: "mute", fault: virtual.Change{Mute: &yes}, state: printer.Uncertain, reason: printer.LinkDown, once: true},
	} {
		bubble(t, c.name, func(t *testing.T) {
			model := c.model
			if model == "" {
				model = "epson-tm-t88"
			}
			b := newBench(t, options{model: virtual.Options{Model: model, Speed: virtual.Real}, edit: c.edit,
				config: func(cfg *printer.Config) {
					if cfg.Proof = c.proof; c.known {
						cfg.Store = storeMap{"test://front": {Tier: 'A', Behind: true}}
					}
				}})
			defer b.stop()
			b.v.AtDots(40*lineDots/3, c.fault)
			var o printer.Outcome
			done := make(chan struct{})
			go func() { o = b.print("slip", 40); close(done) }()
			for range 1000 { // until the fault has come
				if time.Sleep(time.Millisecond); b.v.State().Counters.Dots > 40*lineDots/3 {
					break
				}
			}
			for _, e := range c.then {
				time.Sleep(e.after)
				b.set(e.change)
			}
			<-done
			want(t, o, c.state, c.reason)
			if split := (c.state == printer.Printed || c.state == printer.Processed) && strings.HasPrefix(c.held, "held paper_out"); split != (o.Pieces == 2) {
				t.Errorf("%d pieces, in two: %v", o.Pieces, split)
			}
			if got := strings.Join(b.reports(), "|"); got != c.held {
				t.Errorf("reported %q, want %q", got, c.held)
			}
			if torn := c.state == printer.Cancelled || c.state == printer.Uncertain; o.Torn != torn {
				t.Errorf("torn = %v", o.Torn)
			}
			time.Sleep(10 * time.Second)
			if c.ready {
				want(t, b.print("next", 5), nextState(c.proof), "")
				time.Sleep(5 * time.Second)
			}
			checkPaper(t, b.pieces(), c.once, c.ready)
		})
	}
}

// event is something that happens to the virtual printer.
type event struct {
	after  time.Duration
	change virtual.Change
}

// nextState is what a printer that is well says at a tier.
func nextState(proof string) printer.State {
	switch proof {
	case "B":
		return printer.Processed
	case "C":
		return printer.Sent
	}
	return printer.Printed
}

// checkPaper looks for the rows of the slip: never one twice, all of them if it is to be complete, and the next slip
// on a piece of its own.
func checkPaper(t *testing.T, pieces []string, once, next bool) {
	t.Helper()
	all := strings.Join(pieces, "\n")
	rows := 0
	for i := range 40 {
		switch n := strings.Count(all, rowText("slip", i, 40)); {
		case n > 1:
			t.Errorf("row %d lies there %d times", i+1, n)
		case n == 1:
			rows++
		}
	}
	if once && rows < 39 { // the row in which a cover opens may be lost
		t.Errorf("only %d rows lie there: %q", rows, pieces)
	}
	if !once && rows == 40 {
		t.Errorf("all rows lie there: the fault did not happen")
	}
	if next {
		i := slices.IndexFunc(pieces, func(s string) bool { return whole(s, "next", 5) })
		if i < 0 || strings.Contains(pieces[i], "slip") {
			t.Errorf("the next slip is not on a piece of its own: %q", pieces)
		}
	}
}

// TestCutterAfterProof: a slip that came out is printed although its cut failed; the jam is shown, nothing new is sent,
// and only a person's word or the cover lets the cutter go on.
func TestCutterAfterProof(t *testing.T) {
	for _, c := range []struct {
		name string
		heal func(b *bench)
		free bool
	}{
		{"nobody cares", func(b *bench) { b.set(virtual.Change{Cutter: "ok"}) }, false},
		{"a person says so", func(b *bench) {
			b.set(virtual.Change{Cutter: "ok"})
			if err := b.p.JamCleared(context.Background()); err != nil {
				b.t.Error(err)
			}
		}, true},
		{"cover opened and closed", func(b *bench) {
			b.set(virtual.Change{Cover: "open"})
			time.Sleep(2 * time.Second)
			b.set(virtual.Change{Cutter: "ok", Cover: "closed"})
		}, true},
	} {
		bubble(t, c.name, func(t *testing.T) {
			b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}})
			defer b.stop()
			b.set(virtual.Change{Cutter: "jam"})
			want(t, b.print("slip", 20), printer.Printed, "")
			time.Sleep(5 * time.Second)
			if s := b.p.Status(); s.State != printer.OnHold || s.Reason != printer.Cutter {
				t.Errorf("status %q %q", s.State, s.Reason)
			}
			want(t, b.print("no", 5), printer.NotSent, printer.Cutter)
			c.heal(b)
			time.Sleep(10 * time.Second)
			if c.free {
				want(t, b.print("next", 5), printer.Printed, "")
			} else {
				want(t, b.print("next", 5), printer.NotSent, printer.Cutter)
			}
		})
	}
}

// TestCutterInside: a cut inside a slip that jams holds it.
func TestCutterInside(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}})
		defer b.stop()
		b.set(virtual.Change{Cutter: "jam"})
		s := testSlip("a", 10)
		s.Content = append(append(s.Content, s.Cut...), testSlip("b", 10).Content...)
		s.Dots = 20 * lineDots
		go func() {
			time.Sleep(8 * time.Second)
			b.set(virtual.Change{Cutter: "ok"})
			b.p.JamCleared(context.Background())
		}()
		want(t, b.p.Print(context.Background(), b.attempt(s)), printer.Printed, "")
		if got := strings.Join(b.reports(), "|"); got != "held cutter|sending" {
			t.Errorf("reported %q", got)
		}
	})
}

// TestStop: a slip on its way when receiptd stops is given a moment for its proof; then its end is not known.
func TestStop(t *testing.T) {
	for _, c := range []struct {
		name   string
		fault  virtual.Change
		state  printer.State
		reason printer.Reason
	}{
		{"well", virtual.Change{}, printer.Printed, ""},
		{"held", virtual.Change{Paper: "out"}, printer.Uncertain, printer.Stopped},
	} {
		bubble(t, c.name, func(t *testing.T) {
			b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}, edit: func(p *profile.Profile) { p.PaperOut = "resume" }})
			b.v.AtDots(400, c.fault)
			var begin time.Time
			go func() { time.Sleep(400 * time.Millisecond); begin = time.Now(); b.stop() }()
			want(t, b.print("slip", 40), c.state, c.reason)
			if took := time.Since(begin); took > 2*time.Second {
				t.Errorf("stopping took %v", took)
			}
			b.stop()
		})
	}
}

// TestLateProof: the link was cut while the printer waited for paper. The slip is uncertain, until its id comes on
// another link; nothing new is sent before.
func TestLateProof(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}, edit: func(p *profile.Profile) { p.PaperOut = "resume" },
			config: func(c *printer.Config) { c.Store = storeMap{"test://front": {Tier: 'A', Behind: true}} }})
		defer b.stop()
		b.v.AtDots(400, virtual.Change{Paper: "out"})
		go func() {
			time.Sleep(5 * time.Second)
			b.set(virtual.Change{Link: "drop"})
			time.Sleep(30 * time.Second)
			b.set(virtual.Change{Link: "up"})
		}()
		want(t, b.print("slip", 40), printer.Uncertain, printer.LinkDown)
		time.Sleep(time.Minute)
		want(t, b.print("early", 5), printer.NotSent, printer.PaperOut)
		b.set(virtual.Change{Paper: "ok"})
		time.Sleep(10 * time.Second)
		if first := (printer.ID{'A', ' ', ' ', ' '}).Plus(4); !slices.Equal(b.proofs(), []printer.ID{first}) {
			t.Errorf("late proofs %q, want %q", b.proofs(), first)
		}
		want(t, b.print("next", 5), printer.Printed, "")
		time.Sleep(3 * time.Second)
		checkPaper(t, b.pieces(), true, true)
	})
}

// TestUnsettled: after a crash in the middle of a picture the printer waits for the rest of it. It gets zeros, not the
// next slip.
func TestUnsettled(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		old := printer.ID{'O', 'L', 'D', '!'}
		b := newBench(t, options{
			model:  virtual.Options{Speed: virtual.Real},
			config: func(c *printer.Config) { c.Unsettled = func() printer.ID { return old } },
			before: func(b *bench) {
				conn, err := b.open(b.lines)(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				if _, err := conn.Write([]byte("\x1b@torn row\n\x1dv0\x00\x40\x00\x18\x00\x01\x02")); err != nil {
					t.Fatal(err)
				}
				conn.Close()
				time.Sleep(time.Second)
			},
		})
		defer b.stop()
		want(t, b.print("next", 5), printer.Printed, "")
		time.Sleep(3 * time.Second)
		pieces := b.pieces()
		if i := slices.IndexFunc(pieces, func(s string) bool { return whole(s, "next", 5) }); i < 1 || strings.Contains(pieces[i], "torn") {
			t.Errorf("paper %q", pieces)
		}
	})
}
