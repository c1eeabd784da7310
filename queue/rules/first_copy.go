package rules

import (
	"slices"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// alreadyTaken decides about a job of which the journal has the content already, as job first. Most often it is a retry and prints nothing;
// when it names only copies of which there never was one, it asks for these.
func (t firsts) alreadyTaken(j *job.Job, f *record.Facts, first int64) (decision, error) {
	again := decision{outcome: vocabulary.OutcomeDuplicate, target: first}
	if len(j.Copies) == 0 {
		return again, nil
	}
	list, err := record.Copies(t, "job = ? ORDER BY seq", first)
	if err != nil {
		return again, err
	}
	have := copyNamesOf(list)
	asked := j.Tickets(j.Copies)
	lacks := slices.DeleteFunc(slices.Clone(asked), func(n job.CopyName) bool { return slices.Contains(have, n) })
	if len(lacks) == 0 {
		return again, nil
	}
	if len(lacks) < len(asked) {
		again.warnings = append(again.warnings, problemCopiesMixed(lacks))
		return again, nil
	}
	row, err := record.JobBySeq(t, first)
	if err != nil {
		return again, err
	}
	content, err := t.Job(first)
	if err != nil {
		return again, err
	}
	if p, err := t.whyNotFirst(&row, content, lacks, have); err != nil || p != nil {
		return refusal(p), err
	}
	again = decision{target: first, batch: row.Batch, request: true}
	again.then = func(seq int64) error {
		for _, n := range lacks {
			if _, err := t.copies().add(record.CopyRow{Job: first, Request: seq, Name: n, Printer: t.r.route(j, n), Base: job.MarkOriginal, Operator: f.Operator}); err != nil {
				return err
			}
		}
		return nil
	}
	return again, nil
}

// contentAlreadyTaken is known for a settlement, a notice or an order. A settlement that was taken before may still have a batch to close.
func (t firsts) contentAlreadyTaken(j *job.Job, f *record.Facts, first int64) (decision, error) {
	warnings, err := t.batches().settleAgain(j, first)
	if err != nil {
		return decision{}, err
	}
	d, err := t.alreadyTaken(j, f, first)
	d.warnings = append(warnings, d.warnings...)
	return d, err
}

// copiesTicketLacks decides about an order that is no retry. When the latest ticket of the same content has none of the copies that it
// names, these are that ticket's; in any doubt it is an order of its own.
func (t firsts) copiesTicketLacks(j *job.Job, f *record.Facts) (decision, error) {
	if len(j.Copies) == 0 || j.Order.Status == job.OrderReminder {
		return decision{}, nil
	}
	same, err := record.Column[int64](t, `SELECT seq FROM jobs WHERE hash = ? AND `+record.IsHashed+` AND kind = 'order' AND outcome = 'accepted' AND test = 0
		ORDER BY seq DESC`, j.Hash)
	if err != nil || len(same) == 0 {
		return decision{}, err
	}
	for _, seq := range same {
		list, err := record.Copies(t, "job = ?", seq)
		if err != nil || slices.ContainsFunc(list, func(c record.CopyRow) bool { return slices.Contains(j.Copies, c.Name.Base()) }) {
			return decision{}, err
		}
	}
	d, err := t.alreadyTaken(j, f, same[0])
	if err != nil || !d.request {
		return decision{}, err
	}
	return d, nil
}

// whyNotFirst says why copies of which there never was one must not be printed now as a slip's first; nil: they may. have are
// the copies there are.
func (t firsts) whyNotFirst(row *record.JobRow, content *job.Job, names, have []job.CopyName) (*job.Problem, error) {
	for _, n := range names {
		if !content.AllowsCopy(n) {
			p := problemNoSuchCopy(n, t.possibleCopies(content, have))
			return &p, nil
		}
	}
	no, err := record.WhyNoFirst(t, row, t.r.replacedAt())
	if err != nil || !no.Refused() {
		return nil, err
	}
	var p job.Problem
	switch {
	case no.Precedes:
		p = problemFirstUnknown(names[0], have)
	case no.Settled != "":
		p = problemBatchSettled(no.Settled)
	default:
		p = problemFirstUndone(names[0], row.Voucher, no.Undone)
	}
	return &p, nil
}

// possibleCopies gives the copies that can be asked for: those that there are, and those that the kind allows besides.
func (t firsts) possibleCopies(content *job.Job, have []job.CopyName) []job.CopyName {
	list := slices.Clone(have)
	for _, n := range content.Tickets(content.AllowedCopies()) {
		if !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}

// asRequest gives the row and the facts that a request for first copies is kept with: the slip's own content stays with the slip.
func asRequest(j *job.Job, f *record.Facts) (*job.Job, record.Facts) {
	own := *j
	own.Kind, own.JSON = job.KindCommand, nil
	return &own, record.Facts{Terminal: f.Terminal, Type: answer.TypeFirstCopy, Operator: f.Operator, Voucher: record.NoVoucher, Original: record.NoVoucher}
}
