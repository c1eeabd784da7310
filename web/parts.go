package web

import (
	"net/http"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
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
	Act    string // what was asked for, as a command is called; "" when it is not known
	Answer queue.Answer
	Slip   *queue.Summary
	Twice  bool
}

// Head says in one line what was done.
func (d *doneView) Head() job.Text {
	if d.Twice {
		return words["done.twice"]
	}
	if text := vocabulary.Form(vocabulary.KindCommand, d.Act, vocabulary.Done); text != vocabulary.Word(vocabulary.KindCommand, d.Act) {
		return text
	}
	return words["done"]
}

// done looks up what a request led to: the one that the page's address names, nil for none.
func done(r *http.Request, jobs *queue.Jobs) *doneView {
	q := r.URL.Query()
	if q.Get("done") == "" {
		return nil
	}
	a, err := jobs.Answer(r.Context(), q.Get("done"))
	if err != nil {
		return nil
	}
	d := &doneView{Act: q.Get("act"), Answer: a, Twice: q.Get("twice") != ""}
	if a.TargetJobID != "" {
		if story, err := jobs.Show(r.Context(), a.TargetJobID); err == nil {
			d.Slip = &story.Summary
		}
	}
	return d
}
