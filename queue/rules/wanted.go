package rules

import (
	"slices"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
)

// copiesWanted gives the copies to print - those asked for, else all there are - and which of them there never was, or why they cannot be
// printed.
func copiesWanted(list []record.CopyRow, asked []job.CopyName, label func(printer string) string) (want, firsts []job.CopyName, p *job.Problem) {
	have := copyNamesOf(list)
	if want = asked; len(want) == 0 {
		want = have
	}
	if len(want) == 0 {
		p := problemNoCopies()
		return nil, nil, &p
	}
	for _, n := range want {
		if !slices.Contains(have, n) {
			firsts = append(firsts, n)
		}
	}
	for i := range list {
		if x := &list[i]; x.Pending() && slices.Contains(want, x.Name) {
			p := problemNotYetPrinted(x.Name, x.State, x.Reason, label(x.Printer))
			return nil, nil, &p
		}
	}
	return want, firsts, nil
}
