package web

import (
	"context"

	"github.com/receiptd/receiptd/queue"
)

// A part is what a template within a page gets: who looks, and what is shown. Its field has three names, so that the
// template reads as what it shows.
type part struct {
	View *view
	Body any
}

// Slips and Done name the body.
func (p part) Slips() any { return p.Body }

// Done is nil when nothing was asked for.
func (p part) Done() *doneView {
	d, _ := p.Body.(*doneView)
	return d
}

func pair(v *view, body any) part { return part{View: v, Body: body} }

// A doneView tells what became of a request that a form made.
type doneView struct {
	Answer queue.Answer
	Slip   *queue.Summary
	Twice  bool
}

// done looks up what a request led to.
func done(ctx context.Context, journal *queue.Queue, id string, twice bool) *doneView {
	a, err := journal.Answer(ctx, id)
	if err != nil {
		return nil
	}
	d := &doneView{Answer: a, Twice: twice}
	if a.TargetJobID != "" {
		if story, err := journal.Show(ctx, a.TargetJobID); err == nil {
			d.Slip = &story.Summary
		}
	}
	return d
}
