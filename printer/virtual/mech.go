package virtual

import "time"

type fault int

const (
	faultNone   fault = iota
	faultCutter       // recoverable: DLE ENQ, or power
	faultCover        // recoverable on models where memory switch 8-8 says so
)

type opKind uint8

const (
	opLine opKind = iota // ink, then feed
	opFeed               // feed only
	opCut
	opProof   // answer GS ( H
	opNV      // flash is being written
	opReserve // GS V 97: cut when this place reaches the cutter
)

// An op is one step of the mechanism. A stop always happens between two of them: the line in progress is finished.
type op struct {
	kind    opKind
	ink     item
	dots    int // paper to move after the ink; negative pulls it back
	partial bool
	reserve int // dots behind this place to cut at
	id      [4]byte
	at      time.Time // when it was given to the mechanism
}

// mechanics is what moves, heats and cuts paper: it does the steps of the print buffer one after the other, each in the time
// that it takes.
type mechanics struct {
	model *Model
	real  bool // steps take time
	cond  *condition
	host  *host
	hooks *hooks
	count *Counters

	buffer    printBuffer
	motor     motor
	paper     paper
	pieces    *pieceLog
	wake      func() // called by the timer at the end of a step, without the lock
	paperEnds func() // what else happens when the end sensor speaks
}

// motor is the step in progress, which is the first of the print buffer.
type motor struct {
	running       bool
	started, ends time.Time
	timer         *time.Timer
}

// clear stops what is in progress and forgets what waits; the paper stays.
func (m *mechanics) clear() {
	if m.motor.timer != nil {
		m.motor.timer.Stop()
	}
	m.motor = motor{timer: m.motor.timer}
	m.buffer = printBuffer{}
}

// maxLate is how late a busy machine may wake the mechanism. What lasts longer was a stop.
const maxLate = 100 * time.Millisecond

// step finishes or begins one step; false when there is nothing to do now.
func (m *mechanics) step() bool {
	b, t := &m.buffer, &m.motor
	if t.running {
		if time.Now().Before(t.ends) {
			return false
		}
		t.running, m.cond.flash = false, false
		m.perform(b.pop())
		return true
	}
	if b.waiting() == 0 || !m.cond.online() {
		return false
	}
	next := b.first()
	d := m.duration(next)
	if d == 0 {
		m.perform(b.pop())
		return true
	}
	now := time.Now()
	begin := now
	if !next.at.After(t.ends) && now.Sub(t.ends) < maxLate {
		begin = t.ends // the timer came late, the motor did not
	}
	m.cond.flash = next.kind == opNV
	t.running, t.started, t.ends = true, begin, begin.Add(d)
	if t.timer == nil {
		t.timer = time.AfterFunc(t.ends.Sub(now), m.wake)
	} else {
		t.timer.Reset(t.ends.Sub(now))
	}
	return true
}

// again sets the timer once more after a step that it ended too early, by a clock of another grain.
func (m *mechanics) again() {
	if t := &m.motor; t.running {
		t.timer.Reset(max(time.Until(t.ends), time.Microsecond))
	}
}

// breakOff ends the line in progress, if one is: what it got done by now is on the paper. The line stays the next to print.
func (m *mechanics) breakOff() {
	b, t := &m.buffer, &m.motor
	if !t.running || b.first().kind != opLine {
		return
	}
	m.printPart()
	t.running = false
}

// duration is how long one step takes.
func (m *mechanics) duration(o *op) time.Duration {
	if !m.real {
		return 0
	}
	switch o.kind {
	case opCut:
		return time.Duration(m.model.CutMillis) * time.Millisecond
	case opNV:
		return 300 * time.Millisecond
	case opProof, opReserve:
		return 0
	}
	n := max(o.dots, -o.dots)
	return time.Duration(n) * 254 * time.Millisecond * 100 / time.Duration(m.model.DPI*m.model.Speed)
}

// perform applies one step to paper and counters.
func (m *mechanics) perform(o op) {
	switch o.kind {
	case opLine, opFeed:
		m.count.Lines++
		if o.kind == opLine {
			o.ink.feed = o.dots
			m.paper.add(o.ink)
		}
		m.advance(o.dots)
	case opCut:
		if m.cond.sense.jam {
			m.cond.fault = faultCutter
			m.buffer.putBack(o) // it is tried again after DLE ENQ 1
			m.host.note()
			return
		}
		m.count.Cuts++
		m.pieces.add(m.paper.cut(m.paper.y-m.model.HeadToCut, o.partial))
		if m.model.ClosesAtCut {
			m.host.sayGoodbye()
		}
	case opNV:
		m.host.wakeWriter()
	case opReserve:
		m.paper.reserve = append(m.paper.reserve, m.paper.y+o.reserve)
	case opProof:
		m.count.Proofs++
		m.host.reply(kindID, 0x37, 0x22, o.id[0], o.id[1], o.id[2], o.id[3], 0)
	}
}

// advance moves paper past the head and lets the paper sensors speak.
func (m *mechanics) advance(dots int) {
	near := m.cond.near()
	dots = max(dots, m.paper.top-m.paper.y) // the edge of the paper is not pulled past the head
	m.paper.y += dots
	for at, ok := m.paper.dueCut(m.model.HeadToCut); ok; at, ok = m.paper.dueCut(m.model.HeadToCut) {
		m.count.Cuts++
		m.pieces.add(m.paper.cut(at, false))
	}
	if m.paper.tooLong() {
		m.pieces.add(m.paper.tear(m.paper.y - m.model.HeadToCut))
	}
	if dots <= 0 {
		return
	}
	m.count.Dots += int64(dots)
	if m.cond.sense.counted {
		m.cond.sense.paperLeft -= dots
	}
	m.hooks.fire(onDots, dots)
	if m.cond.sense.paperLeft <= 0 && !m.cond.sense.paperOut {
		m.paperEnds()
	} else if near != m.cond.near() {
		m.host.note()
	}
}

// printPart puts down what the line in progress got done by now.
func (m *mechanics) printPart() {
	o, t := m.buffer.first(), &m.motor
	done := float64(time.Since(t.started)) / float64(t.ends.Sub(t.started))
	dots := int(float64(o.dots)*min(max(done, 0), 1) + 0.5)
	if dots <= 0 {
		return
	}
	part := o.ink
	part.clip = min(dots, part.h)
	m.paper.add(part)
	m.advance(dots)
}

// failProofs answers the proof requests that wait in the print buffer with "no paper".
func (m *mechanics) failProofs() {
	for _, id := range m.buffer.dropProofs(m.motor.running) {
		m.host.reply(kindID, 0x37, 0x33, id[0], id[1], id[2], id[3], 0)
	}
}
