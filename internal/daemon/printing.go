package daemon

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/templates"
	"github.com/receiptd/receiptd/vocabulary"
)

// Printing takes copies from the journal to the printers: rendered, sent, and told how it ended.
type printing struct {
	now     *inForce
	queue   *queue.Printing // set before the first copy, as jobs is
	jobs    *queue.Jobs
	drawers *queue.Drawers
	tiers   *tierFile
	alarms  *alarms
	changed *broadcast     // sends when a printer's status changes
	late    sync.WaitGroup // proofs that came late and are being written down
	ahead   sync.WaitGroup // slips that are being rendered before their turn
	log     *slog.Logger
}

func (p *printing) openStation(ctx context.Context, c config.Printer) (*station, error) {
	s, err := newStation(c, p.log)
	if err != nil {
		return nil, err
	}
	s.printer = printer.New(printer.Config{
		Unsettled: func() printer.ID { // asked when the printer before this one, if any, has ended
			id, err := p.queue.Unsettled(context.WithoutCancel(ctx), c.Name)
			if err != nil {
				p.log.Error("what an earlier slip left in the printer is not known", "printer", c.Name, "err", err)
			}
			return printer.ID(id)
		},
		Name: c.Name, Device: c.Device, Profile: s.profile, Proof: c.Proof, OnPaperOut: c.OnPaperOut,
		IdleClose: time.Duration(c.IdleClose), Store: p.tiers, Logger: p.log,
		Open:    s.watch.Open(opener(c, s.profile, p.log)),
		OnProof: func(id printer.ID, at time.Time) { p.lateProof(ctx, id, at) },
		OnChange: func(st printer.Status) {
			p.changed.send()
			s.tell(st)
			p.drawerSeen(ctx, s, st.Drawer)
			if st.State == printer.Ready || st.State == printer.Idle {
				p.queue.Wake(c.Name)
			}
		},
	})
	return s, nil
}

// lateProof settles an attempt that was over when its proof came. Ids that belong to no attempt are another host's, or the
// printer's guess at the base of an id that it does not know.
func (p *printing) lateProof(ctx context.Context, id printer.ID, at time.Time) {
	p.late.Go(func() {
		if err := p.queue.Settle(context.WithoutCancel(ctx), queue.ProofID(id), at); err != nil && !errors.Is(err, queue.ErrNotFound) {
			p.log.Error("a late proof cannot be recorded", "err", err)
		}
	})
}

// deliverTo gives the function that prints one copy at s: the one that the journal's loop calls.
func (p *printing) deliverTo(s *station) queue.Deliver {
	return func(ctx context.Context, c queue.Delivery) queue.Result { return p.deliver(ctx, s, c) }
}

func (p *printing) deliver(ctx context.Context, s *station, c queue.Delivery) queue.Result {
	slip, failed, err := p.slip(ctx, s, c)
	if err != nil {
		p.log.Error("a slip cannot be rendered", "job", c.Job.ID, "copy", c.Copy, "err", err)
		return queue.Result{Err: err, At: time.Now()}
	}
	p.alarms.once(ctx, c.Job.ID, failed)
	var refused error
	ctx, end := s.leaving.start(ctx)
	defer end()
	out := s.printer.Print(ctx, printer.Attempt{
		Slip: slip,
		Begin: func(ctx context.Context) (printer.ID, error) {
			if refused = c.MayBegin(s.printer.Status().KnownEmpty()); refused != nil {
				return printer.ID{}, refused
			}
			if err := s.leaving.begin(); err != nil {
				return printer.ID{}, err
			}
			id, err := c.Begin(ctx)
			return printer.ID(id), err
		},
		Report: func(st printer.State, r printer.Reason) {
			c.Report(st, r)
			s.leaving.hold(st == printer.Held)
		},
	})
	r := result(out)
	r.Paper = paperOf(slip, s.profile)
	r.Unproven = refused != nil
	if out.State == printer.NotSent {
		r.MoveTo = p.failover(s, c, out.Reason)
	}
	return r
}

// failoverAfter is how long a printer must have been unwell before another one takes its slips: a cover that is opened and
// closed moves nothing.
const failoverAfter = 3 * time.Second

// failover names the printer that is to print a copy of which not one byte was sent, because of reason, "" for none: from a printer that
// is unwell to one that is well, when the copy may move.
func (p *printing) failover(s *station, c queue.Delivery, reason printer.Reason) string {
	wish, from := p.now.Load().section(s.name).Failover, s.printer.Status()
	if wish == "" || !c.MayMove() || reason == "" || reason == printer.Stopped || time.Since(from.Since) < failoverAfter {
		return ""
	}
	if from.State != printer.OnHold && from.State != printer.Down {
		return ""
	}
	to := p.now.Load().station(wish)
	if to == nil {
		return ""
	}
	switch to.printer.Status().State {
	case printer.Ready, printer.Idle, printer.Printing:
		return to.name
	}
	return ""
}

// paperOf is how much paper a slip takes, in millimetres, its way to the cutter included.
func paperOf(slip escpos.Slip, p *profile.Profile) int {
	return int(math.Round(float64(slip.Dots+p.CutFeedDots) * 25.4 / float64(p.DPI)))
}

// result puts a printer's outcome into the journal's words.
func result(out printer.Outcome) queue.Result {
	r := queue.Result{State: out.State, Reason: out.Reason, At: out.At, Bytes: out.Bytes, Alarm: out.Alarm, Torn: out.Torn, Proof: queue.ProofNone}
	switch out.State {
	case printer.NotSent:
		r.State = queue.Queued
	case printer.Printed, printer.Processed, printer.Sent:
		r.Proof = queue.Proof(out.State)
		if out.Pieces > 1 {
			r.Reason = vocabulary.ReasonInPieces
		}
	}
	return r
}

// render lays one copy out for a printer.
func (p *printing) render(ctx context.Context, s *station, j *job.Job, c job.CopyName, m job.Mark) (*templates.Slip, error) {
	now := p.now.Load()
	m.From = now.cfg.PrinterLabel(m.From)
	in := now.door().input(s, j)
	in.Copy, in.Mark, in.Received = c, m, p.received(ctx, j)
	return now.templates.Render(in)
}

// encode gives a copy's bytes, and what to tell when the shop's own template failed on it.
func (p *printing) encode(ctx context.Context, s *station, j *job.Job, c job.CopyName, m job.Mark) (_ escpos.Slip, failed job.Text, _ error) {
	if j.Captured() {
		slip, err := p.captured(ctx, s, j, c, m)
		return slip, failed, err
	}
	slip, err := p.render(ctx, s, j, c, m)
	if err != nil {
		return escpos.Slip{}, failed, err
	}
	for _, w := range slip.Warnings {
		if w.Code == string(vocabulary.ReasonTemplateFallback) {
			failed = job.Text{Zh: w.Zh, En: w.En}
		}
	}
	encoded, warnings := escpos.Encode(slip.Layout, s.profile, escpos.Options{Fonts: s.fonts})
	for _, w := range warnings {
		p.log.Warn("a slip has characters this printer cannot print as they are", "job", j.ID, "printer", s.name, "what", w.En)
	}
	return encoded, failed, nil
}

// received is receiptd's own count beside a settlement's figures; nil: not known.
func (p *printing) received(ctx context.Context, j *job.Job) *int {
	if j.Settlement == nil {
		return nil
	}
	n, ok, err := p.jobs.Received(ctx, j.ID)
	if err != nil {
		p.log.Warn("the slips of a settlement cannot be counted", "job", j.ID, "err", err)
	}
	if err != nil || !ok {
		return nil
	}
	return &n
}
