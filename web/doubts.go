package web

import (
	"context"
	"slices"

	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// doubtsShown is how many uncertain copies are asked about at once.
const doubtsShown = 5

// A doubt is one copy of which nobody knows whether it came out.
type doubt struct {
	Slip queue.Summary
	Copy queue.CopyStatus

	Pieces bool // it came out in two pieces: is a whole one wanted?
}

// doubts gives the oldest questions of the latest slips in these states: uncertain, or in two pieces.
func doubts(ctx context.Context, jobs *queue.Jobs, states []string) (list []doubt, more bool, err error) {
	for _, state := range states {
		slips, next, err := jobs.List(ctx, queue.Filter{State: state, Limit: doubtsShown})
		if err != nil {
			return nil, false, err
		}
		more = more || next != ""
		for _, slip := range slips {
			for _, c := range slip.Copies {
				switch uncertain := state == string(queue.Uncertain); {
				case uncertain && c.State == queue.Uncertain, !uncertain && inPieces(c):
					list = append(list, doubt{Slip: slip, Copy: c, Pieces: !uncertain})
				}
			}
		}
	}
	slices.SortStableFunc(list, func(a, b doubt) int { return a.Copy.At.Compare(b.Copy.At) })
	if len(list) > doubtsShown {
		return list[:doubtsShown], true, nil
	}
	return list, more, nil
}

func inPieces(c queue.CopyStatus) bool {
	return c.Reason == vocabulary.ReasonInPieces && c.State != queue.Defective
}

// ready reports whether all copies of a slip are settled, so that a reprint is not refused.
func ready(slip queue.Summary) bool {
	for _, c := range slip.Copies {
		switch c.State {
		case queue.Queued, queue.Held, queue.Sending:
			return false
		}
	}
	return len(slip.Copies) > 0
}
