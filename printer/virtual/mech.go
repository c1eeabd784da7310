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

// mechanism is the print buffer and what moves paper.
type mechanism struct {
	queue      []op // waiting, first is next
	head       int  // index of the first in queue
	dots       int  // paper length of those waiting
	running    bool // queue[head] is being done until ends
	started    time.Time
	ends       time.Time
	timer      *time.Timer
	fault      fault
	openedBusy bool // the cover was opened while printing
	moved      int64
}

func (m *mechanism) clear() {
	if m.timer != nil {
		m.timer.Stop()
	}
	*m = mechanism{moved: m.moved, timer: m.timer}
}

// clearWaiting drops everything but the step in progress.
func (m *mechanism) clearWaiting() {
	keep := m.queue[m.head:]
	if m.running {
		keep = keep[:1]
	} else {
		keep = keep[:0]
	}
	m.queue = append(m.queue[:0:0], keep...)
	m.head, m.dots = 0, 0
	for _, o := range m.queue {
		m.dots += max(o.dots, 0)
	}
}

func (m *mechanism) waiting() int { return len(m.queue) - m.head }

func (m *mechanism) writingNV() bool { return m.running && m.queue[m.head].kind == opNV }

func (m *mechanism) push(o op) {
	o.at = time.Now()
	if m.head == len(m.queue) {
		m.queue, m.head = m.queue[:0], 0
	}
	m.queue = append(m.queue, o)
	m.dots += max(o.dots, 0)
}

func (m *mechanism) pop() op {
	o := m.queue[m.head]
	m.queue[m.head] = op{}
	m.head++
	m.dots -= max(o.dots, 0)
	return o
}

// maxWaiting bounds the print buffer of a model whose parser runs on without paper.
const maxWaiting = 4096

// parsing reports whether the parser may take another byte.
func (p *Printer) parsing() bool {
	if p.model.FailID && p.sense.power && p.sense.paperOut && p.sense.closed() && p.mech.fault == faultNone {
		return p.mech.waiting() < maxWaiting
	}
	return p.online() && p.mech.dots < p.model.LookAhead && p.mech.waiting() < maxWaiting && !p.mech.writingNV()
}

// pump lets the parser and the mechanism go on until both must wait: for bytes, for time, or for a person.
func (p *Printer) pump() {
	for p.applyDue() || p.stepMechanism() || p.stepParser() {
	}
	p.updateBusy()
	for l := range p.links {
		l.roomChanged()
	}
}

func (p *Printer) stepParser() bool {
	if len(p.rx) == 0 || !p.parsing() {
		return false
	}
	n := p.hookRoom(onParsed, len(p.rx))
	used := p.parse(p.rx[:n])
	rest := copy(p.rx, p.rx[used:])
	p.rx = p.rx[:rest]
	p.count.BytesParsed += int64(used)
	p.fire(onParsed, used)
	return true
}

// maxLate is how late a busy machine may wake the mechanism. What lasts longer was a stop.
const maxLate = 100 * time.Millisecond

// stepMechanism finishes or begins one step.
func (p *Printer) stepMechanism() bool {
	m := &p.mech
	if m.running {
		now := time.Now()
		if now.Before(m.ends) {
			return false
		}
		m.running = false
		o := m.pop()
		p.perform(o)
		return true
	}
	if m.waiting() == 0 || !p.online() {
		return false
	}
	d := p.duration(&m.queue[m.head])
	if d == 0 {
		p.perform(m.pop())
		return true
	}
	now := time.Now()
	begin := now
	if next := m.queue[m.head].at; !next.After(m.ends) && now.Sub(m.ends) < maxLate {
		begin = m.ends // the timer came late, the motor did not
	}
	m.running, m.started, m.ends = true, begin, begin.Add(d)
	if m.timer == nil {
		m.timer = time.AfterFunc(m.ends.Sub(now), p.tick)
	} else {
		m.timer.Reset(m.ends.Sub(now))
	}
	return true
}

// tick runs at the end of a step.
func (p *Printer) tick() {
	p.lock()
	defer p.unlock()
	p.pump()
	if m := &p.mech; m.running { // woken early by a clock of another grain
		m.timer.Reset(max(time.Until(m.ends), time.Microsecond))
	}
}

// duration is how long one step takes.
func (p *Printer) duration(o *op) time.Duration {
	if p.opt.Speed != Real {
		return 0
	}
	switch o.kind {
	case opCut:
		return time.Duration(p.model.CutMillis) * time.Millisecond
	case opNV:
		return 300 * time.Millisecond
	case opProof, opReserve:
		return 0
	}
	n := max(o.dots, -o.dots)
	return time.Duration(n) * 254 * time.Millisecond * 100 / time.Duration(p.model.DPI*p.model.Speed)
}

// perform applies one step to paper and counters.
func (p *Printer) perform(o op) {
	switch o.kind {
	case opLine, opFeed:
		p.count.Lines++
		if o.kind == opLine {
			p.paper.add(o.ink)
		}
		p.advance(o.dots)
	case opCut:
		if p.sense.jam {
			p.mech.fault = faultCutter
			p.mech.queue[p.mech.head-1] = o // it is tried again after DLE ENQ 1
			p.mech.head--
			p.note()
			return
		}
		p.count.Cuts++
		p.pieces.add(p.paper.cut(p.paper.y-p.model.HeadToCut, o.partial))
	case opNV:
		if p.link != nil {
			p.link.wake(p.link.outReady)
		}
	case opReserve:
		p.paper.reserve = append(p.paper.reserve, p.paper.y+o.reserve)
	case opProof:
		p.count.Proofs++
		p.reply(kindID, 0x37, 0x22, o.id[0], o.id[1], o.id[2], o.id[3], 0)
	}
}

// advance moves paper past the head and lets the paper sensors speak.
func (p *Printer) advance(dots int) {
	near := p.near()
	p.paper.y += dots
	for at, ok := p.paper.dueCut(p.model.HeadToCut); ok; at, ok = p.paper.dueCut(p.model.HeadToCut) {
		p.count.Cuts++
		p.pieces.add(p.paper.cut(at, false))
	}
	if p.paper.tooLong() {
		p.pieces.add(p.paper.tear(p.paper.y - p.model.HeadToCut))
	}
	if dots <= 0 {
		return
	}
	p.mech.moved += int64(dots)
	if p.sense.counted {
		p.sense.paperLeft -= dots
	}
	p.fire(onDots, dots)
	if p.sense.paperLeft <= 0 && !p.sense.paperOut {
		p.paperEnds()
	} else if near != p.near() {
		p.note()
	}
}

// paperEnds is the end sensor: the printer stops after this line and keeps what it has, unless the model is worse.
func (p *Printer) paperEnds() {
	p.sense.paperOut, p.sense.paperLeft = true, 0
	if p.model.GarbageAfterStop && p.pr.payload.left > 0 {
		p.pr.payload = payload{} // it forgets that it was inside an image
	}
	if p.model.DropsOnPaperOut {
		p.dropBuffers()
	}
	if p.model.FailID {
		p.failProofs()
	}
	p.note()
}

// failProofs answers the proof requests that wait in the print buffer with "no paper".
func (p *Printer) failProofs() {
	m := &p.mech
	kept := m.queue[:m.head]
	for i, o := range m.queue[m.head:] {
		if o.kind == opProof && (i > 0 || !m.running) {
			p.reply(kindID, 0x37, 0x33, o.id[0], o.id[1], o.id[2], o.id[3], 0)
			continue
		}
		kept = append(kept, o)
	}
	m.queue = kept
}
