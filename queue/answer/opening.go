package answer

import (
	"errors"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// An Opening is a wish to open a cash drawer, and what became of it.
type Opening = api.Opening

// OpeningStatus shows an opening.
func OpeningStatus(r *record.OpeningRow) Opening {
	o := Opening{JobID: r.JobID, Printer: r.Printer, State: r.State, Reason: r.Reason, Seen: r.Seen, OperatorNo: r.Operator, Wanted: r.Wanted, Source: r.Source,
		At: record.FromMillis(r.At), Changed: record.FromMillis(r.Changed), Text: vocabulary.Form(vocabulary.KindOpening, r.State, vocabulary.Long)}
	if !r.State.Over() {
		o.Until = record.FromMillis(r.Until)
	}
	if r.Reason != "" {
		why := vocabulary.Word(vocabulary.KindReason, r.Reason)
		o.Text.Zh, o.Text.En = o.Text.Zh+"："+why.Zh, o.Text.En+": "+why.En
	}
	return o
}

// openingFor gives the opening of a drawer that a job asked for, nil for none, with its revision.
func openingFor(s record.View, row *record.JobRow) (o *Opening, rev int64, err error) {
	r, err := record.OpeningOf(s, row.Seq)
	if errors.Is(err, record.ErrNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	status := OpeningStatus(&r)
	return &status, r.Rev, nil
}
