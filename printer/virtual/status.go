package virtual

// sensors is what the world does to the printer.
type sensors struct {
	power     bool
	paperOut  bool
	nearEnd   bool // set by hand; the sensor also fires by length
	paperLeft int  // dots
	counted   bool // paperLeft was set and runs down; else somebody changes the roll in time
	cover     bool // open
	jam       bool // something sits in the cutter
	hot       bool
	broken    bool // unrecoverable error
	feeding   bool // feed button held
	drawer    bool // drawer open: pin 3 low
	link      linkState
	mute      bool
}

type linkState int

const (
	linkUp linkState = iota
	linkDrop
	linkHalfOpen
)

func (s *sensors) closed() bool { return !s.cover }

// near reports what the near-end sensor says.
func (p *Printer) near() bool {
	m := &p.model
	return p.sense.nearEnd || p.sense.paperOut || m.NearEndMM > 0 && p.sense.paperLeft < m.NearEndMM*m.DPI*10/254
}

// online reports whether the parser and the mechanism may run.
func (p *Printer) online() bool {
	s := &p.sense
	return s.power && !s.paperOut && !s.cover && !s.hot && !s.broken && !s.feeding && p.mech.fault == faultNone
}

// autoRecoverable is a hot head, and a cover that was opened while printing (TM-T88III specification, DLE EOT 3).
func (p *Printer) autoRecoverable() bool { return p.sense.hot || p.sense.cover && p.mech.openedBusy }

func bit(on bool, v byte) byte {
	if on {
		return v
	}
	return 0
}

// statusByte is the answer to DLE EOT n: b1 and b4 set, b0 and b7 clear.
func (p *Printer) statusByte(n []byte) byte {
	s := &p.sense
	b := byte(0x12)
	switch n[0] {
	case 1:
		b |= bit(!s.drawer, 0x04) | bit(!p.online(), 0x08) | bit(s.feeding, 0x40)
	case 2:
		b |= bit(s.cover, 0x04) | bit(s.feeding, 0x08) | bit(s.paperOut, 0x20)
		b |= bit(p.mech.fault != faultNone || s.broken || p.autoRecoverable(), 0x40)
	case 3:
		b |= bit(p.mech.fault == faultCover, 0x04) | bit(p.mech.fault == faultCutter, 0x08)
		b |= bit(s.broken, 0x20) | bit(p.autoRecoverable(), 0x40)
	case 4:
		b |= bit(p.near(), 0x0C) | bit(s.paperOut, 0x60)
	}
	return b
}

// asbState is automatic status back (GS a).
type asbState struct {
	mask byte
	last [4]byte
	// offline is what GS ( H fn 49 asked for: 0 nothing, 1 a notice, 2 a notice with causes.
	offline byte
	wasOff  bool
	owed    []byte // of a printer whose answers lag by one
}

// asbFrame is the four bytes of the present status (Epson programming guide, GS a).
func (p *Printer) asbFrame() [4]byte {
	s := &p.sense
	return [4]byte{
		0x10 | bit(!s.drawer, 0x04) | bit(!p.online(), 0x08) | bit(s.cover, 0x20) | bit(s.feeding, 0x40),
		bit(s.feeding, 0x02) | bit(p.mech.fault == faultCover, 0x04) | bit(p.mech.fault == faultCutter, 0x08) |
			bit(s.broken, 0x20) | bit(p.autoRecoverable(), 0x40),
		bit(p.near(), 0x03) | bit(s.paperOut, 0x0C),
		0x0F,
	}
}

// asbGroups tells which bits of GS a n belong to what differs between two frames.
func asbGroups(a, b [4]byte) byte {
	d := [3]byte{a[0] ^ b[0], a[1] ^ b[1], a[2] ^ b[2]}
	var g byte
	g |= bit(d[0]&0x04 != 0, 0x01)
	g |= bit(d[0]&0x08 != 0 || d[2] != 0, 0x02)
	g |= bit(d[1]&0x6C != 0, 0x04)
	g |= bit(d[2] != 0, 0x08)
	g |= bit(d[0]&0x40 != 0 || d[1]&0x02 != 0, 0x40)
	return g
}

// note tells host and waiters about a change of status. A change during a block reply or an NV write is lost, as the
// guide says (GS a).
func (p *Printer) note() {
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
	p.updateBusy()
	f := p.asbFrame()
	groups := asbGroups(p.asb.last, f)
	p.asb.last = f
	if p.asb.mask&groups != 0 && !p.model.NoASB && !p.suppressed() {
		p.reply(kindPlain, f[:]...)
	}
	off := !p.online()
	if off && !p.asb.wasOff && p.asb.offline != 0 {
		p.replyOffline()
	}
	p.asb.wasOff = off
}

// replyOffline is the offline response of GS ( H fn 49: header, up to ten bytes of causes, NUL.
func (p *Printer) replyOffline() {
	b := []byte{0x37, 0x23}
	if p.asb.offline != 1 {
		if p.online() {
			b = append(b, 0x40)
		}
		if p.mech.fault == faultCutter {
			b = append(b, 0x44, 0x41)
		}
		if p.sense.cover {
			b = append(b, 0x44, 0x42)
		}
		if p.sense.hot {
			b = append(b, 0x43)
		}
	}
	p.reply(kindBlock, append(b, 0)...)
}

// suppressed reports whether automatic status is withheld now: during an NV write, and while a block reply takes its time,
// on a slow line or because the host does not read.
func (p *Printer) suppressed() bool {
	l := p.link
	return p.mech.writingNV() || l != nil && l.inBlock && (l.byteTime > 0 || l.stalled())
}
