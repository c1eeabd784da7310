package virtual

// A host is the printer's interface: its links, the receive buffer with BUSY, the scanner of real-time requests, and all that is
// said to the other end. What speaks to a link is queued here and written by the link's own goroutine.
type host struct {
	model *Model
	cond  *condition
	hooks *hooks
	count *Counters
	// replay is the device whose answers are given, nil: this printer's own; well is how it was when they were recorded.
	replay *Recording
	well   condition
	real   bool // answers take their time

	links map[*link]bool // those that a fault can cut
	link  *link          // where replies go: the link that last brought bytes; nil: nobody
	rx    []byte         // receive buffer: accepted, not yet parsed
	busy  bool
	rt    scanner
	asb   asbState
}

// asbState is automatic status back (GS a).
type asbState struct {
	mask byte
	last [4]byte
	// offline is what GS ( H fn 49 asked for: 0 nothing, 1 a notice, 2 a notice with causes.
	offline byte
	wasOff  bool
	lagging []byte // the answer that comes with the next request, of a printer whose answers lag by one
}

// reset is what power-on does to the interface.
func (h *host) reset() {
	h.rx, h.rt, h.busy = h.rx[:0], scanner{}, false
	h.asb = asbState{}
	if h.model.ASBAtPowerOn {
		h.asb.mask = 0xFF
	} else if h.model.BusyFullOnly {
		h.asb.mask = 0x02
	}
	h.asb.last = h.cond.asbFrame()
}

// attach makes l the link that answers go to.
func (h *host) attach(l *link) {
	h.links[l] = true
	h.link = l
	h.count.Connections++
	if h.model.JunkFirst {
		h.reply(kindPlain, 0x2B)
	}
	if h.replay != nil && len(h.replay.greeting) > 0 {
		h.reply(kindPlain, h.replay.greeting...)
	}
	if f := h.cond.asbFrame(); h.asb.mask != 0 && h.model.ASBAtPowerOn && h.cond.sense.power {
		h.reply(kindPlain, f[:]...)
	}
}

// detach forgets the link, which may still say what was answered.
func (h *host) detach(l *link) {
	delete(h.links, l)
	if h.link == l {
		h.link = nil
		for other := range h.links {
			h.link = other
		}
	}
	l.closing = true
	l.wake(l.outReady)
	if h.model.TruncateOnClose && h.cond.sense.power {
		h.count.BytesLost += int64(len(h.rx))
		h.rx = h.rx[:0]
	}
	h.note()
}

// free is the room in the receive buffer, in bytes.
func (h *host) free() int { return h.model.Buffer - len(h.rx) }

// updateBusy recomputes BUSY from the water marks and, with XON/XOFF, tells the host about an edge.
func (h *host) updateBusy() {
	free := h.free()
	full := free <= h.model.BusyAt || (h.busy && free < h.model.BusyUntil)
	busy := h.cond.sense.power && (full || (!h.model.BusyFullOnly && !h.cond.online()))
	if busy == h.busy {
		return
	}
	h.busy = busy
	if h.link != nil && h.link.flow == XONXOFF && !h.model.Mute {
		h.link.xon(!busy)
	}
}

// roomChanged lets every reader look again whether it may take bytes.
func (h *host) roomChanged() {
	for l := range h.links {
		l.roomChanged()
	}
}

// cutLinks ends all network connections at once.
func (h *host) cutLinks() {
	for l := range h.links {
		if l.tcp {
			l.dead = true
			l.shut(true)
		}
	}
}

// sayGoodbye ends all links in order, as the printer's own wish.
func (h *host) sayGoodbye() {
	for l := range h.links {
		l.shut(false)
	}
}

// setLink makes what a Change says of the link happen.
func (h *host) setLink(to string) {
	s := &h.cond.sense
	switch to {
	case "drop", "blip":
		for l := range h.links {
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
			h.cutLinks()
		}
		s.link = linkUp
	}
	h.roomChanged()
}

// wakeWriter lets the link that replies go to look again whether it may write.
func (h *host) wakeWriter() {
	if h.link != nil {
		h.link.wake(h.link.outReady)
	}
}
