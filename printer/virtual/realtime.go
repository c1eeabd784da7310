package virtual

// realTime executes one request at the moment its last byte arrived.
func (m *machine) realTime(s []byte) {
	m.count.RealTime++
	switch s[1] {
	case 0x04:
		m.statusRequest(s[2:])
	case 0x05:
		m.recover(s[2])
	case 0x14:
		switch s[2] {
		case 1:
			if m.interp.off.pulse || m.cond.failed() {
				return // Epson programming guide, DLE DC4 fn 1: ignored during an error
			}
			m.host.pulse(s[3])
		case 2:
			if !m.interp.off.power {
				m.census.miss("DLE DC4 2 that is off")
				return
			}
			m.powerOff()
			m.host.reply(kindBlock, 0x3B, 0x30, 0) // its last word
		case 3:
			m.count.Beeps++
		case 7:
			switch s[3] {
			case 1:
				m.host.replyAfter(0, kindPlain, m.host.frame())
			case 4:
				m.host.replyOffline()
			default:
				m.census.miss("DLE DC4 7 " + decimal(s[3]))
			}
		case 8:
			m.clearBuffers()
		}
	}
}

// statusRequest answers DLE EOT n with exactly one byte (Epson programming guide, DLE EOT).
func (m *machine) statusRequest(n []byte) {
	if m.model.NoDLEEOT {
		return
	}
	now, after, ok := m.host.replay.as(eotKey(n[0]), []byte{m.host.well.statusByte(n)}, []byte{m.cond.statusByte(n)})
	if !ok {
		return
	}
	b := now[0]
	if m.model.ReplyLag {
		before := m.host.asb.lagging
		m.host.asb.lagging = []byte{b}
		if len(before) == 0 {
			return
		}
		b = before[0]
	}
	m.host.replyAfter(after, kindPlain, []byte{b})
}

// recover is DLE ENQ n.
func (m *machine) recover(n byte) {
	switch {
	case n == 0:
		return // only ends waits for the feed button, which this printer never enters
	case m.cond.fault == faultNone || m.cond.fault == faultCutter && m.cond.sense.jam || !m.cond.sense.closed():
		return // no recoverable error, or its cause is still there
	case n == 2:
		m.dropBuffers()
	}
	m.cond.fault = faultNone
	m.host.note()
}

// clearBuffers is DLE DC4 fn 8. It is ignored while block data are being received.
func (m *machine) clearBuffers() {
	if m.model.NoClear || m.interp.payload.left > 0 {
		return
	}
	m.dropBuffers()
	m.cond.fault = faultNone
	m.host.reply(kindBlock, 0x37, 0x25, 0)
	m.host.note()
}

// dropBuffers empties receive and print buffer; settings stay. Proof requests among the dropped never answer.
func (m *machine) dropBuffers() {
	m.host.rx = m.host.rx[:0]
	m.sets.drop()
	m.interp.cmd = m.interp.cmd[:0]
	m.mech.buffer.clear(m.mech.motor.running)
	m.mech.paper.interrupted()
}
