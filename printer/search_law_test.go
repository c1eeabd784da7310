package printer

import (
	"fmt"
	"slices"
	"strings"

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
