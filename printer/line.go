package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/evidence"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/session"
)

// line is what goes over the link that is open, and how it takes that.
type line struct {
	core        *core
	device      *device
	port        *port
	book        session.Book
	flow        bool      // the printer can say busy on it
	stalled     time.Time // since when it takes nothing, as far as is known; zero when it does
	online      int       // how often the printer said since then that it is well
	ordered     bool      // the printer has answered a question in order: it is not inside a command that another program left unfinished
	urgentBytes int       // bytes of the real-time request under way
	orderSent   int       // GS r in the request under way
	autoSent    bool      // the request under way asks for automatic status
	autoDue     bool      // it is to be asked for, once the line is free
	usb         portStatus
}

// reset is for a link that has just been opened, for the slip under way.
func (l *line) reset(caps link.Caps, flow bool, cur *attempt) {
	*l = line{core: l.core, device: l.device, port: l.port, book: session.Book{Caps: caps}, flow: flow}
	if cur != nil {
		l.book.T = &cur.t
	}
}

// note adds an entry to the transcript of the slip under way.
func (l *line) note(e evidence.Entry) {
	e.At = l.core.now
	l.book.Note(e)
}

// send hands bytes to the driver, for one part of what is to be done.
func (l *line) send(part session.Part, b []byte, urgent bool) {
	l.book.Hand(part, len(b), l.core.now)
	l.core.emit(effect{kind: doWrite, bytes: b, urgent: urgent})
}

// noteFlow notes whether the line takes anything. A real-time request passes a printer that says busy: it tells nothing of that.
func (l *line) noteFlow(part session.Part, n int, late bool) {
	switch {
	case part == session.Leaving:
	case late && n == 0:
		l.stall()
	case n > 0 && (l.urgentBytes == 0 || !l.flow):
		l.flowsAgain()
	}
}

// stall notes that the line takes nothing.
func (l *line) stall() {
	if l.stalled.IsZero() {
		l.stalled, l.online = l.core.now, 0
		l.core.changed()
	}
}

// flowsAgain notes that it takes something.
func (l *line) flowsAgain() {
	if !l.stalled.IsZero() {
		l.stalled = time.Time{}
		l.core.changed()
	}
}

// drain waits, for a link that cannot tell anything, until all has left it.
func (l *line) drain() {
	if b := &l.book; !b.Busy() {
		b.Hand(session.Leaving, 0, l.core.now)
		l.core.emit(effect{kind: doDrain, until: later(b.FreeAt, l.core.now).Add(graceTime)})
	}
}

// asksInOrder says whether GS r is worth asking.
func (l *line) asksInOrder() bool {
	return l.device.set.prof.FenceGSR && l.tier() <= 'B' || l.tier() == 'B'
}

// tier is the tier to work on over the link that is open: a link that cannot read has only one.
func (l *line) tier() byte {
	if l.port.up() && !l.book.Caps.BackChannel {
		return 'D'
	}
	t, _ := l.device.tier()
	return t
}
