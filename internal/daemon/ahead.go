package daemon

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/queue"
)

// A slip's way from the drop folder to the printer is short where what it needs is done beside the journal's work and not behind it:
// the printer is woken, and the slip is rendered, before anybody knows that it will be printed. Nothing of it leaves before its start
// is on disk.

// A readySlip is a copy that is rendered before its turn.
type readySlip struct {
	job   *job.Job
	copy  job.CopyName
	mark  job.Mark
	setup *setup // the configuration may change before its turn
	at    time.Time

	once   sync.Once // whoever needs it first renders it, and others wait; then what follows is there
	slip   escpos.Slip
	failed job.Text // see encode
	err    error
}

// readyTime is how long a slip rendered ahead is good: templates may change.
const readyTime = 2 * time.Second

// plain is the mark of a first copy of which there is nothing to say. Such a slip does not show when it was asked for.
var plain = job.Mark{Kind: job.MarkOriginal, PrintNo: 1}

// is reports whether r is what a delivery needs.
func (r *readySlip) is(c queue.Delivery, set *setup) bool {
	mark := c.Mark
	if r.mark == plain {
		mark.At = time.Time{}
	}
	return r.copy == c.Copy && r.mark == mark && r.fresh(set) &&
		r.job.ID == c.Job.ID && bytes.Equal(r.job.JSON, c.Job.JSON)
}

// fresh reports whether r is still as it would be rendered now.
func (r *readySlip) fresh(set *setup) bool { return r.setup == set && time.Since(r.at) < readyTime }

// coming is told of a job file before anybody knows what it asks for. Where there is one printer it is clear all the same where it goes.
func (p *printing) coming() {
	if list := p.now.Load().stations; len(list) == 1 {
		list[0].printer.Wake()
	}
}

// expect makes ready for a job's first slip while the journal looks at the job and the disk works. It is called for each job at the
// door, taken or not, and does not block.
func (p *printing) expect(j *job.Job) {
	door := p.now.Load().door()
	names := door.copies(j)
	if len(names) == 0 {
		return
	}
	s := door.goesTo(j, names[0])
	if s == nil {
		return
	}
	s.printer.Wake()
	if j.Settlement != nil || s.printer.Status().State == printer.Printing { // a settlement shows what the journal has in its turn
		return
	}
	old := s.ready.Load()
	if old != nil && old.fresh(p.now.Load()) {
		return // of several that come at once the first is printed first
	}
	if r := p.readySlip(j, names[0], plain); s.ready.CompareAndSwap(old, r) {
		p.ahead.Go(func() { p.makeReady(s, r) })
	}
}

// prepare renders the copy that probably comes next.
func (p *printing) prepare(c queue.Delivery) {
	if s := p.now.Load().station(c.Printer); s != nil {
		p.renderAhead(s, c.Job, c.Copy, c.Mark)
	}
}

// renderAhead renders a copy before its turn.
func (p *printing) renderAhead(s *station, j *job.Job, c job.CopyName, m job.Mark) {
	r := p.readySlip(j, c, m)
	s.ready.Store(r)
	p.makeReady(s, r)
}

func (p *printing) readySlip(j *job.Job, c job.CopyName, m job.Mark) *readySlip {
	return &readySlip{job: j, copy: c, mark: m, setup: p.now.Load(), at: time.Now()}
}

// makeReady renders a copy, unless that is done, and returns when it is. What goes wrong, a template that panics too, is told of when the
// copy is rendered in its turn.
func (p *printing) makeReady(s *station, r *readySlip) {
	r.once.Do(func() {
		defer func() {
			if e := recover(); e != nil {
				r.err = fmt.Errorf("render ahead: %v", e)
			}
		}()
		r.slip, r.failed, r.err = p.encode(context.Background(), s, r.job, r.copy, r.mark)
	})
}

// slip gives a copy's bytes, like encode.
func (p *printing) slip(ctx context.Context, s *station, c queue.Delivery) (escpos.Slip, job.Text, error) {
	if r := s.ready.Swap(nil); r != nil && r.is(c, p.now.Load()) {
		if p.makeReady(s, r); r.err == nil {
			return r.slip, r.failed, nil
		}
	}
	return p.encode(ctx, s, c.Job, c.Copy, c.Mark)
}
