package web

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// The counter is the page that stands at the counter: what asks for a person, the last slip, the printers and the latest slips.
type counter struct {
	frame    *frame
	journal  *queue.Queue
	printers Printers
}

func (c *counter) routes(paired register) { paired("GET /{$}", c.page) }

// slipsShown is how many slips one page of a list has.
const slipsShown = 25

// doubtsShown is how many uncertain copies are asked about at once.
const doubtsShown = 5

// counterBody is what the counter page shows.
type counterBody struct {
	Done      *doneView
	Lost      *job.Text // what the journal lost
	Reversals []queue.Reversal
	Doubts    []doubt
	MoreDoubt bool
	Stale     []queue.Outstanding
	Waiting   []queue.Outstanding // copies that have not come out, by printer and cause
	Count     int                 // of them
	Printers  []api.Printer
	Last      *queue.Summary
	LastReady bool // the last slip can be reprinted now
	Batches   []queue.Batch
	Slips     []queue.Summary
	Next      string
	First     bool // the list begins with the latest
}

// Alarm names what the page should make heard: the worst thing that needs a person now.
func (b *counterBody) Alarm() string {
	switch {
	case len(b.Doubts) > 0:
		return "doubt"
	case len(b.Stale) > 0:
		return "stale"
	}
	for _, p := range b.Printers {
		if p.State == "held" || p.State == "down" {
			if b.Count > 0 {
				return "printer"
			}
		}
	}
	return ""
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
	c.frame.show(w, http.StatusOK, v)
}

func (c *counter) body(r *http.Request, v *view) (*counterBody, error) {
	ctx := r.Context()
	b := &counterBody{Printers: c.printers.Printers(), First: r.URL.Query().Get("cursor") == ""}
	if err := c.standing(ctx, b); err != nil {
		return nil, err
	}
	var err error
	if err = c.frame.terminals(ctx, v); err != nil {
		return nil, err
	}
	last, err := c.journal.Last(ctx, v.Terminal)
	switch {
	case err == nil:
		b.Last, b.LastReady = &last, ready(last)
	case !errors.Is(err, queue.ErrNotFound):
		return nil, err
	}
	b.Slips, b.Next, err = c.journal.Jobs(ctx, queue.Filter{Batch: "current", Loose: true, Terminal: v.Terminal, Limit: slipsShown, Cursor: r.URL.Query().Get("cursor")})
	if err != nil {
		return nil, err
	}
	b.Done = done(r, c.journal)
	return b, c.openBatches(ctx, v, b)
}

// standing reads what asks for a person: reversals, doubts, what waits.
func (c *counter) standing(ctx context.Context, b *counterBody) error {
	if l, lost := c.journal.Loss(); lost {
		text := l.Text()
		b.Lost = &text
	}
	var err error
	if b.Reversals, err = c.journal.Reversals(ctx, false); err != nil {
		return err
	}
	out, err := c.journal.Outstanding(ctx)
	if err != nil {
		return err
	}
	asked := []string{string(vocabulary.ReasonInPieces)} // is over, and so not outstanding
	for _, o := range out {
		switch {
		case o.State == queue.Uncertain:
			if len(asked) == 1 {
				asked = append(asked, string(queue.Uncertain))
			}
		case o.Reason == "stale":
			b.Stale = append(b.Stale, o)
		default:
			b.Waiting = append(b.Waiting, o)
			b.Count += o.Count
		}
	}
	b.Doubts, b.MoreDoubt, err = c.doubts(ctx, asked)
	return err
}

// doubts gives the oldest questions of the latest slips in these states: uncertain, or in two pieces.
func (c *counter) doubts(ctx context.Context, states []string) (list []doubt, more bool, err error) {
	for _, state := range states {
		slips, next, err := c.journal.Jobs(ctx, queue.Filter{State: state, Limit: doubtsShown})
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
	list, err := c.journal.Batches(ctx, "")
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
