package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

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

// A doubt is one copy of which nobody knows whether it came out.
type doubt struct {
	Slip queue.Summary
	Copy queue.CopyStatus
}

// A doneView tells what became of a request that a form made.
type doneView struct {
	Answer queue.Answer
	Slip   *queue.Summary
	Twice  bool
}

// counter is the page that stands at the counter.
func (s *Server) counter(w http.ResponseWriter, r *http.Request) {
	if !s.paired(r) {
		s.show(w, http.StatusForbidden, s.view(r, "unpaired", "title"))
		return
	}
	v := s.view(r, "counter", "title")
	body, err := s.counterBody(r, v)
	if err != nil {
		s.broken(w, r, err)
		return
	}
	v.Body = body
	s.show(w, http.StatusOK, v)
}

func (s *Server) counterBody(r *http.Request, v *view) (*counterBody, error) {
	ctx := r.Context()
	b := &counterBody{Printers: s.o.Printers.Printers(), First: r.URL.Query().Get("cursor") == ""}
	if err := s.standing(ctx, b); err != nil {
		return nil, err
	}
	var err error
	if err = s.terminals(ctx, v); err != nil {
		return nil, err
	}
	last, err := s.o.Journal.Last(ctx, v.Terminal)
	switch {
	case err == nil:
		b.Last, b.LastReady = &last, ready(last)
	case !errors.Is(err, queue.ErrNotFound):
		return nil, err
	}
	b.Slips, b.Next, err = s.o.Journal.Jobs(ctx, queue.Filter{Batch: "current", Loose: true, Terminal: v.Terminal, Limit: slipsShown, Cursor: r.URL.Query().Get("cursor")})
	if err != nil {
		return nil, err
	}
	if id := r.URL.Query().Get("done"); id != "" {
		b.Done = s.done(ctx, id, r.URL.Query().Get("twice") != "")
	}
	return b, s.openBatches(ctx, v, b)
}

// standing reads what asks for a person: reversals, doubts, what waits.
func (s *Server) standing(ctx context.Context, b *counterBody) error {
	if l, lost := s.o.Journal.Loss(); lost {
		text := l.Text()
		b.Lost = &text
	}
	var err error
	if b.Reversals, err = s.o.Journal.Reversals(ctx, false); err != nil {
		return err
	}
	out, err := s.o.Journal.Outstanding(ctx)
	if err != nil {
		return err
	}
	uncertain := false
	for _, o := range out {
		switch {
		case o.State == queue.Uncertain:
			uncertain = true
		case o.Reason == "stale":
			b.Stale = append(b.Stale, o)
		default:
			b.Waiting = append(b.Waiting, o)
			b.Count += o.Count
		}
	}
	if uncertain {
		b.Doubts, b.MoreDoubt, err = s.doubts(ctx)
	}
	return err
}

// doubts gives the oldest questions of the latest slips that are uncertain.
func (s *Server) doubts(ctx context.Context) (list []doubt, more bool, err error) {
	slips, next, err := s.o.Journal.Jobs(ctx, queue.Filter{State: string(queue.Uncertain), Limit: doubtsShown})
	if err != nil {
		return nil, false, err
	}
	for _, slip := range slips {
		for _, c := range slip.Copies {
			if c.State == queue.Uncertain {
				list = append(list, doubt{Slip: slip, Copy: c})
			}
		}
	}
	slices.Reverse(list)
	if len(list) > doubtsShown {
		return list[:doubtsShown], true, nil
	}
	return list, next != "", nil
}

func (s *Server) openBatches(ctx context.Context, v *view, b *counterBody) error {
	list, err := s.o.Journal.Batches(ctx, "")
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

// done looks up what a request led to.
func (s *Server) done(ctx context.Context, id string, twice bool) *doneView {
	a, err := s.o.Journal.Answer(ctx, id)
	if err != nil {
		return nil
	}
	d := &doneView{Answer: a, Twice: twice}
	if a.TargetJobID != "" {
		if story, err := s.o.Journal.Show(ctx, a.TargetJobID); err == nil {
			d.Slip = &story.Summary
		}
	}
	return d
}

// ready reports whether all copies of a slip are settled, so that a reprint is not refused.
func ready(slip queue.Summary) bool {
	for _, c := range slip.Copies {
		switch c.State {
		case queue.Queued, queue.Held, queue.Sending:
			return false
		}
	}
	return len(slip.Copies) > 0
}

// CopyNames lists the copies of a slip, each once.
func (v *view) CopyNames(slip queue.Summary) []job.CopyName {
	var list []job.CopyName
	for _, c := range slip.Copies {
		if !slices.Contains(list, c.Copy) {
			list = append(list, c.Copy)
		}
	}
	return list
}

// Latest gives the newest copy of each name: the state that counts in a list.
func (v *view) Latest(slip queue.Summary) []queue.CopyStatus {
	var list []queue.CopyStatus
	for _, name := range v.CopyNames(slip) {
		for _, c := range slices.Backward(slip.Copies) {
			if c.Copy == name {
				list = append(list, c)
				break
			}
		}
	}
	return list
}

// Ready tells templates whether a reprint would be refused.
func (v *view) Ready(slip queue.Summary) bool { return ready(slip) }

// When is the time that people know a slip by: the terminal's, else ours.
func (v *view) When(slip queue.Summary) string {
	if slip.TransactedAt.IsZero() {
		return v.Clock(slip.AcceptedAt)
	}
	return v.Clock(slip.TransactedAt)
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

// Waits tells whether something of a slip can still be cancelled.
func (v *view) Waits(slip queue.Summary) bool {
	return slices.ContainsFunc(slip.Copies, func(c queue.CopyStatus) bool { return c.State == queue.Queued || c.State == queue.Held })
}

// OnPaper gives the copies that may be reported as blank.
func (v *view) OnPaper(slip queue.Summary) []queue.CopyStatus {
	return slices.DeleteFunc(v.Latest(slip), func(c queue.CopyStatus) bool {
		return c.State != queue.Printed && c.State != queue.Processed && c.State != queue.Sent
	})
}

// Tier words a rung of the proof ladder.
func (v *view) Tier(p api.Printer) job.Text {
	if p.Early && p.Tier == "A" {
		return value("tier", "early")
	}
	if p.LastProof.IsZero() && (p.Tier == "A" || p.Tier == "B") {
		return value("tier", "unmeasured")
	}
	return value("tier", p.Tier)
}

// Line words one event of a slip's story from its codes, so that no language mixes into the other.
func (v *view) Line(e queue.Event) string {
	text := v.V("event", e.Type)
	switch e.Type {
	case queue.EventCopy:
		text = v.V("state", e.State)
	case queue.EventConflict:
		code, _, _ := strings.Cut(e.Detail, " ")
		text = cmp.Or(v.Text(value("conflict", code)), text)
	case queue.EventReversal:
		text = v.V("reversal", e.State)
	case queue.EventBatch:
		text = v.V("event", e.Type) + " " + v.V("batch", e.State)
	case queue.EventPersonSaid:
		text = v.T("doubt.yes")
		if e.Detail == "did not come out" {
			text = v.V("reason", "not_out")
		}
	}
	for _, part := range []string{v.Why(e.Reason), e.Printer} {
		if part != "" {
			text += " · " + part
		}
	}
	if e.Operator != "" {
		text += " · " + v.T("operator") + " " + e.Operator
	}
	return text
}
