package web

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/receiptd/receiptd/queue"
)

// The counter is the page that stands at the counter: what asks for a person, the last slip, the printers and the latest slips.
type counter struct {
	frame    *frame
	jobs     *queue.Jobs
	batches  *queue.Batches
	alarms   *alarmList
	backlogs *backlogs
}

func (c *counter) routes(paired register) { paired("GET /{$}", c.page) }

// slipsShown is how many slips one page of a list has.
const slipsShown = 25

// doubtsShown is how many uncertain copies are asked about at once.
const doubtsShown = 5

// counterBody is what the counter page shows.
type counterBody struct {
	*standing
	Done      *doneView
	Backlogs  []backlog
	Last      *queue.Summary
	LastReady bool // the last slip can be reprinted now
	Batches   []queue.Batch
	Slips     []queue.Summary
	Next      string
	First     bool // the list begins with the latest
}

// A doubt is one copy of which nobody knows whether it came out.
type doubt struct {
	Slip queue.Summary
	Copy queue.CopyStatus

	Pieces bool // it came out in two pieces: is a whole one wanted?
}

// counter is the page that stands at the counter.
func (c *counter) page(w http.ResponseWriter, r *http.Request) {
	v := c.frame.view(r, "counter", "title")
	body, err := c.body(r, v)
	if err != nil {
		c.frame.broken(w, r, err)
		return
	}
	v.Body = body
	c.frame.show(w, r, http.StatusOK, v)
}

func (c *counter) body(r *http.Request, v *view) (*counterBody, error) {
	ctx := r.Context()
	now, err := c.alarms.read(ctx)
	if err != nil {
		return nil, err
	}
	if v.Alarms, err = c.alarms.of(ctx, now); err != nil {
		return nil, err
	}
	b := &counterBody{standing: now, Backlogs: c.backlogs.note(now, v.Now), First: r.URL.Query().Get("cursor") == ""}
	if err = c.frame.terminals(ctx, v); err != nil {
		return nil, err
	}
	last, err := c.jobs.Last(ctx, v.Terminal)
	switch {
	case err == nil:
		b.Last, b.LastReady = &last, ready(last)
	case !errors.Is(err, queue.ErrNotFound):
		return nil, err
	}
	b.Slips, b.Next, err = c.jobs.List(ctx, queue.Filter{Batch: "current", Loose: true, Terminal: v.Terminal, Limit: slipsShown, Cursor: r.URL.Query().Get("cursor")})
	if err != nil {
		return nil, err
	}
	b.Done = done(r, c.jobs)
	return b, c.openBatches(ctx, v, b)
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

func (c *counter) openBatches(ctx context.Context, v *view, b *counterBody) error {
	list, err := c.batches.List(ctx, "")
	if err != nil {
		return err
	}
	for _, x := range list {
		if x.State != queue.BatchSettled && (v.Terminal == "" || x.TerminalNo == v.Terminal) {
			b.Batches = append(b.Batches, x)
		}
	}
	return nil
}
