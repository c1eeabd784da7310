package virtual

// A machine is the printer behind its doors: the parts of which it is made, and what happens to several of them at once. Everything
// in it is touched with Printer.mu held, and nothing in it waits.
//
//	host         the interface: links, receive buffer, answers
//	interpreter  takes commands in order out of the receive buffer
//	typesetter   sets characters, bar codes and pictures into lines
//	mechanics    print buffer, motor, cutter, paper
//	condition    sensors and faults, which all of them look at
//	hooks        faults that wait for an exact count
type machine struct {
	model        *Model
	deviceServer bool // links outlive the printer's power

	cond   condition
	hooks  hooks
	host   host
	interp interpreter
	sets   typesetter
	mech   mechanics
	count  Counters
	census census
}

// build joins the parts of a printer that is switched on, with paper; wake is called when a step of the mechanism has ended.
func (m *machine) build(o Options, model *Model, pieces *pieceLog, wake func()) {
	m.model, m.deviceServer = model, o.DeviceServer
	m.cond = condition{model: model}
	m.cond.sense = sensors{power: true, paperLeft: m.cond.mmToDots(rollMM)}
	m.host = host{model: model, cond: &m.cond, hooks: &m.hooks, count: &m.count, links: map[*link]bool{}}
	m.host.replay, m.host.real, m.host.well = o.Replay, o.Speed == Real, m.cond
	m.host.rx = make([]byte, 0, model.Buffer)
	m.mech = mechanics{model: model, real: o.Speed == Real, cond: &m.cond, host: &m.host, hooks: &m.hooks, count: &m.count,
		pieces: pieces, wake: wake, paperEnds: m.paperEnds}
	m.mech.paper.y = model.HeadToCut // the roll is loaded up to the cutter
	m.sets.build(model, &m.mech.buffer, &m.census)
	m.interp = interpreter{model: model, cond: &m.cond, host: &m.host, buffer: &m.mech.buffer, sets: &m.sets, page: &m.sets.page, hooks: &m.hooks,
		count: &m.count, census: &m.census}
	m.reset()
}

// reset is what power-on does to everything in RAM.
func (m *machine) reset() {
	m.cond.fault, m.cond.openedBusy, m.cond.flash = faultNone, false, false
	m.sets.reset()
	m.interp.reset()
	m.mech.clear()
	m.host.reset()
}

// receive takes bytes as they arrive from a link: first the scanner sees each, then it goes to the receive buffer or is
// lost. Hooks fire at exact byte counts.
func (m *machine) receive(l *link, b []byte) {
	for len(b) > 0 {
		n := m.hooks.room(onReceived, len(b))
		part := b[:n]
		b = b[n:]
		if !m.cond.sense.power || l.dead || m.cond.sense.link != linkUp {
			m.count.BytesLost += int64(len(part))
		} else {
			m.host.link = l
			m.count.BytesReceived += int64(len(part))
			m.take(part)
		}
		m.hooks.fire(onReceived, n)
		m.pump()
	}
}

// take moves arrived bytes through scanner and buffer, in pieces: a real-time request acts once its last byte has arrived and
// before anything of the piece is parsed, and a buffer that is full now may have room once the parser ran.
func (m *machine) take(b []byte) {
	for len(b) > 0 {
		n := min(len(b), max(1, m.host.free()))
		n, request := m.host.rt.next(b[:n])
		fits := min(n, m.host.free())
		m.host.rx = append(m.host.rx, b[:fits]...)
		m.count.BytesLost += int64(n - fits)
		b = b[n:]
		if request != nil {
			m.realTime(request)
		}
		if !m.cond.sense.power {
			m.count.BytesLost += int64(len(b))
			return
		}
		m.pump()
	}
}

// parsing reports whether the parser may take another byte.
func (m *machine) parsing() bool {
	if m.model.FailID && m.cond.sense.power && m.cond.sense.paperOut && m.cond.sense.closed() && m.cond.fault == faultNone {
		return m.mech.buffer.waiting() < maxWaiting
	}
	return m.cond.online() && m.mech.buffer.dots < m.model.LookAhead && m.mech.buffer.waiting() < maxWaiting && !m.cond.flash
}

// pump lets the parser and the mechanism go on until both must wait: for bytes, for time, or for a person.
func (m *machine) pump() {
	for m.applyDue() || m.mech.step() || m.stepParser() {
	}
	m.host.updateBusy()
	m.host.roomChanged()
}

func (m *machine) stepParser() bool {
	if len(m.host.rx) == 0 || !m.parsing() {
		return false
	}
	n := m.hooks.room(onParsed, len(m.host.rx))
	used := m.interp.parse(m.host.rx[:n])
	rest := copy(m.host.rx, m.host.rx[used:])
	m.host.rx = m.host.rx[:rest]
	m.count.BytesParsed += int64(used)
	m.hooks.fire(onParsed, used)
	return true
}

// paperEnds is the end sensor: the printer stops after this line and keeps what it has, unless the model is worse.
func (m *machine) paperEnds() {
	m.cond.sense.paperOut, m.cond.sense.paperLeft = true, 0
	if m.model.GarbageAfterStop && m.interp.payload.left > 0 {
		m.interp.payload = payload{} // it forgets that it was inside an image
	}
	if m.model.DropsOnPaperOut {
		m.dropBuffers()
	}
	if m.model.FailID {
		m.mech.failProofs()
	}
	m.host.note()
}

// applyDue makes the changes happen whose count was reached; false when there were none.
func (m *machine) applyDue() bool {
	if len(m.hooks.due) == 0 {
		return false
	}
	due := m.hooks.due
	m.hooks.due = nil
	for _, c := range due {
		m.apply(c)
	}
	return true
}
