package printer

import (
	"time"
)

// A machine decides what a printer is told, from what happened so far. It is plain data: it reads no clock, starts nothing and
// waits for nothing. Events go in one by one; effects and the time to look again come out. Run's goroutine alone calls it.
//
// Each part has its own state, and calls only the parts that stand above it here; wire says which.
type machine struct {
	core      core
	device    device
	task      task
	cutter    cutter
	port      port
	sensors   sensors
	line      line
	paper     paper
	residue   residue
	questions questions
	asker     asker
	prober    prober
	upkeep    upkeep
	intake    intake
	delivery  delivery
	drawer    drawer
}

// wire shows each part the parts that it calls. Call it once for a new machine, and for each copy of one.
func (m *machine) wire() {
	c, d, t := &m.core, &m.device, &m.task
	d.core = c
	m.port.core = c
	m.sensors.core, m.sensors.cutter = c, &m.cutter
	m.line.core, m.line.device, m.line.port = c, d, &m.port
	p := &m.paper
	p.core, p.device, p.port, p.line, p.task = c, d, &m.port, &m.line, t
	r := &m.residue
	r.core, r.device, r.port, r.line, r.task, r.sensors, r.paper = c, d, &m.port, &m.line, t, &m.sensors, p
	q := &m.questions
	q.core, q.device, q.port, q.line, q.task, q.cutter, q.sensors, q.residue = c, d, &m.port, &m.line, t, &m.cutter, &m.sensors, r
	a := &m.asker
	a.core, a.device, a.port, a.line, a.task, a.sensors, a.residue, a.questions = c, d, &m.port, &m.line, t, &m.sensors, r, q
	o := &m.prober
	o.core, o.device, o.port, o.line, o.task, o.sensors, o.residue, o.asker = c, d, &m.port, &m.line, t, &m.sensors, r, a
	u := &m.upkeep
	u.core, u.device, u.port, u.line, u.task, u.cutter, u.sensors = c, d, &m.port, &m.line, t, &m.cutter, &m.sensors
	u.residue, u.questions, u.asker, u.paper = r, q, a, p
	i := &m.intake
	i.core, i.device, i.port, i.line, i.task, i.sensors, i.residue, i.asker, i.prober = c, d, &m.port, &m.line, t, &m.sensors, r, a, o
	v := &m.delivery
	v.core, v.device, v.port, v.line, v.task, v.sensors = c, d, &m.port, &m.line, t, &m.sensors
	v.residue, v.questions, v.asker, v.paper, v.intake = r, q, a, p, i
	w := &m.drawer
	w.core, w.device, w.port, w.line, w.task, w.sensors, w.residue, w.asker, w.intake = c, d, &m.port, &m.line, t, &m.sensors, r, a, i
}

// steps is what is done in each stage when something has happened and neither a question nor a write of its own is open. A
// step sets when it wants to be called again, and reports whether that is at once.
var steps = [stages]func(*machine) bool{
	closed:    func(m *machine) bool { return m.upkeep.closedStep() },
	idle:      func(m *machine) bool { return m.upkeep.idleStep() },
	preflight: func(m *machine) bool { return m.intake.step() },
	mending:   (*machine).mendStep,
	sending:   func(m *machine) bool { return m.delivery.sendingStep() },
	held:      func(m *machine) bool { return m.delivery.heldStep() },
	proving:   func(m *machine) bool { return m.delivery.provingStep() },
	lost:      func(m *machine) bool { return m.delivery.lostStep() },
	probing:   func(m *machine) bool { return m.prober.step() },
	pulsing:   func(m *machine) bool { return m.drawer.step() },
}

// on takes one event in and gives what is to be done.
func (m *machine) on(e event, now time.Time) []effect {
	c := &m.core
	c.last, c.now, c.out, c.wake = c.now, now.Add(-c.slept), nil, time.Time{}
	c.event = e.kind
	if c.slept > 0 && !e.at.IsZero() {
		e.at = c.ours(e.at)
	}
	m.take(e)
	for m.act() {
	}
	m.askPort()
	m.core.event = tick
	if m.core.untold {
		m.snapshot()
	}
	if c.slept > 0 {
		c.tellTimes()
	}
	return c.out
}

// act goes on with what is open: a write of its own, a question, else the stage.
func (m *machine) act() bool {
	m.core.wake = time.Time{}
	switch {
	case m.port.state == lineClosing:
		return false
	case m.port.state == lineGiving:
		return m.giving()
	case m.residue.put.on:
		return m.residue.putStep()
	case m.asker.look.phase != lookOff:
		return m.lookStep()
	}
	return steps[m.core.stage](m)
}

// lookStep goes on with a look.
func (m *machine) lookStep() bool {
	again := m.asker.step()
	m.endLook()
	return again
}

// endLook goes on where a look was wanted, when it is over.
func (m *machine) endLook() {
	if l := m.asker.look; l.phase == lookOver {
		m.asker.look = look{}
		m.looked(l.why, l.ok)
	}
}

// mendStep goes on with the mending, and when it is over where it was wanted.
func (m *machine) mendStep() bool {
	again := m.residue.step()
	if over := m.residue.mend; over.over {
		m.residue.mend.over = false
		m.mended(over.back, over.reason)
	}
	return again
}

// looked goes on where the look was wanted.
func (m *machine) looked(why lookWhy, ok bool) {
	switch why {
	case forUpkeep:
		m.upkeep.looked(ok)
	case forPreflight:
		m.intake.looked(ok)
	case forPoll, forClaim:
		m.delivery.looked(why, ok)
	case forLost:
		m.delivery.lostLooked(ok)
	case forPulse:
		m.drawer.looked(ok)
	case forCover:
	}
}

// mended goes on where the mending was wanted.
func (m *machine) mended(back stage, reason Reason) {
	switch back {
	case idle:
		if !m.port.up() {
			m.core.to(closed, "link lost")
		}
		if reason == "" {
			m.upkeep.ready()
		}
		m.upkeep.askForStatus()
	case preflight:
		if reason != "" {
			m.intake.refuse(reason)
			return
		}
		m.intake.begin()
	case lost:
		m.delivery.lostMended(reason)
	}
}

// restful says whether nothing is under way: no answer is waited for.
func (m *machine) restful() bool {
	return (m.core.stage == idle || m.core.stage == closed) && m.asker.look.phase == lookOff && !m.residue.put.on && m.residue.openCut == nil
}

// free says whether a task may be given.
func (m *machine) free() bool {
	return (m.core.stage == idle || m.core.stage == closed) && !m.task.on && !m.task.stopping && m.asker.look.phase == lookOff && !m.residue.put.on &&
		(m.port.state == lineUp || m.port.state == lineDown)
}
