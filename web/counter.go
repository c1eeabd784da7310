package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/receiptd/receiptd/queue"
)

// The counter is the page that stands at the counter: what asks for a person, the last slip, the printers and the latest slips.
type counter struct {
	frame    *frame
	jobs     *queue.Jobs
	batches  *queue.Batches
	alarms   *alarmList
	backlogs *backlogs
	notifier Notifier // nil: there is none
}

func (c *counter) routes(paired register) { paired("GET /{$}", c.page) }

// slipsShown is how many slips one page of a list has.
const slipsShown = 25

// counterBody is what the counter page shows.
type counterBody struct {
	*standing
	Done      *doneView
	Backlogs  []backlog
	Receivers []receiver
	Last      *queue.Summary
	LastReady bool // the last slip can be reprinted now
	Batches   []queue.Batch
	Slips     []queue.Summary
	Next      string
	First     bool // the list begins with the latest
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
	if b.Receivers, err = receiversOf(ctx, c.notifier, v.Now); err != nil {
		return nil, err
	}
	return b, c.openBatches(ctx, v, b)
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
