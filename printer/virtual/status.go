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
	drawer    bool // drawer open
	springs   bool // a pulse opens it
	openHigh  bool // pin 3 is high when it is open, else low
	link      linkState
	mute      bool
	lies      string // the sensor that says what is not so: paper, cover
}

type linkState int

const (
	linkUp linkState = iota
	linkDrop
	linkHalfOpen
)

func (s *sensors) closed() bool { return !s.cover }

// pin3 is the level of the drawer's sensor.
func (s *sensors) pin3() bool { return s.drawer == s.openHigh }

// A condition is what the printer knows of itself: its sensors, and what stopped it.
type condition struct {
	model      *Model
	sense      sensors
	fault      fault
	openedBusy bool // the cover was opened while printing
	flash      bool // the flash memory is being written: replies wait
}

func (c *condition) mmToDots(mm int) int { return mm * c.model.DPI * 10 / 254 }

// near reports what the near-end sensor says.
func (c *condition) near() bool {
	m := c.model
	return c.sense.nearEnd || c.sense.paperOut || m.NearEndMM > 0 && c.sense.paperLeft < m.NearEndMM*m.DPI*10/254
}

// online reports whether the parser and the mechanism may run.
func (c *condition) online() bool {
	s := &c.sense
	return s.power && !s.paperOut && !s.cover && !s.hot && !s.broken && !s.feeding && c.fault == faultNone
}

// saysPaperOut, saysCover and saysOffline are what it tells; the mechanism goes by what is.
func (c *condition) saysPaperOut() bool { return c.sense.paperOut || c.sense.lies == "paper" }
func (c *condition) saysCover() bool    { return c.sense.cover || c.sense.lies == "cover" }
func (c *condition) saysOffline() bool  { return !c.online() || c.sense.lies != "" }

// autoRecoverable is a hot head, and a cover that was opened while printing (TM-T88III specification, DLE EOT 3).
func (c *condition) autoRecoverable() bool { return c.sense.hot || c.sense.cover && c.openedBusy }

// failed reports whether there is an error, other than an end of paper or an open cover by itself.
func (c *condition) failed() bool {
	return c.fault != faultNone || c.sense.broken || c.autoRecoverable()
}

func bit(on bool, v byte) byte {
	if on {
		return v
	}
	return 0
}

// statusByte is the answer to DLE EOT n: b1 and b4 set, b0 and b7 clear.
func (c *condition) statusByte(n []byte) byte {
	s := &c.sense
	b := byte(0x12)
	switch n[0] {
	case 1:
		b |= bit(s.pin3(), 0x04) | bit(c.saysOffline(), 0x08) | bit(s.feeding, 0x40)
	case 2:
		b |= bit(c.saysCover(), 0x04) | bit(s.feeding, 0x08) | bit(c.saysPaperOut(), 0x20)
		b |= bit(c.failed(), 0x40)
	case 3:
		b |= bit(c.fault == faultCover, 0x04) | bit(c.fault == faultCutter, 0x08)
		b |= bit(s.broken, 0x20) | bit(c.autoRecoverable(), 0x40)
	case 4:
		b |= bit(c.near(), 0x0C) | bit(c.saysPaperOut(), 0x60)
	}
	return b
}

// asbFrame is the four bytes of the present status (Epson programming guide, GS a).
func (c *condition) asbFrame() [4]byte {
	s := &c.sense
	return [4]byte{
		0x10 | bit(s.pin3(), 0x04) | bit(c.saysOffline(), 0x08) | bit(c.saysCover(), 0x20) | bit(s.feeding, 0x40),
		bit(s.feeding, 0x02) | bit(c.fault == faultCover, 0x04) | bit(c.fault == faultCutter, 0x08) |
			bit(s.broken, 0x20) | bit(c.autoRecoverable(), 0x40),
		bit(c.near(), 0x03) | bit(c.saysPaperOut(), 0x0C),
		0x0F,
	}
}
