package virtual

import "time"

// reply sends bytes to the host that spoke last, or to nobody.
func (h *host) reply(k kind, b ...byte) { h.replyAfter(0, k, b) }

// replyAfter does so when some time has passed, of a printer whose parts take their time.
func (h *host) replyAfter(after time.Duration, k kind, b []byte) {
	h.count.Replies++
	h.count.ReplyBytes += int64(len(b))
	if k != kindPlain && len(b) > 1 && b[1] == 0x23 {
		k = kindOffline
	}
	l := h.link
	if h.model.Mute || h.cond.sense.mute || h.cond.sense.link != linkUp || l == nil || l.dead {
		h.count.RepliesLost++
	} else {
		l.push(message{kind: k, b: b, due: h.due(after)})
	}
	h.hooks.fire(onReply, 1)
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

// note tells the host about a change of status. A change during a block reply or an NV write is lost, as the
// guide says (GS a).
func (h *host) note() {
	h.updateBusy()
	f := h.cond.asbFrame()
	groups := asbGroups(h.asb.last, f)
	h.asb.last = f
	if h.asb.mask&groups != 0 && !h.model.NoASB && !h.suppressed() {
		h.replyAfter(0, kindPlain, h.frame())
	}
	off := !h.cond.online()
	if off && !h.asb.wasOff && h.asb.offline != 0 {
		h.replyOffline()
	}
	h.asb.wasOff = off
}

// replyOffline is the offline response of GS ( H fn 49: header, up to ten bytes of causes, NUL.
func (h *host) replyOffline() {
	b := []byte{0x37, 0x23}
	if h.asb.offline != 1 {
		if h.cond.online() {
			b = append(b, 0x40)
		}
		if h.cond.fault == faultCutter {
			b = append(b, 0x44, 0x41)
		}
		if h.cond.sense.cover {
			b = append(b, 0x44, 0x42)
		}
		if h.cond.sense.hot {
			b = append(b, 0x43)
		}
	}
	h.reply(kindBlock, append(b, 0)...)
}

// suppressed reports whether automatic status is withheld now: during an NV write, and while a block reply takes its time,
// on a slow line or because the host does not read.
func (h *host) suppressed() bool {
	l := h.link
	return h.cond.flash || l != nil && l.inBlock && (l.byteTime > 0 || l.stalled())
}

// due is the time after which an answer may leave; zero: at once.
func (h *host) due(after time.Duration) time.Time {
	if after == 0 || !h.real {
		return time.Time{}
	}
	return time.Now().Add(after)
}

// frame is automatic status as this device says it.
func (h *host) frame() []byte {
	well, now := h.well.asbFrame(), h.cond.asbFrame()
	b, _, _ := h.replay.as("GS a", well[:], now[:])
	return b
}

// inOrder answers one byte of an in-order request (GS r, GS I, ESC u, ESC v), of which well is what a healthy printer says.
func (h *host) inOrder(key string, well, now byte) {
	if b, after, ok := h.replay.as(key, []byte{well}, []byte{now}); ok && !h.model.NoGSR {
		h.replyAfter(after, kindPlain, b)
	}
}

// drawerStatus is GS r 2 and ESC u: pin 3.
func (h *host) drawerStatus() { h.inOrder("GS r 2", 1, bit(h.cond.sense.pin3(), 1)) }

// paperStatus is GS r 1: b0-1 near end, b2-3 end. It proves that the parser came here, not that paper moved.
func (h *host) paperStatus() {
	if h.model.GSRInverted { // HPRT TP80K manual: 00 paper end, 03 paper present
		h.inOrder("GS r 1", 0x03, bit(!h.cond.sense.paperOut, 0x03))
		return
	}
	h.inOrder("GS r 1", 0, bit(h.cond.near(), 0x03)|bit(h.cond.sense.paperOut, 0x0C))
}

// autoStatus is GS a n: the present frame at once, then one at each change of an enabled group.
func (h *host) autoStatus(n byte) {
	h.asb.mask = n
	if n == 0 || h.model.NoASB {
		return
	}
	h.asb.last = h.cond.asbFrame()
	_, after, _ := h.replay.as("GS a", nil, nil)
	h.replyAfter(after, kindPlain, h.frame())
}

// identify is GS I n. Clones claim to be an Epson.
func (h *host) identify(n byte) {
	one := func(b byte) { h.inOrder(idKey(n), b, b) }
	switch n {
	case 1, 49:
		one(0x20)
	case 2, 50:
		one(bit(h.model.TwoByte != "", 1) | bit(!h.model.NoCutter, 2))
	case 3, 51:
		one(0x03)
	case 65, 66, 67, 68, 69:
		font := "CHINA GB18030"
		if h.model.TwoByte == "" {
			font = ""
		}
		s := []string{"1.00 ESC/POS", h.model.Maker, h.model.Product, h.model.Serial, font}[n-65]
		block := append(append([]byte{0x5F}, s...), 0)
		if b, after, ok := h.replay.as(idKey(n), nil, block); ok {
			h.replyAfter(after, kindBlock, b)
		}
	}
}
