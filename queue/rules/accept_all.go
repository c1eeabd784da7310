package rules

import (
	"context"
	"errors"

	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/journal"
)

// AcceptAll is Accept for several arrivals in order, in one transaction: the order of the list is the order of arrival.
// When an arrival fails, each is asked alone, so that it costs only itself; errs[i] belongs to list[i] and is nil for what
// was answered.
func (q *Requests) AcceptAll(ctx context.Context, list []Arrival) (answers []answer.Answer, errs []error) {
	answers, errs = make([]answer.Answer, len(list)), make([]error, len(list))
	for i := range list {
		errs[i] = q.admit(ctx, &list[i])
	}
	if len(list) > 1 && errors.Join(errs...) == nil {
		err := q.r.do(ctx, func(t act) (err error) {
			for i, a := range list {
				if answers[i], err = t.intake().accept(a); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil || errors.Is(err, journal.ErrClosed) || ctx.Err() != nil {
			for i := range errs {
				errs[i] = err
			}
			return answers, errs
		}
	}
	for i, a := range list {
		if errs[i] == nil {
			answers[i], errs[i] = q.acceptAdmitted(ctx, a)
		}
	}
	return answers, errs
}
