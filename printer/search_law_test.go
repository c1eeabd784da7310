package printer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/evidence"
)

// rank orders claims.
var rank = map[State]int{Sent: 1, Processed: 2, Printed: 3}

// check compares a claim with the world.
func (w *world) check(a *attempt) string {
	switch s := w.outcome.State; {
	case s == Printed && !w.whole():
		return "printed, and it is not whole"
	case s == Processed && !w.kept() && !w.heard: // an answer tells of when it was given, a moment ago at most
		return "processed, and not all of it is kept"
	case s == Processed && w.s.out && !w.whole():
		return "processed, and not all of it is out"
	case rank[s] > 0 && w.tornAt && w.heldOut && w.outcome.Pieces != 2:
		return "it came out in two pieces, and nobody is told"
	case s == Sent && w.sent < parts*partSize:
		return "sent, and not all has left"
	case s == Sent && a != nil && w.m.device.evidence(a).EndedInOrder() && !w.kept():
		return "its end was taken for a sign that it has all of it, and it has not"
	case s == NotSent && w.sent > 0:
		return "not sent, and something left"
	case w.sent > parts*partSize:
		return "sent twice"
	}
	if a == nil || w.s.claims {
		return ""
	}
	return w.raised(a)
}

// told puts a transcript into words.
func told(t *evidence.Transcript) string {
	kinds := []string{"", "handed", "took", "asked", "answered", "unanswered", "looked", "told", "paused", "went on", "by time", "forgot", "lost", "drained", "stop", "stood", "slept"}
	whats := []string{"", "sign", "poll", "order", "first", "second", "anew", "drop", "clearing", "farewell"}
	var b strings.Builder
	for i, e := range t.Entries {
		fmt.Fprintf(&b, "%2d %v %s %s %d open %d %s %v\n", i, e.At.Sub(searchEpoch), kinds[e.Kind], whats[e.What], e.N, e.Open, e.Reason, e.Busy)
	}
	return b.String()
}

// raised looks for a positive answer without which more would be claimed.
func (w *world) raised(a *attempt) string {
	is := rank[w.outcome.State]
	for i, e := range a.t.Entries {
		if e.Kind != evidence.Answered && (e.Kind != evidence.Looked || e.Reason != "") || e.What == evidence.Drop {
			continue
		}
		less := evidence.Transcript{Stale: a.t.Stale, Entries: slices.Delete(slices.Clone(a.t.Entries), i, i+1)}
		if e.What == evidence.Order {
			for j := i; j < len(less.Entries); j++ {
				less.Entries[j].Open++
			}
		}
		c := *w.m.device.evidence(a)
		c.T = &less
		if got := evidence.Judge(&c); rank[got.State] > is {
			return fmt.Sprintf("without answer %d it would be %s (%s)", i, got.State, got.Rule)
		}
	}
	return ""
}

// TestSearchAssumes: what no observer can tell apart is excluded by an assumption each. Without it the search finds its counterexample.
func TestSearchAssumes(t *testing.T) {
	t.Parallel()
	off, off4, torn, foreign := allFaults[0], allFaults[1], allFaults[4], allFaults[14]
	nap := fault{"the process stands still for ten seconds", faultSleep, 10 * time.Second}
	for _, c := range []struct {
		assumption string
		scene      scene
	}{
		{"a link delays an answer by less than a printer needs to start", scene{proof: "B", auto: true, late: 1500 * time.Millisecond, slow: 1, budget: 2, faults: []fault{torn, off}}},
		{"no other program prints on a printer that cannot be asked in order", scene{proof: "C", auto: true, ahead: true, ends: true, budget: 1, faults: []fault{foreign}}},
		{"nobody switches a printer that is well off and on within a quarter of a minute in which the process stands still", scene{proof: "B", auto: true, ahead: true, budget: 2, faults: []fault{nap, off}}},
		{"a device whose ids came behind its paper does not send them when it has read", scene{known: trusted, auto: true, early: true, slow: 4, budget: 1, faults: []fault{off4}}},
	} {
		t.Run(c.assumption, func(t *testing.T) {
			if testing.Short() && c.scene.budget > 1 {
				t.Skip("not in the short form")
			}
			f := search(&c.scene)
			t.Logf("%d states, %v: %s\n%s", f.states, f.took.Round(time.Millisecond), f.wrong, strings.Join(f.trace, "\n"))
			if f.wrong == "" {
				t.Error("no counterexample: the assumption is not needed")
			}
		})
	}
}
