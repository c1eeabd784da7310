package daemon

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/templates"
)

// A station is one configured printer with what is needed to render for it.
type station struct {
	name    string
	cfg     config.Printer // as it was when the station was made: see sameDevice
	profile *profile.Profile
	fonts   raster.Fonts
	printer *printer.Printer
	ready   atomic.Pointer[readySlip] // rendered before its turn
	going   going
}

// A readySlip is a copy that was rendered while the one before it was at the printer.
type readySlip struct {
	copyID string
	mark   job.Mark
	setup  *setup // the configuration may change before its turn
	at     time.Time
	slip   escpos.Slip
	failed job.Text // see encode
}

// readyTime is how long a slip rendered ahead is good: templates may change.
const readyTime = 2 * time.Second

// newStation reads what a configured printer is, without a printer yet.
func newStation(c config.Printer) (*station, error) {
	shared, err := profile.Load(c.Profile)
	if err != nil {
		return nil, fmt.Errorf("load profile: %w", err)
	}
	prof, err := shared.WithColumns(c.Width)
	if err != nil {
		return nil, err
	}
	prof = prof.WithFeed(c.Feed).WithSelect(c.Select, c.SelectAfter)
	var fonts raster.Fonts
	if c.Font != "" {
		if fonts.Outline, err = raster.LoadOutline(c.Font); err != nil {
			return nil, fmt.Errorf("load font: %w", err)
		}
	}
	if _, err := link.Parse(c.Device); err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	return &station{name: c.Name, cfg: c, profile: prof, fonts: fonts}, nil
}

// opener opens the link to a printer, and ends it when another device answers than the configuration names.
func opener(c config.Printer, prof *profile.Profile) func(context.Context) (link.Conn, error) {
	open := func(ctx context.Context) (link.Conn, error) { return link.Open(ctx, c.Device, link.Options{}) }
	id, err := printer.ParseIdentity(c.Identity)
	if err != nil { // none: a wrong one is refused with the configuration
		return open
	}
	return printer.Identified(c.Device, id, prof, open)
}

func (d *Daemon) openStation(ctx context.Context, c config.Printer) (*station, error) {
	s, err := newStation(c)
	if err != nil {
		return nil, err
	}
	s.printer = printer.New(printer.Config{
		Unsettled: func() printer.ID { // asked when the printer before this one, if any, has ended
			id, err := d.journal.Unsettled(context.WithoutCancel(ctx), c.Name)
			if err != nil {
				d.log.Error("what an earlier slip left in the printer is not known", "printer", c.Name, "err", err)
			}
			return printer.ID(id)
		},
		Name: c.Name, Device: c.Device, Profile: s.profile, Proof: c.Proof, OnPaperOut: c.OnPaperOut,
		IdleClose: time.Duration(c.IdleClose), Store: d.tiers, Logger: d.log,
		Open:    opener(c, s.profile),
		OnProof: func(id printer.ID, at time.Time) { d.lateProof(ctx, id, at) },
		OnChange: func(st printer.Status) {
			d.ring()
			if st.State == printer.Ready || st.State == printer.Idle {
				d.journal.Wake(c.Name)
			}
		},
	})
	return s, nil
}

// lateProof settles an attempt that was over when its proof came. Ids that belong to no attempt are another host's, or the
// printer's guess at the base of an id that it does not know.
func (d *Daemon) lateProof(ctx context.Context, id printer.ID, at time.Time) {
	go func() {
		if err := d.journal.Settle(context.WithoutCancel(ctx), queue.ProofID(id), at); err != nil && !errors.Is(err, queue.ErrNotFound) {
			d.log.Error("a late proof cannot be recorded", "err", err)
		}
	}()
}

func (d *Daemon) station(name string) *station {
	for _, s := range d.stations() {
		if s.name == name {
			return s
		}
	}
	return nil
}

// copyPause is the time to tear a slip off where no cutter does it.
func (d *Daemon) copyPause(name string) time.Duration {
	s := d.station(name)
	if s == nil || s.profile.Cutter != "" {
		return 0
	}
	return time.Duration(d.section(name).CopyPause)
}

// section is what the configuration in force says about a printer.
func (d *Daemon) section(name string) config.Printer {
	for _, p := range d.config().Printers {
		if p.Name == name {
			return p
		}
	}
	return config.Printer{}
}

// deliverTo gives the function that prints one copy at s: the one that the journal's loop calls.
func (d *Daemon) deliverTo(s *station) queue.Deliver {
	return func(ctx context.Context, c queue.Delivery) queue.Result { return d.deliver(ctx, s, c) }
}

func (d *Daemon) deliver(ctx context.Context, s *station, c queue.Delivery) queue.Result {
	slip, failed, err := d.slip(ctx, s, c)
	if err != nil {
		d.log.Error("a slip cannot be rendered", "job", c.Job.ID, "copy", c.Copy, "err", err)
		return queue.Result{Err: err, At: time.Now()}
	}
	d.tellOnce(ctx, c.Job.ID, failed)
	unproven := false
	ctx, end := s.going.start(ctx)
	defer end()
	out := s.printer.Print(ctx, printer.Attempt{
		Slip: slip,
		Begin: func(ctx context.Context) (printer.ID, error) {
			// Only a printer that answered since can tell that nothing of the slip before is still in it.
			st := s.printer.Status()
			if unproven = c.Auto && (st.Tier > 'B' || !st.Empty); unproven {
				return printer.ID{}, errUnproven
			}
			if err := s.going.begin(); err != nil {
				return printer.ID{}, err
			}
			id, err := c.Begin(ctx)
			return printer.ID(id), err
		},
		Report: func(st printer.State, r printer.Reason) {
			c.Report(st, string(r))
			s.going.hold(st == printer.Held)
		},
	})
	r := result(out, slip)
	r.Unproven = unproven
	if out.State == printer.NotSent {
		r.MoveTo = d.failover(s, c, out.Reason)
	}
	return r
}

// prepare renders the copy that probably comes next. What goes wrong is told of in its turn.
func (d *Daemon) prepare(c queue.Delivery) {
	s := d.station(c.Printer)
	if s == nil {
		return
	}
	set := d.setup.Load()
	if slip, failed, err := d.encode(context.Background(), s, c.Job, c.Copy, c.Mark); err == nil {
		s.ready.Store(&readySlip{c.CopyID, c.Mark, set, time.Now(), slip, failed})
	}
}

// slip gives a copy's bytes, like encode.
func (d *Daemon) slip(ctx context.Context, s *station, c queue.Delivery) (escpos.Slip, job.Text, error) {
	r := s.ready.Swap(nil)
	if r != nil && time.Since(r.at) < readyTime && r.copyID == c.CopyID && r.mark == c.Mark && r.setup == d.setup.Load() {
		return r.slip, r.failed, nil
	}
	return d.encode(ctx, s, c.Job, c.Copy, c.Mark)
}

// errUnproven keeps an order from coming out again by itself where nothing can tell whether it came out before.
var errUnproven = errors.New("this printer answers no proof")

// failoverAfter is how long a printer must have been unwell before another one takes its slips: a cover that is opened and
// closed moves nothing.
const failoverAfter = 3 * time.Second

// failover names the printer that is to print a copy of which not one byte was sent, because of reason, "" for none: once
// for a copy, from a printer that is unwell to one that is well. A copy that stands in for one whose end is not known
// stays, since only its own printer can tell what it still holds.
func (d *Daemon) failover(s *station, c queue.Delivery, reason printer.Reason) string {
	wish, from := d.section(s.name).Failover, s.printer.Status()
	if wish == "" || c.Mark.From != "" || c.Auto || reason == "" || reason == printer.Stopped || time.Since(from.Since) < failoverAfter {
		return ""
	}
	if from.State != printer.OnHold && from.State != printer.Down {
		return ""
	}
	to := d.station(wish)
	if to == nil {
		return ""
	}
	switch to.printer.Status().State {
	case printer.Ready, printer.Idle, printer.Printing:
		return to.name
	}
	return ""
}

// result puts a printer's outcome into the journal's words.
func result(out printer.Outcome, slip escpos.Slip) queue.Result {
	sum := sha256.New()
	sum.Write(slip.Content)
	sum.Write(slip.Cut)
	r := queue.Result{State: out.State, Reason: string(out.Reason), At: out.At, Bytes: out.Bytes,
		Hash: hex.EncodeToString(sum.Sum(nil)), Alarm: out.Alarm, Torn: out.Torn, Proof: queue.ProofNone}
	switch out.State {
	case printer.NotSent:
		r.State = queue.Queued
	case printer.Printed, printer.Processed, printer.Sent:
		r.Proof = queue.Proof(out.State)
	}
	return r
}

// render lays one copy out for a printer.
func (d *Daemon) render(ctx context.Context, s *station, j *job.Job, c job.CopyName, m job.Mark) (*templates.Slip, error) {
	in := d.door().input(s, j)
	in.Copy, in.Mark, in.Received = c, m, d.received(ctx, j)
	return d.setup.Load().templates.Render(in)
}

// encode gives a copy's bytes, and what to tell when the shop's own template failed on it.
func (d *Daemon) encode(ctx context.Context, s *station, j *job.Job, c job.CopyName, m job.Mark) (_ escpos.Slip, failed job.Text, _ error) {
	slip, err := d.render(ctx, s, j, c, m)
	if err != nil {
		return escpos.Slip{}, failed, err
	}
	for _, w := range slip.Warnings {
		if w.Code == reasonFallback {
			failed = job.Text{Zh: w.Zh, En: w.En}
		}
	}
	encoded, warnings := escpos.Encode(slip.Layout, s.profile, escpos.Options{Fonts: s.fonts})
	for _, w := range warnings {
		d.log.Warn("a slip has characters this printer cannot print as they are", "job", j.ID, "printer", s.name, "what", w.En)
	}
	return encoded, failed, nil
}

// Preview draws a copy as it comes out with this mark.
func (d *Daemon) Preview(w io.Writer, j *job.Job, c job.CopyName, m job.Mark, format string) error {
	name := d.config().PrinterFor(j.Printer, string(j.Kind), string(c), j.Counter, j.TerminalNo())
	s := d.station(name)
	if s == nil {
		return api.ErrNoPrinter
	}
	slip, err := d.render(context.Background(), s, j, c, m)
	if err != nil {
		return err
	}
	if format == "txt" {
		_, err = io.WriteString(w, slip.Layout.Text())
		return err
	}
	d.drawing.Lock()
	defer d.drawing.Unlock()
	return raster.PNG(w, slip.Layout, s.profile, s.fonts)
}
