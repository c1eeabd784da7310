package virtual

// apply changes the world and lets the machine notice. The caller pumps.
func (m *machine) apply(c Change) {
	s := &m.cond.sense
	switch c.Power {
	case "off":
		m.powerOff()
	case "on":
		m.powerOn()
	}
	m.applyPaper(c)
	switch c.Cover {
	case "open":
		m.openCover()
	case "closed":
		s.cover, m.cond.openedBusy = false, false
	}
	s.jam = pick(c.Cutter, s.jam, "jam")
	s.hot = pick(c.Head, s.hot, "hot")
	s.broken = pick(c.Error, s.broken, "unrecoverable")
	if c.Lies != "" {
		s.lies = c.Lies
		if c.Lies == "none" {
			s.lies = ""
		}
	}
	s.drawer = pick(c.Drawer, s.drawer, "open")
	s.springs = pick(c.DrawerHas, s.springs, "spring")
	s.openHigh = pick(c.DrawerLevel, s.openHigh, "high")
	m.host.setLink(c.Link)
	if c.Mute != nil {
		s.mute = *c.Mute
	}
	if c.Button == "feed" && s.power && !s.paperOut {
		s.feeding = true
		m.host.note()
		if m.cond.online() || !s.cover {
			m.mech.advance(m.sets.page.set.pitch)
		}
		s.feeding = false
	}
	if c.Tear {
		m.mech.pieces.add(m.mech.paper.tear(m.mech.paper.y - m.model.HeadToCut))
	}
	m.host.note()
}

func (m *machine) applyPaper(c Change) {
	s := &m.cond.sense
	switch c.Paper {
	case "out":
		if !s.paperOut {
			m.paperEnds()
		}
	case "near_end": // of a printer without paper: a roll that is nearly used up is put in
		if s.paperOut {
			m.newRoll()
			s.counted = false
			s.paperLeft = m.cond.mmToDots(rollMM)
		}
		s.nearEnd = true
	case "ok":
		if s.paperOut {
			m.newRoll()
		}
		s.nearEnd, s.counted = false, false
		s.paperLeft = m.cond.mmToDots(rollMM)
	}
	if c.PaperLeftMM != nil {
		if s.paperOut && *c.PaperLeftMM > 0 {
			m.newRoll()
		}
		s.paperLeft, s.counted = m.cond.mmToDots(*c.PaperLeftMM), true
		if s.paperLeft == 0 && !s.paperOut {
			m.paperEnds()
		}
	}
}

// rollMM is a new roll.
const rollMM = 80_000

// newRoll takes the end of the old roll out, as a torn piece, and feeds a new one up to the cutter.
func (m *machine) newRoll() {
	m.cond.sense.paperOut = false
	m.mech.pieces.add(m.mech.paper.tear(m.mech.paper.y))
	m.mech.paper.y += m.model.HeadToCut
}

func (m *machine) openCover() {
	s := &m.cond.sense
	if s.cover {
		return
	}
	printing := m.mech.motor.running || m.mech.buffer.waiting() > 0 && m.cond.online()
	s.cover, m.cond.openedBusy = true, printing
	if printing && m.model.CoverStops {
		m.cond.fault = faultCover
		m.mech.breakOff() // the failed line comes again after DLE ENQ 1
	}
}

// powerOff loses everything in RAM. The network goes silent without a word, unless a device server stays; the paper stays
// where it is.
func (m *machine) powerOff() {
	if !m.cond.sense.power {
		return
	}
	m.mech.breakOff()
	m.count.BytesLost += int64(len(m.host.rx))
	m.mech.paper.interrupted()
	m.cond.sense.power = false
	m.cond.sense.broken = false
	m.reset()
	for l := range m.host.links {
		l.out, l.sending, l.inBlock, l.flowByte = nil, nil, false, 0
	}
}

// powerOn starts the printer again. Whoever was connected before learns it by a reset, but not through a device server.
func (m *machine) powerOn() {
	if m.cond.sense.power {
		return
	}
	m.cond.sense.power = true
	m.reset()
	if !m.deviceServer {
		m.host.cutLinks()
	}
	for l := range m.host.links { // a serial host sees the first XON
		if l.flow == XONXOFF && !m.model.Mute {
			l.xon(true)
		}
	}
}
