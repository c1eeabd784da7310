package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/evidence"
	"github.com/receiptd/receiptd/printer/session"
)

// A process may stand still for seconds in the middle of a slip: stopped, swapped out, on a virtual machine that was paused, in a
// laptop whose lid was closed, behind a disk that took its time. The printer goes on meanwhile, and its answers wait unread. So for what
// is waited for, time stands still as well: nobody is found silent because nobody listened. What somebody may have done to the
// printer meanwhile went unseen all the same, which the transcript says.
const (
	beat      = 100 * time.Millisecond // how often it is seen, while an answer may be waited for, that the process runs
	beatAhead = 2 * time.Second        // so soon before a wait is over
	slowBeat  = time.Second            // and while nothing is waited for so soon, though a slip is under way
	lateness  = 100 * time.Millisecond // who comes later than that slept
	leastStay = 250 * time.Millisecond // what had come meanwhile is read before anything is found overdue; a paused machine's network
	mostStay  = 3 * time.Second        // needs longer, for what was sent in vain is sent again
)

// watch notices that the process stood still. Run's goroutine alone uses it.
type watch struct {
	due       time.Time     // when Run is to go on at the latest, zero for whenever something happens
	stayed    bool          // since the machine last looked at the clock: it stayed a moment for what had come
	suspended time.Duration // see session.Suspended
}

// next gives when Run is to go on: at wake, or sooner to see that it runs.
func (w *watch) next(wake, now time.Time, idle bool) time.Time {
	switch w.due = wake; {
	case idle:
	case !wake.IsZero() && wake.Sub(now) <= beatAhead:
		w.due = sooner(wake, now.Add(beat))
	default: // a write may be under way, or a long pause: that nobody watches is seen all the same
		w.due = now.Add(slowBeat)
	}
	return w.due
}

// slept gives what of the time until now does not count, and for how long nobody watched. Both are zero for a process that ran.
func (w *watch) slept(now time.Time, suspended time.Duration) (span, unseen time.Duration) {
	out := max(0, suspended-w.suspended) // the clock stood still as well
	w.suspended = max(w.suspended, suspended)
	late := time.Duration(0)
	if !w.due.IsZero() {
		late = max(0, now.Sub(w.due))
		w.due = now
	}
	if late <= lateness && out <= lateness {
		return 0, 0
	}
	stay := time.Duration(0)
	if !w.stayed { // once for each look at the clock: however often this process is late, something is overdue at last
		stay, w.stayed = min(max(late+out, leastStay), mostStay), true
	}
	return late + stay, late + stay + out
}

// looked notes that the machine looks at the clock.
func (w *watch) looked() { w.stayed = false }

// asleep takes in that the process stood still: for span the machine's time does too, and for unseen nobody watched the printer.
func (m *machine) asleep(span, unseen time.Duration) {
	c, most := &m.core, span
	span = max(0, min(span, c.now.Sub(c.last))) // time never goes back
	unseen -= most - span
	c.slept += span
	c.now = c.now.Add(-span)
	c.sleptAt, c.sleptLast = c.now, span
	if !m.sensors.statusAt.IsZero() {
		m.sensors.statusAt = m.sensors.statusAt.Add(-unseen) // it is as old as it is
	}
	m.line.note(evidence.Entry{Kind: evidence.Slept, Busy: unseen})
}

// ours gives when something was, in the machine's time, of which the time of others is known.
func (c *core) ours(t time.Time) time.Time {
	if t = t.Add(-c.slept); t.Before(c.sleptAt) { // it was before the process slept, or while it did
		t = sooner(t.Add(c.sleptLast), c.sleptAt)
	}
	return t
}

// tellTimes puts what others are told into their time.
func (c *core) tellTimes() {
	for i := range c.out {
		f := &c.out[i]
		for _, t := range []*time.Time{&f.until, &f.at, &f.outcome.At, &f.known.At} {
			if !t.IsZero() {
				*t = c.real(*t)
			}
		}
	}
}

// real gives when something was, for others.
func (c *core) real(t time.Time) time.Time { return t.Add(c.slept) }

// see notices that the process stood still, before anything that happened is taken in.
func (p *Printer) see() {
	if span, unseen := p.watch.slept(time.Now(), session.Suspended()); unseen > 0 {
		p.give(event{kind: gotSlept, slept: span, unseen: unseen})
	}
}

// takeWaiting takes in what had come before the clock is looked at.
func (p *Printer) takeWaiting() {
	for p.wire != nil {
		select {
		case got := <-p.wire.In():
			p.handle(event{kind: gotReplies, replies: got.Replies, at: got.At, err: got.Err})
		case r := <-p.wire.Wrote():
			p.handle(event{kind: gotWritten, written: r})
		case s := <-p.wire.Port():
			p.handle(event{kind: gotPort, port: s})
		default:
			return
		}
	}
}
