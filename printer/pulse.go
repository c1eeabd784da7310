package printer

import (
	"context"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/session"
)

// A Pulse opens the cash drawer that hangs on the printer. It is no slip: it needs no paper and proves nothing. It leaves between slips,
// never within one, and is never sent twice from here.
type Pulse struct {
	Pin     int           // of the printer's drawer connector: 2 or 5
	On, Off time.Duration // how long it is on, and off behind that: 2 to 510 ms
	// Begin makes it durable that the pulse may leave. It is called at most once, after the printer was found ready and before the
	// first byte. When it errs nothing is sent.
	Begin func(ctx context.Context) error
}

// Pulse sends a pulse and returns when its end is known, or soon after ctx ended; it waits for a slip under way. The State is Sent (it
// left, and a printer that answers has answered since: the Tier is then C, else D), Uncertain (it may have left; where a printer went offline at that
// moment it may even open the drawer when it goes on), or NotSent with the Reason. Once Begin has been called, the end of ctx no longer counts.
func (p *Printer) Pulse(ctx context.Context, u Pulse) Outcome {
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	waits := context.AfterFunc(ctx, cancel)
	defer waits()
	q := &request{pulse: &u, done: make(chan struct{}), outcome: Outcome{State: NotSent, Reason: Stopped, At: time.Now()}}
	q.begin = func(context.Context) (ID, error) {
		if !waits() {
			return ID{}, context.Cause(ctx)
		}
		return ID{}, u.Begin(context.WithoutCancel(ctx))
	}
	p.hand(own, q)
	return q.outcome
}

// drawer sends the pulse for the cash drawer, and learns what its sensor means.
type drawer struct {
	core    *core
	device  *device
	port    *port
	line    *line
	task    *task
	sensors *sensors
	residue *residue
	asker   *asker
	intake  *intake
	phase   pulsePhase
	by      time.Time // until when the line must have become free
	now     bool      // it goes by the command that is done as it comes
	watch   drawerWatch
}

// pulsePhase is how far a pulse is.
type pulsePhase uint8

const (
	pulseLine    pulsePhase = iota // the line must become free
	pulseLeaving                   // the driver has it
	pulseLeft                      // the printer is asked how it is
)

// drawerWatch is for the time after a pulse in which a drawer springs open.
type drawerWatch struct {
	until time.Time
	high  bool // the level of the sensor before
}

const (
	springTime = time.Second            // a drawer that does not open within this did not open by the pulse
	springMean = 400 * time.Millisecond // when it is looked at
)

// begin goes on when it is on disk that the pulse may leave.
func (d *drawer) begin() {
	reason := d.sensors.reason()
	d.now = d.device.set.prof.DrawerNow && (reason != "" || d.line.tier() == 'D')
	d.phase, d.by = pulseLine, d.core.now.Add(answerTime)
	d.core.to(pulsing, "its start is on disk")
}

// step goes on with it.
func (d *drawer) step() bool {
	switch d.phase {
	case pulseLine:
		return d.send()
	case pulseLeaving:
		if !d.port.up() {
			return d.end(Uncertain, LinkDown, 'D')
		}
	case pulseLeft:
		return d.end(Uncertain, LinkDown, 'D')
	}
	return false
}

// send hands it to the driver, at a place between complete commands.
func (d *drawer) send() bool {
	switch {
	case !d.port.up():
		return d.end(NotSent, LinkDown, 0)
	case d.task.cancel:
		return d.end(NotSent, Stopped, 0)
	case d.line.book.Busy() && d.core.now.Before(d.by):
		d.core.at(d.by)
		return false
	case d.line.book.Busy():
		return d.end(NotSent, Busy, 0)
	}
	d.watch = drawerWatch{}
	if d.told() && d.core.now.Sub(d.sensors.statusAt) <= 2*freshTime {
		d.watch = drawerWatch{until: d.core.now.Add(springTime), high: d.sensors.st.DrawerHigh}
	}
	d.phase = pulseLeaving
	set := &d.device.set
	if d.now {
		d.line.send(session.Request, escpos.AppendPulseNow(nil, d.task.pulse.Pin, d.task.pulse.On), true)
		d.line.urgentBytes = 5
		return false
	}
	d.line.send(session.Request, set.handOver(escpos.AppendPulse(set.selected(nil), d.task.pulse.Pin, d.task.pulse.On, d.task.pulse.Off)), false)
	return false
}

// wrote takes in what the driver took of n bytes of the pulse.
func (d *drawer) wrote(n, size int) {
	if d.core.stage != pulsing || d.phase != pulseLeaving {
		return
	}
	switch {
	case n == 0:
		reason := Busy
		if !d.port.up() {
			reason = LinkDown
		}
		d.end(NotSent, reason, 0)
	case n < size:
		d.unfinished()
		d.end(Uncertain, Busy, 'D')
	case d.line.tier() == 'D' || !d.device.set.prof.StatusDLE && !d.device.set.prof.StatusASB:
		d.end(Sent, "", 'D')
	default:
		d.phase = pulseLeft
		d.asker.start(forPulse)
	}
}

// unfinished is for a pulse that may not have come whole: the printer may wait for its rest, and would take the beginning of the next
// slip for it.
func (d *drawer) unfinished() {
	if d.residue.leftover == nil {
		d.residue.leftover = &leftover{foreign: true, empty: true}
	}
	l := d.residue.leftover
	l.pad, l.padded = max(l.pad, minPad), 0
}

// looked takes in whether the printer has answered since.
func (d *drawer) looked(ok bool) {
	reason := d.sensors.reason()
	switch {
	case !d.port.up():
		d.unfinished()
		d.end(Uncertain, LinkDown, 'D')
	case !ok:
		d.end(Uncertain, Offline, 'D')
	case reason != "" && !d.now || d.sensors.failed(): // it stopped reading just then, and the pulse may lie in its buffer; or it ignored it
		d.end(Uncertain, reason, 'C')
	default:
		d.end(Sent, "", 'C')
	}
}

// end ends the task.
func (d *drawer) end(s State, reason Reason, tier byte) bool {
	if s == Uncertain && reason == LinkDown {
		d.unfinished()
	}
	if s == NotSent {
		d.watch = drawerWatch{}
	}
	if !d.watch.until.IsZero() {
		d.sensors.pollAt = sooner(d.sensors.pollAt, d.core.now.Add(springMean))
	}
	d.intake.end(Outcome{State: s, Reason: reason, Tier: tier, At: d.core.now, Message: d.device.show.Error}, nil)
	return true
}

// told says whether the printer has told the level of the drawer's sensor on the link that is open.
func (d *drawer) told() bool {
	p := &d.device.set.prof
	return d.port.up() && d.line.tier() != 'D' && (p.StatusDLE || p.StatusASB) && !d.sensors.statusAt.IsZero() && !d.sensors.mute()
}

// see takes in the level of the sensor. What it means depends on the drawer, so it is learned: a level that changes just after a pulse
// is that of an open drawer. A change the other way unlearns it: somebody may have closed an open drawer just then.
func (d *drawer) see() {
	show := &d.device.show
	if !d.told() {
		show.Drawer = ""
		return
	}
	high := d.sensors.st.DrawerHigh
	if w := d.watch; !w.until.IsZero() && high != w.high {
		d.watch = drawerWatch{}
		if !d.core.now.After(w.until) {
			d.device.learnDrawer(high)
		}
	}
	switch d.device.known.Drawer {
	case 0:
		show.Drawer = ""
	case levelOf(high):
		show.Drawer = DrawerOpen
	default:
		show.Drawer = DrawerClosed
	}
}

// levelOf is a level of the sensor as it is remembered.
func levelOf(high bool) byte {
	if high {
		return 'H'
	}
	return 'L'
}

// learnDrawer notes that a level of the sensor is that of an open drawer, or that nobody knows when the opposite was known.
func (d *device) learnDrawer(high bool) {
	level := levelOf(high)
	switch d.known.Drawer {
	case level:
		return
	case 0:
		d.known.Drawer = level
	default:
		d.known.Drawer = 0
	}
	d.known.At = d.core.now
	if !d.probing {
		d.core.emit(effect{kind: doSave, known: d.known})
	}
}
