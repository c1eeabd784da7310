package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
)

// The abstract printer of a world: what it answers, reads and prints.

// alive says whether it is on and does what it should.
func (w *world) alive() bool { return w.power && !w.now.Before(w.muteTill) }

// works says whether it takes bytes and prints.
func (w *world) works() bool { return w.alive() && !w.now.Before(w.busyTill) }

// offline says whether something is to be done at it before it goes on.
func (w *world) offline() bool { return w.paperOut || w.cover || w.jam }

// say sends a reply to the host.
func (w *world) say(b ...byte) {
	if !w.alive() || w.m.port.state == lineDown {
		return
	}
	if w.lose {
		w.lose = false
		return
	}
	at := w.now
	if at.Before(w.holdTill) {
		at = w.holdTill
	}
	if n := len(w.replies); n > 0 && at.Before(w.replies[n-1].at) {
		at = w.replies[n-1].at
	}
	if w.torn && b[0]&0x93 == 0x10 {
		w.torn = false
		w.replies = append(w.replies, back{b[:2], at, w.kept()}, back{b[2:], later(at, w.now.Add(w.s.late)), w.kept()})
		return
	}
	w.replies = append(w.replies, back{b, at, w.kept()})
}

// frame tells its status by itself.
func (w *world) frame() {
	if !w.auto {
		return
	}
	f := [4]byte{0x14, 0, 0, 0x0f}
	if w.offline() {
		f[0] |= 0x08
	}
	if w.cover {
		f[0] |= 0x20
	}
	if w.jam {
		f[1] |= 0x08
	}
	if w.paperOut {
		f[2] |= 0x0c
	}
	w.say(f[:]...)
}

// arrive is a token that reaches the printer.
func (w *world) arrive(t tok) {
	if !w.power {
		return
	}
	switch t.kind {
	case tokAsk:
		w.answer(t.ask)
	case tokGoOn:
		if w.jam {
			w.jam, w.freeAt = false, time.Time{}
			w.frame()
		}
	case tokClear:
		w.rx, w.queue, w.itemEnds, w.itemLeft = nil, nil, time.Time{}, 0
		w.say(0x37, 0x25, 0)
	default:
		w.rx = append(w.rx, t)
	}
}

// answer answers a real-time question.
func (w *world) answer(n byte) {
	b := byte(0x12)
	for _, c := range []struct {
		is   bool
		n    byte
		bits byte
	}{{w.offline(), escpos.AskPrinter, 0x08}, {w.cover, escpos.AskOffline, 0x04}, {w.paperOut, escpos.AskOffline, 0x20}, {w.jam, escpos.AskOffline, 0x40},
		{w.jam, escpos.AskError, 0x08}, {w.paperOut, escpos.AskRoll, 0x60}} {
		if c.is && c.n == n {
			b |= c.bits
		}
	}
	w.say(b)
}

// read takes what was received in order, as far as the printer reads ahead.
func (w *world) read() bool {
	if len(w.rx) == 0 || !w.works() || w.offline() || !w.s.ahead && w.held() >= w.s.readsAhead() {
		return false
	}
	t := w.rx[0]
	w.rx = w.rx[1:]
	if w.swallow > 0 && t.kind != tokForeign {
		n := min(w.swallow, t.n)
		if w.swallow, t.n = w.swallow-n, t.n-n; t.n == 0 || t.kind != tokPart {
			return true // what is left of a command is none
		}
	}
	switch t.kind {
	case tokOrder:
		w.say(0)
	case tokAuto:
		if w.s.auto {
			w.auto = true
			w.frame()
		}
	case tokReset:
		w.auto = false
	case tokFence:
		if w.s.proof == "B" || w.s.idless {
			break // it does not know the command
		}
		if w.s.early {
			w.say(0x37, 0x22, t.id[0], t.id[1], t.id[2], t.id[3], 0)
			break
		}
		w.queue = append(w.queue, t)
	case tokForeign:
		w.swallow += t.n
	case tokPart, tokCut:
		w.queue = append(w.queue, t)
		if t.kind == tokCut && w.s.ends {
			w.farewell = true
		}
	}
	return true
}

// readsAhead is how much of its paper may still be to come when it reads on, in bytes.
func (s *scene) readsAhead() int {
	if s.reads > 0 {
		return s.reads
	}
	return 2 * partSize
}

// held is how much of its paper is still to come, in bytes.
func (w *world) held() (n int) {
	for _, t := range w.queue {
		if t.kind == tokPart {
			n += t.n
		}
	}
	return n
}

// work goes on with the paper.
func (w *world) work() bool {
	if len(w.queue) == 0 || !w.works() || w.offline() {
		if !w.itemEnds.IsZero() {
			w.itemLeft, w.itemEnds = max(w.itemEnds.Sub(w.now), 1), time.Time{}
		}
		return false
	}
	t := w.queue[0]
	switch {
	case t.kind == tokFence:
		w.say(0x37, 0x22, t.id[0], t.id[1], t.id[2], t.id[3], 0)
	case w.itemEnds.IsZero():
		span := w.itemLeft
		if span == 0 {
			span = partTime * time.Duration(max(w.s.slow, 1)*t.n) / partSize
		}
		w.itemEnds, w.itemLeft = w.now.Add(span), 0
		return true
	case w.now.Before(w.itemEnds):
		return false
	default:
		w.itemEnds = time.Time{}
		if t.kind == tokPart {
			w.printed[t.part] += t.n
		}
	}
	w.queue = w.queue[1:]
	return true
}

// whole says whether all of the slip lies on the paper; kept, whether what does not is still in the printer's memory.
func (w *world) whole() bool { return w.printed == [parts]int{partSize, partSize, partSize} }

func (w *world) kept() bool {
	has := w.printed
	for _, t := range w.queue {
		if t.kind == tokPart {
			has[t.part] += t.n
		}
	}
	return has == [parts]int{partSize, partSize, partSize}
}
