package spool

import (
	"slices"

	"github.com/receiptd/receiptd/job"
)

// inOrder puts files that are taken together, which lie by time and name, into the order of what they say. Of the same time
// (some file systems tell two seconds, or a tick, apart) a settlement goes behind slips and a command behind everything;
// otherwise what was dropped first goes first, for a command is about what was there. A settlement waits for slips of its
// batch that the terminal made before it, whatever the files' times.
func inOrder(arrivals []arrival) {
	rank := func(a arrival) int {
		switch {
		case a.result.Job == nil:
			return 0
		case a.result.Job.Kind == job.KindSettlement:
			return 1
		case a.result.Job.Kind == job.KindCommand:
			return 2
		}
		return 0
	}
	for from := 0; from < len(arrivals); {
		to := from + 1
		for to < len(arrivals) && arrivals[to].modified.Equal(arrivals[from].modified) {
			to++
		}
		slices.SortStableFunc(arrivals[from:to], func(a, b arrival) int { return rank(a) - rank(b) })
		from = to
	}
	for i := len(arrivals) - 1; i >= 0; i-- {
		last := i
		for k := i + 1; k < len(arrivals); k++ {
			if closes(arrivals[i].result.Job, arrivals[k].result.Job) {
				last = k
			}
		}
		a := arrivals[i]
		copy(arrivals[i:last], arrivals[i+1:last+1])
		arrivals[last] = a
	}
}

// closes reports whether a settlement's batch holds a slip: its terminal made the slip no later.
func closes(settlement, slip *job.Job) bool {
	if settlement == nil || settlement.Settlement == nil || slip == nil || slip.Transaction == nil {
		return false
	}
	s, t := settlement.Settlement, slip.Transaction
	return t.TerminalNo == s.TerminalNo && t.BatchNo == s.BatchNo && !t.TransactedAt.After(s.SettledAt)
}
