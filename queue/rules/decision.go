package rules

import (
	"slices"
	"strings"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// A decision is what becomes of one arrival.
type decision struct {
	outcome  vocabulary.Outcome
	errors   []job.Problem
	warnings []job.Problem
	batch    int64
	revision int
	kind     job.Kind       // what it is kept as; empty: its own kind
	names    []job.CopyName // originals to make
	target   int64          // the job that a duplicate or a command is about
	request  bool           // it is no slip of its own: it asks for first copies of target
	then     func(seq int64) error
}

func refuse(p job.Problem) decision {
	return decision{outcome: vocabulary.OutcomeRefused, errors: []job.Problem{p}}
}

func conflict(p job.Problem) decision {
	return decision{outcome: vocabulary.OutcomeConflict, errors: []job.Problem{p}}
}

// refusal makes a decision of a problem that may be nil.
func refusal(p *job.Problem) decision {
	if p == nil {
		return decision{}
	}
	return refuse(*p)
}

func codes(list []job.Problem) string {
	var s []string
	for _, p := range list {
		s = append(s, p.Code)
	}
	return strings.Join(s, " ")
}

// originOf gives the names of copies, each once.
func copyNamesOf(list []record.CopyRow) []job.CopyName {
	var have []job.CopyName
	for i := range list {
		if !slices.Contains(have, list[i].Name) {
			have = append(have, list[i].Name)
		}
	}
	return have
}

// A standingReversal is an entry that nobody settled, with the number of its batch.
type standingReversal struct {
	record.ReversalRow
	batchNo string
}
