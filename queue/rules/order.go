package rules

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// sameOrder finds the accepted order of which a job under another id is a retry: everything is the same, where it prints, which
// copies and when it was made included. The same dishes once more - another station, a later round - are a new ticket: when in
// doubt food is cooked twice, and the ticket says that there was one like it (see sameTicket). A reminder is meant to be repeated.
func (t orders) sameOrder(j *job.Job) (seq int64, err error) {
	if j.Order.Status == job.OrderReminder {
		return 0, nil
	}
	list, err := record.Column[int64](t, `SELECT seq FROM jobs WHERE hash = ? AND `+record.IsHashed+` AND kind = 'order' AND outcome = 'accepted' AND test = 0
		AND created = ? ORDER BY seq DESC`, j.Hash, record.Millis(j.CreatedAt))
	if err != nil {
		return 0, err
	}
	for _, seq := range list {
		old, err := t.Job(seq)
		if err != nil && !errors.Is(err, record.ErrNotFound) {
			return 0, err
		}
		if err == nil && sameEnvelope(j, old) {
			return seq, nil
		}
	}
	return 0, nil
}

// sameEnvelope reports whether two jobs ask for the same paper at the same place. The ids differ, and the payloads do not.
func sameEnvelope(a, b *job.Job) bool {
	names := func(j *job.Job) []job.CopyName { return slices.Sorted(slices.Values(j.Copies)) }
	return a.Printer == b.Printer && a.Counter == b.Counter && a.Locale == b.Locale && a.CreatedAt.Equal(b.CreatedAt) && slices.Equal(names(a), names(b))
}

// decide takes an order; a cancellation stops the tickets of its order that have not been printed.
func (t orders) decide(j *job.Job, f *record.Facts) (decision, error) {
	d := decision{names: t.r.copyNames(j)}
	if j.Order.Status != job.OrderCancelled || f.OrderNo == "" {
		return d, nil
	}
	stop, doubt, err := t.cancelled(j.Order)
	if err != nil {
		return d, err
	}
	if len(doubt) > 0 {
		d.warnings = append(d.warnings, problemOrderUnclear(f.OrderNo, doubt))
	}
	d.then = func(seq int64) error {
		if len(doubt) > 0 {
			e := record.Event{Type: vocabulary.EventAlarm, JobID: j.ID, Reason: vocabulary.ReasonOrderUnclear, Detail: "none was stopped: " + strings.Join(doubt, ", "), JobSeq: seq}
			if _, err := t.Emit(e); err != nil {
				return err
			}
		}
		for i := range stop {
			if err := t.copies().setState(&stop[i], causeOrderGone, vocabulary.StateCancelled, vocabulary.ReasonSuperseded, vocabulary.ProofNone, "order cancelled"); err != nil {
				return err
			}
		}
		return nil
	}
	return d, nil
}

// A ticket is an earlier job with a cancellation's order number.
type ticket struct {
	id      string
	order   *job.Order
	waiting []record.CopyRow
}

// cancelled finds what a cancellation stops: the waiting tickets of its own order. The number alone does not tell, for numbers wrap:
// platform, store, table and number of the day must not contradict, and the day must be the same. When several orders are left and
// none has the very time, nobody knows which is meant: nothing is stopped, and doubt names the jobs that a person should look at.
func (t orders) cancelled(o *job.Order) (stop []record.CopyRow, doubt []string, err error) {
	list, err := t.tickets(o)
	if err != nil {
		return nil, nil, err
	}
	own := slices.DeleteFunc(slices.Clone(list), func(x ticket) bool { return !mayBeSame(x.order, o) })
	if exact := func(x ticket) bool { return x.order.PlacedAt.Equal(o.PlacedAt) }; slices.ContainsFunc(own, exact) {
		own = slices.DeleteFunc(own, func(x ticket) bool { return !exact(x) })
	}
	for _, x := range own {
		if !sameOrders(x.order, own[0].order) {
			return nil, waitingIDs(own), nil
		}
	}
	if len(own) == 0 { // a ticket of this number waits, but it is not this order's
		return nil, waitingIDs(list), nil
	}
	for _, x := range own {
		stop = append(stop, x.waiting...)
	}
	return stop, nil, nil
}

// tickets gives the orders of a number that a cancellation may be about, the young ones and those of which something waits.
func (t orders) tickets(o *job.Order) ([]ticket, error) {
	seqs, err := record.Column[int64](t, `SELECT seq FROM jobs WHERE order_no = ? AND kind = 'order' AND outcome = 'accepted' AND test = 0 AND type <> 'cancelled'
		AND (transacted BETWEEN ? AND ? OR EXISTS (SELECT 1 FROM copies c WHERE c.job = jobs.seq AND c.state IN ('queued', 'held') AND c.print_no = 0))
		ORDER BY seq`, o.OrderNo, record.Millis(o.PlacedAt.Add(-sameDay)), record.Millis(o.PlacedAt.Add(sameDay)))
	if err != nil {
		return nil, err
	}
	var list []ticket
	for _, seq := range seqs {
		old, err := t.Job(seq)
		if errors.Is(err, record.ErrNotFound) || err == nil && old.Order == nil {
			continue
		} else if err != nil {
			return nil, err
		}
		x := ticket{id: old.ID, order: old.Order}
		rows, err := record.Copies(t, "job = ? ORDER BY seq", seq)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			if rows[i].Waiting() {
				x.waiting = append(x.waiting, rows[i])
			}
		}
		list = append(list, x)
	}
	return list, nil
}

func waitingIDs(list []ticket) (ids []string) {
	for _, x := range list {
		if len(x.waiting) > 0 {
			ids = append(ids, x.id)
		}
	}
	return ids
}

// sameDay bounds how far apart two times of one day can be; aroundMidnight is how far apart the times of one order may be although
// the day has changed: some software writes when it was cancelled.
const (
	sameDay        = 24 * time.Hour
	aroundMidnight = 6 * time.Hour
)

// mayBeSame reports whether nothing that two orders of one number say contradicts that they are one order.
func mayBeSame(a, b *job.Order) bool {
	apart := a.PlacedAt.Sub(b.PlacedAt).Abs()
	day := a.PlacedAt.Format(time.DateOnly) == b.PlacedAt.Format(time.DateOnly) && apart < sameDay || apart <= aroundMidnight
	return day && agree(a.Platform, b.Platform) && agree(a.StoreName, b.StoreName) && agree(a.TableNo, b.TableNo) && agree(a.PickupNo, b.PickupNo) &&
		(a.DaySeq == b.DaySeq || a.DaySeq == 0 || b.DaySeq == 0)
}

func agree(a, b string) bool { return a == b || a == "" || b == "" }

// sameOrders reports whether two tickets of one number are of one order: as far as they tell, the same place and time.
func sameOrders(a, b *job.Order) bool {
	return a.PlacedAt.Equal(b.PlacedAt) && mayBeSame(a, b)
}
