package virtual

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Change is what happens to the printer from outside. Empty fields change nothing; several fields apply in the order in
// which they stand here.
type Change struct {
	Power string `json:"power,omitempty"` // on, off
	Paper string `json:"paper,omitempty"` // ok (a new roll), near_end, out
	// PaperLeftMM begins to count: the printer stops after the line in which it runs out. Until it is set, and again after
	// paper "ok", the roll does not end by itself.
	PaperLeftMM *int   `json:"paper_left_mm,omitempty"`
	Cover       string `json:"cover,omitempty"`  // open, closed
	Cutter      string `json:"cutter,omitempty"` // ok, jam: the next cut fails; DLE ENQ ends the error
	Head        string `json:"head,omitempty"`   // ok, hot
	Error       string `json:"error,omitempty"`  // none, unrecoverable: until power off
	Drawer      string `json:"drawer,omitempty"` // open, closed: the level of pin 3
	// Link is up, drop (cut, and refused until up), half_open (connected, but nothing passes), or blip (cut, and at once
	// up again). After drop and half_open old connections never live again.
	Link   string `json:"link,omitempty"`
	Mute   *bool  `json:"mute,omitempty"`   // true: prints but answers nothing
	Button string `json:"button,omitempty"` // feed
	Tear   bool   `json:"tear,omitempty"`   // a person tears off what hangs out
}

// A ChangeError names a field of a Change and what it may hold.
type ChangeError struct{ Field, Value, Want string }

func (e *ChangeError) Error() string {
	return fmt.Sprintf("virtual printer: %s %q: want %s", e.Field, e.Value, e.Want)
}

func (c *Change) check() error {
	for _, f := range []struct{ name, value, want string }{
		{"power", c.Power, "on off"},
		{"paper", c.Paper, "ok near_end out"},
		{"cover", c.Cover, "open closed"},
		{"cutter", c.Cutter, "ok jam"},
		{"head", c.Head, "ok hot"},
		{"error", c.Error, "none unrecoverable"},
		{"drawer", c.Drawer, "open closed"},
		{"link", c.Link, "up drop half_open blip"},
		{"button", c.Button, "feed"},
	} {
		if f.value != "" && !oneOf(f.value, f.want) {
			return &ChangeError{f.name, f.value, f.want}
		}
	}
	if c.PaperLeftMM != nil && (*c.PaperLeftMM < 0 || *c.PaperLeftMM > 1_000_000) {
		return &ChangeError{"paper_left_mm", fmt.Sprint(*c.PaperLeftMM), "0 to 1000000"}
	}
	return nil
}

// Set makes a change happen now. It returns a *ChangeError, and changes nothing, for a value it does not know.
func (p *Printer) Set(c Change) error {
	if err := c.check(); err != nil {
		return err
	}
	p.lock()
	defer p.unlock()
	p.apply(c)
	p.pump()
	p.note()
	return nil
}

// apply changes the world and lets the machine notice. The caller pumps.
func (p *Printer) apply(c Change) {
	s := &p.sense
	switch c.Power {
	case "off":
		p.powerOff()
	case "on":
		p.powerOn()
	}
	p.applyPaper(c)
	switch c.Cover {
	case "open":
		p.openCover()
	case "closed":
		s.cover, p.mech.openedBusy = false, false
	}
	s.jam = pick(c.Cutter, s.jam, "jam")
	s.hot = pick(c.Head, s.hot, "hot")
	s.broken = pick(c.Error, s.broken, "unrecoverable")
	s.drawer = pick(c.Drawer, s.drawer, "open")
	p.applyLink(c.Link)
	if c.Mute != nil {
		s.mute = *c.Mute
	}
	if c.Button == "feed" && s.power && !s.paperOut {
		s.feeding = true
		p.note()
		if p.online() || !s.cover {
			p.advance(p.pr.pitch)
		}
		s.feeding = false
	}
	if c.Tear {
		p.pieces.add(p.paper.tear(p.paper.y - p.model.HeadToCut))
	}
	p.note()
}

// pick sets a switch whose word for "on" is given; an empty value leaves it.
func pick(value string, now bool, on string) bool {
	if value == "" {
		return now
	}
	return value == on
}

func (p *Printer) applyPaper(c Change) {
	s := &p.sense
	switch c.Paper {
	case "out":
		if !s.paperOut {
			p.paperEnds()
		}
	case "near_end":
		s.nearEnd = true
	case "ok":
		if s.paperOut {
			p.newRoll()
		}
		s.nearEnd, s.counted = false, false
		s.paperLeft = p.mmToDots(rollMM)
	}
	if c.PaperLeftMM != nil {
		if s.paperOut && *c.PaperLeftMM > 0 {
			p.newRoll()
		}
		s.paperLeft, s.counted = p.mmToDots(*c.PaperLeftMM), true
		if s.paperLeft == 0 && !s.paperOut {
			p.paperEnds()
		}
	}
}

// rollMM is a new roll.
const rollMM = 80_000

func (p *Printer) mmToDots(mm int) int { return mm * p.model.DPI * 10 / 254 }

// newRoll takes the end of the old roll out, as a torn piece, and feeds a new one up to the cutter.
func (p *Printer) newRoll() {
	p.sense.paperOut = false
	p.pieces.add(p.paper.tear(p.paper.y))
	p.paper.y += p.model.HeadToCut
}

func (p *Printer) openCover() {
	s, m := &p.sense, &p.mech
	if s.cover {
		return
	}
	printing := m.running || m.waiting() > 0 && p.online()
	s.cover = true
	m.openedBusy = printing
	if printing && p.model.CoverStops {
		m.fault = faultCover
		if m.running && m.queue[m.head].kind == opLine { // the failed line comes again after DLE ENQ 1
			p.printPart()
			m.running = false
		}
	}
}

// printPart puts down what the line in progress got done by now.
func (p *Printer) printPart() {
	m := &p.mech
	o := m.queue[m.head]
	done := float64(time.Since(m.started)) / float64(m.ends.Sub(m.started))
	dots := int(float64(o.dots)*min(max(done, 0), 1) + 0.5)
	if dots <= 0 {
		return
	}
	part := o.ink
	part.clip = min(dots, part.h)
	p.paper.add(part)
	p.advance(dots)
}

// powerOff loses everything in RAM. The network goes silent without a word, unless a device server stays; the paper stays
// where it is.
func (p *Printer) powerOff() {
	if !p.sense.power {
		return
	}
	if p.mech.running && p.mech.queue[p.mech.head].kind == opLine {
		p.printPart()
	}
	p.count.BytesLost += int64(len(p.rx))
	p.paper.interrupted()
	p.sense.power = false
	p.sense.broken = false
	p.reset()
	for l := range p.links {
		l.out, l.sending, l.inBlock, l.flowByte = nil, nil, false, 0
	}
}

// powerOn starts the printer again. Whoever was connected before learns it by a reset, but not through a device server.
func (p *Printer) powerOn() {
	if p.sense.power {
		return
	}
	p.sense.power = true
	p.reset()
	if !p.opt.DeviceServer {
		p.cutLinks()
	}
	for l := range p.links { // a serial host sees the first XON
		if l.flow == XONXOFF && !p.model.Mute {
			l.xon(true)
		}
	}
}

// cutLinks ends all network connections at once.
func (p *Printer) cutLinks() {
	for l := range p.links {
		if l.tcp {
			l.dead = true
			l.shut(true)
		}
	}
}

func (p *Printer) applyLink(to string) {
	s := &p.sense
	switch to {
	case "drop", "blip":
		for l := range p.links {
			l.dead = true
			l.shut(true)
		}
		s.link = linkDrop
		if to == "blip" {
			s.link = linkUp
		}
	case "half_open":
		s.link = linkHalfOpen
	case "up":
		if s.link == linkHalfOpen {
			p.cutLinks()
		}
		s.link = linkUp
	}
	for l := range p.links {
		l.roomChanged()
	}
}

func oneOf(value, words string) bool { return slices.Contains(strings.Fields(words), value) }
