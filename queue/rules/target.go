package rules

import (
	"errors"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// targetOf finds the job a command names.
func (t commands) targetOf(id string) (record.JobRow, *job.Problem, error) {
	row, err := record.JobByID(t, id)
	if err == nil {
		row, err = answer.SlipOf(t, row)
	}
	if errors.Is(err, record.ErrNotFound) || err == nil && (row.Outcome != vocabulary.OutcomeAccepted || row.Kind == job.KindCommand) {
		p := problemJobUnknown(id)
		return row, &p, nil
	}
	return row, nil, err
}

// named reports whether a command that is about one copy means this one: a kitchen copy without a station means all its tickets.
func named(c *job.Command, name job.CopyName) bool {
	if c.Copy != "" && name.Base() != c.Copy {
		return false
	}
	return c.Station == "" || name == job.CopyKitchen.At(c.Station)
}
