package virtual

import "time"

type kind uint8

// Kinds of reply, in the order in which waiting block replies are sent (Epson programming guide, GS ( H).
const (
	kindPlain   kind = iota // single bytes, ASB frames
	kindID                  // process ID: only the newest waits
	kindOffline             // offline response
	kindBlock               // clear response, GS I strings, power off
)

type message struct {
	kind kind
	b    []byte
	due  time.Time // not before; zero: at once
}

// maxReplies bounds what waits for a host that does not read; real printers have less.
const maxReplies = 256

// stallAfter is how long a write may take before the host counts as not ready.
const stallAfter = 50 * time.Millisecond

// stalled reports whether the host is not taking replies.
func (l *link) stalled() bool {
	return !l.writing.IsZero() && time.Since(l.writing) >= stallAfter
}

// push queues one reply. While the host is not ready, block replies overtake waiting blocks of a later kind and a newer
// process ID replaces a waiting one (Epson programming guide, GS ( H).
func (l *link) push(m message) {
	at := len(l.out)
	if m.kind != kindPlain && l.stalled() {
		for i := len(l.out) - 1; i >= 0; i-- {
			if m.kind == kindID && l.out[i].kind == kindID {
				l.out = append(l.out[:i], l.out[i+1:]...)
				at--
			} else if l.out[i].kind > m.kind {
				at = i
			}
		}
	}
	if len(l.out) >= maxReplies {
		return
	}
	l.out = append(l.out, message{})
	copy(l.out[at+1:], l.out[at:])
	l.out[at] = m
	l.wake(l.outReady)
}

// xon queues a flow control byte ahead of everything, even inside a block.
func (l *link) xon(on bool) {
	l.flowByte = 0x13
	if on {
		l.flowByte = 0x11
	}
	l.wake(l.outReady)
}

func (l *link) wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// next hands the writer what goes out now: one message, or at a paced line one byte of it.
func (l *link) next() []byte {
	if l.flowByte != 0 {
		b := []byte{l.flowByte}
		l.flowByte = 0
		return b
	}
	if len(l.sending) == 0 {
		if len(l.out) == 0 {
			l.inBlock = false
			return nil
		}
		m := l.out[0]
		l.out = l.out[1:]
		l.sending, l.inBlock, l.due = m.b, m.kind != kindPlain, m.due
	}
	n := len(l.sending)
	if l.byteTime > 0 {
		n = 1
	}
	b := l.sending[:n]
	l.sending = l.sending[n:]
	return b
}

// write is the writer goroutine of one link.
func (p *Printer) write(l *link) {
	defer l.shut(false)
	var free time.Time // when the line has sent what it was given
	rested := true     // it has sent all since
	for {
		p.mu.Lock()
		var b []byte
		if !p.in.cond.flash { // replies are held back until the flash is written
			b = l.next()
		}
		if b != nil {
			l.writing = later(time.Now(), l.due)
		}
		due := l.due
		stop := l.dead || b == nil && l.closing
		p.mu.Unlock()
		if stop {
			return
		}
		if b == nil {
			rested = true
			select {
			case <-l.outReady:
			case <-l.ended:
				return
			}
			continue
		}
		if time.Until(due) > 0 {
			rested = true
			if !l.sleepUntil(due) {
				return
			}
		}
		if _, err := l.rwc.Write(b); err != nil {
			return
		}
		p.mu.Lock()
		l.writing = time.Time{}
		p.mu.Unlock()
		if l.byteTime > 0 {
			if now := time.Now(); rested || now.Sub(free) > maxLate {
				free = later(free, now) // else only the timer was late, by a millisecond for each byte of a machine at rest
			}
			rested = false
			free = free.Add(time.Duration(len(b)) * l.byteTime)
			if !l.sleepUntil(free) {
				return
			}
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// sleepUntil waits; false means the link ended first.
func (l *link) sleepUntil(t time.Time) bool {
	d := time.Until(t)
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.ended:
		return false
	}
}
