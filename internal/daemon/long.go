package daemon

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"strings"
	"time"

	"github.com/receiptd/receiptd/capture"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// A longSlip is a captured slip in portions at a printer: one copy and one attempt of the journal. Each portion goes out by itself, with a
// proof of its own, before the next one does; only the last one carries the attempt's id, so that nothing but the end of the slip proves it,
// also when that comes late.
type longSlip struct {
	p       *printing
	s       *station
	c       queue.Delivery
	id      printer.ID // of the attempt
	begun   bool       // its start is on disk
	refused error      // see queue.Delivery.MayBegin
	state   printer.State
	bytes   int
	dots    int
	pieces  bool // it waited for paper or a cover in the middle, or a portion did
	held    bool
	alarm   string
	sum     hash.Hash
}

// isLong reports whether a job is the first portion of a slip that was printed while it came.
func isLong(j *job.Job) bool {
	return j.Document != nil && j.Document.Capture != nil && j.Document.Capture.Long
}

// nextPortion gives a function for what follows the first portion of a slip, as it comes or from the journal; over ends that.
func (p *printing) nextPortion(ctx context.Context, id string) (next func(context.Context, int) (*job.Job, error), over func(), live bool, err error) {
	if live = p.long.Begin(id); live {
		return func(ctx context.Context, n int) (*job.Job, error) { return p.long.Next(ctx, id, n) }, func() { p.long.Over(id) }, true, nil
	}
	list, err := p.jobs.Portions(ctx, id)
	return func(_ context.Context, n int) (*job.Job, error) {
		switch {
		case n <= len(list):
			return list[n-1], nil
		case len(list) > 0 && list[len(list)-1].Document.Capture.Last:
			return nil, io.EOF
		}
		return nil, capture.ErrBroken
	}, func() {}, false, err
}

// deliverLong prints one copy of a long slip.
func (p *printing) deliverLong(ctx context.Context, s *station, c queue.Delivery) queue.Result {
	next, over, live, err := p.nextPortion(ctx, c.Job.ID)
	if err != nil {
		return queue.Result{State: queue.Queued, At: time.Now()}
	}
	defer over()
	ctx, end := s.leaving.start(ctx)
	defer end()
	l := &longSlip{p: p, s: s, c: c, state: printer.Printed, sum: sha256.New()}
	goesOn := false // the paper of the portion before does
	for part, n := c.Job, 1; ; n++ {
		var r *queue.Result
		if part != nil {
			var slip escpos.Slip
			slip, err = p.portion(ctx, s, part, c, n == 1, goesOn)
			if err != nil {
				p.log.Error("a slip cannot be rendered", "job", c.Job.ID, "copy", c.Copy, "err", err)
				return l.broken(vocabulary.ReasonFault, err)
			}
			if goesOn = len(slip.Cut) == 0; slip.Dots > 0 || n == 1 || len(slip.Cut) > 0 {
				r = l.print(ctx, slip, part.Document.Capture.Last)
			}
		}
		if r != nil {
			return *r
		}
		part, err = next(ctx, n)
		switch {
		case errors.Is(err, io.EOF):
			return l.out()
		case errors.Is(err, capture.ErrBroken):
			if slip, err := p.brokeOff(ctx, s, c); err == nil {
				if r := l.print(ctx, slip, false); r != nil {
					return *r
				}
			}
			if live {
				return l.broken(vocabulary.ReasonHalf, nil)
			}
			return l.out()
		case err != nil:
			return l.broken(vocabulary.ReasonStopped, nil)
		}
	}
}

// portion gives the bytes of a portion. Marks stand on top of each piece of paper.
func (p *printing) portion(ctx context.Context, s *station, part *job.Job, c queue.Delivery, first, goesOn bool) (escpos.Slip, error) {
	if !part.Captured() {
		if strings.TrimSpace(strings.Join(part.Lines(), "")) == "" {
			return escpos.Slip{}, nil
		}
		slip, _, err := p.encode(ctx, s, part, c.Copy, plain)
		return slip, err
	}
	slip, err := p.captured(ctx, s, part, c.Copy, c.Mark, goesOn)
	if !first && err == nil && part.Document.Capture.Last && slip.Dots == 0 && len(slip.Cut) == 0 {
		return escpos.Slip{}, nil // nothing but settings
	}
	return slip, err
}

// brokeOff gives what stands below a slip whose program broke off, with a cut: else the next one would look like its rest.
func (p *printing) brokeOff(ctx context.Context, s *station, c queue.Delivery) (escpos.Slip, error) {
	only := *c.Job
	only.Document = &job.Document{Blocks: []job.Block{{Type: job.BlockText, Align: "center", Bold: true, Text: "未完：软件中途断开\nINCOMPLETE: its software broke off"}}}
	slip, _, err := p.encode(ctx, s, &only, c.Copy, plain)
	return slip, err
}

// print prints a portion, and waits where the printer is not ready between two. It gives the result of the whole when the slip cannot go on.
func (l *longSlip) print(ctx context.Context, slip escpos.Slip, last bool) *queue.Result {
	for {
		changed := l.p.changed.Changed()
		out := l.s.printer.Print(ctx, printer.Attempt{
			Slip:   slip,
			Begin:  func(ctx context.Context) (printer.ID, error) { return l.begin(ctx, last) },
			Report: l.report,
		})
		if out.Alarm != "" {
			l.alarm = out.Alarm
		}
		switch out.State {
		case printer.Printed, printer.Processed, printer.Sent:
			l.noteOut(out, slip)
			return nil
		case printer.NotSent:
			if l.bytes == 0 {
				r := result(out, slip)
				r.Unproven, r.MoveTo = l.refused != nil, l.p.failover(l.s, l.c, out.Reason)
				return &r
			}
			if ctx.Err() != nil {
				r := l.broken(vocabulary.ReasonStopped, nil)
				return &r
			}
			l.pieces = l.pieces || out.Reason != printer.Busy
			l.report(printer.Held, out.Reason)
			select {
			case <-changed:
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
		default:
			l.bytes += out.Bytes
			r := result(out, slip)
			r.Bytes, r.Hash, r.Alarm, r.Torn = l.bytes, hex.EncodeToString(l.sum.Sum(nil)), l.alarm, r.Torn || l.bytes > 0
			return &r
		}
	}
}

// begin makes the start of the slip durable, once, and gives the id for the portion.
func (l *longSlip) begin(ctx context.Context, last bool) (printer.ID, error) {
	if !l.begun {
		if l.refused = l.c.MayBegin(l.s.printer.Status().KnownEmpty()); l.refused != nil {
			return printer.ID{}, l.refused
		}
		if err := l.s.leaving.begin(); err != nil {
			return printer.ID{}, err
		}
		id, err := l.c.Begin(ctx)
		if err != nil {
			return printer.ID{}, err
		}
		l.begun, l.id = true, printer.ID(id)
	}
	if l.held {
		l.report(printer.Sending, "")
	}
	if last && l.state == printer.Printed {
		return l.id, nil
	}
	id, err := l.c.Spare(ctx)
	return printer.ID(id), err
}

func (l *longSlip) report(st printer.State, r printer.Reason) {
	l.held = st == printer.Held
	l.c.Report(st, r)
	l.s.leaving.hold(l.held)
}

// noteOut takes in that a portion is out. The whole is as proven as the least proven of them.
func (l *longSlip) noteOut(out printer.Outcome, slip escpos.Slip) {
	rank := map[printer.State]int{printer.Printed: 0, printer.Processed: 1, printer.Sent: 2}
	if rank[out.State] > rank[l.state] {
		l.state = out.State
	}
	l.bytes, l.dots, l.pieces = l.bytes+out.Bytes, l.dots+slip.Dots, l.pieces || out.Pieces > 1
	l.sum.Write(slip.Content)
	l.sum.Write(slip.Cut)
}

// out is the result when all is out.
func (l *longSlip) out() queue.Result {
	r := queue.Result{State: l.state, Proof: queue.Proof(l.state), At: time.Now(), Bytes: l.bytes, Hash: hex.EncodeToString(l.sum.Sum(nil)), Alarm: l.alarm}
	r.Paper = paperOf(escpos.Slip{Dots: l.dots}, l.s.profile)
	if l.pieces {
		r.Reason = vocabulary.ReasonInPieces
	}
	return r
}

// broken is the result when it does not go on: what of it is on paper, a person is asked.
func (l *longSlip) broken(why vocabulary.Reason, err error) queue.Result {
	r := queue.Result{State: queue.Uncertain, Reason: why, Proof: queue.ProofNone, At: time.Now(), Bytes: l.bytes, Hash: hex.EncodeToString(l.sum.Sum(nil)), Alarm: l.alarm, Torn: true}
	if l.bytes == 0 {
		r.State, r.Reason, r.Torn, r.Err = queue.Queued, "", false, err
	}
	return r
}
